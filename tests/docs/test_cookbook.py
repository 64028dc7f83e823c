"""Every recipe of docs/cookbook.md reads its X12 into its document, and writes it back."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

from gateway import resources
from gateway.canonical import KEYS
from gateway.cli.map_tests import x12
from gateway.config.maps import find_maps
from gateway.config.schemas import document_schema, packaged_schemas
from gateway.mapping.compiled import CompiledMap
from gateway.mapping.library import MapLibrary
from gateway.partners import Partner
from gateway.yaml_source import load

PAGE = (Path(__file__).parents[2] / "docs" / "cookbook.md").read_text("utf-8")
RECIPE = re.compile(r"^## (\d+)\. (.+?)$(.*?)(?=^## |\Z)", re.MULTILINE | re.DOTALL)
OF_THE_PARTNER = 18
AGREEMENTS = [{"set": "945", "direction": "in", "map": "base-945"}]


@dataclass(frozen=True)
class Recipe:
    number: int
    text: str

    def block(self, language: str) -> str:
        found = re.search(rf"^```{language}\n(.*?)^```$", self.text, re.MULTILINE | re.DOTALL)
        assert found is not None, f"recipe {self.number} has no {language}"
        return found[1]


RECIPES = {int(number): Recipe(int(number), text) for number, _, text in RECIPE.findall(PAGE)}
EXAMPLES = [
    Recipe(number, text)
    for number, recipe in RECIPES.items()
    for text in re.split(r"^(?=```yaml\n)", recipe.text, flags=re.MULTILINE)[1:]
    if number != OF_THE_PARTNER
]
"""Many recipes have one example, some have several: each a map, what it reads, and into what."""


@cache
def base_maps() -> tuple[tuple[str, str], ...]:
    files = find_maps(resources.directory("schemas")).files
    return tuple((one.path.read_text("utf-8"), one.source.file) for one in files.values())


def compiled(recipe: Recipe) -> tuple[CompiledMap, str]:
    body = recipe.block("yaml")
    base = re.match(r"# over (base-(\d+))\n", body)
    assert base is not None, "the first line names the base map"
    own = load(f"map: recipe\nextends: {base[1]}\n{body}", "recipe.map.yaml")
    library = MapLibrary([*(load(text, file) for text, file in base_maps()), own], keys=KEYS)
    schema = packaged_schemas().get("004010", base[2])
    document = library.resolve("recipe").spec.document
    assert schema is not None
    assert document is not None
    return library.compile("recipe", schema.root, document_schema(document)), base[2]


def test_there_is_a_recipe_for_each_deviation() -> None:
    assert list(RECIPES) == list(range(18, 43))


def test_the_identities_are_what_a_partner_file_takes() -> None:
    body = load(RECIPES[OF_THE_PARTNER].block("yaml"), "acme.yaml").value
    assert isinstance(body, dict)
    partner = Partner.model_validate(
        {"partner": "acme", "name": "Acme", "agreements": AGREEMENTS, **body}
    )
    assert [one.key for one in partner.identities] == [("02", "ACMX"), ("2", "acmx")]


@pytest.mark.parametrize("recipe", EXAMPLES, ids=lambda recipe: str(recipe.number))
def test_a_recipe_reads_and_writes_what_it_shows(recipe: Recipe) -> None:
    made, set_id = compiled(recipe)
    schema = packaged_schemas().get("004010", set_id)
    assert schema is not None
    syntax = x12(schema)
    tree = syntax.parse(recipe.block("x12"))
    reading = made.read(tree, syntax.delimiters)
    assert reading.findings == []
    expected = json.loads(recipe.block("json"))
    wanted = expected if isinstance(expected, list) else [expected]
    assert [says(one, two) for one, two in zip(wanted, reading.documents, strict=True)] == wanted
    documents = reading.documents
    whole = made.merge(documents) if len(documents) > 1 else documents[0]
    assert "unmapped" not in whole
    written = syntax.serialise(made.write(whole, syntax.delimiters).tree)
    totals = ("W76", "W03", "CTT")
    assert [one for one in written if not one.startswith(totals)] == syntax.serialise(tree)


def says(expected: object, found: object) -> object:
    """Return what is found of what is expected, and leave out what is not asked for."""
    if isinstance(expected, dict) and isinstance(found, dict):
        return {name: says(one, found.get(name)) for name, one in expected.items()}
    if isinstance(expected, list) and isinstance(found, list):
        return [says(one, two) for one, two in zip(expected, found, strict=False)]
    return found
