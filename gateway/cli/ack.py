"""`gateway ack`: the acknowledgment that a file deserves, without receiving it."""

from __future__ import annotations

import sys
from dataclasses import asdict, replace
from enum import StrEnum
from itertools import count
from typing import Annotated

import typer

from gateway import clock, config
from gateway.acks.answer import Acknowledged
from gateway.acks.forms import FIRST_VERSION_WITH_999
from gateway.acks.reply import write_answer
from gateway.acks.told import ReplyEnvelope
from gateway.cli.examine import ExaminedInterchange, Examiner, usable
from gateway.cli.terminal import (
    AsJson,
    ExitCode,
    OptionalHome,
    print_json,
    read_input,
    remarks,
    write_bytes,
)
from gateway.partners import AcknowledgmentPolicy
from gateway.x12.model import ControlNumber


class AckType(StrEnum):
    """Which acknowledgment is wanted."""

    A997 = "997"
    A999 = "999"
    TA1 = "ta1"


_POLICIES = {
    AckType.A997: AcknowledgmentPolicy.model_validate(
        {"997": "always", "999": "never", "ta1": "never"}
    ),
    AckType.A999: AcknowledgmentPolicy.model_validate(
        {"997": "never", "999": "always", "ta1": "never"}
    ),
    AckType.TA1: AcknowledgmentPolicy.model_validate(
        {"997": "never", "999": "never", "ta1": "always"}
    ),
}


def ack(
    file: Annotated[str, typer.Argument(metavar="FILE", help="X12; `-` is standard input.")],
    kind: Annotated[AckType, typer.Option("--type", help="Which one to write.")] = AckType.A997,
    control_number: Annotated[
        int, typer.Option(min=1, max=999_999_999, help="ISA13 of the first one written.")
    ] = 1,
    home: OptionalHome = None,
    as_json: AsJson = False,
) -> None:
    """Write the acknowledgment of every interchange in a file to standard output.

    Exits 0 where everything is accepted without a finding, 1 otherwise, 2 where the file is no X12.
    """
    instance = config.load(home, maps_too=False) if home else None
    examiner = Examiner(instance, policy=_POLICIES[kind])
    numbers = count(control_number)
    answers = [_acknowledged(one, next(numbers)) for one in examiner.interchanges(read_input(file))]
    if as_json:
        print_json([_as_json(answer) for answer in answers])
    else:
        for answer in answers:
            _write(answer, kind)
    fine = all(_accepted(answer) for answer in answers)
    raise typer.Exit(ExitCode.FINE if fine else ExitCode.FINDINGS)


def _acknowledged(examined: ExaminedInterchange, control_number: int) -> Acknowledged:
    group_numbers = count(1)
    # The separators they used are separators they can read; a terminal gets one segment a line.
    received = usable(examined.header.delimiters)
    suffix = "\n" if sys.stdout.isatty() and received.terminator not in "\r\n" else received.suffix
    envelope = ReplyEnvelope(
        control_number=ControlNumber(f"{control_number:09d}"),
        next_group_number=lambda: ControlNumber(str(next(group_numbers))),
        moment=clock.utc_now(),
        delimiters=replace(received, suffix=suffix),
    )
    answer, verdict = examined.conclusion.answer, examined.conclusion.verdict
    payload = write_answer(answer, envelope) if answer.due else None
    groups = tuple(judged.acknowledgment for _, judged in answer.groups)
    return Acknowledged(verdict, payload, answer.ta1, groups)


def _write(answer: Acknowledged, kind: AckType) -> None:
    if answer.payload is not None:
        write_bytes(answer.payload)
        return
    number = answer.verdict.interchange.control_number
    older = [one.acknowledgment.version < FIRST_VERSION_WITH_999 for one in answer.verdict.groups]
    if not answer.verdict.interchange.status.taken:
        reason = "it is rejected as a whole, which only a TA1 can say (--type ta1)"
    elif kind is AckType.A999 and any(older):
        reason = "a 999 exists from 005010 on, and its groups are older (--type 997)"
    else:
        reason = "it carries acknowledgments itself, or has no group that could be named"
    remarks().print(f"nothing to write for interchange {number}: {reason}")


def _accepted(answer: Acknowledged) -> bool:
    verdicts = [answer.verdict.interchange.status, *(group.status for group in answer.groups)]
    return all(status.value == "A" for status in verdicts)


def _as_json(answer: Acknowledged) -> dict[str, object]:
    return {
        "interchange": asdict(answer.verdict.interchange),
        "groups": [asdict(group) for group in answer.groups],
        "payload": answer.payload.decode("latin-1") if answer.payload else None,
    }
