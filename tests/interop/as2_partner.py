"""django-pyas2 and mock-edi for tests: an environment of their own, and their programs in it."""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

PROGRAM = Path(__file__).parent / "pyas2_program.py"

REQUIREMENTS = ("django-pyas2==1.2.3", "mock-edi==0.9.0")
AFTERWARDS = ("elements-oscrypto==1.4.0b1",)
"""Lies over the oscrypto that pyas2lib wants, which does not know the OpenSSL of today."""


def environment(cache: Path) -> Path:
    """Return the Python of an environment with both, made once; skip where that is impossible."""
    wanted = hashlib.sha256(repr((sys.version, REQUIREMENTS, AFTERWARDS)).encode()).hexdigest()[:12]
    place = cache / wanted
    cache.mkdir(parents=True, exist_ok=True)
    with (cache / f"{wanted}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # other workers of this session want the same one
        return _made(place)


def _made(place: Path) -> Path:
    python, ready = place / "bin" / "python", place / "ready"
    if ready.exists():
        return python
    pip = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    for command in (
        [sys.executable, "-m", "venv", "--clear", str(place)],
        [*pip, *REQUIREMENTS],
        [*pip, "--no-deps", *AFTERWARDS],
    ):
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=600)
        if done.returncode != 0:
            because = (done.stderr or done.stdout).strip().splitlines()[-1:]
            pytest.skip(f"django-pyas2 cannot be installed here: {' '.join(because)}")
    ready.touch()
    return python


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class PyAs2:
    """The partner's AS2 system, running."""

    def __init__(self, process: subprocess.Popen[str], url: str) -> None:
        self._process = process
        self.url = url

    def ask(self, verb: str, **arguments: Any) -> Any:
        """Have something done and return the answer."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps([verb, arguments]) + "\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        assert line, "django-pyas2 has died"
        return json.loads(line)

    @property
    def received(self) -> list[dict[str, Any]]:
        """Return the messages that it got from us, oldest first."""
        return [one for one in self.ask("messages") if one["direction"] == "IN"]


@contextmanager
def pyas2(python: Path, folder: Path, config: Mapping[str, Any]) -> Iterator[PyAs2]:
    """Run the partner's AS2 system."""
    folder.mkdir()
    port = free_port()
    settings = folder / "config.json"
    whole = {"folder": str(folder / "django"), "port": port, **config}
    settings.write_text(json.dumps(whole))
    with (
        (folder / "log").open("w") as log,
        subprocess.Popen(
            [str(python), str(PROGRAM), str(settings)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
            env={**os.environ, "PYTHONPATH": ""},
        ) as process,
    ):
        try:
            assert process.stdout is not None
            first = process.stdout.readline()
            assert first == '"ready"\n', (first, (folder / "log").read_text())
            yield PyAs2(process, f"http://127.0.0.1:{port}/as2receive")
        finally:
            process.kill()
