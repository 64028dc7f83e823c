"""What connectors bring to an instance, and where their faults are placed."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from gateway import config, resources
from gateway.errors import ConfigProblems
from tests.unit.config.instances import write
from tests.unit.config.test_broken import SOUND, G, R

BOOKS = "connectors/books/connector.yaml"
CONNECTOR = """\
connector: books
title: The books
destinations:
  books:
    type: http
    url: https://books.harbor.example/orders
    production: true
    attempts: 7
rules:
  - name: Orders to the books
    when: {document: order}
    to: books
"""


def test_its_destinations_and_rules_are_the_instance_s(tmp_path: Path) -> None:
    home = write(tmp_path, SOUND | {BOOKS: CONNECTOR})
    instance = config.load(home, {}, maps_too=False)
    assert sorted(instance.settings.destinations) == ["books", "erp", "erp-test"]
    assert [rule.name for rule in instance.routes.rules][-1] == "Orders to the books"


def test_what_gateway_yaml_says_of_a_destination_goes_before(tmp_path: Path) -> None:
    changed = SOUND[G].replace("destinations:\n", "destinations:\n  books: {attempts: 2}\n")
    home = write(tmp_path, SOUND | {G: changed, BOOKS: CONNECTOR})
    books = config.load(home, {}, maps_too=False).settings.destinations["books"]
    assert (books.attempts, str(books.url)) == (2, "https://books.harbor.example/orders")


def test_its_faults_are_told_once_and_of_its_own_file(tmp_path: Path) -> None:
    broken = CONNECTOR.replace("attempts: 7", "attempts: many").replace("to: books", "to: bokos")
    with pytest.raises(ConfigProblems) as refused:
        config.load(write(tmp_path, SOUND | {BOOKS: broken}), {}, maps_too=False)
    assert [str(one) for one in refused.value.problems] == [
        f"{BOOKS}:8:5: destinations.books.attempts: 'many' does not fit; expected a whole number"
    ]
    unknown = CONNECTOR.replace("to: books", "to: bokos")
    with pytest.raises(ConfigProblems) as refused:
        config.load(write(tmp_path, SOUND | {BOOKS: unknown}), {}, maps_too=False)
    assert [str(one) for one in refused.value.problems] == [
        f"{BOOKS}:12:5: rules[2].to: there is no destination 'bokos' (did you mean 'books'?)"
    ]


def test_what_is_missing_in_gateway_yaml_is_placed_there(tmp_path: Path) -> None:
    nobody = SOUND | {G: "owner: order-desk\n", BOOKS: CONNECTOR}
    with pytest.raises(ConfigProblems) as refused:
        config.load(write(tmp_path, nobody), {}, maps_too=False)
    told = [str(problem) for problem in refused.value.problems]
    assert told == [f"{G}:1:1: 'identities' is missing"]


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (
            CONNECTOR.replace("connector: books", "connector: ledger"),
            f"{BOOKS}:1:1: connector: 'ledger' lies in the folder 'books'; expected its name",
        ),
        (
            "connector: books\ntitle: The books\n",
            f"{BOOKS}:1:1: it brings nothing; expected 'destinations', 'rules' or 'next'",
        ),
        (
            CONNECTOR + "owner: me\n",
            f"{BOOKS}:13:1: owner: 'owner' is not a setting here",
        ),
    ],
)
def test_a_connector_that_is_none_is_refused(tmp_path: Path, text: str, sentence: str) -> None:
    with pytest.raises(ConfigProblems) as refused:
        config.load(write(tmp_path, SOUND | {BOOKS: text}), {}, maps_too=False)
    assert [str(one) for one in refused.value.problems] == [sentence]


def test_two_connectors_come_in_the_order_of_their_names(tmp_path: Path) -> None:
    other = CONNECTOR.replace("books", "accounts").replace("Orders to the", "Orders to")
    files = {BOOKS: CONNECTOR, BOOKS.replace("books", "accounts"): other}
    instance = config.load(write(tmp_path, SOUND | files), {}, maps_too=False)
    names = [rule.name for rule in instance.routes.rules]
    assert names[-2:] == ["Orders to accounts", "Orders to the books"]
    alone = config.load(write(tmp_path / "alone", SOUND), {}, maps_too=False)
    assert names[:-2] == [rule.name for rule in alone.routes.rules], f"those of {R} come first"


def test_a_rule_of_a_shipped_connector_never_takes_a_test_to_production(tmp_path: Path) -> None:
    shipped = resources.directory("connectors")
    rules = 0
    for file in sorted(shipped.glob("*/connector.yaml")):
        home = write(tmp_path / file.parent.name, SOUND)
        shutil.copytree(file.parent, home / "connectors" / file.parent.name)
        instance = config.load(home, maps_too=False, environment={})
        own = {one.name for one in config.load(write(tmp_path / "x", SOUND), {}).routes.rules}
        for rule in instance.routes.rules:
            if rule.name in own:
                continue
            rules += 1
            named = [instance.settings.destinations[name] for name in rule.destinations]
            assert all(one.production for one in named), rule.name
            assert rule.when.usage == ("P",), rule.name
    assert rules >= 5
