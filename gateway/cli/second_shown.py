"""Shows what two engines say of a transaction set, side by side, and tells programs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict

from rich.console import Console
from rich.text import Text

from gateway.cli import show_findings
from gateway.cli.second_opinions import Compared, Difference
from gateway.cli.terminal import printable
from gateway.cli.validation_json import Value, findings_json, set_json
from gateway.counting import counted
from gateway.findings import Location
from gateway.second_opinion.compare import Pair
from gateway.second_opinion.faults import Fault
from gateway.second_opinion.known import UNKNOWN, Right
from gateway.x12.model import Octets, TransactionSet

_MOST_SHOWN = 50
"""Places of one transaction set that are shown; JSON has them all."""
_MOST_ALIKE = 3
"""Differences of one class that are shown, where both engines refuse the set for it anyway."""
_LONGEST_MESSAGE = 200

_RIGHT = {
    Right.OURS: "we are right",
    Right.PYX12: "pyx12 is right",
    Right.BOTH: "both refuse it",
    Right.CHOICE: "a matter of choice",
}


def show(compared: Compared, payload: Octets, console: Console) -> None:
    """Print a set with both verdicts, and each place that either engine finds something at."""
    console.print(_head(compared))
    told: Counter[str] = Counter()
    passed_over: Counter[str] = Counter()
    shown = 0
    for pair, difference in _by_place(compared):
        name = difference.known.name if difference else ""
        told[name] += bool(name)
        repeated = difference is not None and difference.known.right is Right.BOTH
        if shown >= _MOST_SHOWN or (repeated and told[name] > _MOST_ALIKE):
            passed_over[name] += 1
            continue
        shown += 1
        for line in _lines(compared, pair, difference, payload, told[name] > 1):
            line.pad_left(10)
            console.print(line)
    for name, number in passed_over.items():
        said = f" of {name}" if name else ""
        console.print(Text(f"          … and {number} more{said}; --json shows all", style="dim"))


def _head(compared: Compared) -> Text:
    """Say in a line what both engines make of a set."""
    received, opinion = compared.examined.reading.transaction_set, compared.opinion
    refused = bool(_own(compared)) or compared.faults > 0
    differ = bool(compared.differences)
    mark, colour = ("✗", "red") if refused else ("!", "yellow") if differ else ("✓", "green")
    line = Text.assemble("      ", (mark, colour), " ",
                         printable(f"{received.set_id} {received.control_number}"))  # fmt: skip
    ours = _faults(len(_own(compared))) if compared.judged_by_us else "no schema"
    theirs = "not asked" if opinion.unasked else _faults(len(opinion.faults))
    line.append(f"  ours: {ours}, pyx12: {theirs}")
    if opinion.unasked:
        line.append(f"  ({opinion.unasked})", style="dim")
        return line
    if compared.judged_by_us and (compared.agreed or differ):
        alike, others = len(compared.agreed), len(compared.differences)
        places = counted(others, "place")
        line.append(f"; {alike} alike, {places} where they differ" if differ else "; all alike")
    line.append(f"  (by {printable(opinion.judged_by)})", style="dim")
    return line


def _own(compared: Compared) -> list[object]:
    aside = compared.set_aside
    return [finding for finding, _ in compared.examined.findings if finding not in aside]


def _faults(number: int) -> str:
    return counted(number, "finding") if number else "clean"


def _by_place(compared: Compared) -> list[tuple[Pair, Difference | None]]:
    places: list[tuple[Pair, Difference | None]] = [(one, None) for one in compared.agreed]
    places += [(one.pair, one) for one in compared.differences]
    if compared.opinion.unasked:
        places = [(Pair((finding,), ()), None) for finding, _ in compared.examined.findings]
    return sorted(places, key=lambda one: one[0].position)


def _lines(
    compared: Compared,
    pair: Pair,
    difference: Difference | None,
    payload: Octets,
    said_before: bool,
) -> Iterator[Text]:
    """Yield the sentences about one place, its segment, and why the engines differ there."""
    received = compared.examined.reading.transaction_set
    delimiters = received.delimiters
    who = "both" if pair.ours and pair.theirs else "ours only" if pair.ours else "pyx12 only"
    for finding in pair.ours:
        first, *rest = show_findings.lines(finding, payload, delimiters)
        if not compared.opinion.unasked and compared.judged_by_us:
            first = Text.assemble((f"{who}: ", "bold"), first)
        yield first
        yield from rest
    for fault in pair.theirs if not pair.agreed else ():
        who = "pyx12 only" if compared.judged_by_us else "pyx12"
        yield from _of_theirs(fault, received, payload, who="" if pair.ours else who)
    if difference is not None and compared.judged_by_us:
        yield _why(difference, said_before)


def _of_theirs(
    fault: Fault, received: TransactionSet, payload: Octets, *, who: str
) -> Iterator[Text]:
    """Yield what pyx12 says of a place; of one that we say something of, in one line."""
    message = fault.message
    if len(message) > _LONGEST_MESSAGE:
        message = message[: _LONGEST_MESSAGE - 1] + "…"
    place = f"{fault.reference}, segment {fault.position}"
    if not who:
        yield Text.assemble(("  pyx12 says: ", "bold"), printable(message))
        return
    yield Text.assemble((f"{who}: ", "bold"), (printable(place), "yellow"), "  ",
                        printable(message))  # fmt: skip
    found = show_findings.marked_at(_location(fault, received), payload, received.delimiters)
    if found is not None:
        body = Text("  " + found.segment, style="dim")
        body.stylize("bold red not dim", found.first + 2, found.end + 2)
        yield body
        yield Text("  " + found.mark, style="red")


def _location(fault: Fault, received: TransactionSet) -> Location:
    at = fault.position - 1
    offset = received.offsets[at] if at < len(received.segments) else None
    return Location(
        segment_position=fault.position,
        segment_id=fault.segment_id,
        element=fault.element,
        component=fault.component,
        offset=offset,
    )


def _why(difference: Difference, said_before: bool) -> Text:
    known = difference.known
    if known is UNKNOWN:
        return Text("  a difference of no known class: please report it", style="bold yellow")
    because = "" if said_before else f": {known.because}"
    return Text(f"  {_RIGHT[known.right]} ({known.name}){because}", style="dim")


def compared_json(compared: Compared) -> Value:
    """Return a set with both verdicts, for programs."""
    opinion = compared.opinion
    return {
        **set_json(compared.examined),
        "set_aside": findings_json([(one, severity) for one, severity in
                                    compared.examined.findings if one in compared.set_aside]),
        "pyx12": {
            "judged_by": opinion.judged_by,
            "own_map": opinion.own_map,
            "not_asked": opinion.unasked or None,
            "faults": [_fault_json(one) for one in opinion.faults],
        },
        "agreed": [_pair_json(one) for one in compared.agreed],
        "differences": [
            {
                **_pair_json(one.pair),
                "class": one.known.name,
                "right": one.known.right.value,
                "because": one.known.because,
            }
            for one in compared.differences
        ],
    }  # fmt: skip


def _pair_json(pair: Pair) -> Value:
    return {
        "segment_position": pair.position,
        "reference": pair.reference,
        "ours": [finding.code.value for finding in pair.ours],
        "pyx12": [fault.code for fault in pair.theirs],
    }


def _fault_json(fault: Fault) -> Value:
    return {**asdict(fault), "kind": fault.kind.name.lower(), "reference": fault.reference}
