"""Commands used wrongly: exit 2 and one sentence, whatever is missing, broken or misspelled."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from gateway.cli.init import write_instance
from tests.hostile.instance import GATEWAY
from tests.hostile.payloads import good
from tests.unit.cli.test_validate import run

TRANSLATE = ("translate", "--map", "base-940")
READING = [("validate",), ("ack",), ("split",), TRANSLATE]
ON_A_FILE = [*READING, ("format",)]
"""`format` refuses nothing that can be read, X12 or not."""
ON_FOLDERS = [("validate",), ("explain",), ("repair", "--dry-run")]
ON_AN_INSTANCE = [
    ("check",),
    ("run", "--once"),
    ("documents", "list"),
    ("documents", "show", "x"),
    ("documents", "retranslate", "--failed"),
    ("documents", "redeliver", "x"),
    ("quarantine", "list"),
    ("quarantine", "release", "x"),
    ("quarantine", "refuse", "x", "--because", "y"),
    ("maps", "list"),
    ("maps", "show", "base-940"),
    ("maps", "test"),
]


@pytest.fixture(scope="module")
def instance(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("misuse") / "instance"
    write_instance(home)
    return home


def refused(*words: object, stdin: bytes = b"") -> str:
    """Run a command that cannot be; return the one sentence that it says."""
    code, out, err = run(*words, stdin=stdin)
    assert code == 2, (out, err)
    assert "Traceback" not in out + err
    said = err.strip()
    assert said
    assert out == "" or words[0] == "validate"
    return said


@pytest.mark.parametrize("command", ON_A_FILE)
@pytest.mark.parametrize(
    ("name", "reason"),
    [("missing.edi", "No such file or directory"), (".", "Is a directory"), ("a\0b", "null")],
)
def test_a_file_that_cannot_be_read_is_named_with_the_reason(
    command: tuple[str, ...], name: str, reason: str, tmp_path: Path
) -> None:
    path = f"{tmp_path}/{name}"
    said = refused(command[0], path, *command[1:])
    if name == "." and command in ON_FOLDERS:
        nothing = "no file below it ends in .edi or .x12 or begins with ISA"
        assert said == f"error: {path} holds no X12: {nothing}"
        return
    assert f"{path} cannot be read: " in said
    assert reason in said
    assert len(said.splitlines()) == 1


@pytest.mark.parametrize("command", ON_FOLDERS)
@pytest.mark.parametrize(
    ("name", "reason"), [("missing.edi", "No such file or directory"), ("a\0b", "null")]
)
def test_one_of_several_files_that_cannot_be_read_is_named_with_the_reason(
    command: tuple[str, ...], name: str, reason: str, tmp_path: Path
) -> None:
    sound = tmp_path / "sound.edi"
    sound.write_bytes(good(1))
    path = f"{tmp_path}/{name}"
    code, out, err = run(command[0], path, sound, *command[1:])
    assert code == 2
    assert "sound.edi" in out
    said = err.strip().splitlines()[-1]
    assert said.startswith(f"✗ {path} cannot be read: ") or f" {path} cannot be read: " in said
    assert reason in said


@pytest.mark.parametrize("command", READING)
def test_an_empty_standard_input_is_told_as_such(command: tuple[str, ...]) -> None:
    said = refused(command[0], "-", *command[1:], stdin=b"")
    assert said.endswith("The payload is empty: expected an ISA segment.")


@pytest.mark.parametrize("command", ON_AN_INSTANCE)
def test_a_home_that_is_missing_or_a_file_or_holds_no_instance_is_refused(
    command: tuple[str, ...], tmp_path: Path
) -> None:
    nowhere = tmp_path / "nowhere"
    for home in (nowhere, tmp_path):
        said = f"there is no gateway.yaml in {home}; `gateway init` makes an instance"
        code, out, err = run(*command, "--home", home)
        assert (code, out) == (2, "")
        assert err.strip().endswith(f"gateway.yaml:1:1: {said}")
    file = tmp_path / "file"
    file.touch()
    assert "is a file" in refused(*command, "--home", file)


@pytest.mark.parametrize("command", [("check",), ("run", "--once"), ("maps", "list")])
@pytest.mark.parametrize(
    "spoil",
    [
        lambda text: text + "\n  broken: [\n",
        lambda text: text.replace("identities:", "identites:"),
        lambda text: "\0" + text,
        lambda _text: "",
        lambda _text: "- just\n- a list\n",
    ],
    ids=["syntax", "misspelled", "nul", "empty", "list"],
)
def test_broken_settings_are_told_with_their_place(
    command: tuple[str, ...], spoil: Callable[[str], str], tmp_path: Path
) -> None:
    write_instance(tmp_path / "broken")
    settings = tmp_path / "broken" / "gateway.yaml"
    settings.write_text(spoil(settings.read_text()))
    code, out, err = run(*command, "--home", tmp_path / "broken")
    assert code == (1 if command == ("check",) else 2), (out, err)
    assert re.search(r"gateway\.yaml:\d+:\d+: \S", out + err)
    assert "Traceback" not in out + err


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("sqlite:////proc/nowhere/gateway.db", "cannot be used"),
        ("sqlite:///secrets", "unable to open database file"),
        ("sqlite:///gateway.yaml", "file is not a database"),
        ("postgresql+psycopg://gateway@127.0.0.1:1/gateway", "onnection"),
    ],
)
@pytest.mark.parametrize("command", [("documents", "list"), ("run", "--once")])
def test_a_database_that_cannot_be_opened_is_told_without_a_traceback(
    command: tuple[str, ...], url: str, reason: str, tmp_path: Path
) -> None:
    home = tmp_path / "instance"
    write_instance(home)
    settings = home / "gateway.yaml"
    settings.write_text(settings.read_text() + f"\nstore:\n  url: {url}\n")
    said = refused(*command, "--home", home)
    assert said.startswith(f"error: the store of {home} cannot be used: ")
    assert reason in said
    assert len(said.splitlines()) == 1


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b'{"document": "shipment_order", "a": \xff}', "is not well-formed JSON: "),
        (b"[1, 2]", "holds no document: expected a JSON object"),
        (b"[[]]", "holds no document: expected a JSON object"),
        (b"{}", "is not a canonical document: "),
        (b'{"document": null}', "is not a canonical document: "),
        (b'{"document": "shipment_ordr"}', "is not a canonical document: "),
        (b'{"document": ["shipment_order"], "version": "1.0"}', "is not a canonical document: "),
        (b'{"document": "shipment_order", "version": "1.0"}', "is not a canonical document: "),
        (b'{"document": "shipment_order", "version": 1.0}', "is not a canonical document: "),
        (b"[" * 100_000, "is not well-formed JSON: "),
        (b'{"a":' * 100_000, "is not well-formed JSON: "),
    ],
)
def test_json_that_is_no_document_is_refused(content: bytes, reason: str) -> None:
    said = refused("translate", "-", "--map", "base-940", stdin=content)
    assert said.startswith("error: standard input ")
    assert reason in said
    assert len(said.splitlines()) == 1


def test_a_document_of_another_type_than_the_map_is_refused() -> None:
    _, out, _ = run("translate", "-", "--map", "base-940", stdin=good(1))
    said = refused("translate", "-", "--map", "base-850", stdin=out.encode())
    assert said == "error: map 'base-850' is for order; standard input holds shipment_order"


@pytest.mark.parametrize("command", [("maps", "show"), ("maps", "test")])
def test_a_map_that_is_misspelled_is_told_with_the_nearest(command: tuple[str, ...]) -> None:
    assert "there is no map 'base-94' (did you mean 'base-947'?)" in refused(*command, "base-94")


@pytest.mark.parametrize("home", [False, True])
def test_translate_by_a_map_that_is_misspelled_is_told_with_the_nearest(
    instance: Path,
    home: bool,  # noqa: FBT001 - a table of cases
) -> None:
    words = ("--home", instance) if home else ()
    said = refused("translate", "-", "--map", "base940", *words, stdin=good(1))
    assert said == "error: there is no map 'base940' (did you mean 'base-940'?)"


def test_a_map_that_an_agreement_names_and_nobody_has_stops_run_with_its_place(
    tmp_path: Path,
) -> None:
    home = tmp_path / "instance"
    write_instance(home)
    partner = home / "partners" / "tidewater-supply.yaml"
    partner.write_text(partner.read_text().replace("map: base-940", "map: base-94"))
    said = refused("run", "--once", "--home", home)
    assert re.search(
        r"partners/tidewater-supply\.yaml:\d+:\d+: .*'base-94' \(did you mean 'base-947'\?\)", said
    )


@pytest.mark.parametrize(
    "words",
    [
        (),
        ("frobnicate",),
        ("validate",),
        ("translate", "order.edi"),
        ("ack", "order.edi", "--type", "999"),
        ("ack", "order.edi", "--control-number", "0"),
        ("documents", "list", "--since", "yesterdayish"),
        ("documents", "list", "--status", "lost"),
        ("documents", "list", "--limit", "many"),
    ],
)
def test_wrong_words_are_a_matter_of_usage(words: tuple[str, ...], instance: Path) -> None:
    code, out, err = run(*words, "--home", instance) if words[1:2] == ("list",) else run(*words)
    assert code == 2
    assert out + err


def test_a_mistake_on_the_real_command_line_shows_no_traceback(tmp_path: Path) -> None:
    done = subprocess.run(
        [str(GATEWAY), "validate", str(tmp_path / "missing.edi")],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    assert done.stderr.endswith("missing.edi cannot be read: No such file or directory\n")
