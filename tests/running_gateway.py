"""`gateway run` in a process of its own, and what it says."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from tests import programs
from tests.integration.world import wait_for


class Running:
    """The program, and the lines that it has logged so far."""

    def __init__(self, home: Path, *options: str) -> None:
        words = ("gateway", "run", *options, "--home", str(home))
        self.process = programs.start(*words, stderr=programs.PIPE)
        self.lines: list[str] = []
        self._reader = threading.Thread(target=self._read)
        self._reader.start()

    def _read(self) -> None:
        assert self.process.stderr is not None
        with self.process.stderr as stream:
            self.lines.extend(iter(stream.readline, ""))

    def said(self, *words: str) -> Callable[[], bool]:
        return lambda: any(all(word in line for word in words) for line in [*self.lines])

    def wait_for(self, *words: str) -> None:
        try:
            wait_for(self.said(*words), seconds=60)
        except AssertionError:
            raise AssertionError("".join(self.lines)) from None

    def stop(self) -> int:
        self.process.send_signal(signal.SIGTERM)
        code = self.process.wait(timeout=60)
        self._reader.join()
        return code


@contextmanager
def started(home: Path, *options: str) -> Iterator[Running]:
    """Run the program until the block ends; it has said that it started."""
    running = Running(home, *options)
    try:
        running.wait_for("gateway_started")
        yield running
    finally:
        if running.process.poll() is None:
            running.process.kill()
            running.process.wait()
