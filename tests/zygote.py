"""A process that has imported the gateway, and becomes a program whenever it is asked to.

    zygote.py DESCRIPTOR

Importing takes a program longer than most tests need it for, and so does reading what comes with
the product. Here both are done once: each request forks, and the child is the program, with
streams, folder, arguments and environment of its own. It runs its main function and ends as an
interpreter ends, or is killed, and its exit code is told. `tests.programs` is the other side of
the socket.
"""

from __future__ import annotations

import gc
import json
import os
import runpy
import selectors
import signal
import socket
import sys
import tempfile
import threading
from pathlib import Path
from typing import Any

IMPORTED = (
    "gateway.app.api",
    "gateway.app.collecting",
    "gateway.app.drop_boxes",
    "gateway.app.exports",
    "gateway.app.listeners",
    "gateway.app.opening",
    "gateway.app.partner_connections",
    "gateway.cli.documents",
    "gateway.cli.init",
    "gateway.cli.run",
    "gateway.pipeline.engine",
    "gateway.store.migrating",
    "gateway.transports.http.outbound",
)
"""What `gateway run` imports sooner or later."""

_LARGEST = 1024 * 1024
"""Bytes of a request: mostly the environment."""


class Zygote:
    """Forks for each request, and tells of each child that ended."""

    def __init__(self, asked: socket.socket) -> None:
        self._asked = asked
        self._ended = socket.socketpair()
        for one in self._ended:
            one.setblocking(False)

    def serve(self) -> dict[str, Any] | None:
        """Return None once nobody asks any more; and, in each child, what it is to become."""
        signal.set_wakeup_fd(self._ended[1].fileno())
        signal.signal(signal.SIGCHLD, lambda _number, _frame: None)
        with selectors.DefaultSelector() as waiting:
            waiting.register(self._asked, selectors.EVENT_READ)
            waiting.register(self._ended[0], selectors.EVENT_READ)
            while True:
                for key, _ in waiting.select():
                    if key.fileobj is not self._asked:
                        self._ended[0].recv(4096)
                        self._bury()
                        continue
                    content, streams, *_ = socket.recv_fds(self._asked, _LARGEST, 3)
                    if not content:
                        return None
                    if (child := self._fork(json.loads(content), streams)) is not None:
                        return child

    def _fork(self, request: dict[str, Any], streams: list[int]) -> dict[str, Any] | None:
        pid = os.fork()
        if pid:
            for stream in streams:
                os.close(stream)
            self._tell(pid, None)
            return None
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        for one in (self._asked, *self._ended):
            one.close()
        for number, stream in enumerate(streams):
            os.dup2(stream, number)
            os.close(stream)
        return request

    def _bury(self) -> None:
        while True:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if not pid:
                return
            self._tell(pid, os.waitstatus_to_exitcode(status))

    def _tell(self, pid: int, code: int | None) -> None:
        self._asked.sendall(json.dumps([pid, code]).encode() + b"\n")


def become(words: list[str], folder: str, environment: dict[str, str]) -> None:
    """Be a program: `gateway …`, `FILE.py …`, `-m MODULE …` or `-c CODE …`."""
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    if "PYTHONUNBUFFERED" in environment:
        for stream in (sys.stdout, sys.stderr):
            stream.reconfigure(line_buffering=True)  # type: ignore[union-attr]  # text, as at start
    program, *arguments = words
    if program == "gateway":
        from gateway.cli import main

        sys.argv = words
        main()
    elif program == "-m":
        sys.argv = arguments
        runpy.run_module(arguments[0], run_name="__main__", alter_sys=True)
    elif program == "-c":
        sys.argv = ["-c", *arguments[1:]]
        exec(arguments[0], {"__name__": "__main__"})  # noqa: S102 - as `python -c` does
    else:
        sys.argv = words
        runpy.run_path(program, run_name="__main__")


def read_ahead() -> None:
    """Read what each program would read of the product's own files, and compile its maps."""
    from gateway import config
    from gateway.cli.init import write_instance

    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder) / "instance"
        write_instance(home)
        config.load(home)


def main(descriptor: str) -> None:
    for name in IMPORTED:
        __import__(name)
    read_ahead()
    gc.freeze()  # or each child would copy what its collector only looks at
    # Only the thread that forks is there afterwards: a lock that another one holds stays locked.
    assert threading.active_count() == 1, threading.enumerate()
    with socket.socket(fileno=int(descriptor)) as asked:
        child = Zygote(asked).serve()
    if child is not None:
        become(**child)


if __name__ == "__main__":
    main(*sys.argv[1:])
