"""`gateway guides`: the list, and the page that a partner is sent; `gateway validate --partner`."""

from __future__ import annotations

import json
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path

import pytest

from gateway import resources
from gateway.cli.init import write_instance
from tests.unit.cli.test_instance import run_once
from tests.unit.cli.test_validate import run

SHOWN = Path(__file__).parent / "shown"
SAMPLE = resources.directory("samples") / "northstar-3pl" / "945-counts-wrong.edi"
Golden = Callable[[Path, bytes], None]


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("instance")
    write_instance(folder)
    return folder


def show(home: Path, *arguments: str) -> str:
    code, out, _ = run("guides", "show", *arguments, "--home", home)
    assert code == 0
    return out


def test_the_list_names_guides_and_the_agreements_that_they_hold_for(home: Path) -> None:
    code, out, _ = run("guides", "list", "--json", "--home", home)
    assert code == 0
    [row] = json.loads(out)
    assert (row["partner"], row["guide"], row["set"]) == ("northstar-3pl", "945", "945")
    assert (row["agreement"], row["rules"]) == ("in 945 004010", ["w03_totals"])
    assert "What Harbor Goods needs to know" in run("guides", "list", "--home", home)[1]


def test_the_page_that_a_partner_is_sent(home: Path, golden: Golden) -> None:
    golden(SHOWN / "guide-945.md", show(home, "northstar-3pl", "945").encode())
    golden(SHOWN / "guide-945.html", show(home, "northstar-3pl", "945", "--html").encode())


def test_a_set_without_a_guide_is_shown_as_the_standard_has_it(home: Path) -> None:
    code, out, err = run("guides", "show", "bluebird-retail", "856", "--home", home)
    assert code == 0
    assert err == "out 856 004010 names no guide: this is the standard alone.\n"
    assert "`HL` loop | Hierarchical Level | **required** | 200000" in out
    assert "| separators | `* > ~` |" in out
    assert "besides" not in out


def test_all_of_the_standard_is_shown_where_it_is_asked_for(home: Path) -> None:
    assert "### `LX/W12/LS/LX/N9`" not in show(home, "northstar-3pl", "945")
    assert "### `LX/W12/LS/LX/N9`" in show(home, "northstar-3pl", "945", "--all")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["nobody", "945"],
         "there is no partner 'nobody'; there are bluebird-retail, northstar-3pl, "
         "tidewater-supply"),
        (["northstar-3pl", "850"],
         "no agreement with 'northstar-3pl' is on 850; agreed is in 945 004010, in 856 004010, "
         "in 810 004010, out 940 004010UCS"),
        (["northstar-3pl", "945", "--direction", "out"],
         "no agreement with 'northstar-3pl' is on out 945; agreed is in 945 004010, "
         "in 856 004010, in 810 004010, out 940 004010UCS"),
    ],
)  # fmt: skip
def test_what_was_not_agreed_on_is_told(home: Path, arguments: list[str], said: str) -> None:
    code, _, err = run("guides", "show", *arguments, "--home", home)
    assert (code, err) == (2, f"error: {said}\n")


class _Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: set[str] = set()
        self.addresses: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.add(tag)
        self.addresses += [value or "" for name, value in attrs if name in ("src", "href")]


def test_whatever_a_guide_says_stays_text(tmp_path: Path) -> None:
    write_instance(tmp_path)
    guide = tmp_path / "partners/northstar-3pl/guides/945.yaml"
    evil = "<script>alert(1)</script> | {{ 7 * 7 }} `x` [a](http://b)"
    guide.write_text(
        f'set: \'945\'\ntitle: "{evil}"\nnotes: "{evil}"\nplaces:\n'
        f"  W0602: {{note: \"{evil}\", codes: {{'<b>': '<i>'}}, pattern: '<u>'}}\n"
        f'  N1*ST: {{note: "{evil}", use: required}}\n'
        f'examples: [{{title: "{evil}", segments: "{evil}"}}]\n'
    )
    tags = _Tags()
    page = show(tmp_path, "northstar-3pl", "945", "--html")
    tags.feed(page)
    assert tags.found.isdisjoint({"script", "i", "u", "img", "link"})
    assert all(address.startswith("#") for address in tags.addresses)
    assert "49" not in page
    text = show(tmp_path, "northstar-3pl", "945")
    assert "\\<script\\>alert(1)" in text
    assert "\\[a\\](http" in text


