"""`gateway split`: parts with envelopes valid by themselves, nothing lost or overwritten."""

from __future__ import annotations

import json
import tracemalloc
from pathlib import Path

import pytest

from gateway import resources
from gateway.cli.examine import Examiner
from gateway.cli.inputs import mapped
from gateway.x12.model import TransactionSet
from gateway.x12.reader import read_interchanges
from gateway.x12.split import By, PartEnd, split_into
from tests.unit.cli.edi import ISA, SOUND_940
from tests.unit.cli.test_validate import run

ONE = SOUND_940[SOUND_940.index(b"ST*") : SOUND_940.index(b"GE*")]
GROUP = SOUND_940[SOUND_940.index(b"GS*") : SOUND_940.index(b"IEA*")]
SAMPLES = sorted(resources.directory("samples").rglob("*.edi"))
TWO_GROUPS = SOUND_940.replace(
    GROUP,
    GROUP.replace(ONE, ONE + ONE.replace(b"0001~", b"0002~")).replace(b"GE*1*", b"GE*2*")
    + GROUP.replace(b"*1*X*", b"*2*X*").replace(b"GE*1*1", b"GE*1*2"),
).replace(b"IEA*1*", b"IEA*2*")


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def names(folder: str = "out") -> list[str]:
    return sorted(path.name for path in Path(folder).iterdir())


@pytest.mark.parametrize(
    ("by", "expected"),
    [
        ("interchange", ["000000001.2.edi", "000000001.edi"]),
        (
            "group",
            [
                *("000000001-OW-1.2.edi", "000000001-OW-1.edi"),
                "000000001-OW-2.edi",
            ],
        ),
        (
            "set",
            [
                *("000000001-1-940-0001.2.edi", "000000001-1-940-0001.edi"),
                *("000000001-1-940-0002.edi", "000000001-2-940-0001.edi"),
            ],
        ),
    ],
)
def test_each_part_has_a_name_and_a_sound_envelope(by: str, expected: list[str]) -> None:
    Path("orders.edi").write_bytes(TWO_GROUPS + SOUND_940)
    code, out, err = run("split", "orders.edi", "--by", by, "--into", "out")
    assert code == 0
    assert err == f"{len(expected)} files written, 4 transaction sets\n"
    assert sorted(out.splitlines()) == [f"out/{name}" for name in expected]
    assert names() == expected
    for name in expected:
        [examined] = Examiner().interchanges(Path("out", name).read_bytes())
        assert examined.all_findings == []


@pytest.mark.parametrize("by", ["interchange", "group", "set"])
def test_all_samples_lose_nothing(by: str) -> None:
    for number, sample in enumerate(SAMPLES):
        folder = f"out-{number}"
        code, _, err = run("split", sample, "--by", by, "--into", folder)
        whole = sample.read_bytes()
        parts = [path.read_bytes() for path in Path(folder).iterdir()]
        faulty = any(one.findings for part in parts for one in transaction_sets(part))
        assert code == int(faulty and by != "interchange"), err
        assert sorted(sets_of(whole)) == sorted(one for part in parts for one in sets_of(part))
        assert sorted(ta1s_of(whole)) == sorted(one for part in parts for one in ta1s_of(part))


def sets_of(payload: bytes) -> list[list[list[str]]]:
    return [one.segments for one in transaction_sets(payload)]


def transaction_sets(payload: bytes) -> list[TransactionSet]:
    return [
        one
        for interchange in read_interchanges(payload)
        for group in interchange.groups
        for one in group.transaction_sets
    ]


def ta1s_of(payload: bytes) -> list[list[str]]:
    return [one for each in read_interchanges(payload) for one in each.acknowledgments]


def test_a_whole_interchange_keeps_its_bytes() -> None:
    payload = SOUND_940.replace(b"SE*7*", b"SE*8*").replace(b"~", b"~\r\n")
    run("split", "-", "--into", "out", stdin=payload)
    assert Path("out/000000001.edi").read_bytes() == payload


def test_a_ta1_has_a_part_of_its_own() -> None:
    ta1 = b"TA1*000000007*260301*1200*A*000~"
    payload = SOUND_940.replace(b"GS*OW", ta1 + b"GS*OW")
    assert run("split", "-", "--by", "set", "--into", "out", stdin=payload)[0] == 0
    assert names() == ["000000001-1-940-0001.edi", "000000001-TA1.edi"]
    assert Path("out/000000001-TA1.edi").read_bytes() == (ISA.encode() + ta1 + b"IEA*0*000000001~")


