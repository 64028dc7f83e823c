"""What docs/canonical.md shows and promises is what documents and their schemas say."""

from __future__ import annotations

import json
from pathlib import Path
from typing import get_type_hints

import pytest

from gateway import resources
from gateway.canonical import DOCUMENTS, X12_SET, check, schema_file, schema_file_name
from gateway.canonical.envelope import Meta

PAGE = (Path(__file__).parents[2] / "docs" / "canonical.md").read_text(encoding="utf-8")
EXAMPLE = json.loads(PAGE.split("## What every document has")[1].split("```")[1][len("json\n") :])


def test_the_example_shows_every_field_of_meta() -> None:
    assert list(EXAMPLE["meta"]) == list(get_type_hints(Meta))
    assert [pointer for pointer, _ in check(EXAMPLE) if pointer.startswith("/meta")] == []


@pytest.mark.parametrize("document", DOCUMENTS)
def test_a_published_schema_lets_fields_be_added_as_the_page_promises(document: str) -> None:
    published = resources.directory("schemas") / "canonical" / schema_file_name(document)
    text = published.read_bytes()
    assert text == schema_file(document)
    assert b'"additionalProperties": false' not in text
    assert "fields are added, never renamed or removed" in PAGE
    assert ("/nonsense", "there is no such field here") in check(
        {"document": document, "version": "1.0", "nonsense": "x"}
    )


def test_the_example_of_a_set_without_a_map_is_one() -> None:
    section = PAGE.split("## A set without a map")[1]
    example = json.loads(section.split("```")[1][len("json\n") :])
    assert check(example) == []
    assert {key for one in example["segments"] for key in one} == {"loop", "segment", "elements"}


@pytest.mark.parametrize("document", [name for name in DOCUMENTS if name != X12_SET])
def test_the_page_lists_each_document_with_the_keys_that_people_search_by(document: str) -> None:
    row = next(line for line in PAGE.splitlines() if line.startswith(f"| `{document}` |"))
    keys = ", ".join(f"`{key}`" for key in DOCUMENTS[document].business_keys)
    assert row.endswith(f"| {keys} |")
