"""What must fit in how a destination is treated: names in its ordering key, hours that begin."""

from __future__ import annotations

from gateway.canonical import DOCUMENTS
from gateway.clock import utc_now
from gateway.config.delivery import Delivering
from gateway.config.files import Report
from gateway.config.schemas import document_schema
from gateway.config.shapes import unknown_part
from gateway.pipeline.ordering import PARTNER
from gateway.yaml_source import Source, suggestion


def check(destination: Delivering, source: Source, report: Report, *, at: tuple[str, str]) -> None:
    """Note what does not fit in the delivery policy of a destination."""
    _ordering_key(destination, source, report, at=at)
    hours = destination.hours
    if hours is not None and hours.compiled().opens(utc_now()) is None:
        message = "they never begin: all days to come are holidays"
        report.problem(source, (*at, "hours", "holidays"), message)


def _ordering_key(
    destination: Delivering, source: Source, report: Report, *, at: tuple[str, str]
) -> None:
    keys = {path.rpartition(".")[2] for kind in DOCUMENTS.values() for path in kind.business_keys}
    schemas = [document_schema(name) for name in DOCUMENTS]
    for place, name in enumerate(destination.ordering_key):
        unknown = [unknown_part(schema, name.split(".")) for schema in schemas]
        missing = [found for found in unknown if found is not None]
        if name == PARTNER or name in keys or len(missing) < len(unknown):
            continue
        known = sorted({*keys, PARTNER, *(key for _, fields in missing for key in fields)})
        message = f"no document has the business key or the field '{name}'{suggestion(name, known)}"
        path = (*at, "ordering_key", place)
        report.problem(source, path, message)
