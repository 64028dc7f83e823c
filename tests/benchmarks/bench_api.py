"""The API on embedded SQLite: documents submitted over HTTP, each durable before it is answered.

Run by `make bench`, or alone: `python -m tests.benchmarks.bench_api`.

The whole gateway runs in this process and sends what is submitted to a folder meanwhile; callers
are processes of their own with a connection each, as ERPs are. Wall clock, because waiting for the
disk is part of the work.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from pathlib import Path

import httpx

from gateway.api.tokens import Scope
from gateway.cli.logs import configure_logs
from gateway.config.settings import Logging
from tests.integration.api_world import ApiWorld, api_world, post
from tests.integration.outbound_world import shipment

COUNT = 200
"""Of each figure, over all callers."""

CALLERS = (1, 8)
NO_LIMIT = "api: {limits: {calls: 100000, burst: 1000000}}"


def submit(url: str, token: str, name: str, count: int) -> None:
    """Submit documents one after another, as one caller."""
    headers = {"Authorization": f"Bearer {token}"}
    with httpx.Client(base_url=url, headers=headers, timeout=60) as client:
        for number in range(count):
            answer = post(client, f"{name}-{number}", shipment(number))
            assert answer.json()["state"] == "enveloped", answer.text


def caller(world: ApiWorld, token: str, name: str, count: int) -> subprocess.Popen[bytes]:
    """Start a caller, which begins when it is told to."""
    words = [sys.executable, "-m", "tests.benchmarks.bench_api", world.url, token, name, str(count)]
    started = subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert started.stdout is not None
    started.stdout.readline()
    return started


def submissions(world: ApiWorld, token: str, callers: int) -> tuple[float, float]:
    """Return how many are answered in a second, and the processor's milliseconds for each.

    The latter are for taking and for sending, which goes on meanwhile.
    """
    started = [caller(world, token, f"{callers}-{n}", COUNT // callers) for n in range(callers)]
    begun, used = time.perf_counter(), time.process_time()
    for one in started:
        one.communicate(b"\n")
    assert {one.returncode for one in started} == {0}
    seconds, used = time.perf_counter() - begun, time.process_time() - used
    return COUNT / seconds, 1000 * used / COUNT


def looks(world: ApiWorld, token: str) -> float:
    """Return how many documents one caller can look at in a second."""
    with world.client(token) as client:
        ids = [one["id"] for one in client.get("/documents").json()["documents"]]
        begun = time.perf_counter()
        for number in range(COUNT):
            client.get(f"/documents/{ids[number % len(ids)]}").raise_for_status()
        return COUNT / (time.perf_counter() - begun)


def main() -> None:
    """Print the figures."""
    configure_logs(Logging(level="error"))
    with (
        tempfile.TemporaryDirectory() as folder,
        api_world(Path(folder) / "instance", settings=NO_LIMIT) as world,
    ):
        token = world.app.tokens.create("bench", tuple(Scope))
        with world.client(token) as client:
            post(client, "first")  # what is compiled at first use is compiled
        for callers in CALLERS:
            rate, used = submissions(world, token, callers)
            print(
                f"documents submitted, {callers} at once {rate:8.0f} /s {used:8.1f} ms of processor"
            )
        print(f"documents looked at, 1 at once {looks(world, token):8.0f} /s")


if __name__ == "__main__":
    if len(sys.argv) > 1:
        print(flush=True)
        sys.stdin.readline()
        url, token, name, count = sys.argv[1:]
        submit(url, token, name, int(count))
    else:
        main()
