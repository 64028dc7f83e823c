"""A running gateway takes over changed configuration, and goes on as it was where it is wrong."""

from __future__ import annotations

import json
import shutil
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from gateway.cli.receiver import KeptDocument, Receiver
from tests.erp import instance_of, receiving
from tests.integration.world import wait_for
from tests.running_gateway import started

EXAMPLES = Path(__file__).parents[2] / "examples"


@pytest.fixture
def erp() -> Iterator[Receiver]:
    with receiving() as running:
        yield running


def test_changed_configuration_takes_over_in_the_running_process(
    tmp_path: Path, erp: Receiver
) -> None:
    home = instance_of(erp, tmp_path / "instance")
    partner = home / "partners" / "northstar-3pl.yaml"
    known = partner.read_text()
    partner.unlink()
    samples = home / "samples" / "northstar-3pl"
    inbox = home / "sftp_inbox" / "northstar-3pl" / "in"
    shutil.copy(samples / "945-parcels-by-third-party.edi", inbox)
    with started(home) as running:
        partner.write_text(known.replace("northstar-945", "northstar-954"))
        running.wait_for("configuration_problem", "partners/northstar-3pl.yaml:", "northstar-954")
        running.wait_for("configuration_not_reloaded")
        partner.write_text(known)
        running.wait_for("configuration_reloaded")
        # The new partner's folder is watched, and what lies in it is delivered.
        wait_for(lambda: len(erp.documents) == 1, seconds=60)
        shutil.copy(samples / "945-invalid-item-missing.edi", inbox)
        wait_for(lambda: len(erp.documents) == 2, seconds=60)
        assert running.stop() == 0
    said = "".join(running.lines)
    assert "Traceback" not in said
    assert said.count("configuration_problem") == 1
    assert said.count("configuration_reloaded") == 1
    assert said.count("gateway_stopped") == 1


def test_a_changed_cross_reference_takes_over_in_the_running_process(
    tmp_path: Path, erp: Receiver
) -> None:
    home = instance_of(erp, tmp_path / "instance")
    name = "mapleway-stores"
    for folder in ("maps", "tables"):
        shutil.copytree(EXAMPLES / folder / name, home / folder / name)
    shutil.copy(EXAMPLES / "partners" / f"{name}.yaml", home / "partners")
    stores = home / "tables" / name / "stores.csv"
    inbox = home / "sftp_inbox" / name / "in"
    inbox.mkdir(parents=True)
    body = (EXAMPLES / "maps" / name / "850-one-shop.edi").read_text().replace("\n", "")

    def order(number: int) -> None:
        (inbox / f"{number}.edi").write_text(
            f"ISA*00*          *00*          *12*6515550100     *12*5550100200     *260315*0915*U"
            f"*00401*{number:09d}*0*P*>~GS*PO*MAPLEWAY*HARBOR*20260315*0915*{number}*X*004010~ST*850*0001~{body}"
            f"SE*{body.count('~') + 2}*0001~GE*1*{number}~IEA*1*{number:09d}~"
        )

    with started(home) as running:
        order(1)
        wait_for(lambda: len(erp.documents) == 1, seconds=60)
        known = stores.read_text()
        stores.write_text(known.replace("0417,7001", "0417"))
        running.wait_for("configuration_problem", f"tables/{name}/stores.csv:2:1", "has 3 values")
        stores.write_text(known.replace("0417,7001", "0417,7002"))
        running.wait_for("configuration_reloaded")
        order(2)
        wait_for(lambda: len(erp.documents) == 2, seconds=60)
        assert running.stop() == 0
    centers = [json.loads(one.content)["distribution_center"] for one in erp.documents]
    assert centers == ["7001", "7002"]


def test_a_delivery_that_is_under_way_ends_before_changed_configuration_takes_over(
    tmp_path: Path, erp: Receiver
) -> None:
    called, answer = threading.Event(), threading.Event()

    def slowly(_status: int, _document: KeptDocument) -> None:
        called.set()
        assert answer.wait(60)

    erp.on_call = slowly
    home = instance_of(erp, tmp_path / "instance")
    partner = home / "partners" / "northstar-3pl.yaml"
    samples = home / "samples" / "northstar-3pl"
    inbox = home / "sftp_inbox" / "northstar-3pl" / "in"
    with started(home) as running:
        shutil.copy(samples / "945-parcels-by-third-party.edi", inbox)
        assert called.wait(60)
        partner.write_text(partner.read_text() + "# looked at today\n")
        running.wait_for("configuration_read")
        assert not running.said("configuration_reloaded")()
        answer.set()
        running.wait_for("configuration_reloaded")
        shutil.copy(samples / "945-invalid-item-missing.edi", inbox)
        wait_for(lambda: len(erp.documents) == 2, seconds=60)
        assert running.stop() == 0
    assert erp.repeats == 0
    assert "Traceback" not in "".join(running.lines)


def test_a_folder_that_cannot_be_used_is_told_and_the_others_go_on(
    tmp_path: Path, erp: Receiver
) -> None:
    home = instance_of(erp, tmp_path / "instance")
    settings = home / "gateway.yaml"
    inbox = home / "sftp_inbox" / "tidewater-supply" / "in"
    samples = home / "samples" / "northstar-3pl"
    with started(home) as running:
        shutil.rmtree(inbox)
        inbox.write_text("no folder any more")
        settings.write_text(settings.read_text() + "# looked at today\n")
        running.wait_for("configuration_problem", f"{inbox} cannot be used: File exists")
        running.wait_for("configuration_not_reloaded")
        going_on = home / "sftp_inbox" / "northstar-3pl" / "in"
        shutil.copy(samples / "945-parcels-by-third-party.edi", going_on)
        wait_for(lambda: len(erp.documents) == 1, seconds=60)
        inbox.unlink()
        settings.write_text(settings.read_text() + "# and once more\n")
        running.wait_for("configuration_reloaded")
        assert inbox.is_dir()
        assert running.stop() == 0
    assert "Traceback" not in "".join(running.lines)
