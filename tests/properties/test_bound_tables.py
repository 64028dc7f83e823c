"""Maps that differ in what their tables say share code, which does what code of their own would.

For each map of ours, and for examples, two partners have other words for the codes of all tables.
What their readers and writers make of sets, whole and broken, is held against those of a map whose
plan has the very tables in it, and which shares nothing with anybody.
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache

import pytest
from hypothesis import HealthCheck, given, settings

from gateway import yaml_source
from gateway.canonical import KEYS
from gateway.config.maps import DEFAULT_VERSION, MapFile, find_maps, inherited
from gateway.config.schemas import document_schema, packaged_schemas
from gateway.errors import ConfigProblems
from gateway.mapping.compiled import CompiledMap
from gateway.mapping.grammar import TableSpec
from gateway.mapping.library import MapLibrary
from gateway.mapping.lifted import open_rule
from gateway.mapping.plan import Document
from gateway.mapping.ports import Node
from gateway.mapping.trace.traced_map import TracedMap
from gateway.x12.model import Delimiters
from gateway.yaml_source import Source
from tests.benchmarks.documents import BODIES, transaction_set
from tests.properties.test_rows import broken
from tests.properties.test_shared_plans import CHANGED, ROOT, overlays, packaged
from tests.x12_sets import of_segments, random_set, validator_of

SETS = 2
"""Of each map, one of them broken in a few places."""
MARKS = Delimiters()


def with_other_words(name: str, tables: Mapping[str, TableSpec], turn: int) -> Source:
    """Return an overlay whose tables have the codes and the words of others, paired otherwise."""
    changed: dict[str, object] = {}
    for table, spec in tables.items():
        codes, words = list(spec.codes), list(spec.codes.values())
        paired = dict(zip(codes, words[turn:] + words[:turn], strict=True))
        write = {word: code for code, word in paired.items()}
        changed[table] = {"codes": paired, "write": write}
    text = json.dumps({"map": f"{name}-{turn}", "extends": name, "tables": changed}, indent=1)
    return yaml_source.load(text, f"{name}-{turn}.map.yaml")


def against(name: str) -> tuple[str, str, str]:
    """Return the set of a map, its version, and the type of its documents."""
    files = packaged()
    set_id, document = inherited(name, "transaction_set", files), inherited(name, "document", files)
    return set_id or "", inherited(name, "version", files) or DEFAULT_VERSION, document or ""


def compiled(library: MapLibrary, name: str, about: tuple[str, str, str]) -> CompiledMap:
    """Compile a map against its set and its document."""
    schema = packaged_schemas().get(about[1], about[0])
    assert schema is not None
    return library.compile(name, schema.root, document_schema(about[2]))


def trees(name: str, about: tuple[str, str, str]) -> Iterator[Node]:
    """Yield sets, of which the first is whole, and for base maps one of many lines.

    Lines of one shape have code of their own, too, which partners share.
    """
    chance, (set_id, version, _) = random.Random(f"bound {name}"), about
    validator = validator_of(set_id, version)
    for number in range(SETS):
        one = random_set(chance, set_id, version=version)
        yield validator.parse(broken(chance, one.segments) if number else one).tree
    if name == f"base-{set_id}" and set_id in BODIES:
        yield validator.parse(of_segments(transaction_set(chance, set_id))).tree


def differing(made: CompiledMap, sets: Iterable[Node]) -> list[str]:
    """Say what a map does otherwise than one that shares nothing; nothing where all is the same."""
    alone, found = CompiledMap.of(made.plan), list[str]()
    for tree in sets:
        for read in (CompiledMap.read_row, CompiledMap.read_tree):
            if read(made, tree, MARKS) != read(alone, tree, MARKS):
                found.append(f"{made.name}: {read.__name__}")
        for document in made.read_tree(tree, MARKS).documents:
            found += [f"{made.name}: {one}" for one in _otherwise(made, alone, document)]
    return found


def _otherwise(made: CompiledMap, alone: CompiledMap, document: Document) -> Iterator[str]:
    for write in (CompiledMap.write_fast, CompiledMap.write):
        if write(made, document, MARKS) != write(alone, document, MARKS):
            yield write.__name__
    if made.kept(document) != alone.kept(document):
        yield "kept"


def tables_of_examples() -> Sequence[Source]:
    """Return the shared tables of the examples."""
    return find_maps(ROOT / "examples").tables


@cache
def with_partners() -> tuple[MapLibrary, Mapping[str, tuple[str, str]]]:
    """Return the maps with those of two partners, whose names stand by that of the map.

    Of the examples every third: their golden files are read and written by shared code as well.
    """
    sources, tables = [found.source for found in packaged().values()], tables_of_examples()
    library, made = MapLibrary(sources, tables, KEYS), dict[str, tuple[str, str]]()
    names = [one for one in library.names if all(against(one))]
    ours = [one for one in names if packaged()[one].packaged]
    for name in (*ours, *sorted(set(names) - set(ours))[::3]):
        known = library.resolve(name, against(name)[1]).tables
        own = {key: spec for key, spec in known.items() if spec.codes and not spec.rows}
        sources += [with_other_words(name, own, turn) for turn in (1, 2)]
        made[name] = (f"{name}-1", f"{name}-2")
    return MapLibrary(sources, tables, KEYS), made


def test_partners_with_other_codes_share_code_that_does_what_code_of_their_own_would() -> None:
    library, partners = with_partners()
    wrong, otherwise = list[str](), 0
    for name, of in partners.items():
        about = against(name)
        first, second = (compiled(library, one, about) for one in of)
        assert first.structure is second.structure
        sets = list(trees(name, about))
        wrong += differing(second, sets)
        read = [[one.read(tree, MARKS).documents for tree in sets] for one in (first, second)]
        otherwise += read[0] != read[1]
    assert wrong == []
    assert len(partners) > 25
    assert otherwise > 15, "the tables of the two say different things"


@settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(overlays())
def test_any_overlay_does_what_it_would_with_code_of_its_own(made: dict[str, MapFile]) -> None:
    bases = {name: packaged()[name] for name in ("base-common", "base-945", *CHANGED)}
    library = MapLibrary([one.source for one in (*bases.values(), *made.values())], keys=KEYS)
    for name in made:
        below = name
        while below in made:
            value = made[below].source.value
            below = str(value["extends"]) if isinstance(value, dict) else ""
        try:
            one = compiled(library, name, against(below))
        except ConfigProblems:
            continue
        assert differing(one, list(trees(name, against(below)))[:3]) == []


def test_what_a_partner_is_told_of_a_value_names_its_own_code() -> None:
    library, partners = with_partners()
    about = against("base-945")
    for name in partners["base-945"]:
        made = compiled(library, name, about)
        source = library.resolve(name, about[1]).source
        traced = TracedMap(made, source)
        for tree in trees("base-945", about):
            for document in made.read_tree(tree, MARKS).documents:
                alone = TracedMap(CompiledMap.of(made.plan), source)
                assert traced.write(document, MARKS) == alone.write(document, MARKS)


def test_code_for_all_maps_of_a_structure_cannot_ask_what_a_table_says() -> None:
    library, partners = with_partners()
    structure = compiled(library, partners["base-945"][0], against("base-945")).structure
    use = next(use for use in structure.uses if use.form.name == "unit")
    rule = open_rule(use)
    assert rule.codes is not None
    assert rule.read is not None
    said = "^what table 'unit' says is not known yet$"
    for ask in (rule.read, rule.codes.get, rule.codes.__getitem__, rule.codes.__contains__):
        with pytest.raises(TypeError, match=said):
            ask("CA")
    for look in (iter, len, bool, dict):
        with pytest.raises(TypeError, match=said):
            look(rule.codes)
