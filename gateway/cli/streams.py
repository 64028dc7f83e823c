"""The three streams of a program as whoever started it gave them: closed, full or of few signs."""

from __future__ import annotations

import io
import os
import sys
from contextlib import suppress
from typing import NoReturn


def stand_in() -> None:
    """Put nothing in the place of each stream that is closed; let what cannot be shown be `?`."""
    if sys.stdin is None:
        sys.stdin = open(os.devnull, encoding="utf-8")  # noqa: SIM115 - stays open to the end
    if sys.stdout is None:
        sys.stdout = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115 - as above
    if sys.stderr is None:
        sys.stderr = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115 - as above
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper) and stream.errors == "strict":
            stream.reconfigure(errors="replace")


def give_up(fault: OSError) -> NoReturn:
    """Say that the system refused something, a full disk mostly, and exit."""
    what = f": {fault.filename}" if fault.filename else ""
    with suppress(OSError):
        # What is still to be written cannot be; Python would say so once more at its end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    with suppress(OSError):
        print(f"error: {fault.strerror or fault}{what}", file=sys.stderr)
    sys.exit(1)
