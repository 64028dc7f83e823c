"""`gateway explain`: an acknowledgment or a faulty interchange in plain words."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer
from rich.text import Text

from gateway import app as composition
from gateway import config, resources
from gateway.acks.model import Status
from gateway.acks.ta1 import read_ta1
from gateway.cli.examine import (
    ExaminedGroup,
    ExaminedInterchange,
    ExaminedSet,
    Examiner,
    stranger_note,
)
from gateway.cli.explain_acks import ACKNOWLEDGMENTS, ADVICE, AcknowledgmentTeller, Said
from gateway.cli.explained import (
    Explained,
    Subject,
    Teller,
    as_json,
    envelope_subjects,
    interchange_title,
    set_subject,
)
from gateway.cli.inputs import Input, Inputs, collect
from gateway.cli.meter import Meter
from gateway.cli.show_explained import show
from gateway.cli.terminal import (
    AsJson,
    ExitCode,
    InputUnreadable,
    OptionalHome,
    print_json,
    read_input,
    remarks,
    results,
)
from gateway.counting import counted
from gateway.errors import InterchangeUnreadable
from gateway.pipeline.reconciliation.answered import answered
from gateway.x12.model import InterchangeHeader, Octets
from gateway.x12.names import Names
from gateway.x12.standard import Standard

Of = Annotated[
    str | None,
    typer.Option(
        "--of",
        metavar="FILE",
        help="The interchange that an acknowledgment answers: its segments are shown.",
    ),
]


class Explainer:
    """Explains files; compiles each schema once."""

    def __init__(self, home: Path | None, of: str | None) -> None:
        self._home = home
        self._instance = config.load(home, maps_too=False) if home else None
        self._examiner = Examiner(self._instance)
        names = Names(self._examiner.library, resources.schema_text)
        self._teller = Teller(Standard(self._examiner.library), names)
        self._of = read_input(of) if of else None

    def explain(self, payload: Octets, at: Callable[[int], None]) -> Iterator[Explained]:
        """Yield each interchange of a payload, explained; say meanwhile how far the work is."""
        for one in self._examiner.interchanges(payload, keep=_unless_sound, at=at):
            subjects = list(self._subjects(payload, one))
            yield Explained(interchange_title(one), subjects, stranger_note(one))

    def _subjects(self, payload: Octets, examined: ExaminedInterchange) -> Iterator[Subject]:
        yield from envelope_subjects(self._teller, payload, examined)
        said = AcknowledgmentTeller(self._teller, lambda one: self._sent(examined.header, one))
        for segment in examined.acknowledgments:
            yield said.of_interchange(read_ta1(segment))
        clean = 0
        for group in examined.groups:
            clean += group.passed_over
            for one in group.sets:
                received = one.reading.transaction_set
                wrong = set_subject(self._teller, payload, group, one)
                if wrong is not None:
                    yield wrong
                if received.set_id in ACKNOWLEDGMENTS or received.set_id == ADVICE:
                    yield from said.subjects(received, group.header.version)
                else:
                    clean += wrong is None
        if clean:
            sets = counted(clean, "transaction set")
            yield Subject(sets, Status.ACCEPTED, "valid")

    def _sent(self, header: InterchangeHeader, said: Said) -> bytes | None:
        """Find what an acknowledgment speaks of: in the file that is named, or in the store."""
        if self._of is not None or self._home is None or self._instance is None:
            return self._of
        try:
            with composition.opened(self._instance) as app, app.store.transaction() as found:
                return answered(found, self._instance.lookup, header, said)
        except composition.StoreUnusable as fault:
            # What the acknowledgment says by itself can be told all the same.
            remarks().print(Text(str(fault), style="yellow"))
            self._home = None
            return None


def _unless_sound(_group: ExaminedGroup, one: ExaminedSet) -> ExaminedSet | None:
    """Keep a set unless there is nothing to explain of it."""
    spoken = one.reading.transaction_set.set_id in (*ACKNOWLEDGMENTS, ADVICE)
    return one if one.findings or spoken else None


def explain(
    files: Inputs, of: Of = None, home: OptionalHome = None, as_json_: AsJson = False
) -> None:
    """Say in plain words what is wrong with X12, or what an acknowledgment says of it.

    Each fault with its segment and place, the rule, and what to send instead. Of a 997, 999, TA1
    or 824 the segments that it speaks of are shown where they are at hand. Exits 0 where all is
    well, 1 where something is not, 2 where a file is no X12.
    """
    explainer = Explainer(home, of)
    given = collect(files)
    meter = Meter(given.size)
    made: list[_File] = []
    worst = ExitCode.FINE
    for file in given.inputs:
        meter.begin(file.shown)
        one = _explained(file, explainer, meter)
        worst = max(worst, one.code)
        meter.close()
        if as_json_:
            made.append(one)
        else:
            _show(one)
        meter.end(file.size)
    meter.close()
    if as_json_:
        print_json([_file_json(one) for one in made])
    raise typer.Exit(worst)


@dataclass(frozen=True, slots=True)
class _File:
    name: str
    explained: list[Explained]
    unreadable: str = ""

    @property
    def code(self) -> ExitCode:
        if self.unreadable:
            return ExitCode.UNUSABLE
        clean = all(one.clean for one in self.explained)
        return ExitCode.FINE if clean else ExitCode.FINDINGS


def _explained(file: Input, explainer: Explainer, meter: Meter) -> _File:
    try:
        with file.mapped() as payload:
            return _File(file.shown, list(explainer.explain(payload, meter.at)))
    except (InputUnreadable, InterchangeUnreadable) as fault:
        return _File(file.shown, [], str(fault))


def _show(file: _File) -> None:
    if file.unreadable:
        head = Text.assemble((file.name, "bold"), "\n  ", ("✗", "red"), f" {file.unreadable}")
        remarks().print(head)
        return
    console = results()
    console.print(Text(file.name, style="bold"))
    for one in file.explained:
        show(one, console)
    console.print()


def _file_json(file: _File) -> dict[str, object]:
    if file.unreadable:
        return {"file": file.name, "unreadable": file.unreadable, "interchanges": []}
    return {"file": file.name, "interchanges": as_json(file.explained)}
