"""Writes a draft overlay out of samples: what certainly helps is active, the rest is a comment."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from gateway.cli.draft_hints import hints
from gateway.cli.maps_coverage import Coverage
from gateway.cli.sample_facts import Facts
from gateway.cli.terminal import printable
from gateway.config.maps import DEFAULT_VERSION
from gateway.counting import counted
from gateway.findings import Finding, FindingCode
from gateway.mapping.compiled import CompiledMap
from gateway.mapping.conversions import ConversionError, conversion
from gateway.mapping.library import ResolvedMap
from gateway.mapping.plan import FieldPlan, LeafPlan, ObjectPlan, PairPlan

_ALTERNATIVES: Mapping[str, tuple[str, ...]] = {
    "implied(2)": ("implied(2, point)",),
    "date": ("date(CCYYMMDD|YYMMDD)", "date(YYMMDD)"),
    "integer": ("[trim, integer]",),
    "decimal": ("[trim, decimal]",),
    "gtin14": ("[trim, gtin14]",),
    "sscc": ("[trim, sscc]",),
}
"""Conversions that take what others refuse."""

_CONSUMER = frozenset(
    {"UP", "UK", "EN", "UI", "UA", "EO", "UD", "LT", "ZZ", "SN", "B8", "PO", "PL", "BO", "CL", "IZ"}
    | {"SZ", "CH", "ND"}
)
"""Qualifiers of what stands in an item's pairs and is nobody's own number of it."""
_INDEX = re.compile(r"/[0-9]+(?=/|$)")
_EXAMPLES = 4


@dataclass(slots=True)
class Draft:
    """What the samples of one set come to under a base map."""

    base: str
    set_id: str
    compiled: CompiledMap
    resolved: ResolvedMap
    facts: Facts
    coverage: Coverage
    findings: Counter[tuple[str, FindingCode, str]] = field(default_factory=Counter)
    """By field without indexes, code and value."""
    filled: Counter[str] = field(default_factory=Counter)
    """Fields that had a value, and in how many documents."""

    def take(self, documents: Sequence[Mapping[str, object]], findings: Sequence[Finding]) -> None:
        """Take what the base map made of one set."""
        for one in findings:
            key = _INDEX.sub("[]", one.field or "").strip("/").replace("/", ".")
            self.findings[key, one.code, one.value or ""] += 1
        for document in documents:
            self.filled.update(set(_fields(document, "")))


def _fields(value: object, path: str) -> Iterator[str]:
    if isinstance(value, Mapping):
        for name, inner in value.items():
            yield from _fields(inner, f"{path}.{name}" if path else name)
    elif isinstance(value, list):
        for inner in value:
            yield from _fields(inner, f"{path}[]")
    else:
        yield path


def overlay_text(draft: Draft, partner: str) -> str:
    """Return the file of a draft overlay."""
    facts = draft.facts
    sets = counted(facts.sets, "set")
    lines = [
        f"# A draft of {partner}'s {draft.set_id}, made from {sets}. What stands in",
        "# comments is for a person to decide: `gateway maps coverage` says how far the map is.",
        f"map: {partner}-{draft.set_id}",
        f"extends: {draft.base}",
    ]
    if facts.schema.version != DEFAULT_VERSION:
        lines.append(f'version: "{facts.schema.version}"')
    active = dict(_active(draft))
    if active:
        lines += ["", "fields:", *_tree(active)]
    for title, found in _told(draft):
        if found:
            lines += ["", f"# {title}", *(f"#   {printable(one)}" for one in found)]
    return "\n".join(lines) + "\n"


def _active(draft: Draft) -> Iterator[tuple[str, tuple[str, str]]]:
    """Yield the fields that are changed: path, what is written, and why."""
    refused: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for (path, code, value), count in draft.findings.items():
        if code is FindingCode.VALUE_NOT_CONVERTIBLE:
            refused[path][value] += count
    for path, values in sorted(refused.items()):
        better = _better(_said(draft, path, "as"), list(values))
        if better:
            shown = ", ".join(printable(one) for one in list(values)[:_EXAMPLES])
            yield path, (f'{{as: "{better}"}}' if better[0] != "[" else f"{{as: {better}}}", shown)
    for plan in _plans(draft.compiled.plan.root):
        if isinstance(plan, PairPlan) and _has_entries(draft, plan.path):
            missed = _missed(draft.facts, plan)
            own = [(one, count) for one, count in missed.most_common() if one not in _CONSUMER]
            if own:
                best, count = own[0]
                seen = f"{best} ×{count:,}, none of {', '.join(plan.qualifiers)} beside it"
                yield plan.path, (f"{{qualifier: {_with(draft, plan, best)}}}", seen)


def _has_entries(draft: Draft, path: str) -> bool:
    """Say whether the samples came to an object that the field would stand in."""
    inside = f"{path.rpartition('.')[0]}."
    return inside == "." or any(one.startswith(inside) for one in draft.filled)


def _items(facts: Facts, plan: PairPlan) -> Iterator[tuple[frozenset[str], int]]:
    """Yield the item qualifiers in the very pairs that a field names, and how often."""
    step = plan.segment.segment
    places = {slot.qualifier for slot in plan.slots}
    for (tag, found), count in facts.items.items():
        if step is not None and tag == step.tag:
            yield frozenset(code for number, code in found if number in places), count


def _missed(facts: Facts, plan: PairPlan) -> Counter[str]:
    """Count the qualifiers of segments that give the field no value."""
    missed: Counter[str] = Counter()
    for codes, count in _items(facts, plan):
        if codes.isdisjoint(plan.qualifiers):
            missed.update({code: count for code in sorted(codes) if code.isalnum()})
    return missed


def _with(draft: Draft, plan: PairPlan, code: str) -> str:
    """Return a field's qualifiers with another: the first where none came, else before a UPC."""
    known = list(plan.qualifiers)
    at = 0
    if draft.filled[plan.path]:
        consumer = (index for index, one in enumerate(known) if one in _CONSUMER)
        at = next(consumer, len(known))
    return "|".join((*known[:at], code, *known[at:]))


