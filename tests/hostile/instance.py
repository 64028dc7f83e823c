"""A real instance with a drop box: what people find in it after the program has run."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import orjson

from gateway.cli.receiver import Receiver
from tests import programs
from tests.erp import instance_of, receiving
from tests.unit.cli.test_validate import run

PARTNER = "tidewater-supply"
GATEWAY = Path(sys.executable).parent / "gateway"


@dataclass
class HostileInstance:
    """An instance, and the ERP that it delivers to."""

    home: Path
    erp: Receiver
    remarks: str = ""
    """What the last run said on standard error."""
    exit_code: int = -1

    @property
    def inbox(self) -> Path:
        return self.home / "sftp_inbox" / PARTNER / "in"

    def run_once(self) -> None:
        """Run the program over what is there."""
        done = programs.run("gateway", "run", "--once", "--home", str(self.home), timeout=300)
        self.remarks, self.exit_code = done.stderr, done.returncode

    @cached_property
    def waiting(self) -> dict[str, str]:
        """Return what waits for a person, by its file's name or control number: state, reason."""
        return {
            str(one["name"]): f"{one['kind']} {one['state']}: {one['reason']}"
            for one in self._listed("quarantine", "list")
        }

    def documents(self, file: str) -> list[dict[str, object]]:
        """Return the documents that came in a file, in their order there."""
        found = [one for one in self._documents if one["file"] == file]
        return sorted(found, key=lambda one: int(str(one["start"])))

    def verdicts(self, file: str) -> list[str]:
        """Return the three statuses of each document of a file."""
        return [
            f"{one['validation']} {one['delivery']} {one['acknowledgment']}"
            for one in self.documents(file)
        ]

    def findings(self, file: str) -> list[str]:
        """Return what was found in the documents of a file and in their envelopes."""
        found: list[str] = []
        for one in self.documents(file):
            for finding in self._show(str(one["id"])):
                text = f"{finding['code']}: {finding['detail']}"
                if text not in found:
                    found.append(text)
        return found

    def delivered(self) -> list[str]:
        """Return the order numbers that the ERP holds."""
        return sorted(
            str(orjson.loads(one.content)["depositor_order_number"]) for one in self.erp.documents
        )

    def party_names(self, document_id: str) -> list[str]:
        """Return the names in a document that the ERP holds."""
        (found,) = [one for one in self.erp.documents if one.document_id == document_id]
        return [party["name"] for party in orjson.loads(found.content)["parties"]]

    def answers(self, number: int) -> list[str]:
        """Return what was said to the partner about an interchange: TA1, AK2 to AK9."""
        return [
            " ".join(
                segment
                for segment in path.read_text("ascii").split("~")
                if segment.startswith(("TA1", "AK"))
            )
            for path in self._answers(number)
        ]

    def answer_bytes(self, number: int) -> list[bytes]:
        """Return the acknowledgments of an interchange as they were written."""
        return [path.read_bytes() for path in self._answers(number)]

    def claimed(self) -> list[Path]:
        """Return files that were taken and never put away."""
        return [
            path
            for path in (self.home / "sftp_inbox").glob("*/in/.claimed/**/*")
            if path.is_file() and path.name != ".lock"
        ]

    def _answers(self, number: int) -> list[Path]:
        out = self.home / "sftp_inbox" / PARTNER / "out"
        about = f"~TA1*{number:09d}*".encode()
        return sorted(path for path in out.glob("*.edi") if about in path.read_bytes())

    @cached_property
    def _documents(self) -> list[dict[str, object]]:
        return self._listed("documents", "list", "--limit", "1000")

    def _show(self, document_id: str) -> list[dict[str, str]]:
        code, out, err = run("documents", "show", document_id, "--json", "--home", self.home)
        assert code == 0, err
        findings: list[dict[str, str]] = json.loads(out)["findings"]
        return findings

    def _listed(self, *words: str) -> list[dict[str, object]]:
        code, out, err = run(*words, "--json", "--home", self.home)
        assert code == 0, err
        found: list[dict[str, object]] = json.loads(out)
        return found


@contextmanager
def hostile_instance(home: Path) -> Iterator[HostileInstance]:
    """Write an instance that gives a file up as incomplete as soon as it has been quiet.

    With its partner nothing is agreed about 846, a set that we have a schema and a map of.
    """
    with receiving() as erp:
        instance_of(erp, home)
        settings = (home / "gateway.yaml").read_text("utf-8")
        assert "incomplete_after: 15m" in settings
        settings = settings.replace("incomplete_after: 15m", "incomplete_after: 60ms")
        (home / "gateway.yaml").write_text(settings, "utf-8")
        _end_agreement(home / "partners" / f"{PARTNER}.yaml", "846")
        yield HostileInstance(home, erp)


def _end_agreement(partner: Path, set_id: str) -> None:
    lines = partner.read_text("utf-8").splitlines(keepends=True)
    kept = [line for line in lines if f'set: "{set_id}"' not in line]
    assert len(kept) == len(lines) - 1
    partner.write_text("".join(kept), "utf-8")
