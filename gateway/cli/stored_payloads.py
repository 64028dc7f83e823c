"""What an instance holds, as it is translated again: payloads that came in, documents of ours."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from gateway import app as composition
from gateway.app import App
from gateway.cli.document_rows import key_text
from gateway.cli.translated_twice import Given
from gateway.config.maps import DEFAULT_VERSION
from gateway.pipeline.states import ValidationStatus
from gateway.pipeline.views import DocumentFilter, DocumentSummary


@contextmanager
def stored(home: Path, wanted: DocumentFilter) -> Iterator[tuple[Iterator[Given], int]]:
    """Open an instance and give what it holds, with its size in bytes; stores nothing."""
    with composition.open_instance(home, maps_too=False) as app:
        found = app.desk.documents(wanted)
        size = sum(one.document.end - one.document.start for one in found)
        yield _given(app, found), size


def _given(app: App, found: Sequence[DocumentSummary]) -> Iterator[Given]:
    came: dict[str, dict[int, str]] = {}
    for one in found:
        document = one.document
        if document.direction == "in":
            # Of a set that was split, all parts come of the first; of a rejected one, none.
            if document.part == 0 and document.validation != ValidationStatus.REJECTED:
                came.setdefault(document.payload_id, {})[document.start] = _label(one)
            continue
        view = app.desk.document(document.id)
        if view is not None and view.document.canonical is not None:
            version = document.version or DEFAULT_VERSION
            yield Given(
                _label(one),
                view.document.canonical,
                written_for=(document.partner, document.set_id, version),
            )
    for payload, labels in came.items():
        yield Given("", app.desk.content(payload), labels=labels)


def _label(summary: DocumentSummary) -> str:
    key = key_text(summary)
    short = summary.document.id[:8]
    return f"{key} ({short})" if key else short
