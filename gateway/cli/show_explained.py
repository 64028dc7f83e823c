"""Shows what was explained, within 80 columns where there is no wider terminal."""

from __future__ import annotations

from textwrap import wrap

from rich.console import Console
from rich.text import Text

from gateway.acks.model import Status
from gateway.cli.explained import MOST_SHOWN, Explained, Subject, Told
from gateway.cli.terminal import printable

_WIDEST = 80
_MOST_SUBJECTS = 200
"""Sets and envelopes of one interchange that are shown: more are for programs."""
_HEAD = 4
_MARGIN = 7
_LABEL = 6
"""Width of `rule` and the like, with what follows them."""

_MARKS = {
    Status.ACCEPTED: ("✓", "green"),
    Status.ACCEPTED_WITH_ERRORS: ("!", "yellow"),
    Status.PARTIALLY_ACCEPTED: ("!", "yellow"),
    Status.REJECTED: ("✗", "red"),
}


def show(explained: Explained, console: Console) -> None:
    """Print one interchange: what each subject is, then its faults one by one."""
    console.print(Text(f"  {printable(explained.title)}", style="dim"))
    if explained.note:
        _print_wrapped("", explained.note, console, margin=_HEAD)
    for subject in explained.subjects[:_MOST_SUBJECTS]:
        _show_subject(subject, console)
    more = len(explained.subjects) - _MOST_SUBJECTS
    if more > 0:
        console.print(f"\n  … and {more:,} more; --json has all of them")


def _show_subject(subject: Subject, console: Console) -> None:
    mark, colour = _MARKS[subject.verdict]
    console.print()
    whole = printable(f"{subject.title}: {subject.said}")
    first, *others = wrap(whole, _width(console) - _HEAD, break_on_hyphens=False) or [""]
    bold = len(subject.title) if whole.startswith(first) else 0
    console.print(Text.assemble("  ", (mark, colour), " ", (first[:bold], "bold"), first[bold:]))
    for line in others:
        console.print(Text(" " * _HEAD + line))
    for remark in subject.remarks:
        _print_wrapped("", remark, console, margin=_HEAD)
    for number, told in enumerate(subject.told[:MOST_SHOWN], 1):
        console.print()
        _show_told(number, told, console)
    if len(subject.told) > MOST_SHOWN:
        more = len(subject.told) - MOST_SHOWN
        console.print(f"\n    … and {more} more; --json has all of them")


def _show_told(number: int, told: Told, console: Console) -> None:
    lines = wrap(
        printable(told.advice.title), _width(console) - _MARGIN, break_on_hyphens=False
    ) or [""]
    console.print(Text.assemble(f"{number:>5}. ", (lines[0], "bold")))
    for line in lines[1:]:
        console.print(Text(" " * _MARGIN + line, style="bold"))
    place = told.finding.location
    where = [
        f"line {told.line}" if told.line is not None else "",
        f"segment {place.segment_position}" if place.segment_position is not None else "",
        f"loop {place.loop}" if place.loop else "",
        f"byte {place.offset}" if place.offset is not None else "",
    ]
    if any(where):
        console.print(Text(" " * _MARGIN + ", ".join(filter(None, where)), style="dim"))
    if told.marked is not None:
        body = Text(" " * (_MARGIN + 2) + told.marked.segment)
        body.stylize("bold red", told.marked.first + _MARGIN + 2, told.marked.end + _MARGIN + 2)
        console.print(body)
        console.print(Text(" " * (_MARGIN + 2) + told.marked.mark, style="red"))
    for label, text in (
        ("rule", told.advice.rule),
        ("send", told.advice.send),
        ("also", told.also),
    ):
        if text:
            _print_wrapped(label, text, console, margin=_MARGIN)


def _print_wrapped(label: str, text: str, console: Console, *, margin: int) -> None:
    """Print a sentence behind a label, its later lines below its first."""
    hang = _LABEL if label else 0
    lines = wrap(printable(text), max(20, _width(console) - margin - hang), break_on_hyphens=False)
    for number, line in enumerate(lines):
        lead = label if number == 0 else ""
        console.print(Text.assemble(" " * margin, (f"{lead:<{hang}}", "cyan"), line))


def _width(console: Console) -> int:
    return min(_WIDEST, console.width)
