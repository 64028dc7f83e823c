"""Reconciliation: what partners say of what we sent finds its interchange, its sets, its documents.

`matching` finds what an acknowledgment is about, `verdicts` says what it makes of each set,
`explaining` names the fields of ours that were found at fault, and `reconciling` writes all of it
in the transaction that keeps the interchange it came in. `overdue` looks for what never came, and
`receipts` keeps what transports say, such as MDNs.
"""
