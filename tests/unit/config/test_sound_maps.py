"""Only maps that changed are compiled again: within a process, and from one start to the next."""

from __future__ import annotations

from pathlib import Path

import orjson
import pytest

from gateway import config
from gateway.cli.init import write_instance
from gateway.config import check_maps, sound_maps
from gateway.config.sound_maps import NAME, SoundMaps
from gateway.errors import ConfigProblems
from gateway.mapping.remembered import Remembered


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    write_instance(tmp_path / "edi")
    (tmp_path / "edi" / "state").mkdir()
    start_anew(monkeypatch)
    return tmp_path / "edi"


def start_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    """Forget what this process compiled."""
    monkeypatch.setattr(check_maps, "REMEMBERED", Remembered())


def compiled_by(home: Path, *, checked_before: bool = True) -> int:
    """Load an instance; return how many maps were compiled."""
    before = check_maps.REMEMBERED.compilations
    config.load(home, checked_before=checked_before)
    return check_maps.REMEMBERED.compilations - before


def own_map(home: Path, set_id: str) -> Path:
    return home / "maps" / "northstar-3pl" / f"{set_id}.map.yaml"


def test_a_reload_compiles_what_changed_and_nothing_else(home: Path) -> None:
    first = compiled_by(home, checked_before=False)
    assert first > 8
    assert compiled_by(home, checked_before=False) == 0
    path = own_map(home, "945")
    path.write_text(path.read_text() + "note: something else\n")
    assert compiled_by(home, checked_before=False) == 1
    table = home / "tables" / "own.table.yaml"
    table.parent.mkdir(exist_ok=True)
    table.write_text("table: own\ncodes: {A: a}\n")
    assert compiled_by(home, checked_before=False) == first, "a table may be asked for by any map"


def test_a_base_that_changes_has_all_that_extend_it_compiled(home: Path) -> None:
    for name in ("one", "two"):
        (home / "maps" / f"{name}.map.yaml").write_text(f"map: {name}\nextends: common\n")
    base = home / "maps" / "common.map.yaml"
    base.write_text("map: common\nextends: base-940\n")
    compiled_by(home)
    base.write_text("map: common\nextends: base-940\nnote: changed\n")
    assert compiled_by(home) == 3


def test_a_later_start_compiles_nothing_until_a_map_is_used(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert compiled_by(home) > 8
    start_anew(monkeypatch)
    instance = config.load(home, checked_before=True)
    assert check_maps.REMEMBERED.compilations == 0
    assert instance.compiled_map("northstar-945") is not None
    assert check_maps.REMEMBERED.compilations == 1
    start_anew(monkeypatch)
    path = own_map(home, "945")
    path.write_text(path.read_text().replace("W0604", "W0699"))
    with pytest.raises(ConfigProblems, match="there is no element 99"):
        config.load(home, checked_before=True)
    assert check_maps.REMEMBERED.compilations == 0


def test_a_check_asked_for_looks_at_every_map(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    compiled = compiled_by(home)
    start_anew(monkeypatch)
    assert compiled_by(home, checked_before=False) == compiled


def test_a_file_that_is_not_what_it_should_be_is_as_good_as_none(tmp_path: Path) -> None:
    first = SoundMaps(tmp_path)
    first.add("x")
    first.keep()
    assert SoundMaps(tmp_path).knows("x")
    assert not SoundMaps(tmp_path).knows("")
    for content in (
        b"", b"{", b"[]", b"7", b'{"program": 1}', b'{"sound": ["x"]}', b"\xff\x00",
        b"x" * 5_000_000,
        orjson.dumps({"program": sound_maps.program(), "sound": "x"}),
        orjson.dumps({"program": sound_maps.program(), "sound": [["x"], 7]}),
    ):  # fmt: skip
        (tmp_path / NAME).write_bytes(content)
        assert not SoundMaps(tmp_path).knows("x"), content[:40]
    (tmp_path / NAME).unlink()
    (tmp_path / NAME).mkdir()
    spoilt = SoundMaps(tmp_path)
    spoilt.add("x")
    spoilt.keep()
    assert [path.name for path in tmp_path.iterdir()] == [NAME]


def test_what_a_forged_file_calls_sound_is_told_at_its_first_use(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = own_map(home, "945")
    path.write_text(path.read_text().replace("W0604", "W0699"))
    monkeypatch.setattr(check_maps, "_check", lambda *_, **__: [])
    config.load(home, checked_before=True)  # writes down that it is sound
    monkeypatch.undo()
    instance = config.load(home, checked_before=True)
    with pytest.raises(ConfigProblems, match="there is no element 99"):
        instance.compiled_map("northstar-945")


def test_another_program_looks_at_every_map(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    compiled = compiled_by(home)
    start_anew(monkeypatch)
    monkeypatch.setattr(sound_maps, "program", lambda: "another")
    assert compiled_by(home) == compiled


def test_a_state_folder_that_is_not_there_or_not_ours_is_no_fault(home: Path) -> None:
    (home / "state").rmdir()
    assert compiled_by(home) > 8
    assert not (home / "state").exists()


def test_no_half_written_file_stays(home: Path) -> None:
    compiled_by(home)
    assert [path.name for path in (home / "state").iterdir()] == [NAME]
