"""What stands in the lists of a folder and in no file yet, for people to look at.

Nobody's turn is waited for and nothing is changed: a line that is being written counts when it is
whole. So it can be looked at while a process that holds the folder is stuck.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from gateway.pipeline.ports import OpenWindow
from gateway.transports.file.window_list import Known, seen

LISTS = ".windows"
"""The folder of lists, below that of the files."""
LIST = ".list"


def open_windows(folder: Path, ending: str) -> Iterator[OpenWindow]:
    """Yield what is gathered in a folder, by name; a window without documents is left out."""
    for path in sorted((folder / LISTS).glob(f"*{LIST}")):
        try:
            known, fault = seen(path)
        except FileNotFoundError:
            continue  # Its window was done just now.
        except OSError as reason:
            known, fault = Known(), f"{path}: {reason.strerror or reason}"
        if known.documents or known.closing or fault:
            yield _told(folder, path.name.removesuffix(LIST), ending, known, fault)


def _told(folder: Path, stem: str, ending: str, known: Known, fault: str) -> OpenWindow:
    number = known.parts + 1
    name = known.closing or file_name(stem, number, ending)
    size = len(known.heading.encode()) + known.size
    handed_over = known.parts - (known.closing is not None)
    return OpenWindow(
        stem, str(folder / name), known.documents, size, known.ends, handed_over, fault
    )


def file_name(stem: str, number: int, ending: str) -> str:
    """Return the name of a window's file, by its number from one."""
    return f"{stem}.{number}.{ending}" if number > 1 else f"{stem}.{ending}"
