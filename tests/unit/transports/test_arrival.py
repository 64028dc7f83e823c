from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from gateway.config.settings import Pickup
from gateway.transports.arrival import ArrivalRules, ArrivalWatch, Signature, ends_completely

# What an instance has that says nothing about it.
UNLESS_SET = ArrivalRules(ignore=Pickup().ignore)

START = datetime(2026, 3, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    "tail",
    [
        b"GE*1*1~IEA*1*000000001~",
        b"GE*1*1~IEA*1*000000001~\n",
        b"GE*1*1~\r\nIEA*1*000000001~\r\n\r\n   ",
        b"GE*1*1\nIEA*1*000000001\n",
        b"GE|1|1\x1cIEA|12|000000001\x1c",
        b"GE\x1d1\x1d1\x1cIEA\x1d1\x1d000000001\x1c\x1a",
        b"GE*1*1~IEA*1*000000001",
        b"IEA*1*1~",
        b"IEA*00001*000000001~\x00\x00",
        b"~IEA*1*000000001~ISA*...~TA1*x~IEA*0*000000002~",
        b"GE*1*1~IE\r\nA*1*0000\r\n00001~\r\n",
        "GE*1*1~IEA*1*000000001~".encode("cp037"),
        "GE*1*1~I".encode("cp037") + b"\x15" + "EA*1*000000001~".encode("cp037") + b"\x15",
    ],
)
def test_a_payload_that_ends_with_a_whole_iea_is_complete(tail: bytes) -> None:
    assert ends_completely(tail)


@pytest.mark.parametrize(
    "tail",
    [
        b"",
        b"ISA*00*",
        b"GE*1*1~",
        b"GE*1*1~IEA",
        b"GE*1*1~IEA*1",
        b"GE*1*1~IEA*1*",
        b"GE*1*1~IEA*1*00000000",
        b"GE*1*1~IEA*1*000000001~GS*",
        b"GE*1*1~IEA*1|000000001~",
        b"N1*XXIEA*1*000000001~",
        b"\x00\xff\x00",
        b"GE*1*1~IEA*1*0000\r\n0000",
        "GE*1*1~IEA*1*0000".encode("cp037"),
    ],
)
def test_a_payload_that_ends_otherwise_may_still_be_coming(tail: bytes) -> None:
    assert not ends_completely(tail)


@pytest.mark.parametrize(
    "name",
    [
        ".order.edi", "order.edi~", "order.edi.tmp", "order.TEMP", "order.edi.part",
        "order.edi.partial", "order.edi.filepart", "order.edi.inprogress", "order.crdownload",
        ".order.edi.swp", "order.swp", "~$order.edi",
    ],
)  # fmt: skip
def test_a_file_that_is_still_written_is_known_by_its_name(name: str) -> None:
    assert UNLESS_SET.ignores(name)


@pytest.mark.parametrize("name", ["order.edi", "ORDER", "temp.edi", "order.part.edi"])
def test_other_names_are_taken(name: str) -> None:
    assert not UNLESS_SET.ignores(name)


def test_names_to_ignore_may_be_written_in_upper_case() -> None:
    assert ArrivalRules(ignore=("*.TMP",)).ignores("order.Tmp")


def test_every_cut_of_a_payload_but_its_padding_is_incomplete() -> None:
    whole = b"ISA*00*x~GS*OW~ST*940*0001~SE*2*0001~GE*1*1~IEA*1*000000001~"
    complete = [end for end in range(len(whole) + 1) if ends_completely(whole[:end])]
    assert complete == [len(whole) - 1, len(whole)], "only the terminator itself may be missing"


def test_the_oldest_files_are_taken_first_and_only_their_ends_are_read() -> None:
    read: list[str] = []

    def tail(name: str) -> bytes:
        read.append(name)
        return b"IEA*1*000000001~"

    watch = ArrivalWatch(ArrivalRules(), tail)
    seen = {name: Signature(9, modified) for name, modified in [("c", 1), ("a", 3), ("b", 2)]}
    assert watch.look(seen, START, limit=2) == []
    taken = watch.look(seen, START + timedelta(seconds=2), limit=2)
    assert [arrival.name for arrival in taken] == ["c", "b"]
    assert read == ["c", "b"]


def test_an_end_that_could_not_be_read_is_read_again_before_the_file_is_given_up() -> None:
    answers: list[bytes | None] = [None, b"IEA*1*000000001~"]

    def tail(name: str) -> bytes:
        answer = answers.pop(0)
        if answer is None:
            raise PermissionError(13, "Permission denied")
        return answer

    watch = ArrivalWatch(ArrivalRules(), tail)
    seen = {"a": Signature(9, 1)}
    watch.look(seen, START, limit=9)
    assert watch.unsettled
    assert watch.look(seen, START + timedelta(seconds=2), limit=9) == []
    assert watch.waiting == {"a": "cannot be read: Permission denied"}
    assert not watch.unsettled
    (arrival,) = watch.look(seen, START + timedelta(minutes=15), limit=9)
    assert arrival.incomplete == ""
