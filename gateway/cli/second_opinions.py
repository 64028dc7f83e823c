"""What pyx12 says of the sets of a file, beside what we say: for `gateway validate --engine pyx12`.

Our verdict decides, but for sets that pyx12 judges by a map of its own: there its findings count
too, and of a set that we have no schema for they are all there is.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from gateway.cli.examine import ExaminedInterchange, ExaminedSet, Examiner
from gateway.findings import Finding, FindingCode
from gateway.second_opinion.compare import Pair, compare
from gateway.second_opinion.engine import Engine, Map
from gateway.second_opinion.faults import Opinion
from gateway.second_opinion.known import Known, classify
from gateway.x12.guides.validator import GuidedValidator
from gateway.x12.releases import PLACES

MOST_SEGMENTS = 200_000
"""Of all sets that pyx12 is asked about in one go: about a minute of its work."""


@dataclass(frozen=True, slots=True)
class Difference:
    """What the engines do not agree on, and which of them is right."""

    pair: Pair
    known: Known


@dataclass(frozen=True, slots=True)
class Compared:
    """A transaction set, as both engines see it."""

    examined: ExaminedSet
    opinion: Opinion
    judged_by_us: bool
    agreed: tuple[Pair, ...] = ()
    differences: tuple[Difference, ...] = ()

    @property
    def set_aside(self) -> tuple[Finding, ...]:
        """Return our findings that we have no schema, where pyx12 has a map."""
        if self.judged_by_us or self.opinion.unasked:
            return ()
        return tuple(
            finding
            for finding, _ in self.examined.findings
            if finding.code is FindingCode.TRANSACTION_SET_NOT_SUPPORTED
        )

    @property
    def faults(self) -> int:
        """Return how many faults of pyx12's count: those by a map of its own."""
        return len(self.opinion.faults) if self.opinion.own_map else 0

    @property
    def sound(self) -> bool:
        """Say whether neither engine has anything against it."""
        ours = [one for one, _ in self.examined.findings if one not in self.set_aside]
        return not ours and not self.opinion.faults and not self.opinion.unasked


@dataclass(slots=True)
class SecondOpinions:
    """Asks pyx12 about the sets of one command, up to a number of segments."""

    examiner: Examiner
    _engine: Engine = field(default_factory=Engine)
    _left: int = field(default_factory=lambda: MOST_SEGMENTS)

    def compared(self, one: ExaminedSet) -> Compared:
        """Return what both engines say of a set."""
        received = one.reading.transaction_set
        judged_by_us = one.reading.tree is not None
        known = self._map(one)
        if known is None:
            version = one.reading.group.version or "no version"
            because = f"neither we nor pyx12 know set {received.set_id} in {version}"
            return Compared(one, Opinion("", unasked=because), judged_by_us)
        if len(received.segments) > self._left:
            because = f"pyx12 is asked about {MOST_SEGMENTS:,} segments in one go, and has been"
            return Compared(one, Opinion(known.name, unasked=because), judged_by_us)
        self._left -= len(received.segments)
        opinion = self._engine.opinion(known, received)
        if opinion.unasked:
            return Compared(one, opinion, judged_by_us)
        ours = one.reading.all_findings if judged_by_us else received.findings
        pairs = compare(ours, opinion.faults)
        agreed = tuple(pair for pair in pairs if pair.agreed)
        differences = tuple(
            Difference(pair, classify(pair, pairs, one=received, own_map=known.own))
            for pair in pairs
            if not pair.agreed
        )
        return Compared(one, opinion, judged_by_us, agreed, differences)

    def _map(self, one: ExaminedSet) -> Map | None:
        """Return the map to judge a set by.

        The one that pyx12 has for exactly what GS08 names, where that is more than a release; or
        our schema, with the guide that we judged it by.
        """
        group, validator = one.reading.group, one.validator
        if len(group.version) > PLACES or validator is None:
            own = self._engine.own_map(group, one.reading.transaction_set)
            if own is not None:
                return own
        if validator is None:
            return None
        rules = validator.rules if isinstance(validator, GuidedValidator) else ()
        return self._engine.map_of(validator.schema, rules)

    def ask(self, interchange: ExaminedInterchange) -> dict[int, Compared]:
        """Return what both engines say of each set, by its identity; set aside what does not count.

        Of what we have no schema for pyx12 may have a map: then that is no finding.
        """
        asked: dict[int, Compared] = {}
        for group in interchange.groups:
            for at, one in enumerate(group.sets):
                compared = self.compared(one)
                kept = [found for found in one.findings if found[0] not in compared.set_aside]
                group.sets[at] = replace(one, findings=kept)
                asked[id(group.sets[at])] = compared
        return asked
