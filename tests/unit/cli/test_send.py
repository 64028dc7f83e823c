"""`gateway send`, `outbound` and `control-numbers` on an instance, as people type them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from gateway import resources
from gateway.cli.init import write_instance
from tests.unit.cli.test_validate import run

SAMPLE = resources.directory("samples") / "outbound" / "northstar-3pl" / "940-two-lamps.json"


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("send") / "edi"
    write_instance(home)
    return home


@pytest.fixture
def home(template: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give the instance with a new database, as the current folder."""
    for file in template.glob("state/*"):
        if file.is_file():
            file.unlink()
    monkeypatch.chdir(template)
    return template


def send(*words: str) -> tuple[int, str, str]:
    return run("send", str(SAMPLE), "--partner", "northstar-3pl", *words)


def sent() -> dict[str, Any]:
    code, out, said = send("--json")
    assert (code, said) == (0, "")
    answer = json.loads(out)
    assert isinstance(answer, dict)
    return answer


def listed() -> dict[str, Any]:
    code, out, _ = run("outbound", "list", "--json")
    assert code == 0
    found = json.loads(out)
    assert isinstance(found, dict)
    return found


@pytest.mark.usefixtures("home")
def test_a_dry_run_prints_the_x12_and_keeps_nothing() -> None:
    code, out, said = send("--dry-run")
    assert (code, said) == (0, "")
    assert out.startswith("ISA*00*")
    assert out.endswith("IEA*1*000000001~\n")
    assert "ST*940*0001~W05*N*HG-200431*PO-88134~" in out
    assert listed() == {"holds": [], "waiting": [], "acknowledgments": [], "interchanges": []}


@pytest.mark.usefixtures("home")
def test_a_document_is_sent_once_and_says_under_which_numbers() -> None:
    code, out, said = send()
    assert (code, said) == (0, "")
    assert out.endswith("enveloped: goes out as 940_000007000.edi, interchange 000007000\n")
    code, out, _ = send()
    assert code == 0
    assert out.endswith("interchange 000007000 (it was submitted before: nothing was done)\n")
    assert [one["control_number"] for one in listed()["interchanges"]] == ["000007000"]


def test_a_document_that_is_not_fit_to_leave_exits_1_and_says_why(home: Path) -> None:
    order = json.loads(SAMPLE.read_text("utf-8")) | {"gift": True}
    (home / "gift.json").write_text(json.dumps([order]), "utf-8")
    code, out, said = run("send", "gift.json", "--partner", "northstar-3pl")
    assert code == 1
    assert out.endswith("quarantined: is not fit to leave\n")
    assert said == "  because /gift: the map has no position for it\n"
    code, out, said = run("send", "gift.json", "--partner", "northstar-3pl", "--dry-run")
    assert code == 1
    assert said.endswith("error: it would not leave: /gift: the map has no position for it\n")


@pytest.mark.usefixtures("home")
@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("[]", "holds no document: expected one JSON object"),
        ("nothing", "is not well-formed JSON: "),
        ("{}", "this is no canonical document: /document: expected one of "),
    ],
)
def test_what_is_no_document_is_refused_in_a_sentence(content: str, said: str, home: Path) -> None:
    (home / "wrong.json").write_text(content, "utf-8")
    code, _, error = run("send", "wrong.json", "--partner", "northstar-3pl")
    assert code == 2
    assert said in error


@pytest.mark.usefixtures("home")
def test_a_partner_is_held_and_released() -> None:
    held = run("outbound", "hold", "--partner", "northstar-3pl", "--because", "dock closed")
    assert held[0] == 0
    assert sent()["state"] == "waiting"
    found = listed()
    assert [(one["partner"], one["because"]) for one in found["holds"]] == [
        ("northstar-3pl", "dock closed")
    ]
    assert [one["state"] for one in found["waiting"]] == ["waiting"]
    code, out, said = run("outbound", "list")
    assert code == 0
    assert "northstar-3pl is held since" in said
    assert "waiting" in out
    assert "when released" in out
    assert "northstar-3pl is held: dock closed" in " ".join(out.split())
    id_ = listed()["waiting"][0]["document_id"]
    _, shown, _ = run("documents", "show", id_)
    assert "Waits for an interchange: waiting: northstar-3pl is held: dock closed" in shown
    assert "  goes out when released\n" in shown
    assert send("--key", "another")[1].endswith(
        "waiting: waits, since northstar-3pl is held (dock closed); "
        "`gateway outbound release --partner northstar-3pl` lets it go\n"
    )
    assert run("outbound", "release", "--partner", "northstar-3pl")[0] == 0
    assert listed()["holds"] == []


