"""After the last field is written: entries of lists that would be read back as something else."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from gateway.findings import FindingCode
from gateway.mapping.out_tree import OutNode
from gateway.mapping.positions import Test
from gateway.mapping.rivals import Rival
from gateway.mapping.write_run import Placed, Run, pointer_to

Part = OutNode | list[str]
One = TypeVar("One", OutNode, list[str])


def settle(run: Run) -> None:
    """Put fields before the entries that look like them; what stays in doubt becomes findings."""
    settlement = _Settlement(run.separator)
    for placed in run.placed:
        segment = _segment(placed[1])
        detail = settlement.reason(placed, segment) if any(segment[1:]) else ""
        if detail:
            run.note(FindingCode.READ_AS_ANOTHER_FIELD, pointer_to(placed[3]), detail)


@dataclass(slots=True)
class _Settlement:
    separator: str
    lost: dict[tuple[int, str], Part | None] = field(default_factory=dict)
    """The entry that each selection takes in each node, by the node's identity."""

    def reason(self, placed: Placed, segment: Sequence[str]) -> str:
        """Say why an entry does not come back into its list; empty where it does."""
        parent, entry, rivals, _ = placed
        for test in rivals.own:
            if not test.holds(tuple(segment), self.separator):
                return f"the list takes only what satisfies [{test}]"
        for rival in rivals.of(segment, self.separator):
            if rival.many or self._taken(rival, parent, entry) is entry:
                return f"{rival.step} is read elsewhere"
        return ""

    def _taken(self, rival: Rival, parent: OutNode, entry: Part) -> Part | None:
        key, tag = str(rival.step), rival.step.tag
        known = (id(parent), key)
        if known not in self.lost:
            if isinstance(entry, OutNode):
                loops, loop = parent.loops[tag], parent.named.get(key)
                self.lost[known] = _placed(loops, loop, rival, self._fits)
            else:
                rows, own = parent.segments[tag], parent.named_segments.get(key)
                self.lost[known] = _placed(rows, own, rival, self._fits)
        return self.lost[known]

    def _fits(self, part: Part, tests: Sequence[Test]) -> bool:
        segment = tuple(_segment(part))
        return all(test.holds(segment, self.separator) for test in tests)


def _segment(part: Part) -> list[str]:
    return part.first if isinstance(part, OutNode) else part


def _placed(
    rows: list[One], own: One | None, rival: Rival, fits: Callable[[Part, Sequence[Test]], bool]
) -> One | None:
    """Put a selection's own part where it is found again; return what it takes if it has none."""
    others = [row for row in rows if row is not own and fits(row, rival.step.tests)]
    wanted = rival.step.occurrence or 1
    there = others[wanted - 1] if len(others) >= wanted else None
    if own is None or there is None:
        return there
    places = {id(row): index for index, row in enumerate(rows)}
    if places[id(own)] > places[id(there)]:
        rows.insert(places[id(there)], rows.pop(places[id(own)]))
    return None
