"""`recall:`: a value that an earlier document with the same business key had.

This module says what is asked and puts the answer in its place; who keeps documents finds it. The
answer must be the same whenever it is asked again, so that a document translated anew stays what
it is: whoever answers looks at nothing that came later than the document in hand.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from gateway.findings import Finding, FindingCode
from gateway.mapping.plan import Document, Json, JsonValue, Recall
from gateway.mapping.rework import copied, found, objects_at
from gateway.mapping.write_run import json_value


@dataclass(frozen=True, slots=True)
class Asked:
    """Which earlier document is wanted."""

    document: str
    """Its type."""
    key: str
    """The name of its business key."""
    value: str
    same_partner: bool = True

    def fits(self, document: Mapping[str, Json]) -> bool:
        """Say whether a document is of the type, and has the key at its top or in a list there."""
        if document.get("document") != self.document:
            return False
        lists = (one for one in document.values() if isinstance(one, Sequence))
        entries = [one for each in lists if not isinstance(each, str) for one in each]
        return any(
            one.get(self.key) == self.value
            for one in (document, *entries)
            if isinstance(one, Mapping)
        )


class Earlier(Protocol):
    """Finds what was kept of earlier documents."""

    def __call__(self, asked: Asked) -> Mapping[str, Json] | None:
        """Return the last document of those that came before the one in hand; None for none."""


def asked_by(one: Recall, own: Mapping[str, Json], document: Mapping[str, Json]) -> Asked | None:
    """Say what is asked for an object; None where it has no key to ask by."""
    value = (document if one.root else own).get(one.by)
    if isinstance(value, bool) or not isinstance(value, str | int) or value == "":
        return None
    return Asked(one.document, one.key, str(value), one.same_partner)


def recalled(
    document: Mapping[str, Json],
    recalls: Sequence[Recall],
    earlier: Earlier,
    findings: list[Finding],
) -> Document:
    """Return a copy of a document in which each empty field that is recalled has its value."""
    whole = copied(document)
    for one in recalls:
        for own, pointer in objects_at(whole, one.path, ""):
            if own.get(one.name) in (None, "", []):
                _recall(one, own, whole, (earlier, f"{pointer}/{one.name}", findings))
    return whole


def _recall(
    one: Recall, own: Document, document: Document, run: tuple[Earlier, str, list[Finding]]
) -> None:
    earlier, pointer, findings = run
    asked = asked_by(one, own, document)
    whole = earlier(asked) if asked is not None else None
    value: JsonValue = json_value(found(whole, one.field))
    if value in (None, "", []):
        value = one.default
    if value is not None:
        own[one.name] = value
        return
    code = FindingCode.REQUIRED_FIELD_MISSING if one.required else FindingCode.NOTHING_RECALLED
    findings.append(Finding(code, detail=_because(one, asked, whole), field=pointer))


def _because(one: Recall, asked: Asked | None, whole: Mapping[str, Json] | None) -> str:
    kind = one.document.replace("_", " ")
    if asked is None:
        return f"nothing recalled: there is no {one.by} to find an earlier {kind} by"
    which = f"{kind} with {asked.key} '{asked.value}'"
    if whole is None:
        return f"nothing recalled: no earlier {which} is known"
    return f"nothing recalled: the earlier {which} has no {'.'.join(one.field)}"
