"""Commands on an instance: init, check, run --once, documents; with the demonstration's ERP."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner

from gateway.cli import app
from gateway.cli.init import write_instance
from gateway.cli.receiver import Receiver
from tests import programs
from tests.erp import instance_of
from tests.unit.cli.edi import SOUND_940
from tests.unit.cli.test_validate import run


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory, erp: Receiver) -> Path:
    """An instance after one sound, one faulty and one untranslatable file went through it."""
    made = instance_of(erp, tmp_path_factory.mktemp("gateway") / "instance")
    names = ("945-parcels-by-third-party", "945-invalid-item-missing", "945-invalid-licence-plate")
    for name in names:
        sample = made / "samples" / "northstar-3pl" / f"{name}.edi"
        shutil.copy(sample, made / "sftp_inbox" / "northstar-3pl" / "in")
    code, err = run_once(made)
    assert code == 0, err
    return made


def run_once(home: Path) -> tuple[int, str]:
    """Run the program itself: the engine keeps the standard streams that a process began with."""
    done = programs.run("gateway", "run", "--once", "--home", str(home))
    assert "Traceback" not in done.stderr
    assert "InotifyEmitter" not in done.stderr
    return done.returncode, done.stderr


def listed(home: Path, *options: str) -> list[dict[str, str]]:
    code, out, _ = run("documents", "list", "--json", "--home", home, *options)
    assert code == 0
    found: list[dict[str, str]] = json.loads(out)
    return found


def test_a_new_instance_has_nothing_to_complain_about(home: Path) -> None:
    code, out, _ = run("check", "--home", home)
    assert code == 0
    assert out.startswith("✓ nothing to complain about: 3 partners")


def test_init_says_what_to_do_next_and_leaves_a_full_folder_alone(tmp_path: Path) -> None:
    code, out, err = run("init", tmp_path / "new")
    assert code == 0
    assert "is an instance with 3 partners: bluebird-retail, northstar-3pl" in out
    assert f"gateway run --home {tmp_path}/new" in err
    token = tmp_path / "new" / "secrets" / "erp-token"
    assert token.stat().st_mode & 0o077 == 0, "nobody else reads a secret"
    assert run("init", tmp_path) == (2, "", f"error: {tmp_path} is there already and not empty\n")


def test_problems_exit_1_each_with_its_place(tmp_path: Path) -> None:
    write_instance(tmp_path / "broken")
    routes = tmp_path / "broken" / "routes.yaml"
    routes.write_text(routes.read_text().replace("to: erp-test", "to: erp-tets"))
    code, out, _ = run("check", "--home", tmp_path / "broken")
    assert code == 1
    assert re.match(r"routes\.yaml:9:\d+: .*'erp-tets' \(did you mean 'erp-test'\?\)", out)
    code, out, _ = run("check", "--json", "--home", tmp_path / "broken")
    assert json.loads(out)["problems"][0]["line"] == 9


def test_each_document_is_listed_with_its_three_statuses(home: Path) -> None:
    found = {
        (one["file"], one["validation"], one["delivery"], one["acknowledgment"])
        for one in listed(home)
    }
    assert found == {
        ("945-parcels-by-third-party.edi", "accepted", "delivered", "sent"),
        ("945-invalid-item-missing.edi", "accepted", "delivered", "sent"),
        ("945-invalid-item-missing.edi", "rejected", "none", "sent"),
        ("945-invalid-licence-plate.edi", "accepted", "quarantined", "sent"),
    }


def test_the_erp_got_what_was_delivered_once(home: Path, erp: Receiver) -> None:
    delivered = {one["id"] for one in listed(home, "--status", "delivered")}
    assert delivered <= {kept.document_id for kept in erp.documents}


def test_lists_can_be_narrowed(home: Path) -> None:
    assert len(listed(home, "--status", "rejected")) == 1
    assert len(listed(home, "--set", "945", "--partner", "northstar-3pl")) == 4
    assert listed(home, "--set", "850") == []
    assert len(listed(home, "--key", "HG-200420")) == 1
    assert len(listed(home, "--since", "1h")) == 4
    assert listed(home, "--since", "2999-01-01") == []
    assert len(listed(home, "--limit", "2")) == 2


def test_a_list_for_people_is_a_table_or_a_sentence(home: Path) -> None:
    code, out, _ = run("documents", "list", "--home", home)
    assert code == 0
    assert "accepted" in out
    assert run("documents", "list", "--set", "850", "--home", home) == (
        0,
        "",
        "No documents match.\n",
    )


def test_a_list_in_a_narrow_terminal_fits_and_is_whole(home: Path) -> None:
    runner = CliRunner(env={"COLUMNS": "80"})
    lines = runner.invoke(app, ["documents", "list", "--home", str(home)]).stdout.splitlines()
    assert max(map(len, lines)) <= 80
    (one,) = listed(home, "--key", "HG-200420")
    first = next(number for number, line in enumerate(lines) if one["id"][:8] in line)
    assert lines[first].split()[1:] == ["northstar-3pl", "945", "accepted"]
    assert lines[first + 1].split()[2:] == [
        "945-invalid-item-",
        "HG-200420",
        "delivered,",
        "sent",
    ]
    assert lines[first + 2].split() == ["missing.edi"]


def test_an_instance_to_which_nothing_came_says_when_something_will(tmp_path: Path) -> None:
    write_instance(tmp_path / "new")
    assert run("documents", "list", "--home", tmp_path / "new") == (
        0,
        "",
        "Nothing came yet; `gateway run` takes a file once it has been quiet for 1 second.\n",
    )


def test_a_list_by_a_key_shows_that_key(home: Path) -> None:
    found = json.loads(run("documents", "list", "--json", "--home", home)[1])
    keys = [key for one in found if len(one["keys"]) > 1 for key in one["keys"]]
    assert keys, "the list can show but one of them"
    for key in keys:
        _, out, _ = run("documents", "list", "--key", key["value"], "--home", home)
        rows = out.splitlines()[3:]
        assert [row for row in rows if row.strip() and key["value"] not in row.split()] == []


def test_lists_of_what_came_in_say_that_their_times_are_utc(home: Path) -> None:
    assert "id, received (UTC)" in run("interchanges", "list", "--home", home)[1]
    assert "received (UTC)" in run("documents", "list", "--home", home)[1]


def test_a_document_says_whether_it_is_test_or_production(home: Path) -> None:
    (one,) = listed(home, "--key", "HG-200420")
    _, out, _ = run("documents", "show", one["id"], "--home", home)
    assert "\n  usage          production\n" in out


def test_a_business_key_is_matched_exactly_and_near_ones_are_named(home: Path) -> None:
    assert listed(home, "--key", "HG-20042") == []
    code, out, err = run("documents", "list", "--key", "HG-20042", "--home", home)
    assert (code, out) == (0, "")
    assert err == "No documents match. Business keys that begin so: HG-200420, HG-200422\n"
    code, out, err = run("documents", "list", "--key", "nobody", "--home", home)
    assert (code, out, err) == (0, "", "No documents match.\n")


@pytest.mark.parametrize(
    ("number", "status"), [("HG-200419", "rejected"), ("HG-200422", "quarantined")]
)
def test_a_failed_document_is_found_by_its_order_number(
    home: Path, number: str, status: str
) -> None:
    (one,) = listed(home, "--key", number)
    assert status in (one["validation"], one["delivery"])
    code, out, _ = run("documents", "list", "--home", home)
    assert code == 0
    row, *why = [line for line in out.splitlines() if one["id"][:8] in line]
    assert number in row.split(), "people see it in the list"
    assert len(why) == (status == "quarantined"), "and why it waits, if it does"


def test_what_is_not_text_is_refused_in_a_sentence(home: Path) -> None:
    for options in (("list", "--key", "\udcff"), ("show", "\udcff"), ("redeliver", "\udcff")):
        code, out, err = run("documents", *options, "--home", home)
        assert (code, out) == (2, "")
        assert err == "error: '\\udcff' is not text in the encoding of this terminal\n"


@pytest.mark.parametrize(
    "when", ["yesterday", "5x", "2026-13-01", "999999d", "0001-01-01T00:00+10:00"]
)
def test_a_moment_that_is_none_exits_2(home: Path, when: str) -> None:
    code, _, err = run("documents", "list", "--since", when, "--home", home)
    assert code == 2
    assert f"'{when}' is no moment" in err


def test_a_delivered_document_is_shown_from_bytes_to_erp(home: Path) -> None:
    (one,) = listed(home, "--key", "HG-200420")
    code, out, _ = run("documents", "show", one["id"][:8], "--home", home)
    assert code == 0
    for part in ("Deliveries", "HTTP 20", "AK5*A", "Timeline", "ST*945*", '"shipping_advice"'):
        assert part in out


def test_a_rejected_document_shows_its_findings_at_their_place(home: Path) -> None:
    (one,) = listed(home, "--status", "rejected")
    code, out, _ = run("documents", "show", one["id"], "--home", home)
    assert code == 0
    assert "Findings" in out
    assert "^" in out
    assert "AK5*R" in out


def test_what_a_map_cannot_take_is_shown_once_at_its_place(home: Path) -> None:
    (one,) = listed(home, "--key", "HG-200422")
    code, out, _ = run("documents", "show", one["id"], "--home", home)
    assert code == 0
    findings = out[out.index("\nFindings\n") : out.index("\nAcknowledgment ")].splitlines()[2:]
    assert [line.strip()[:1] for line in findings if line.strip()] == ["M", "M", "^"]
    assert re.match(r"  MAN02, segment [0-9]+, byte [0-9]+  value not convertible: ", findings[0])


def test_parts_of_a_document_can_be_had_alone(home: Path) -> None:
    (one,) = listed(home, "--key", "HG-200420")
    code, raw, _ = run("documents", "show", one["id"], "--raw", "--home", home)
    assert code == 0
    assert raw.startswith("ST*945*")
    code, canonical, _ = run("documents", "show", one["id"], "--canonical", "--home", home)
    assert code == 0
    assert json.loads(canonical)["meta"]["document_id"] == one["id"]
    code, shown, _ = run("documents", "show", one["id"], "--json", "--home", home)
    assert code == 0
    assert json.loads(shown)["canonical"] == json.loads(canonical)


def test_a_number_that_one_document_alone_has_names_it(home: Path) -> None:
    (one,) = listed(home, "--key", "HG-200420")
    code, raw, _ = run("documents", "show", "HG-200420", "--raw", "--home", home)
    assert (code, raw) == run("documents", "show", one["id"], "--raw", "--home", home)[:2]
    assert (code, raw[:7]) == (0, "ST*945*")


def test_an_id_that_nothing_has_exits_1(home: Path) -> None:
    said = (
        "error: no document's id begins with 'zzz', or several do; "
        "by its number: gateway documents list --key zzz\n"
    )
    assert run("documents", "show", "zzz", "--home", home) == (1, "", said)
    assert run("documents", "redeliver", "zzz", "--home", home) == (1, "", said)


def test_a_document_can_be_delivered_again_under_a_new_key(home: Path, erp: Receiver) -> None:
    (one,) = listed(home, "--key", "HG-200420")

    def keys() -> set[str]:
        return {kept.key for kept in erp.documents if kept.document_id == one["id"]}

    before = keys()
    code, out, _ = run("documents", "redeliver", one["id"][:8], "--home", home)
    assert (code, out) == (0, f"✓ {one['id'][:8]} goes to erp again\n")
    assert run_once(home)[0] == 0
    assert len(keys() - before) == 1
    only = ("documents", "redeliver", one["id"][:8], "--home", home, "--destination")
    told = f"– {one['id'][:8]} was not to go there, but to erp\n"
    assert run(*only, "erp-test")[:2] == (1, told)
    assert run(*only, "erp")[:2] == (0, f"✓ {one['id'][:8]} goes to erp again\n")
    assert run_once(home)[0] == 0
    assert len(keys() - before) == 2


def test_failed_documents_are_translated_anew_when_the_map_was_mended(home: Path) -> None:
    (one,) = listed(home, "--status", "quarantined")
    code, out, _ = run("documents", "retranslate", "--failed", "--dry-run", "--home", home)
    assert code == 1
    assert out.startswith(f"– {one['id'][:8]} could not be translated: ")
    overlay = home / "maps" / "northstar-3pl" / "945.map.yaml"
    as_it_was = overlay.read_text()
    overlay.write_text(
        "map: northstar-945\nextends: base-945\nfields:\n  lines: {fields: {sscc: ~drop}}\n"
    )
    try:
        code, out, _ = run("documents", "retranslate", one["id"][:8], "--dry-run", "--home", home)
        assert code == 0, out
        assert listed(home, "--status", "quarantined") != []
        code, out, _ = run("documents", "retranslate", "--failed", "--home", home)
        assert code == 0, out
        assert run_once(home)[0] == 0
        assert listed(home, "--status", "quarantined") == []
    finally:
        overlay.write_text(as_it_was)


def test_retranslate_wants_ids_or_failed(home: Path) -> None:
    said = "error: expected ids, or --failed\n"
    assert run("documents", "retranslate", "--home", home) == (2, "", said)


def test_redeliver_wants_ids_or_dead_and_a_destination_that_there_is(home: Path) -> None:
    asked = ("documents", "redeliver", "--home", home)
    assert run(*asked) == (2, "", "error: expected ids, or --dead\n")
    assert run(*asked, "a1", "--dead") == (2, "", "error: expected ids, or --dead\n")
    assert run(*asked, "a1", "--dry-run") == (2, "", "error: --dry-run goes with --dead\n")
    code, _, err = run(*asked, "a1", "--destination", "epr")
    assert (code, err) == (2, "error: there is no destination 'epr'; there are erp, erp-test\n")
    code, _, err = run(*asked, "--dead", "--destination", "epr")
    assert (code, err) == (2, "error: there is no destination 'epr'; there are erp, erp-test\n")
    assert run(*asked, "--dead", "--dry-run") == (0, "", "Nothing to do.\n")


def test_a_file_that_is_not_whole_is_left_and_named(home: Path) -> None:
    half = home / "sftp_inbox" / "northstar-3pl" / "in" / "half.edi"
    half.write_bytes(b"ISA*00*")
    try:
        code, err = run_once(home)
        assert code == 0
        assert "left for later: northstar-3pl/half.edi: no complete IEA segment at the end" in err
        assert half.exists()
    finally:
        half.unlink()


def test_a_secret_that_is_missing_stops_run_with_its_name(tmp_path: Path) -> None:
    write_instance(tmp_path / "new")
    (tmp_path / "new" / "secrets" / "erp-token").unlink()
    code, err = run_once(tmp_path / "new")
    assert code == 2
    assert "secrets/erp-token" in err


def test_a_folder_without_an_instance_exits_2(tmp_path: Path) -> None:
    code, _, err = run("documents", "list", "--home", tmp_path)
    assert code == 2
    assert "`gateway init` makes an instance" in err


def assert_given_up_for_spam(home: Path, whole_id: str, content: bytes) -> None:
    """What waited can be looked at afterwards, with the reason that a person gave."""
    short = whole_id[:8]
    code, _, err = run("quarantine", "show", short, "--home", home)
    assert (code, err) == (
        1,
        f"error: the interchange {short} waits no more, it is rejected: "
        f"`gateway interchanges show {short}`\n",
    )
    code, out, _ = run("interchanges", "list", "--json", "--home", home)
    assert {each["id"]: each["because"] for each in json.loads(out)}[whole_id] == "given up: spam"
    code, out, _ = run("interchanges", "show", short, "--home", home)
    assert code == 0
    for part in ("unknown.edi", "ZZ/NOBODY → ", "rejected", ": given up: spam", "production"):
        assert part in out
    for verb in ("quarantine", "refuse"):
        assert re.search(rf" interchange +{verb} ", out), out
    code, out, _ = run("interchanges", "show", short, "--json", "--home", home)
    assert json.loads(out)["timeline"][-1]["detail"] == "spam"
    code, out, _ = run("interchanges", "show", short, "--raw", "--home", home)
    assert (code, out.encode()) == (0, content)
    assert run("interchanges", "show", "nothing", "--home", home) == (
        1,
        "",
        "error: no interchange's id begins with 'nothing', or several do\n",
    )


def test_what_waits_for_a_person_is_listed_and_can_be_given_up(home: Path) -> None:
    unknown = home / "sftp_inbox" / "northstar-3pl" / "in" / "unknown.edi"
    unknown_bytes = SOUND_940.replace(b"ZZ*NORTHSTAR ", b"ZZ*NOBODY    ")
    unknown.write_bytes(unknown_bytes)
    assert run_once(home)[0] == 0
    code, out, _ = run("quarantine", "list", "--json", "--home", home)
    assert code == 0
    (one,) = json.loads(out)
    assert (one["kind"], one["name"], one["state"]) == ("interchange", "000000001", "quarantined")
    assert "ZZ/NOBODY is no partner of ours" in one["reason"]
    assert (one["file"], one["partner"], one["control_number"]) == (
        "unknown.edi", "northstar-3pl", "000000001",
    )  # fmt: skip
    assert one["received"].endswith("+00:00")
    code, out, _ = run("quarantine", "list", "--home", home)
    for part in (one["id"][:8], "unknown.edi", "northstar-3pl", "000000001", "no partner of ours"):
        assert part in out
    code, out, _ = run("quarantine", "show", one["id"][:8], "--home", home)
    assert code == 0
    for part in ("ZZ/NOBODY → ", "unknown.edi", "\n  GS*OW*", "  next: add the sender to the"):
        assert part in out
    code, out, _ = run("quarantine", "show", one["id"][:8], "--raw", "--home", home)
    assert (code, out.encode()) == (0, unknown_bytes)
    code, out, _ = run("quarantine", "release", one["id"][:8], "--home", home)
    assert code == 1
    assert "– " in out
    assert "first add {qualifier: ZZ, id: NOBODY} to the `identities` of a file in" in out
    code, out, _ = run("quarantine", "refuse", one["id"][:8], "--because", "spam", "--home", home)
    assert (code, out) == (0, f"✓ {one['id'][:8]} is given up\n")
    assert run("quarantine", "list", "--home", home) == (0, "", "Nothing waits.\n")
    assert_given_up_for_spam(home, one["id"], unknown_bytes)
    code, _, err = run("quarantine", "release", one["id"], "--home", home)
    assert code == 1
    assert err.startswith("error: nothing that waits has an id that begins with")


def test_a_rejected_interchange_is_listed_with_what_is_wrong_and_where(home: Path) -> None:
    sample = home / "samples" / "base" / "855-invalid-control-numbers.edi"
    shutil.copy(sample, home / "sftp_inbox" / "tidewater-supply" / "in")
    assert run_once(home)[0] == 0
    asked = ("interchanges", "list", "--partner", "tidewater-supply", "--home", home)
    code, out, _ = run(*asked, "--json")
    (one,) = json.loads(out)
    assert (code, one["state"], one["file"]) == (0, "rejected", sample.name)
    assert one["because"] == (
        "IEA02, byte 279: interchange control numbers differ: expected 000000154, as in ISA13,"
        " found '000000155'; 1 more"
    )
    assert one["refusal"]["findings"] == 2
    assert one["refusal"]["first"]["location"]["offset"] == 279
    code, out, _ = run(*asked)
    assert code == 0
    assert "IEA02, byte 279: interchange control numbers differ: expected 000000154" in out


def test_a_dropped_duplicate_is_listed_with_the_one_that_it_repeats(home: Path) -> None:
    sample = home / "samples" / "northstar-3pl" / "945-parcels-by-third-party.edi"
    inbox = home / "sftp_inbox" / "northstar-3pl" / "in"
    shutil.copy(sample, inbox / "sent-twice.edi")
    assert run_once(home)[0] == 0
    code, out, _ = run("interchanges", "list", "--state", "duplicate", "--json", "--home", home)
    assert code == 0
    (one,) = json.loads(out)
    assert (one["file"], one["partner"]) == ("sent-twice.edi", "northstar-3pl")
    code, out, _ = run("interchanges", "list", "--json", "--home", home)
    (first,) = [other for other in json.loads(out) if other["id"] == one["duplicate_of"]]
    assert (first["file"], first["control_number"]) == (sample.name, one["control_number"])
    assert [told["state"] for told in first["acknowledgments"]] == ["sent"]
    said = f"same number and same bytes as interchange {first['id'][:8]}"
    assert one["because"] == said
    code, out, _ = run("interchanges", "list", "--partner", "northstar-3pl", "--home", home)
    assert code == 0
    assert said in out
    assert "routed" in out
    for nothing in (("--partner", "bluebird-retail"), ("--since", "2999-01-01")):
        assert run("interchanges", "list", *nothing, "--home", home) == (
            0,
            "",
            "No interchanges match.\n",
        )
