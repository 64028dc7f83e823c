"""Small interchanges for the command line's tests."""

from __future__ import annotations

ISA = (
    "ISA*00*          *00*          *ZZ*NORTHSTAR      *ZZ*ACME           "
    "*260301*1200*U*00401*000000001*0*P*>~"
)
SOUND_940 = (
    ISA + "GS*OW*NORTHSTAR*ACME*20260301*1200*1*X*004010~"
    "ST*940*0001~W05*N*DO-1*PO1~N1*ST*SHOP*92*0042~LX*1~W01*10*EA**VN*SKU1~W76*10~SE*7*0001~"
    "GE*1*1~IEA*1*000000001~"
).encode()
FAULTY_940 = SOUND_940.replace(b"W05*N*DO-1*PO1", b"W05*NX*DO-1*PO1")
ACK_ONLY = (
    ISA + "GS*FA*NORTHSTAR*ACME*20260301*1200*1*X*004010~"
    "ST*997*0001~AK1*OW*1~AK9*A*1*1*1~SE*4*0001~GE*1*1~IEA*1*000000001~"
).encode()
