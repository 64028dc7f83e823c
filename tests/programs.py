"""The real programs, started by tests: processes of their own, which can be killed.

They are forked from a process that has imported the gateway (`tests.zygote`), which saves each of
them the time that importing takes. Whether the installed command starts is tested where that is
the question.
"""

from __future__ import annotations

import atexit
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path
from typing import IO

ROOT = Path(__file__).parents[1]

PIPE = subprocess.PIPE
DEVNULL = subprocess.DEVNULL

Stream = int | IO[str] | IO[bytes] | None
"""`PIPE`, or a file; `DEVNULL` where there is none."""


class Program:
    """A program that runs, as `subprocess.Popen` is one, its streams text."""

    def __init__(self, pid: int, streams: Sequence[IO[str] | None]) -> None:
        self.pid = pid
        self.stdin, self.stdout, self.stderr = streams
        self.returncode: int | None = None
        self._ended = threading.Event()

    def ends(self, code: int) -> None:
        """Note how it ended."""
        self.returncode = code
        self._ended.set()

    def poll(self) -> int | None:
        """Return its exit code, or None while it runs."""
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        """Wait for its end; return its exit code."""
        if not self._ended.wait(timeout):
            raise subprocess.TimeoutExpired(str(self.pid), timeout or 0)
        assert self.returncode is not None
        return self.returncode

    def communicate(self, timeout: float | None = None) -> list[str]:
        """Wait for its end; return what it printed on the streams that are pipes."""
        with ThreadPoolExecutor() as pool:
            streams = (self.stdout, self.stderr)
            reading = [pool.submit(one.read) if one is not None else None for one in streams]
            try:
                self.wait(timeout)
            finally:
                self.kill()
            said = ["" if one is None else one.result() for one in reading]
        self.close()
        return said

    def __enter__(self) -> Program:
        return self

    def __exit__(self, *_fault: object) -> None:
        self.close()
        self.wait(timeout=120)

    def send_signal(self, number: int) -> None:
        """Send it a signal, unless it has ended."""
        if self.returncode is None:
            os.kill(self.pid, number)

    def kill(self) -> None:
        """Kill it."""
        self.send_signal(signal.SIGKILL)

    def terminate(self) -> None:
        """Ask it to end."""
        self.send_signal(signal.SIGTERM)

    def close(self) -> None:
        """Close what it reads and writes."""
        for stream in (self.stdin, self.stdout, self.stderr):
            if stream is not None:
                stream.close()


class _Zygote:
    """The process that programs are forked from."""

    def __init__(self) -> None:
        self._asking = threading.Lock()
        self._programs: dict[int, Program] = {}
        self._ended: dict[int, int] = {}
        self._forked: list[int] = []
        self._told = threading.Condition()
        self._socket, other = socket.socketpair()
        path = os.pathsep.join([str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])])
        with other:
            self._process = subprocess.Popen(
                [sys.executable, "-P", str(ROOT / "tests" / "zygote.py"), str(other.fileno())],
                pass_fds=[other.fileno()],
                stdin=subprocess.DEVNULL,
                env={**os.environ, "PYTHONPATH": path},
                cwd=ROOT,
            )
        self._listener = threading.Thread(target=self._listen, daemon=True, name="zygote")
        self._listener.start()
        atexit.register(self.close)

    def close(self) -> None:
        """Let it end."""
        self._socket.shutdown(socket.SHUT_RDWR)
        self._process.wait(timeout=30)
        self._listener.join(timeout=30)
        self._socket.close()

    def fork(
        self, words: Sequence[str], folder: Path, environment: Mapping[str, str], fds: Sequence[int]
    ) -> int:
        """Return the number of a new process that is this program."""
        request = {"words": [*words], "folder": str(folder), "environment": {**environment}}
        with self._asking, self._told:
            socket.send_fds(self._socket, [json.dumps(request).encode()], [*fds])
            self._told.wait_for(lambda: self._forked)
            return self._forked.pop()

    def watch(self, program: Program) -> None:
        """Tell a program of its end."""
        with self._told:
            if program.pid in self._ended:
                program.ends(self._ended.pop(program.pid))
            else:
                self._programs[program.pid] = program

    def _listen(self) -> None:
        with self._socket.makefile("r") as lines:
            for line in lines:
                pid, code = json.loads(line)
                with self._told:
                    if code is None:
                        self._forked.append(pid)
                    elif pid in self._programs:
                        self._programs.pop(pid).ends(code)
                    else:
                        self._ended[pid] = code
                    self._told.notify_all()


@cache
def _zygote() -> _Zygote:
    return _Zygote()


def start(
    *words: str,
    folder: Path | None = None,
    environment: Mapping[str, str] | None = None,
    stdin: Stream = DEVNULL,
    stdout: Stream = DEVNULL,
    stderr: Stream = DEVNULL,
) -> Program:
    """Start a program, by the words that `tests.zygote.become` knows; do not wait for it."""
    ours: list[IO[str] | None] = []
    theirs: list[int] = []
    opened: list[int] = []
    for number, stream in enumerate((stdin, stdout, stderr)):
        if stream == PIPE:
            ends = os.pipe()
            mine, other = (ends[1], ends[0]) if number == 0 else ends
            ours.append(os.fdopen(mine, "w" if number == 0 else "r"))
            opened.append(other)
        else:
            ours.append(None)
            if not isinstance(stream, int) and stream is not None:
                theirs.append(stream.fileno())
                continue
            opened.append(os.open(os.devnull, os.O_RDWR))
        theirs.append(opened[-1])
    try:
        pid = _zygote().fork(words, folder or Path.cwd(), environment or os.environ, theirs)
    finally:
        for one in opened:
            os.close(one)
    program = Program(pid, ours)
    _zygote().watch(program)
    return program


def run(
    *words: str,
    folder: Path | None = None,
    environment: Mapping[str, str] | None = None,
    timeout: float = 120,
) -> subprocess.CompletedProcess[str]:
    """Run a program to its end; return how it ended, and what it printed."""
    with tempfile.TemporaryFile("w+") as out, tempfile.TemporaryFile("w+") as err:
        program = start(*words, folder=folder, environment=environment, stdout=out, stderr=err)
        try:
            code = program.wait(timeout)
        finally:
            program.kill()
        said = []
        for stream in (out, err):
            stream.seek(0)
            said.append(stream.read())
    return subprocess.CompletedProcess(list(words), code, *said)
