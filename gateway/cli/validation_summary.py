"""Sums up what was found in several files: how many are clean, what comes most often."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from rich.console import Console
from rich.text import Text

from gateway.cli.examine import ExaminedInterchange, ExaminedSet, Graded
from gateway.cli.inputs import Collected
from gateway.cli.terminal import ExitCode
from gateway.counting import counted
from gateway.findings import Severity

_MOST_FREQUENT = 10

_HEALTH_CARE = frozenset(("270", "271", "276", "277", "278", "834", "835", "837"))
"""Sets that we have no schema for, and pyx12 has maps for."""


@dataclass(slots=True)
class Counts:
    """What is counted of one file while it is read, whatever is kept of it."""

    interchanges: int = 0
    sets: int = 0
    kinds: Counter[tuple[str, str]] = field(default_factory=Counter)
    """Findings by code and place; what is not held against anybody is shown, and not counted."""
    silent: bool = True
    """Whether there is nothing to show."""
    health_care: set[str] = field(default_factory=set)
    """The health-care sets in it."""

    @property
    def hint(self) -> str:
        """Say who has maps for sets that we have no schema for; empty where there are none."""
        if not self.health_care:
            return ""
        sets = ", ".join(sorted(self.health_care))
        return f"{sets}: pyx12 has maps for health care; ask it with --engine pyx12"

    def take_set(self, one: ExaminedSet) -> None:
        """Count a transaction set."""
        self.sets += 1
        if one.reading.transaction_set.set_id in _HEALTH_CARE:
            self.health_care.add(one.reading.transaction_set.set_id)
        self._take(one.findings)

    def take_envelope(self, one: ExaminedInterchange) -> None:
        """Count an interchange, without its sets."""
        self.interchanges += 1
        self._take(one.findings)
        for group in one.groups:
            self._take(group.findings)

    def _take(self, findings: Sequence[Graded]) -> None:
        if not findings:
            return
        self.silent = False
        self.kinds.update(
            (found.code, found.location.reference)
            for found, severity in findings
            if severity is not Severity.IGNORE
        )


@dataclass(slots=True)
class Tally:
    """What became of the files that were read."""

    clean: int = 0
    faulty: int = 0
    unusable: int = 0
    interchanges: int = 0
    sets: int = 0
    findings: Counter[tuple[str, str]] = field(default_factory=Counter)
    """By code and place."""
    of_others: int = 0
    """Findings of pyx12 that count."""
    files_with: Counter[tuple[str, str]] = field(default_factory=Counter)

    def add(self, file: Counts, *, others: int = 0) -> bool:
        """Count a file that could be read; say whether there is nothing to show of it.

        `others` are findings of another engine that count.
        """
        self.interchanges += file.interchanges
        self.sets += file.sets
        self.findings += file.kinds
        self.files_with.update(file.kinds.keys())
        faulty = bool(file.kinds) or others > 0
        self.clean += not faulty
        self.faulty += faulty
        self.of_others += others
        return file.silent

    @property
    def code(self) -> ExitCode:
        """Return the exit code of all."""
        if self.unusable:
            return ExitCode.UNUSABLE
        return ExitCode.FINDINGS if self.faulty else ExitCode.FINE

    def show(self, given: Collected, console: Console) -> None:
        """Print the summary."""
        states = [
            (self.clean, "clean", "green"),
            (self.faulty, "with findings", "yellow"),
            (self.unusable, "that cannot be read", "red"),
        ]
        line = Text.assemble("\n", (counted(len(given.inputs), "file"), "bold"), ": ")
        line.append_text(
            Text(", ").join(
                Text(f"{number} {said}", style=colour) for number, said, colour in states if number
            )
        )
        if given.passed_over:
            line.append(
                f"\n  {counted(given.passed_over, 'other file')} passed over: no X12", "dim"
            )
        console.print(line)
        total = self.findings.total()
        console.print(
            f"  {counted(self.interchanges, 'interchange')}, "
            f"{counted(self.sets, 'transaction set')}, {counted(total, 'finding')}"
            + (f", {self.of_others:,} of pyx12 by maps of its own" if self.of_others else "")
        )
        for (code, place), number in self.findings.most_common(_MOST_FREQUENT):
            said = code.replace("_", " ")
            where = counted(self.files_with[code, place], "file")
            console.print(Text.assemble(f"  {number:>6} × ", (f"{place:<6}", "bold"), f" {said}"
                                        f"  (in {where})"))  # fmt: skip
        others = len(self.findings) - _MOST_FREQUENT
        if others > 0:
            console.print(f"           and {counted(others, 'other kind')}")
