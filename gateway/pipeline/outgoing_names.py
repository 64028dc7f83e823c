"""What the files of interchanges to partners are called."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from gateway.pipeline.outgoing_records import OutgoingRecord
from gateway.pipeline.store_port import Transaction


def named_apart(
    transaction: Transaction, written: Iterable[OutgoingRecord]
) -> list[OutgoingRecord]:
    """Return interchanges that are to be kept, each under a name of its own at its partner.

    A file is called by what is in it and its control number (ISA13), such as 940_000000500.edi.
    Identities of ours have numbers of their own, and after a billion they come again: where another
    interchange to the partner has the number, the name says which of them this is.
    """
    given: set[tuple[str, str]] = set()
    named = []
    for one in written:
        number = (one.partner, one.control_number)
        if number in given or transaction.outbox.numbered(*number):
            stem = one.name.removesuffix(".edi")
            named.append(replace(one, name=f"{stem}_{one.id[:8]}.edi"))
        else:
            named.append(one)
        given.add(number)
    return named
