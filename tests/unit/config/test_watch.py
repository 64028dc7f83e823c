"""A change of any file that the configuration is read from is noticed once."""

from __future__ import annotations

from pathlib import Path

import pytest

from gateway.cli.init import write_instance
from gateway.config.watch import Watch, referenced


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
        "partners/new/guides/945.yaml",
        "maps/deep/er/new.map.yaml",
        "tables/new.table.yaml",
        "certificates/partner-2027.pem",
        "secrets/partner-password",
        "shapes/order.xml.j2",
        "connectors/erp/shapes/order.xsl",
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


@pytest.mark.parametrize(
    "name", ["gateway.yaml", "partners/quay.yaml", "environments/x/gateway.yaml"]
)
def test_a_secret_that_lies_elsewhere_is_looked_at_as_well(
    home: Path, tmp_path: Path, name: str
) -> None:
    mounted = tmp_path / "run-secrets" / "token"
    mounted.parent.mkdir()
    mounted.write_text("first")
    path = home / name
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a") as file:
        file.write(f"\n# token: ${{file:{mounted}}}\n")
    watch = Watch(home)
    mounted.write_text("the second")
    watch.changed()
    assert watch.changed()
    assert not watch.changed(), "told once"


def test_a_secret_elsewhere_that_is_swapped_by_its_link_is_a_change(
    home: Path, tmp_path: Path
) -> None:
    for number in ("1", "2"):
        (tmp_path / number).mkdir()
        (tmp_path / number / "token").write_text("same length")
    link = tmp_path / "current"
    link.symlink_to(tmp_path / "1")
    (home / "partners" / "quay.yaml").write_text(f"token: ${{file:{link}/token}}")
    watch = Watch(home)
    link.unlink()
    link.symlink_to(tmp_path / "2")
    watch.changed()
    assert watch.changed()


def test_a_secret_that_a_changed_file_names_is_looked_at_from_then_on(
    home: Path, tmp_path: Path
) -> None:
    watch = Watch(home)
    (home / "partners" / "quay.yaml").write_text(f"token: ${{file:{tmp_path}/late}}")
    watch.changed()
    assert watch.changed()
    (tmp_path / "late").write_text("it was missing, which is why nothing was taken over")
    watch.changed()
    assert watch.changed()


def test_a_thousand_secrets_elsewhere_are_looked_at_and_no_more(home: Path) -> None:
    text = "".join(f"# ${{file:/nowhere/{number:05d}}}\n" for number in range(3000))
    (home / "partners" / "quay.yaml").write_text(text)
    found = referenced(home)
    assert len(found) == 1000
    assert Path("/nowhere/00999") in found


def test_names_that_no_file_can_have_are_passed_over(home: Path) -> None:
    (home / "partners" / "quay.yaml").write_bytes(
        b"a: ${file:\x00}\nb: ${file:" + b"x" * 5000 + b"}"
    )
    watch = Watch(home)
    assert not watch.changed()
