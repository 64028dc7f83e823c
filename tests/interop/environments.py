"""Programs of others for tests, each in a Python environment of its own."""

from __future__ import annotations

import fcntl
import hashlib
import socket
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest


def environment(cache: Path, requirements: Sequence[str], afterwards: Sequence[str] = ()) -> Path:
    """Return the Python of an environment with these, made once; skip where that is impossible.

    `afterwards` lie over what the others want, without wishes of their own.
    """
    wanted = hashlib.sha256(repr((sys.version, requirements, afterwards)).encode()).hexdigest()[:12]
    place = cache / wanted
    cache.mkdir(parents=True, exist_ok=True)
    with (cache / f"{wanted}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # other workers of this session want the same one
        return _made(place, requirements, afterwards)


def _made(place: Path, requirements: Sequence[str], afterwards: Sequence[str]) -> Path:
    python, ready = place / "bin" / "python", place / "ready"
    if ready.exists():
        return python
    # Our pip, and each file compiled when it is imported: most never are.
    pip = [sys.executable, "-m", "pip", "--python", str(python), "install", "--no-compile"]
    pip += ["--quiet", "--disable-pip-version-check"]
    venv = [sys.executable, "-m", "venv", "--without-pip", "--clear", str(place)]
    commands = [venv, [*pip, *requirements]]
    if afterwards:
        commands.append([*pip, "--no-deps", *afterwards])
    for command in commands:
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=600)
        if done.returncode != 0:
            because = (done.stderr or done.stdout).strip().splitlines()[-1:]
            named = ", ".join(requirements)
            pytest.skip(f"{named} cannot be installed here: {' '.join(because)}")
    ready.touch()
    return python


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
