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


def test_a_shared_table_that_changes_has_the_maps_compiled_that_name_it(home: Path) -> None:
    codes = home / "tables" / "dock.table.yaml"
    codes.parent.mkdir(exist_ok=True)
    codes.write_text("table: dock\ncodes: {A: a}\n")
    stores = home / "tables" / "stores.table.yaml"
    stores.write_text("table: stores\nrows: {'1': {dc: '7'}}\n")
    field = "extends: base-945\nfields:\n  references: ~drop\n  load_number: "
    for name, said in (
        ("coded", "{at: W0602, table: dock}"),
        ("computed", "{read_only: true, expr: \"doc.x | lookup('stores', 'dc')\"}"),
        ("neither", "W0602"),
    ):
        (home / "maps" / f"{name}.map.yaml").write_text(f"map: {name}\n{field}{said}\n")
    (home / "maps" / "below.map.yaml").write_text("map: below\nextends: coded\n")
    compiled_by(home)
    before = check_maps.REMEMBERED.structures
    codes.write_text("table: dock\ncodes: {A: a, B: b}\n")
    assert compiled_by(home) == 2, "the map that names it, and the one that extends that"
    assert check_maps.REMEMBERED.structures == before, "only what the table says was bound anew"
    stores.write_text("table: stores\nrows: {'1': {dc: '8'}}\n")
    assert compiled_by(home) == 1
    codes.write_text("table: dock\ncodes: {A: a, B: ''}\n")
    assert compiled_by(home) == 2
    (home / "tables" / "nobody.table.yaml").write_text("table: nobody\ncodes: {A: a}\n")
    assert compiled_by(home) == 0
    codes.unlink()
    with pytest.raises(ConfigProblems, match="there is no table 'dock'"):
        config.load(home, checked_before=True)


def test_maps_that_differ_in_what_their_tables_say_are_planned_once(home: Path) -> None:
    before = check_maps.REMEMBERED.structures
    for number in range(5):
        path = home / "maps" / f"p{number}.map.yaml"
        tables = (
            f"{{unit: {{codes: {{CS: case, P{number}: pack_of_{number}}}, write: {{case: CS}}}}}}"
        )
        path.write_text(f"map: p{number}\nextends: base-945\ntables: {tables}\n")
    once = compiled_by(home)
    assert check_maps.REMEMBERED.structures < before + once
    made = config.load(home, checked_before=True)
    maps = [made.compiled_map(f"p{number}") for number in range(5)]
    assert len({id(one.structure) for one in maps if one is not None}) == 1


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
