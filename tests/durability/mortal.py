"""A gateway that serves, is told when to die, and is started again: one instance for many kills."""

from __future__ import annotations

import os
import signal
from contextlib import suppress
from pathlib import Path
from queue import Queue
from threading import Thread

from tests import programs
from tests.durability.dying_gateway import SERVING
from tests.durability.instance import DYING
from tests.programs import Program


class Mortal:
    """The process that runs now, and the transitions of all that ran."""

    def __init__(self, home: Path) -> None:
        self._home = home
        self.transitions: set[str] = set()
        self._process: Program | None = None
        self._said: Queue[str] = Queue()
        self._listener: Thread | None = None

    def live(self) -> None:
        """Start, and return when it serves."""
        self._bury()
        self._process = programs.start(
            str(DYING),
            str(self._home),
            "none",
            folder=self._home,
            environment={**os.environ, SERVING: "1"},
            stdin=programs.PIPE,
            stdout=programs.PIPE,
        )
        self._said = Queue()
        self._listener = Thread(target=self._listen, args=(self._process, self._said))
        self._listener.start()
        assert self._said.get(timeout=60) == "ready"

    def die_at(self, moment: str) -> None:
        """Let it die when it comes to a moment."""
        self._tell(f"die {moment}")

    def submit(self, document: Path) -> None:
        """Hand over a document, as an ERP does; return whether or not it lived to answer."""
        self._tell(f"submit {document}")

    def died(self) -> bool:
        """Wait for its end; say whether it was killed."""
        assert self._process is not None
        return self._process.wait(timeout=60) == -signal.SIGKILL

    def kill(self) -> None:
        """Kill it from outside."""
        if self._process is not None:
            self._process.kill()

    def close(self) -> None:
        """Kill it, and let go of everything."""
        self.kill()
        self._bury()

    def _bury(self) -> None:
        if self._process is None or self._listener is None:
            return
        self._process.wait(timeout=60)
        self._listener.join()
        with suppress(BrokenPipeError):
            self._process.close()

    def _tell(self, line: str) -> None:
        assert self._process is not None
        assert self._process.stdin is not None
        with suppress(BrokenPipeError):  # it died before it could be told
            self._process.stdin.write(f"{line}\n")
            self._process.stdin.flush()
        assert self._said.get(timeout=60) in ("done", "")

    def _listen(self, process: Program, said: Queue[str]) -> None:
        assert process.stdout is not None
        for line in process.stdout:
            if line.strip() in ("ready", "done"):
                said.put(line.strip())
            else:
                self.transitions.add(line.strip())
        said.put("")  # it died before it could answer
