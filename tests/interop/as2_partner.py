"""django-pyas2 and mock-edi for tests: an environment of their own, and their programs in it."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.interop import environments

PROGRAM = Path(__file__).parent / "pyas2_program.py"

REQUIREMENTS = ("django-pyas2==1.2.3", "mock-edi==0.9.0")
AFTERWARDS = ("elements-oscrypto==1.4.0b1",)
"""Lies over the oscrypto that pyas2lib wants, which does not know the OpenSSL of today."""


def environment(cache: Path) -> Path:
    """Return the Python of an environment with both; skip where that is impossible."""
    return environments.environment(cache, REQUIREMENTS, AFTERWARDS)


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
    port = environments.free_port()
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
