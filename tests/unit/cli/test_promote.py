"""From test to production: what speaks for it, what would follow, and when it is refused."""

from __future__ import annotations

import shutil
import threading
from pathlib import Path

import pytest

from gateway import config
from gateway.app import open_instance
from gateway.cli.receiver import Receiver
from tests.erp import instance_of
from tests.unit.cli.test_validate import run

NAME = "northstar-3pl"


@pytest.fixture(scope="module")
def tried(tmp_path_factory: pytest.TempPathFactory, erp: Receiver) -> Path:
    """An instance with a partner in test, whose 945 was delivered to the system for tests."""
    home = instance_of(erp, tmp_path_factory.mktemp("promote") / "instance", stable_for="10ms")
    partner = home / "partners" / f"{NAME}.yaml"
    partner.write_text(
        partner.read_text().replace(
            "    direction: ", "    stage: test   # for now\n    direction: "
        )
    )
    shutil.copy(
        home / "samples" / NAME / "945-parcels-by-third-party.edi",
        home / "sftp_inbox" / NAME / "in",
    )
    with open_instance(home) as app, app.running():
        app.drain(threading.Event())
    return home


@pytest.fixture
def home(tried: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(tried, tmp_path / "instance"))


def promote(home: Path, *options: object) -> tuple[int, str, str]:
    return run("partners", "promote", NAME, "--home", home, *options)


def stages(home: Path) -> dict[str, str]:
    agreements = config.load(home, maps_too=False).partners[NAME].agreements
    return {one.set: one.stage for one in agreements}


def test_what_was_tried_goes_to_production_and_the_change_is_shown(home: Path) -> None:
    code, out, err = promote(home, "--agreement", "945")
    assert code == 0, out + err
    assert "✓ in 945 004010: 1 delivered, the last " in out
    assert "✓ map northstar-945: " in out
    assert "-    stage: test   # for now\n+    stage: production   # for now\n" in out
    assert "  in 945 004010: usage P/T, rules that may take it: production, " in out
    assert out.endswith(f"✓ partners/{NAME}.yaml is written\n")
    assert stages(home) == {"945": "production", "856": "test", "810": "test", "940": "test"}


def test_what_was_never_tried_stays_in_test(home: Path) -> None:
    before = (home / "partners" / f"{NAME}.yaml").read_bytes()
    code, out, err = promote(home)
    assert code == 1
    assert "– in 856 004010: none was ever delivered" in out
    assert "– out 940 004010UCS: none was ever taken by the partner" in out
    assert " ".join(err.split()) == (
        "error: no test of in 856 004010, in 810 004010, out 940 004010UCS ever went all the way; "
        "send some first, or say --without-evidence"
    )
    assert (home / "partners" / f"{NAME}.yaml").read_bytes() == before


def test_a_person_may_do_without_evidence(home: Path) -> None:
    assert promote(home, "--without-evidence")[0] == 0
    assert set(stages(home).values()) == {"production"}
    code, _, err = promote(home)
    assert (code, err) == (1, f"error: every agreement with '{NAME}' is in production already\n")


def test_a_dry_run_shows_all_and_writes_nothing(home: Path) -> None:
    before = (home / "partners" / f"{NAME}.yaml").read_bytes()
    code, out, _ = promote(home, "--agreement", "in 945", "--dry-run")
    assert code == 0
    assert "+    stage: production" in out
    assert out.endswith("would fit; nothing was written\n")
    assert (home / "partners" / f"{NAME}.yaml").read_bytes() == before


def test_an_agreement_that_is_not_in_test_is_not_known(home: Path) -> None:
    code, _, err = promote(home, "--agreement", "850")
    assert code == 2
    assert err.startswith("error: no agreement in test is called '850'; there is in 945 004010, ")


def test_a_map_whose_tests_fail_stays_in_test(home: Path) -> None:
    tests = home / "maps" / NAME / "945.test.yaml"
    text = tests.read_text()
    assert "61414100000001" in text
    tests.write_text(text.replace("61414100000001", "61414100000002", 1))
    code, _, err = promote(home, "--agreement", "945")
    assert code == 1
    assert err.startswith("error: tests of map northstar-945 fail: ")
    assert stages(home)["945"] == "test"


def test_what_would_not_fit_in_production_is_not_written(home: Path) -> None:
    partner = home / "partners" / f"{NAME}.yaml"
    text = partner.read_text()
    assert "usage: [P, T]\n" in text
    tests_only = text.replace("usage: [P, T]\n", "usage: T\n", 1)
    partner.write_text(tests_only + '  - {set: "945", direction: in, map: northstar-945}\n')
    before = partner.read_bytes()
    code, _, err = promote(home, "--agreement", "945")
    assert code == 1
    assert "in production this would not fit:" in err
    assert "overlaps agreements[0]" in err
    assert partner.read_bytes() == before
