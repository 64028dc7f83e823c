from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from gateway.errors import Permanent, Transient
from gateway.pipeline.ports import Consignment
from gateway.transports.directory.outbound import Outbound

ACK = Consignment(b"ISA*...~IEA*1*000000007~", "997-000000007.edi", "ack:7", "interchange:7")


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "out"


@pytest.fixture
def outbound(out: Path) -> Outbound:
    made = Outbound(out)
    made.connect()
    return made


def visible(out: Path) -> list[str]:
    return sorted(path.name for path in out.iterdir() if not path.name.startswith("."))


def test_a_delivered_file_holds_the_bytes_and_no_temporary_is_left(
    outbound: Outbound, out: Path
) -> None:
    outbound.deliver(ACK)
    assert (out / ACK.name).read_bytes() == ACK.content
    assert sorted(path.name for path in out.iterdir()) == [".lock", ACK.name]


def test_a_full_disk_leaves_nothing_behind_and_is_tried_again(
    outbound: Outbound, out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr("os.fsync", full)
        with pytest.raises(Transient, match="No space left on device"):
            outbound.deliver(ACK)
    assert [path.name for path in out.iterdir()] == [".lock"]
    assert not outbound.deliver(ACK).repeated


def test_what_a_crash_left_half_written_is_replaced_by_the_next_attempt(
    outbound: Outbound, out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Killed(BaseException):
        pass

    def die(self: Path, target: Path) -> None:
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(Path, "rename", die)
        with pytest.raises(Killed):
            outbound.deliver(ACK)
    assert visible(out) == [], "the partner sees nothing of it"
    outbound.deliver(ACK)
    assert sorted(path.name for path in out.iterdir()) == [".lock", ACK.name]


@pytest.mark.parametrize("name", ["", ".hidden", "../up.edi", "a/b.edi", "a\\b.edi", "a\0.edi"])
def test_a_name_that_leaves_the_folder_or_hides_is_refused(outbound: Outbound, name: str) -> None:
    with pytest.raises(Permanent) as refused:
        outbound.deliver(replace(ACK, name=name))
    assert str(refused.value) == (
        f"{name!r} cannot be a file name: expected a plain name without a path"
    )


def test_a_link_of_that_name_is_not_written_through(outbound: Outbound, out: Path) -> None:
    (out.parent / "elsewhere").write_bytes(b"theirs")
    (out / ACK.name).symlink_to(out.parent / "elsewhere")
    with pytest.raises(Permanent, match="it is not overwritten"):
        outbound.deliver(ACK)
    assert (out.parent / "elsewhere").read_bytes() == b"theirs"


def test_a_folder_that_is_gone_is_a_matter_of_time(outbound: Outbound, out: Path) -> None:
    (out).rmdir()
    with pytest.raises(Transient, match="No such file or directory"):
        outbound.deliver(ACK)


def test_a_path_that_is_a_file_is_refused_at_connect(tmp_path: Path) -> None:
    (tmp_path / "out").write_text("a file")
    with pytest.raises(Permanent) as refused:
        Outbound(tmp_path / "out").connect()
    assert str(refused.value) == f"{tmp_path / 'out'}: File exists"
