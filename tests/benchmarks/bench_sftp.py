"""SFTP: 2,000 files of 2 KB, looked through and made durable, beside paramiko's bare reads.

Run by `make bench`, or alone: `python -m tests.benchmarks.bench_sftp`.

Both sides ask one server, in a process of its own. The bare side does nothing but
`open(name).read()`. Ours lists the folder twice, claims each file, reads it, finds it unchanged,
commits it with the job that will read it, and puts it away. Wall clock, because waiting for answers
is the work; the bar is half of the bare rate.
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

from gateway.app import rare_collections
from gateway.clock import utc_now
from gateway.partners.connections import PickUp, SftpConnection
from gateway.pipeline.polling import StoredFolderMemory
from gateway.secrets import Vault
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
        bare: list[float] = []
        ours: dict[str, list[float]] = {"archive": [], "delete": [], "leave": []}
        for number in range(ROUNDS):
            for after, rates in ours.items():
                where = f"{after}-{number}"
                fill(root / where)
                bare.append(COUNT / read_bare(connection, where))
                rates.append(COUNT / take_all(connection, where, after, Path(folder)))
    print(f"paramiko, open().read()          {max(bare):8.0f} files/s")
    for after, rates in ours.items():
        ratio = max(rates) / max(bare)
        bar = "  (bar 0.50)" if after == "archive" else ""
        print(f"taken and durable, {after:<13} {max(rates):8.0f} files/s  {ratio:.2f}{bar}")


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


def read_bare(connection: Connection, folder: str) -> float:
    """Return the seconds that reading every file takes, and nothing else."""
    with closing(connection.session()) as client, rare_collections():
        begun = time.perf_counter()
        for number in range(COUNT):
            with client.open(f"{folder}/{number:05d}.edi") as file:
                assert len(file.read()) == SIZE
        return time.perf_counter() - begun


def take_all(connection: Connection, folder: str, after: str, home: Path) -> float:
    """Return the seconds from the first look to the last file put away, without the quiet time."""
    with world(f"sqlite:///{home / folder}.db") as here:
        rules = ArrivalRules(stable_for=timedelta(seconds=STABLE_FOR))
        written = {"connection": "main", "folder": folder, "every": timedelta(0), "after": after}
        inbound = Inbound(
            SftpFiles(connection),
            StoredFolderMemory(here.store, folder, clock=utc_now),
            PollRules(PickUp.model_validate(written), rules),
            Place("northstar-3pl", "main", folder, "sftp"),
        )
        inbound.connect()
        taken = 0
        with closing(inbound), rare_collections():
            begun = time.perf_counter()
            inbound.receive()
            used = time.perf_counter() - begun
            time.sleep(STABLE_FOR)
            begun = time.perf_counter()
            while batch := inbound.receive():
                taken += len(here.pipeline.receive(batch))
            used += time.perf_counter() - begun
    assert taken == COUNT
    return used


if __name__ == "__main__":
    main()
