"""Writes payloads into a folder that the partner fetches from: whole, once, never over another.

A file appears under its name by one rename, after its bytes are on the disk: whoever lists the
folder sees all of it or nothing. The same payload again is a success, so an attempt after a crash
is harmless; another payload under the same name is refused.

Many files are written first and waited for together, since a disk takes hardly longer for a hundred
of them than for one.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from gateway.clock import derived_id
from gateway.errors import GatewayError, Permanent, Transient
from gateway.pipeline.ports import Consignment, Receipt
from gateway.transports.directory import files

_Answer = Receipt | Transient | Permanent


@dataclass(frozen=True, slots=True)
class _Written:
    """A file that has not got its name yet."""

    consignment: Consignment
    temporary: Path
    file: IO[bytes]


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
        [answer] = self.deliver_all([consignment])
        if isinstance(answer, GatewayError):
            raise answer
        return answer

    def deliver_all(self, consignments: Sequence[Consignment]) -> list[_Answer]:
        """Write files that appear in this order; they are on the disk when this returns."""
        try:
            with files.locked(self._folder), ExitStack() as closing:
                waiting: dict[Path, _Written] = {}
                answers = [self._write(one, waiting, closing) for one in consignments]
                failed = {target: self._show(target, one) for target, one in waiting.items()}
                if None in failed.values():
                    files.sync_folder(self._folder)
        except OSError as fault:
            return [_late(self._folder / one.name, fault) for one in consignments]
        return [
            (isinstance(answer, Receipt) and failed.get(Path(answer.reference))) or answer
            for answer in answers
        ]

    def close(self) -> None:
        """Nothing is kept open between deliveries."""

    def _write(
        self, consignment: Consignment, waiting: dict[Path, _Written], closing: ExitStack
    ) -> _Answer:
        """Write a file under a name that nobody looks at; return what it is when it is shown."""
        target = self._folder / consignment.name
        try:
            _check(consignment.name)
            if target in waiting:
                return _same(target, waiting[target].consignment.content, consignment)
            if os.path.lexists(target):
                return _compared(target, consignment)
            # Named after the delivery: what a crash leaves behind is replaced by the next attempt.
            temporary = self._folder / f".{derived_id(consignment.idempotency_key)}.tmp"
            file = closing.enter_context(temporary.open("wb"))
            waiting[target] = _Written(consignment, temporary, file)
            file.write(consignment.content)
        except Permanent as fault:
            return fault
        except OSError as fault:
            return _late(target, fault)
        return Receipt(str(target))

    def _show(self, target: Path, one: _Written) -> Transient | None:
        """Give a file its name once the disk has its bytes; return what came in between."""
        try:
            one.file.flush()
            os.fsync(one.file.fileno())
            one.temporary.rename(target)
        except OSError as fault:
            one.temporary.unlink(missing_ok=True)
            return _late(target, fault)
        return None


def _late(target: Path, fault: OSError) -> Transient:
    return Transient(f"{target}: {fault.strerror or fault}")


def _check(name: str) -> None:
    if not name or name.startswith(".") or "/" in name or "\\" in name or "\0" in name:
        raise Permanent(f"{name!r} cannot be a file name: expected a plain name without a path")


def _compared(target: Path, consignment: Consignment) -> Receipt:
    """Take the same bytes for an earlier attempt of ours, and refuse to touch anything else."""
    plain = target.is_file() and not target.is_symlink()
    return _same(target, target.read_bytes() if plain else None, consignment)


def _same(target: Path, content: bytes | None, consignment: Consignment) -> Receipt:
    if content == consignment.content:
        return Receipt(str(target), repeated=True)
    raise Permanent(f"{target} exists with other content: it is not overwritten")
