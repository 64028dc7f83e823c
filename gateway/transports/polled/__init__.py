"""Folders at partners, whatever the protocol: looked through by schedule, and written to.

`far_side` is what a protocol must offer; `inbound` and `outbound` are the same for all of them.
"""
