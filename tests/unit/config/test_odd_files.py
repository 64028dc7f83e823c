"""Names in the folders of an instance that are no files a person wrote: told, never waited for."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from gateway import config
from gateway.config import map_tests
from gateway.errors import ConfigProblems
from gateway.small_files import MAX_BYTES, read_small
from tests.unit.config.instances import write
from tests.unit.config.test_broken import SOUND

PLACES = [
    "gateway.yaml",
    "routes.yaml",
    "partners/odd.yaml",
    "maps/odd/850.map.yaml",
    "tables/odd.table.yaml",
]


def _pipe(path: Path) -> None:
    os.mkfifo(path)


def _device(path: Path) -> None:
    path.symlink_to("/dev/zero")


def _folder(path: Path) -> None:
    path.mkdir()


def _large(path: Path) -> None:
    path.write_bytes(b"#" * (MAX_BYTES + 1))


ODD: dict[str, tuple[Callable[[Path], None], str]] = {
    "a pipe": (_pipe, "it is no regular file"),
    "a link to a device": (_device, "it is no regular file"),
    "a folder": (_folder, "Is a directory"),
    "a file beyond any size": (_large, f"it is larger than {MAX_BYTES} bytes"),
    "a link to nothing": (lambda path: path.symlink_to("nowhere"), "No such file or directory"),
}


def _instance(home: Path, odd: str, place: str) -> str:
    """Write an instance with something odd at a place; return why it cannot be read."""
    write(home, {name: text for name, text in SOUND.items() if not name.startswith("maps/")})
    path = home / place
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    make, why = ODD[odd]
    make(path)
    return why


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("odd", ODD)
def test_what_is_no_file_is_a_problem_of_its_place(tmp_path: Path, odd: str, place: str) -> None:
    why = _instance(tmp_path, odd, place)
    if (place, odd) == ("gateway.yaml", "a link to nothing"):
        with pytest.raises(config.InstanceMissing):
            config.load(tmp_path, {})
        return
    with pytest.raises(ConfigProblems) as refused:
        config.load(tmp_path, {})
    assert [str(problem) for problem in refused.value.problems] == [
        f"{place}:1:1: cannot be read: {why}"
    ]


@pytest.mark.parametrize("odd", ODD)
def test_a_sample_of_a_map_test_that_is_no_file_is_a_problem(tmp_path: Path, odd: str) -> None:
    why = _instance(tmp_path, odd, "maps/sample.edi")
    text = "map: base-945\ncases:\n  - {name: one, edi: sample.edi, document: '{}'}\n"
    write(tmp_path, {"maps/odd.test.yaml": text})
    (problem,) = map_tests.check(tmp_path, ["base-945"])
    assert problem.message == (
        f"sample.edi cannot be read: {why}; paths start at the folder of this file, tried "
        f"{tmp_path}/maps/sample.edi"
    )


def test_a_file_that_grows_while_it_is_read_is_not_read_for_ever() -> None:
    # It says that it is empty, as many files of the kernel do.
    with pytest.raises(OSError, match="it is larger than 10 bytes"):
        read_small(Path("/proc/self/maps"), 10)
