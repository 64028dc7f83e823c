"""What the files of interchanges to partners are called."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace

from gateway.pipeline.outgoing_records import OutgoingRecord
from gateway.pipeline.store_port import Transaction


def named_apart(
    transaction: Transaction, written: Sequence[OutgoingRecord]
) -> list[OutgoingRecord]:
    """Return interchanges that are to be kept, each under a name of its own at its partner.

    A file is called by what is in it and its control number (ISA13), such as 940_000000500.edi.
    Identities of ours have numbers of their own, and after a billion they come again: where another
    interchange to the partner has the number, the name says which of them this is.
    """
    numbers: defaultdict[str, set[str]] = defaultdict(set)
    for one in written:
        numbers[one.partner].add(one.control_number)
    given = {
        (partner, number)
        for partner, of_partner in numbers.items()
        for number in transaction.outbox.numbers_given(partner, of_partner)
    }
    named = []
    for one in written:
        number = (one.partner, one.control_number)
        if number in given:
            stem = one.name.removesuffix(".edi")
            named.append(replace(one, name=f"{stem}_{one.id[:8]}.edi"))
        else:
            named.append(one)
        given.add(number)
    return named
