"""What was read can be written, and reads the same again: each map of the samples, both ways."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from gateway.canonical import check
from gateway.x12.model import TransactionSet
from gateway.x12.validate import ParsedSet
from tests.properties.test_base_maps import body, repeating
from tests.samples.maps import compiled_map
from tests.samples.outcome import examine, validator
from tests.samples.test_samples import NAMES, SAMPLES

SAME_SEGMENTS = {
    "base/180-damaged-goods-may-go-back",
    "base/180-request-denied",
    "base/810-charges-and-terms",
    "base/810-credit-memo",
    "base/820-invoices-paid-less-damaged-goods",
    "base/820-payment-only",
    "base/824-invoices-taken-and-not",
    "base/824-order-refused",
    "base/846-lots-and-states-of-stock",
    "base/846-one-item",
    "base/850-drop-ship-order",
    "base/850-invalid-no-lines",
    "base/850-stand-alone-order",
    "base/855-accepted-with-changes",
    "base/855-rejected",
    "base/860-lines-added-changed-and-deleted",
    "base/860-order-cancelled",
    "base/864-closed-on-a-holiday",
    "base/864-one-line",
    "base/940-two-orders-and-a-cancellation",
    "base/943-container-of-three-items",
    "base/943-pallets-between-warehouses",
    "base/944-everything-in-good-order",
    "base/944-short-damaged-and-over",
    "base/945-lots-in-one-carton",
    "base/945-shipped-in-full-and-short",
    "base/947-counted-damaged-and-put-on-hold",
    "base/947-found-again",
}
"""Samples whose sets a map writes back segment for segment.

The others have what a map normalises: levels without HL04 or with gaps in their ids, references in
another order than the map's, a date in two places, written decimal points, two-digit years, wrong
counts; or positions that it does not take. Where a partner wants all that, too, `unmapped:
write_back` keeps it: then there is no exception.
"""


@pytest.mark.parametrize("sample", SAMPLES, ids=NAMES)
def test_a_document_that_is_written_reads_the_same_again(sample: Path) -> None:
    for name, parsed in taken_sets(sample):
        compiled = compiled_map(name)
        delimiters = parsed.transaction_set.delimiters
        first = compiled.read(parsed.tree, delimiters)
        written = compiled.write(compiled.merge(first.documents), delimiters)
        assert list(written.findings) == []
        again = compiled.read(written.tree, delimiters)
        assert [mapped(one) for one in again.documents] == [mapped(one) for one in first.documents]


@pytest.mark.parametrize("sample", SAMPLES, ids=NAMES)
def test_what_is_written_is_valid_x12(sample: Path) -> None:
    for name, parsed in taken_sets(sample):
        assert (
            validator(parsed.transaction_set.set_id).parse(rewritten(name, parsed)).findings == []
        )


@pytest.mark.parametrize(
    "sample",
    [sample for sample, name in zip(SAMPLES, NAMES, strict=True) if name in SAME_SEGMENTS],
    ids=sorted(SAME_SEGMENTS),
)
def test_a_set_that_is_read_is_written_segment_for_segment(sample: Path) -> None:
    for name, parsed in taken_sets(sample):
        assert rewritten(name, parsed).segments == parsed.transaction_set.segments


@pytest.mark.parametrize("sample", SAMPLES, ids=NAMES)
def test_a_set_that_is_kept_as_it_came_is_written_byte_for_byte(sample: Path) -> None:
    for name, parsed in taken_sets(sample):
        made, delimiters = repeating(compiled_map(name)), parsed.transaction_set.delimiters
        documents = made.read(parsed.tree, delimiters).documents
        assert [check(one) for one in documents] == [[]] * len(documents)
        written = made.write(made.merge(documents), delimiters).segments
        assert written == body(parsed.transaction_set.segments)


def taken_sets(sample: Path) -> Iterator[tuple[str, ParsedSet]]:
    """Yield the sets of a sample that become documents, each with its map."""
    for name, parsed in examine(sample).sets:
        if parsed is not None:
            yield name, parsed


def rewritten(name: str, parsed: ParsedSet) -> TransactionSet:
    """Read a set into documents and write them as a set again, in the same envelope."""
    compiled = compiled_map(name)
    original = parsed.transaction_set
    reading = compiled.read(parsed.tree, original.delimiters)
    body = compiled.write(compiled.merge(reading.documents), original.delimiters).segments
    segments = [original.segments[0], *body, ["SE", str(len(body) + 2), original.control_number]]
    return TransactionSet(
        segments,
        range(len(segments)),
        original.delimiters,
        original.interchange_control_number,
        original.group_control_number,
    )


def mapped(document: Mapping[str, object]) -> dict[str, object]:
    """Leave out what the map did not take, and so does not write."""
    return {name: value for name, value in document.items() if name != "unmapped"}
