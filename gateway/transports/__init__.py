"""How bytes come in and go out; what is in them is others' business.

Each transport has the same two files, `inbound` and `outbound`, with the classes `Inbound` and
`Outbound` of `gateway.pipeline.ports`. `arrival` holds the one rule that all of them need: when a
file that somebody else is writing may be taken.
"""