def test_what_is_there_stays_unless_forced() -> None:
    Path("out").mkdir()
    Path("out/000000001.edi").write_bytes(b"precious")
    code, out, err = run("split", "-", "--into", "out", stdin=SOUND_940)
    assert (code, out) == (1, "")
    assert "✗ out/000000001.edi is there already: --force overwrites it" in err
    assert Path("out/000000001.edi").read_bytes() == b"precious"
    assert run("split", "-", "--into", "out", "--force", stdin=SOUND_940)[0] == 0
    assert Path("out/000000001.edi").read_bytes() == SOUND_940
    assert names() == ["000000001.edi"], "no part is left behind"


def test_what_stands_in_no_part_is_told() -> None:
    odd = SOUND_940.replace(b"GE*1*1~", b"N1*ST*LOST~GE*1*1~")
    code, out, err = run("split", "-", "--by", "set", "--into", "out", stdin=odd)
    assert (code, out) == (1, "out/000000001-1-940-0001.edi\n")
    assert err.splitlines()[1] == (
        "! interchange 000000001: N1, byte 239: group content invalid: expected ST or GE"
    )


def test_control_numbers_never_name_another_folder() -> None:
    odd = SOUND_940.replace(b"*000000001*0*P", b"*../../../*0*P").replace(
        b"940*0001", b"940*/a\x00b"
    )
    run("split", "-", "--by", "set", "--into", "out", stdin=odd)
    assert names() == ["_-1-940-_a_b.edi"]
    assert sorted(Path().iterdir()) == [Path("out")]


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (b"", "error: The payload is empty: expected an ISA segment.\n"),
        (
            b"<a/>",
            "error: The payload looks like XML: expected X12, which starts with an ISA segment.\n",
        ),
    ],
)
def test_what_is_no_x12_makes_no_file(given: bytes, said: str) -> None:
    assert run("split", "-", "--into", "out", stdin=given) == (2, "", said)
    assert not Path("out").exists()


def test_a_file_or_folder_that_cannot_be_used_is_said() -> None:
    said = "error: absent.edi cannot be read: No such file or directory\n"
    assert run("split", "absent.edi") == (2, "", said)
    Path("out").write_bytes(b"a file")
    code, _, err = run("split", "-", "--into", "out", stdin=SOUND_940)
    assert code == 2
    assert "out" in err


def test_json_names_the_files() -> None:
    code, out, _ = run("split", "-", "--by", "group", "--json", stdin=TWO_GROUPS)
    assert code == 0
    assert json.loads(out) == {
        "files": ["000000001-OW-1.edi", "000000001-OW-2.edi"],
        "kept": [],
        "left_out": [],
        "as_received": [],
    }


def test_memory_stays_flat_on_a_long_interchange() -> None:
    many = 3000
    with Path("long.edi").open("wb") as file:
        head, tail = SOUND_940.split(ONE)
        file.write(head)
        for number in range(many):
            filled = b"NTE*GEN*" + b"x" * 600 + b"~"
            body = ONE.replace(b"LX*1~", filled * 10 + b"LX*1~").replace(b"SE*7*", b"SE*17*")
            file.write(body.replace(b"*0001~", b"*%09d~" % number))
        file.write(tail.replace(b"GE*1*", b"GE*%d*" % many))
    assert Path("long.edi").stat().st_size > 15_000_000
    for by, parts in ((By.GROUP, 1), (By.SET, many)):
        with mapped("long.edi") as payload:
            tracemalloc.start()
            try:
                ended = sum(isinstance(one, PartEnd) for one in split_into(payload, by))
                _, peak = tracemalloc.get_traced_memory()
            finally:
                tracemalloc.stop()
        assert ended == parts
        assert peak < 4_000_000


def test_what_came_in_ebcdic_is_split_into_latin_1() -> None:
    run("split", "-", "--by", "set", "--into", "out", stdin=SOUND_940.decode().encode("cp037"))
    assert Path("out/000000001-1-940-0001.edi").read_bytes() == SOUND_940


@pytest.mark.parametrize("by", ["set", "group"])
def test_a_set_that_counts_its_segments_wrongly_is_copied_as_it_is_and_told(by: str) -> None:
    wrong = SOUND_940.replace(b"SE*7*", b"SE*9*")
    assert wrong != SOUND_940
    code, out, err = run("split", "-", "--by", by, "--json", stdin=wrong)
    said = json.loads(out)
    assert code == 1
    [name] = said["files"]
    assert b"SE*9*" in Path(name).read_bytes()
    [told] = said["as_received"]
    assert told.startswith("interchange 000000001: SE01, ")
    assert "expected 7" in told
    code, out, err = run("split", "-", "--by", by, "--force", stdin=wrong)
    assert (code, err.splitlines()[-1]) == (1, f"! {told}; copied as it is")
    assert run("split", "-", "--by", "interchange", stdin=wrong)[0] == 0
