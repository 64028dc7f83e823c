"""The product's maps are read once, as long as nobody edits them."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from gateway import resources
from gateway.config.maps import find_maps
from gateway.errors import ConfigProblems


@pytest.fixture
def product(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give a product whose maps can be edited: the folder of one of them."""
    shutil.copytree(resources.directory("maps") / "base", tmp_path / "maps" / "base")
    monkeypatch.setattr(resources, "directory", lambda name: tmp_path / name)
    return tmp_path / "maps" / "base"


def test_a_map_of_the_product_is_read_once(product: Path, tmp_path: Path) -> None:
    before = find_maps(tmp_path / "instance").packaged
    assert len(before) > 5
    after = find_maps(tmp_path / "another").packaged
    assert [after[name].source is one.source for name, one in before.items()] == [True] * len(after)


def test_a_map_of_the_product_that_was_edited_is_read_anew(product: Path, tmp_path: Path) -> None:
    path = product / "940.map.yaml"
    before = find_maps(tmp_path / "instance").packaged["base-940"]
    path.write_text(path.read_text("utf-8") + "# edited\n", "utf-8")
    after = find_maps(tmp_path / "instance").packaged["base-940"]
    assert before.source.digest != after.source.digest
    assert before.source.value == after.source.value


def test_a_map_of_the_product_that_is_no_file_is_a_problem(product: Path, tmp_path: Path) -> None:
    (product / "999.map.yaml").symlink_to(product / "nothing")
    found = find_maps(tmp_path / "instance")
    assert str(ConfigProblems(found.problems)) == (
        "packaged:maps/base/999.map.yaml:1:1: cannot be read: No such file or directory"
    )
