"""An instance that tests kill: files in, an ERP over HTTP, acknowledgments and orders out."""

from __future__ import annotations

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

import orjson

from gateway import resources
from gateway.cli.receiver import Receiver
from tests import programs
from tests.erp import instance_of
from tests.programs import Program

DYING = Path(__file__).parent / "dying_gateway.py"
_SENDERS = {"base": "tidewater-supply"}


@dataclass(frozen=True)
class KilledInstance:
    """A home with files in its inboxes, and the ERP it delivers to."""

    home: Path
    erp: Receiver

    @classmethod
    def make(cls, home: Path, database_url: str, erp: Receiver) -> KilledInstance:
        """Write an instance that keeps its state in a database and delivers to an ERP."""
        instance_of(erp, home, stable_for="100ms")
        # By reference, as an address that may hold a password is given.
        (home / "secrets" / "store").write_text(database_url, "utf-8")
        settings = (home / "gateway.yaml").read_text("utf-8")
        store = '\nstore:\n  url: "${file:secrets/store}"\n'
        (home / "gateway.yaml").write_text(settings + store, "utf-8")
        # Gathered, so that an order waits for its interchange, if only for an instant.
        partner = home / "partners" / "northstar-3pl.yaml"
        agreed = partner.read_text("utf-8")
        assert agreed.count("map: northstar-940\n") == 1
        batch = "map: northstar-940\n    batch: {every: 1ms}\n"
        partner.write_text(agreed.replace("map: northstar-940\n", batch), "utf-8")
        return cls(home, erp)

    def drop(self, sample: str, number: int) -> None:
        """Drop a sample into its sender's inbox, as an interchange with a number of its own."""
        path = resources.directory("samples") / sample
        text = path.read_bytes().decode("latin-1")
        # ISA13 stands at a fixed place; IEA02 repeats it.
        text = text.replace(text[90:99], f"{700_000_000 + number}")
        partner = _SENDERS.get(path.parent.name, path.parent.name)
        inbox = self.home / "sftp_inbox" / partner / "in"
        (inbox / f"{number}-{path.name}").write_bytes(text.encode("latin-1"))

    def order(self, number: int) -> Path:
        """Write an order of our own for Northstar, with a number of its own."""
        sample = resources.directory("samples") / "outbound/northstar-3pl/940-two-lamps.json"
        document = orjson.loads(sample.read_bytes())
        document["depositor_order_number"] = f"OUT-{number}"
        file = self.home / f"order-{number}.json"
        file.write_bytes(orjson.dumps(document))
        return file

    def send(self, order: Path) -> int:
        """Submit an order with the real program, as an ERP does that never saw an answer."""
        words = ("send", str(order), "--partner", "northstar-3pl", "--key", order.name)
        return self._run(*self._program(*words)).returncode

    def run_until(self, transition: str, *orders: Path) -> int:
        """Submit orders and run until the process kills itself; return its exit code."""
        return self._run(str(DYING), str(self.home), transition, *map(str, orders)).returncode

    def transitions_of_a_run(self, *orders: Path) -> set[str]:
        """Run to the end and return the names of the transitions."""
        done = self._run(str(DYING), str(self.home), "none", *map(str, orders))
        assert done.returncode == 0, done.stderr
        return set(done.stdout.split())

    def run_once(self) -> int:
        """Run the real program over what is there, as an operator would after the crash."""
        return self._run(*self._program("run", "--once")).returncode

    def start(self) -> Program:
        """Start the real program over what is there."""
        words = self._program("run", "--once")
        return programs.start(*words, folder=self.home, stderr=programs.PIPE)

    def documents(self, direction: str) -> list[dict[str, object]]:
        """Ask the real program for every document that came in, or goes out."""
        words = ("documents", "list", "--json", "--limit", "1000", "--direction", direction)
        done = self._run(*self._program(*words))
        found = orjson.loads(done.stdout)
        assert isinstance(found, list)
        return found

    def run(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Run a command of the real program."""
        return self._run(*self._program(*words))

    def left_over(self) -> list[str]:
        """Return the files that still wait in an inbox or are claimed from one."""
        return [
            str(path.relative_to(self.home))
            for path in (self.home / "sftp_inbox").glob("*/in/**/*")
            if path.is_file() and path.name != ".lock"
        ]

    def acknowledgments(self) -> list[Path]:
        """Return the acknowledgments that partners find in their outboxes."""
        return [file for file in self.sent() if not file.name.startswith("940_")]

    def sent(self) -> list[Path]:
        """Return the files that partners find in their outboxes."""
        return sorted((self.home / "sftp_inbox").glob("*/out/*.edi"))

    def _program(self, *words: str) -> list[str]:
        return ["gateway", *words, "--home", str(self.home)]

    def _run(self, *words: str) -> subprocess.CompletedProcess[str]:
        environment = {**os.environ, "PYTHONUNBUFFERED": "1"}
        done = programs.run(*words, folder=self.home, environment=environment)
        assert "Traceback" not in done.stderr, done.stderr
        return done