@pytest.mark.usefixtures("home")
def test_a_document_is_held_shown_released_and_given_up() -> None:
    code, out, _ = send("--hold", "check the address", "--json")
    submitted = json.loads(out)
    assert (code, submitted["state"]) == (0, "held")
    id_ = submitted["document"][:8]
    _, shown, _ = run("documents", "show", id_)
    assert "Waits for an interchange: held: check the address" in shown
    assert "numbers        none yet" in shown
    assert run("outbound", "release", id_)[1] == f"✓ {id_} goes out when it is due\n"
    assert run("outbound", "hold", id_, "--because", "no")[1] == (
        f"✓ {id_} waits for you to release it\n"
    )
    assert run("outbound", "refuse", id_, "--because", "sold out")[1] == (
        f"✓ {id_} is given up: it never leaves\n"
    )
    assert listed()["waiting"] == []


@pytest.mark.usefixtures("home")
def test_an_interchange_is_shown_with_its_documents_and_its_bytes() -> None:
    answer = sent()
    code, out, _ = run("outbound", "show", answer["outgoing"][:8])
    assert code == 0
    assert f"940 group 7000, set 0001: document {answer['document']}" in out
    assert "  W05*N*HG-200431*PO-88134" in out
    assert "997, once it was sent" in out
    _, raw, _ = run("outbound", "show", answer["outgoing"], "--raw")
    assert raw.startswith("ISA*00*")
    _, whole, _ = run("outbound", "show", answer["outgoing"], "--json")
    assert [one["document_id"] for one in json.loads(whole)["sets"]] == [answer["document"]]


@pytest.mark.usefixtures("home")
def test_a_document_of_ours_is_listed_and_shown_like_any_other() -> None:
    answer = sent()
    _, out, _ = run("documents", "list", "--direction", "out", "--json")
    [listed_] = json.loads(out)
    assert (listed_["id"], listed_["file"]) == (answer["document"], SAMPLE.name)
    assert json.loads(run("documents", "list", "--direction", "in", "--json")[1]) == []
    _, shown, _ = run("documents", "show", answer["document"])
    assert "Goes out in 940_000007000.edi: due" in shown
    assert "numbers        interchange 000007000, group 7000, set 0001" in shown
    assert "As sent\n  ST*940*0001\n" in shown
    _, raw, _ = run("documents", "show", answer["document"], "--raw")
    assert raw.startswith("ST*940*0001~")
    code, out, _ = run("documents", "retranslate", answer["document"])
    assert code == 1
    assert "is ours: `gateway outbound rewrite` writes it anew" in out


@pytest.mark.usefixtures("home")
def test_nothing_is_sent_again_that_is_on_its_way() -> None:
    answer = sent()
    for command in ("resend", "rewrite"):
        code, out, _ = run("outbound", command, answer["document"])
        assert (code, out) == (0, f"– {answer['document'][:8]} is on its way already\n")


@pytest.mark.usefixtures("home")
@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("show", "ffff"), "error: no interchange's id begins with 'ffff', or several do\n"),
        (("resend", "ffff"), "error: no interchange's id begins with 'ffff', or several do\n"),
        (
            ("rewrite", "ffff"),
            "error: no document's id begins with 'ffff', or several do; "
            "by its number: gateway documents list --key ffff\n",
        ),
        (("release",), "error: expected ids of documents, or --partner\n"),
    ],
)
def test_what_is_not_there_is_said_in_a_sentence(words: tuple[str, ...], said: str) -> None:
    code, _, error = run("outbound", *words)
    assert code in (1, 2)
    assert error == said


ISA = "isa:ZZ/HARBORGOODS>ZZ/NORTHSTAR"


@pytest.mark.usefixtures("home")
def test_control_numbers_are_shown_set_and_bumped() -> None:
    of = ("--partner", "northstar-3pl", "--level", "interchange", "--because", "as agreed")
    code, _, said = run("control-numbers", "set", "7500", *of)
    assert (code, said) == (0, f"{ISA} goes on with 7500\n")
    code, _, said = run("control-numbers", "bump", "--by", "10", *of)
    assert (code, said) == (0, f"{ISA} goes on with 7510\n")
    code, _, said = run("control-numbers", "set", "7000", *of)
    assert code == 2
    assert said.startswith(f"error: {ISA} is at 7510 already: numbers from 7000 on")
    assert run("control-numbers", "set", "7000", "--force", *of)[0] == 0
    code, out, _ = run("control-numbers", "show", "--partner", "northstar-3pl", "--json")
    assert code == 0
    shown = json.loads(out)
    assert [(one["series"], one["next"]) for one in shown["sequences"]] == [
        (ISA, 7000),
        ("gs:HARBORGOODS>NORTHSTARWH:FA", 7000),
        ("gs:HARBORGOODS>NORTHSTARWH:OW", 7000),
        ("st:HARBORGOODS>NORTHSTARWH:940", 1),
    ]
    assert [(one["verb"], one["detail"]) for one in shown["changes"]] == [
        ("set", "7000 → 7500: as agreed"),
        ("set", "7500 → 7510: as agreed"),
        ("set_back", "7510 → 7000: as agreed"),
    ]
    _, out, _ = run("control-numbers", "show")
    assert "none taken yet" in out