def test_a_file_is_held_to_a_partners_guide(home: Path, tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.edi"
    wrong.write_bytes(
        SAMPLE.read_bytes()
        .replace(b"NORTHSTAR ", b"SOMEBODY  ")
        .replace(b"NS-HG-200418", b"SO-1")
        .replace(b"W03*10", b"W03*11")
    )
    code, out, _ = run("validate", wrong, "--partner", "northstar-3pl", "--home", home)
    assert code == 1
    rule = "northstar-3pl's guide for 945, partners/northstar-3pl/guides/945.yaml"
    assert (
        "W0602, segment 2, byte 187  pattern differs: expected what fits NS-HG-[0-9]{6} "
        f"(rule W0602 of {rule}:10), found 'SO-1'\n" in out
    )
    assert (
        "W0301, segment 7, byte 303  control total wrong: expected 10, the sum of W1203 "
        f"(rule w03_totals of {rule}:31), found '11'  (noted: accepted by agreement; the document "
        "waits for a person)\n" in out
    )
    _, out, _ = run("validate", wrong, "--partner", "northstar-3pl", "--home", home, "--json")
    [interchange] = json.loads(out)[0]["interchanges"]
    rules = [one["rule"] for one in interchange["groups"][0]["transaction_sets"][0]["findings"]]
    assert rules[0] is None
    assert rules[1] == {
        "name": "W0602",
        "guide": "northstar-3pl's guide for 945",
        "file": "partners/northstar-3pl/guides/945.yaml",
        "line": 10,
    }


def test_what_we_send_is_held_to_what_was_agreed_on_sending(home: Path, tmp_path: Path) -> None:
    ours = resources.directory("samples") / "outbound/northstar-3pl/940-two-lamps.x12"
    code, out, _ = run("validate", ours, "--partner", "northstar-3pl", "--home", home)
    assert code == 0, out


def test_a_partner_that_is_not_there_and_no_instance(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert run("validate", SAMPLE, "--partner", "nobody", "--home", home)[::2] == (
        2,
        "error: there is no partner 'nobody'; there are bluebird-retail, northstar-3pl, "
        "tidewater-supply\n",
    )
    assert run("validate", SAMPLE, "--partner", "northstar-3pl")[::2] == (
        2,
        "error: whose agreements? Name the instance with `--home DIR`\n",
    )


def test_what_a_guide_holds_is_shown_with_what_to_do_and_released(tmp_path: Path) -> None:
    home = tmp_path / "instance"
    write_instance(home, stable_for="50ms")
    wrong = SAMPLE.read_bytes().replace(b"W03*10", b"W03*11")
    (home / "sftp_inbox/northstar-3pl/in/wrong.edi").write_bytes(wrong)
    assert run_once(home)[0] == 0
    _, out, _ = run("quarantine", "list", "--json", "--home", home)
    [held] = json.loads(out)
    assert (held["kind"], held["code"], held["owner"]) == (
        "document",
        "held_by_guide",
        "warehouse-desk@harbor.example",
    )
    _, out, _ = run("quarantine", "show", held["id"][:8], "--home", home)
    assert (
        "held_by_guide: W0301: expected 10, the sum of W1203 (rule w03_totals of northstar-3pl's "
        "guide for 945, partners/northstar-3pl/guides/945.yaml:31)\n" in out
    )
    assert "next: release it to deliver it all the same; or refuse it" in out
    _, out, _ = run("documents", "show", held["id"][:8], "--home", home)
    assert f"next: gateway quarantine release {held['id'][:8]}, or refuse" in out
    code, out, _ = run("quarantine", "release", held["id"][:8], "--home", home)
    assert (code, "would" in out) == (0, False)
    _, out, _ = run("documents", "list", "--json", "--home", home)
    assert [one["delivery"] for one in json.loads(out)] == ["pending"]
