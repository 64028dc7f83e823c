"""Traces of what a command has in hand: sets that were read, and one that is written."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from gateway.cli.show_trace import document_json, element_json, show_document, show_elements
from gateway.cli.terminal import print_json
from gateway.mapping.trace import DocumentTrace, TracedMap, WriteTrace, in_file
from gateway.pipeline.stages.parse import SetReading
from gateway.x12 import walk


def show_read(traced: TracedMap, sets: Sequence[SetReading], *, as_json: bool) -> None:
    """Print where the values of each document of some sets came from."""
    documents = [one for each in sets for one in traces_of(traced, each)]
    if as_json:
        print_json([document_json(one) for one in documents])
        return
    for one in documents:
        show_document(one)


def traces_of(traced: TracedMap, one: SetReading) -> Sequence[DocumentTrace]:
    """Return the documents of a set, traced."""
    if one.tree is None:
        return ()
    received = one.transaction_set
    return traced.read(one.tree, received, received.delimiters).documents


def show_written(
    content: bytes, trace: WriteTrace, *, shown: tuple[int, bytes], as_json: bool
) -> None:
    """Print why each element of a set is written, which `content` holds in its envelope.

    `shown` is what is printed of it, and where that begins: offsets are those of what is printed.
    """
    skipped, printed = shown
    elements = [
        replace(one, place=replace(one.place, offset=(one.place.offset or 0) - skipped))
        for one in located(content, trace).elements
    ]
    if as_json:
        print_json(
            {"x12": printed.decode("latin-1"), "trace": [element_json(one) for one in elements]}
        )
    else:
        show_elements(elements)


def located(content: bytes, trace: WriteTrace) -> WriteTrace:
    """Return a trace with the places in the interchange that was made of it."""
    for _, received in walk(content):
        return in_file(trace, received, received.delimiters)
    return trace
