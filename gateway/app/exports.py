"""The exports of an instance, as its files describe them, ready to be run."""

from __future__ import annotations

from datetime import timedelta

from gateway.app.sources import source_of
from gateway.clock import Clock
from gateway.config import Instance
from gateway.config.exports import ExportFile
from gateway.config.exports.schedule import schedule_of
from gateway.config.exports.sources import FolderSource
from gateway.config.instance import Placed
from gateway.config.shaping import shape_of
from gateway.pipeline.exports.definition import (
    Document,
    Done,
    Export,
    Incremental,
    Limits,
    Partner,
)
from gateway.shaping import Selection

_LEASE = timedelta(minutes=2)
"""Beside the longest call: what is done with a page, and a pause."""


def exports_of(instance: Instance, *, clock: Clock) -> dict[str, Export]:
    """Return every export of an instance by its name."""
    return {name: _export(one, instance, clock) for name, one in instance.exports.items()}


def _export(placed: Placed, instance: Instance, clock: Clock) -> Export:
    file = placed.file
    settings = file.source
    longest = timedelta(0) if isinstance(settings, FolderSource) else settings.timeout
    return Export(
        name=file.export,
        open_source=lambda: source_of(settings, file.export, instance, clock=clock),
        schedule=schedule_of(file.schedule, file.missed),
        document=_document(placed, instance),
        partner=_partner(file),
        key=Selection.compile(file.key),
        owner=file.owner or instance.settings.owner,
        compare=None if file.unchanged.compare == "@" else Selection.compile(
            file.unchanged.compare
        ),
        changed=file.unchanged.changed,
        select=Selection.compile(file.select) if file.select else None,
        incremental=_incremental(file),
        limits=_limits(file),
        done=Done(file.done.when, file.done.destination) if file.done else None,
        lease=longest * 2 + _LEASE,
    )  # fmt: skip


def _document(placed: Placed, instance: Instance) -> Document:
    wanted, changes = placed.file.document, placed.file.unchanged.set
    shape = shape_of(wanted.shape, instance.home, placed.source, ("document", "shape"))
    return Document(wanted.type, shape, wanted.set, wanted.usage, changes or None)


def _partner(file: ExportFile) -> Partner:
    chosen = file.partner.by
    return Partner(
        file.partner.fixed, Selection.compile(chosen) if chosen else None, file.partner.table
    )


def _incremental(file: ExportFile) -> Incremental | None:
    if file.cursor is None:
        return None
    field = Selection.compile(file.cursor.field)
    return Incremental(field, file.cursor.cursor(), file.cursor.start)


def _limits(file: ExportFile) -> Limits:
    given = file.limits
    return Limits(given.records, given.bytes, given.time, given.page, given.attempts, given.pause)
