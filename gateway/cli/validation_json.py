"""What `gateway validate` tells programs: the findings of a file as plain values."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from gateway.cli.examine import (
    ExaminedGroup,
    ExaminedInterchange,
    ExaminedSet,
    Graded,
    stranger_note,
)

Value = dict[str, object]
SetJson = Callable[[ExaminedSet], Value]


def unreadable_json(name: str, because: str) -> Value:
    """Return what is told of a file that cannot be read."""
    return {"file": name, "unreadable": because, "interchanges": []}


def file_json(
    name: str, interchanges: Sequence[ExaminedInterchange], told: SetJson | None = None
) -> Value:
    """Return what was found in a file; `told` says what is told of a set."""
    return {
        "file": name,
        "interchanges": [_interchange_json(one, told or set_json) for one in interchanges],
    }


def set_json(one: ExaminedSet) -> Value:
    """Return what was found in a transaction set."""
    return {
        "set": one.reading.transaction_set.set_id,
        "control_number": one.reading.transaction_set.control_number,
        "judged_by": one.reading.judged_by,
        "findings": findings_json(one.findings),
    }


def _interchange_json(result: ExaminedInterchange, told: SetJson) -> Value:
    header = result.header
    return {
        "control_number": header.control_number,
        "sender": "/".join(header.sender),
        "receiver": "/".join(header.receiver),
        "usage": header.usage,
        "version": header.version,
        "note": stranger_note(result),
        "findings": findings_json(result.findings),
        "groups": [_group_json(group, told) for group in result.groups],
    }


def _group_json(group: ExaminedGroup, told: SetJson) -> Value:
    return {
        "functional_id": group.header.functional_id,
        "control_number": group.header.control_number,
        "version": group.header.version,
        "findings": findings_json(group.findings),
        "transaction_sets": [told(one) for one in group.sets],
    }


def findings_json(findings: Sequence[Graded]) -> list[Value]:
    """Return findings, each with its severity."""
    return [
        {
            "code": finding.code.value,
            "level": finding.level.value,
            "severity": severity.value,
            "reference": finding.location.reference,
            "segment_position": finding.location.segment_position,
            "loop": finding.location.loop,
            "offset": finding.location.offset,
            "value": finding.value,
            "detail": finding.detail,
            "judged_by": finding.judged_by,
            "data_element": finding.data_element,
            "rule": None
            if finding.rule is None
            else {
                "name": finding.rule.name,
                "guide": finding.rule.guide,
                "file": finding.rule.file,
                "line": finding.rule.line,
            },
        }
        for finding, severity in findings
    ]
