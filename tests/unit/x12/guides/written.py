"""Guides for tests, written as people write them, and what they find."""

from __future__ import annotations

from gateway.config.guide_file import GuideFile
from gateway.config.guides import made
from gateway.findings import Finding
from gateway.x12.guides.model import Guide
from gateway.x12.guides.overlay import Overlaid, overlay
from gateway.x12.guides.validator import GuidedValidator
from gateway.x12.validate import Validator
from gateway.yaml_source import load
from tests.x12_sets import a_set, schema_of

FILE = "partners/acme/guides/guide.yaml"


def guide(set_id: str, text: str) -> Guide:
    """Read a guide; `text` is what follows its first line."""
    source = load(f'set: "{set_id}"\n{text}', FILE)
    found = made(source, GuideFile.model_validate(source.value), ("acme", "guide"))
    assert found.problems == ()
    assert found.guide is not None
    return found.guide


def overlaid(set_id: str, text: str) -> Overlaid:
    """Lay a guide over the packaged schema of its set."""
    return overlay(schema_of(set_id), guide(set_id, text))


def misfits(set_id: str, text: str) -> list[tuple[str, str, str]]:
    """Return place, part and message of what does not fit."""
    return [(one.entry.path.text, one.key, one.message) for one in overlaid(set_id, text).misfits]


def findings(set_id: str, text: str, body: str) -> list[Finding]:
    """Validate a set by a guide."""
    made_of = GuidedValidator(Validator(schema_of(set_id)), guide(set_id, text))
    return list(made_of.parse(a_set(set_id, body)).findings)


def said(found: list[Finding]) -> list[tuple[str, int | None, str, str]]:
    """Return code, segment position, reference and what was expected, without whose rule it is."""
    return [
        (
            one.code.value,
            one.location.segment_position,
            one.location.reference,
            one.detail.split(" (rule ")[0],
        )
        for one in found
    ]
