"""Writes payloads into a folder that the partner fetches from: whole, once, never over another.

A file appears under its name by one rename, after its bytes are on the disk: whoever lists the
folder sees all of it or nothing. The same payload again is a success, so an attempt after a crash
is harmless; another payload under the same name is refused.
"""

from __future__ import annotations

import os
from pathlib import Path

from gateway.clock import derived_id
from gateway.errors import Permanent, Transient
from gateway.pipeline.ports import Consignment, Receipt
from gateway.transports.directory import files


class Outbound:
    """One partner's folder for what we send."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def connect(self) -> None:
        """Make the folder where it is missing."""
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
        except OSError as fault:
            raise Permanent(f"{self._folder}: {fault.strerror or fault}") from fault

    def deliver(self, consignment: Consignment) -> Receipt:
        """Write one file; it is on the disk when this returns."""
        target = self._folder / _checked(consignment.name)
        try:
            with files.locked(self._folder):
                if os.path.lexists(target):
                    return _compared(target, consignment)
                self._write(target, consignment)
        except OSError as fault:
            raise Transient(f"{target}: {fault.strerror or fault}") from fault
        return Receipt(str(target))

    def close(self) -> None:
        """Nothing is kept open between deliveries."""

    def _write(self, target: Path, consignment: Consignment) -> None:
        # Named after the delivery: what a crash leaves behind is replaced by the next attempt.
        temporary = self._folder / f".{derived_id(consignment.idempotency_key)}.tmp"
        try:
            files.write_durably(temporary, consignment.content)
            temporary.rename(target)
        except OSError:
            temporary.unlink(missing_ok=True)
            raise
        files.sync_folder(self._folder)


def _checked(name: str) -> str:
    if not name or name.startswith(".") or "/" in name or "\\" in name or "\0" in name:
        raise Permanent(f"{name!r} cannot be a file name: expected a plain name without a path")
    return name


def _compared(target: Path, consignment: Consignment) -> Receipt:
    """Take the same bytes for an earlier attempt of ours, and refuse to touch anything else."""
    if target.is_file() and not target.is_symlink() and target.read_bytes() == consignment.content:
        return Receipt(str(target), repeated=True)
    raise Permanent(f"{target} exists with other content: it is not overwritten")
