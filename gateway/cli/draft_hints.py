"""What partners often mean by deviating so: what a person who has seen many would look at first."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from gateway.cli.sample_facts import Facts, Seen

_UPC = "438"
"""The element of a UPC that stands by itself, without a qualifier."""
_PARTY = {"ST": "ship_to", "SF": "ship_from"}
_INSTEAD = (
    ("ST", "CN", "the consignee"),
    ("SF", "DE", "the depositor"),
    ("SF", "WH", "a warehouse"),
)


@dataclass(frozen=True, slots=True)
class _Looked:
    """Places by what stands in them."""

    facts: Facts

    def count(self, tag: str, qualifier: str) -> int:
        """Return how often a segment with a qualifier stood anywhere."""
        wanted = f"{tag}*{qualifier}"
        places = self.facts.places.items()
        return sum(seen.count for place, seen in places if place.rpartition("/")[2] == wanted)

    def elements(self, matches: Callable[[Seen], bool]) -> Iterator[tuple[str, Seen]]:
        """Yield the elements that match."""
        for place, seen in self.facts.places.items():
            if seen.use is not None and matches(seen):
                yield place, seen


def hints(facts: Facts) -> Iterator[str]:
    """Yield a sentence for each habit that the samples show."""
    looked = _Looked(facts)
    yield from _parties(looked)
    yield from _references(looked)
    yield from _products(looked)
    for place, seen in looked.elements(lambda one: bool(one.strange)):
        codes = ", ".join(f"{one} ×{seen.values[one]:,}" for one in seen.strange)
        yield f"{place} has codes that the standard does not: {codes}; the draft guide takes them"


def _parties(looked: _Looked) -> Iterator[str]:
    for usual, other, called in _INSTEAD:
        if looked.count("N1", other) and not looked.count("N1", usual):
            word = _PARTY[usual]
            table = f"{{codes: {{{other}: {word}}}, write: {{{word}: {other}}}}}"
            yield (
                f"N1*{other} ({called}) comes and N1*{usual} never: where both mean the same, "
                f"`tables: {{party_role: {table}}}`"
            )


def _references(looked: _Looked) -> Iterator[str]:
    for tag in ("N9", "REF"):
        if looked.count(tag, "2I") and looked.count(tag, "CN"):
            yield (
                f"{tag}*CN and {tag}*2I both come: to most, CN is the carrier's PRO and 2I a "
                "parcel; to some the other way round"
            )
        if looked.facts.schema.set_id in ("945", "856") and not looked.count(tag, "BM"):
            used = any(
                place.rpartition("/")[2].startswith(f"{tag}*") for place in looked.facts.places
            )
            if used:
                yield f"{tag}*BM, the bill of lading, never comes: look for it in another place"
    if looked.count("MAN", "AI"):
        yield "MAN*AI carries a bar code with its identifier, such as 00 before an SSCC: `sscc(00)`"


def _products(looked: _Looked) -> Iterator[str]:
    for place, seen in looked.elements(lambda one: one.use is not None and one.use.number == _UPC):
        yield (
            f"{place} is a UPC without a qualifier, ×{seen.count:,}: in pairs it is written "
            f"`UPC={place.rpartition('/')[2]}`"
        )
