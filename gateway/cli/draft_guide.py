"""Writes a draft guide out of samples: what every one of them has, how long it is, which codes."""

from __future__ import annotations

import json
from collections.abc import Iterator

from gateway.cli.sample_facts import Facts, Seen
from gateway.counting import counted

_ENOUGH = 3
"""Samples from which on what all of them have is taken for a habit."""
_MOST_CODES = 8


def guide_text(facts: Facts, partner: str) -> str:
    """Return the file of a draft guide."""
    sets = counted(facts.sets, "set")
    lines = [
        f"# A draft of what {partner} and we agree on, made from {sets}; what stands in comments",
        "# is for a person to decide. An agreement asks it with `guide:` (docs/guides.md).",
        f'set: "{facts.schema.set_id}"',
        f"title: What {partner} sends",
    ]
    active = [line for place, seen in facts.places.items() for line in _place(facts, place, seen)]
    lines += ["places:", *active] if active else []
    always = list(_always(facts))
    if always:
        lines += ["# In every sample; candidates for `use: required`:"]
        lines += [f"#   {place}: {{use: required}}" for place in always]
    lengths = [
        f"#   {place}  {seen.shortest}/{seen.longest} of {seen.use.minimum}/{seen.use.maximum}"
        for place, seen in facts.places.items()
        if seen.use is not None and not seen.is_coded
    ]
    lines += ["# Lengths that were seen, of those that the standard allows:", *lengths]
    return "\n".join(lines) + "\n"


def _place(facts: Facts, place: str, seen: Seen) -> Iterator[str]:
    """Yield what is agreed on by the samples alone: codes that the standard does not have."""
    strange = [one for one in seen.strange if one.isprintable() and one.strip() == one]
    if strange and "*" not in place:
        codes = "{" + ", ".join(f'{json.dumps(one)}: ""' for one in strange) + "}"
        counted = ", ".join(f"{one} ×{seen.values[one]:,}" for one in strange)
        yield f"  {place}: {{more_codes: {codes}, loosen: true}}  # {counted}"


def _always(facts: Facts) -> Iterator[str]:
    if facts.sets < _ENOUGH:
        return
    for place, seen in facts.places.items():
        asked = seen.use is not None and seen.use.requirement == "M"
        if seen.sets == facts.sets and not asked and place.count("/") <= ("*" in place):
            yield place
