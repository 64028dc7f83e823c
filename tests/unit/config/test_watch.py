"""A change of any file that the configuration is read from is noticed once."""

from __future__ import annotations

from pathlib import Path

import pytest

from gateway.cli.init import write_instance
from gateway.config.watch import Watch


@pytest.fixture
def home(tmp_path: Path) -> Path:
    write_instance(tmp_path / "instance")
    return tmp_path / "instance"


@pytest.mark.parametrize(
    "name",
    [
        "gateway.yaml",
        "routes.yaml",
        "partners/new.yaml",
        "maps/deep/er/new.map.yaml",
        "tables/new.table.yaml",
        "certificates/partner-2027.pem",
        "secrets/partner-password",
    ],
)
def test_a_file_that_is_written_is_a_change_once_it_stands_still(home: Path, name: str) -> None:
    watch = Watch(home)
    assert not watch.changed()
    path = home / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("map: half")
    assert not watch.changed(), "it may still be written"
    path.write_text("map: whole-now")
    assert not watch.changed(), "it was"
    assert watch.changed()
    assert not watch.changed(), "told once"


def test_a_file_that_is_removed_is_a_change(home: Path) -> None:
    watch = Watch(home)
    (home / "routes.yaml").unlink()
    watch.changed()
    assert watch.changed()


def test_a_file_that_is_saved_and_restored_between_two_looks_is_none(home: Path) -> None:
    watch = Watch(home)
    settings = home / "gateway.yaml"
    settings.rename(home / "gateway.yaml~")
    assert not watch.changed()
    (home / "gateway.yaml~").rename(settings)
    assert not watch.changed()
    assert not watch.changed()


def test_payloads_and_samples_are_no_configuration(home: Path) -> None:
    watch = Watch(home)
    (home / "sftp_inbox" / "northstar-3pl" / "in" / "order.edi").write_text("ISA")
    (home / "maps" / "945.test.yaml").write_text("tests: []")
    watch.changed()
    assert not watch.changed()
