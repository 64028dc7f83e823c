"""SFTP: 2,000 files of 2 KB, looked through and made durable, beside paramiko's bare reads.

Run by `make bench`, or alone: `python -m tests.benchmarks.bench_sftp`.

Both sides ask one server, in a process of its own. The bare side does nothing but
`open(name).read()`. Ours lists the folder twice, claims each file, reads it, finds it unchanged,
commits it with the job that will read it, and puts it away. Wall clock, because waiting for answers
is the work; the bar is half of the bare rate.

After each batch of ours as many files are read bare, so that whatever else the machine does meets
both sides alike: what counts is the ratio of one round, and its median over the rounds.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import timedelta
from pathlib import Path
from statistics import median

import paramiko

from gateway.app import rare_collections
from gateway.clock import utc_now
from gateway.partners.connections import PickUp, SftpConnection
from gateway.pipeline.polling import StoredFolderMemory
from gateway.secrets import Vault
from gateway.store import SqlStore
from gateway.transports.arrival import ArrivalRules
from gateway.transports.polled.box import Place
from gateway.transports.polled.inbound import Inbound
from gateway.transports.polled.names import PollRules
from gateway.transports.sftp.connection import Account, Connection
from gateway.transports.sftp.files import SftpFiles
from tests.integration.world import world
from tests.sftp_server import PASSWORD, USER

COUNT = 2000
SIZE = 2048
ROUNDS = 3
STABLE_FOR = 0.05


def main() -> None:
    """Print the figures."""
    with tempfile.TemporaryDirectory() as folder, serving(Path(folder)) as connection:
        root = Path(folder) / "partner"
        fill(root / "bare")
        for after in ("archive", "delete", "leave"):
            rounds = []
            for number in range(ROUNDS):
                fill(root / f"{after}-{number}")
                rounds.append(side_by_side(connection, f"{after}-{number}", after, Path(folder)))
            ours, bare = (COUNT / min(seconds) for seconds in zip(*rounds, strict=True))
            ratios = sorted(bare / ours for ours, bare in rounds)
            bar = "  (bar 0.50)" if after == "archive" else ""
            spread = f"({ratios[0]:.2f} to {ratios[-1]:.2f})"
            print(
                f"taken and durable, {after:<8}{ours:6.0f} files/s; paramiko, open().read() "
                f"{bare:6.0f} files/s; {median(ratios):.2f} {spread}{bar}"
            )


@contextmanager
def serving(folder: Path) -> Iterator[Connection]:
    """Run a server in a process of its own; give our connection to it."""
    command = [sys.executable, "-m", "tests.sftp_server", str(folder / "partner")]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as server:
        assert server.stdin is not None
        assert server.stdout is not None
        port, host_key = server.stdout.readline().split(maxsplit=1)
        settings = SftpConnection.model_validate(
            {
                "type": "sftp",
                "host": "127.0.0.1",
                "port": port,
                "user": USER,
                "password": "${env:SFTP_PASSWORD}",
                "host_keys": [host_key.strip()],
            }
        )
        vault = Vault(folder, {"SFTP_PASSWORD": PASSWORD})
        with closing(Connection(Account.of(settings, vault))) as connection:
            yield connection
        server.stdin.close()


def fill(folder: Path) -> None:
    """Write the files: whole interchanges, each with a number of its own."""
    folder.mkdir()
    for number in range(COUNT):
        end = b"~IEA*1*%09d~\n" % number
        begin = b"ISA*00*          *"
        (folder / f"{number:05d}.edi").write_bytes(begin.ljust(SIZE - len(end), b".") + end)


class Bare:
    """Reads files one by one, and nothing else."""

    def __init__(self, client: paramiko.SFTPClient) -> None:
        self._client = client
        self._next = 0
        self.seconds = 0.0

    def read(self, count: int) -> None:
        """Read the next files."""
        begun = time.perf_counter()
        for number in range(self._next, self._next + count):
            with self._client.open(f"bare/{number:05d}.edi") as file:
                assert len(file.read()) == SIZE
        self.seconds += time.perf_counter() - begun
        self._next += count


def side_by_side(
    connection: Connection, folder: str, after: str, home: Path
) -> tuple[float, float]:
    """Return our seconds and the bare ones.

    Ours count from the first look to the last file put away, without the quiet time.
    """
    with world(f"sqlite:///{home / folder}.db") as here, closing(connection.session()) as client:
        bare, inbound = Bare(client), poller(connection, folder, after, here.store)
        inbound.connect()
        taken = 0
        with closing(inbound), rare_collections():
            begun = time.perf_counter()
            inbound.receive()
            used = time.perf_counter() - begun
            time.sleep(STABLE_FOR)
            while True:
                begun = time.perf_counter()
                batch = inbound.receive()
                taken += len(here.pipeline.receive(batch)) if batch else 0
                used += time.perf_counter() - begun
                if not batch:
                    break
                bare.read(len(batch))
    assert taken == COUNT
    return used, bare.seconds


def poller(connection: Connection, folder: str, after: str, store: SqlStore) -> Inbound:
    """Return what takes the files of a folder."""
    rules = ArrivalRules(stable_for=timedelta(seconds=STABLE_FOR))
    written = {"connection": "main", "folder": folder, "every": timedelta(0), "after": after}
    return Inbound(
        SftpFiles(connection),
        StoredFolderMemory(store, folder, clock=utc_now),
        PollRules(PickUp.model_validate(written), rules),
        Place("northstar-3pl", "main", folder, "sftp"),
    )


if __name__ == "__main__":
    main()