def _better(conversion_now: str, values: list[str]) -> str:
    """Return a conversion that takes every value which the one of the base refuses."""
    for other in _ALTERNATIVES.get(conversion_now, ()):
        listed = other[0] == "["
        names = [one.strip() for one in other.strip("[]").split(",")] if listed else [other]
        if all(_takes(names, value) for value in values):
            return other
    return ""


def _takes(names: list[str], value: str) -> bool:
    made: object = value
    try:
        for name in names:
            made = conversion(name).read(str(made))
    except (ConversionError, ValueError):
        return False
    return True


def _said(draft: Draft, path: str, key: str) -> str:
    """Return what the base says of a field under a key, such as its conversion."""
    value: object = draft.resolved.source.value
    for name in path.replace("[]", "").split("."):
        fields = value.get("fields") if isinstance(value, dict) else None
        value = fields.get(name) if isinstance(fields, dict) else None
    said = value.get(key) if isinstance(value, dict) else None
    return said if isinstance(said, str) else ""


def _plans(plan: ObjectPlan) -> Iterator[FieldPlan]:
    for member in plan.fields:
        yield member
        if isinstance(member, ObjectPlan):
            yield from _plans(member)


def _tree(active: Mapping[str, tuple[str, str]]) -> Iterator[str]:
    """Write paths as the `fields:` of a map, each object once."""
    written: list[str] = []
    for path in sorted(active):
        text, why = active[path]
        *outer, name = path.replace("[]", "").split(".")
        same = 0
        while same < min(len(outer), len(written)) and outer[same] == written[same]:
            same += 1
        for depth in range(same, len(outer)):
            indent = "  " + "    " * depth
            yield f"{indent}{outer[depth]}:"
            yield f"{indent}  fields:"
        indent = "  " + "    " * len(outer)
        yield f"{indent}# seen: {why}"
        yield f"{indent}{name}: {text}"
        written = outer


def _told(draft: Draft) -> Iterator[tuple[str, list[str]]]:
    facts = draft.facts
    yield "What is often meant by what was seen:", list(hints(facts))
    yield (
        "Codes that the tables do not have, kept or refused: what do they mean?",
        codes_unknown(draft),
    )
    yield (
        "Not mapped, kept in `unmapped`:",
        [
            f"{one.place}  ×{one.count:,} in {counted(one.documents, 'set')}: {_shown(one.values)}"
            for one in draft.coverage.leftovers.values()
        ],
    )
    yield "Qualifiers of item numbers:", [_shown(facts.products)] if facts.products else []
    qualified = sorted(one for one in facts.places if "*" in one.rpartition("/")[2])
    yield (
        "Segments by qualifier:",
        [
            f"{one}  ×{facts.places[one].count:,} in {counted(facts.places[one].sets, 'set')}"
            for one in qualified
        ],
    )
    yield (
        "Codes that were used:",
        [
            f"{place}  {_shown(seen.values)}"
            for place, seen in facts.places.items()
            if seen.is_coded and "*" not in place
        ],
    )
    yield "Fields of the base map that no sample fills:", list(never_filled(draft))


def never_filled(draft: Draft) -> Iterator[str]:
    """Yield fields without a value; of an object without any, its name alone."""
    below: tuple[str, ...] = ()
    for plan in _plans(draft.compiled.plan.root):
        if below and plan.path.startswith(below):
            continue
        if isinstance(plan, ObjectPlan):
            inner = (f"{plan.path}.", f"{plan.path}[")
            if not any(path.startswith(inner) for path in draft.filled):
                below = inner
                yield plan.path
        elif isinstance(plan, LeafPlan) and plan.target and not draft.filled[plan.path]:
            yield f"{plan.path}  ({plan.target.text})"


def codes_unknown(draft: Draft) -> list[str]:
    """Return the codes that tables kept or refused, each with the line to write."""
    wanted = (FindingCode.WORD_KEPT, FindingCode.CODE_NOT_IN_TABLE)
    return [
        f"{path}: '{value}' in {counted(count, 'set')}; "
        f"`tables: {{{table}: {{codes: {{{value}: …}}}}}}`"
        for (path, code, value), count in sorted(draft.findings.items())
        if code in wanted and (table := _said(draft, path, "table"))
    ]


def _shown(values: Counter[str]) -> str:
    text = ", ".join(f"{value} ×{count:,}" for value, count in values.most_common(_EXAMPLES))
    return text + (", …" if len(values) > _EXAMPLES else "")
