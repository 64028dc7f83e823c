"""The trace of a document in the store: its set, read again by the maps of now."""

from __future__ import annotations

from collections.abc import Sequence

from gateway.app import App
from gateway.cli.examine import Examiner
from gateway.cli.terminal import ExitCode, fail, remarks
from gateway.cli.traced import traces_of
from gateway.mapping.trace import DocumentTrace, TracedMap
from gateway.pipeline.records import DocumentRecord
from gateway.pipeline.stages.parse import SetReading
from gateway.pipeline.views import DocumentView


def trace_of(app: App, view: DocumentView) -> DocumentTrace:
    """Return where the values of a document came from; say where its map was another one."""
    document = view.document
    if document.direction == "out" or document.map is None:
        fail("a trace is of what came in and was translated by a map", ExitCode.FINDINGS)
    with app.store.transaction() as transaction:
        [payload] = transaction.ledger.payloads([document.payload_id])
    for one in Examiner(app.instance).sets(payload.content):
        if one.reading.transaction_set.offsets[0] == document.start:
            traces = _traces(app, document, one.reading)
            break
    else:
        traces = ()
    if document.part >= len(traces):
        fail("its set is not translated by any map of now", ExitCode.FINDINGS)
    return traces[document.part]


def _traces(app: App, document: DocumentRecord, one: SetReading) -> Sequence[DocumentTrace]:
    instance, agreement = app.instance, one.agreement
    partner = instance.partners.get(document.partner)
    if agreement is None or agreement.map is None or partner is None:
        return ()
    compiled = instance.compiled_map(agreement.map, agreement.schema_version)
    if compiled is None:
        return ()
    if app.rulebook.version_of(partner, agreement) != document.map_hash:
        remarks().print("[yellow]the map has changed since: this is by the map of now[/]")
    resolved = instance.library.resolve(compiled.name, agreement.schema_version)
    return traces_of(TracedMap(compiled, resolved.source), one)
