"""Files that were taken: claiming them, and putting them away once their bytes are durable.

Nothing here overwrites a file, and nothing that fails is forgotten: what cannot be put away now is
tried again with the next look, and what the partner does not allow is remembered, so that a file
that stays where it lies is not taken again.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import PurePosixPath
from threading import Lock

import structlog

from gateway.errors import Permanent, Transient, spoken
from gateway.partners.connections import PickUp, named_after
from gateway.pipeline.polling_port import FolderMemory, Sighting
from gateway.transports.polled.far_side import FarSide, joined
from gateway.transports.polled.names import INCOMPLETE, Names
from gateway.transports.shown import printable

_TRIES = 3
"""A refusal without a reason is taken for a lasting one after so many."""

_NUMBERS = 10_000
"""So many files of one name can be kept apart in a folder."""

log = structlog.get_logger()


@dataclass(slots=True)
class Taken:
    """A file that was taken, until it is settled or released."""

    name: str
    """As the partner called it."""
    path: str
    """Where it lies now."""
    sighting: Sighting
    whole: bool = True
    claimed: bool = True
    """Whether it was renamed; otherwise it lies as the partner put it."""
    over: bool = False
    tries: int = 0


class Putting:
    """Claims, settles and releases the files of one folder."""

    def __init__(
        self,
        far: FarSide,
        memory: FolderMemory,
        pick_up: PickUp,
        names: Names,
        *,
        warn: Callable[[str, str, str], None],
    ) -> None:
        self._far = far
        self._memory = memory
        self._pick_up = pick_up
        self._names = names
        self._warn = warn
        self._lock = Lock()
        self._unsettled: deque[Taken] = deque()
        self._claim_refused: dict[str, int] = {}
        self._claims_denied = False
        self._folders: set[str] = set()
        self._free: set[str] = set()
        self._to_remember: dict[str, Sighting] = {}
        self.in_flight: dict[str, Taken] = {}
        """What was taken and is not settled, by where it lies."""
        self.left: dict[str, Sighting] = {}
        """What was taken and left where it lies, by its shown path."""

    def reload(self) -> None:
        """Read what was left where it lies: somebody else may have looked since."""
        self.left = dict(self._memory.left_there())
        self.in_flight.clear()
        self._unsettled.clear()
        self._free.clear()
        self._to_remember.clear()

    def is_left(self, path: str, size: int, modified: int) -> bool:
        """Say whether a file lies there that was taken as it is."""
        known = self.left.get(printable(path))
        return known is not None and (known.size, known.modified) == (size, modified)

    def forget_gone(self, present: set[str]) -> None:
        """Forget what was left and does not lie there any more."""
        gone = self.left.keys() - {printable(path) for path in present}
        if gone:
            self._memory.forget(gone)
            for path in gone:
                del self.left[path]

    def claim(self, names: Sequence[str]) -> list[str | None]:
        """Rename files so that nobody else takes them.

        Return where each lies then: where it lay, if the partner allows no renaming; None if it is
        gone, or cannot be had this time.
        """
        targets = [self._names.claimed(name) for name in names]
        if not targets or targets[0] is None or self._claims_denied:
            return [self._in_folder(name) for name in names]
        self._make_claim_folder()
        pairs = [
            (self._in_folder(name), self._in_folder(target or ""))
            for name, target in zip(names, targets, strict=True)
        ]
        faults = self._far.moves(pairs)
        return [
            self._claimed(name, pair, fault)
            for name, pair, fault in zip(names, pairs, faults, strict=True)
        ]

    def _make_claim_folder(self) -> None:
        # Where it cannot be made, the renaming fails and says so.
        with suppress(OSError):
            self._make_folder_of(self._names.claimed("-") or "")

    def _claimed(self, name: str, pair: tuple[str, str], fault: OSError | None) -> str | None:
        """Say where a file lies after it was to be renamed."""
        if fault is None:
            self._claim_refused.pop(name, None)
            return pair[1]
        if isinstance(fault, FileNotFoundError):
            return None
        if isinstance(fault, PermissionError):
            self._claims_denied = True
            reason = f"{spoken(fault)}: the lease alone keeps other nodes away"
            self._warn("claims_denied", name, reason)
            return pair[0]
        return self._after_refusal(name, pair[0], fault)

    def settle(self, taken: Taken) -> None:
        """Put a file away whose bytes are durable; it never fails its caller."""
        with self._lock:
            if taken.over:
                return
            taken.tries += 1
            waits_for = self._settled(taken)
            if waits_for:
                reason = f"{waits_for}; tried again with the next look"
                self._warn("file_not_put_away", taken.name, reason)
                self._unsettled.append(taken)
            else:
                self._end(taken)

    def release(self, taken: Taken) -> None:
        """Let a file be taken again: under its own name, where that can be had back."""
        with self._lock:
            if taken.over:
                return
            try:
                if taken.claimed and self._far.look(self._in_folder(taken.name)) is None:
                    self._far.move(taken.path, self._in_folder(taken.name))
            except (OSError, Transient, Permanent) as fault:
                # It keeps its claimed name, and the next look takes it from there.
                self._warn("file_not_released", taken.name, spoken(fault))
            self._end(taken)

    def settle_rest(self) -> None:
        """Try again what could not be put away."""
        for _ in range(len(self._unsettled)):
            self.settle(self._unsettled.popleft())
        self._free.clear()
        self._keep_remembered()

    def remember(self, path: str, sighting: Sighting) -> None:
        """Note that a file was taken and is left where it lies: in the store with its batch.

        Until then a crash costs a second read; the ledger knows what was stored.
        """
        self.left[printable(path)] = self._to_remember[printable(path)] = sighting

    def _keep_remembered(self) -> None:
        if self._to_remember:
            self._memory.remember(self._to_remember)
            self._to_remember.clear()

    def was_only_touched(self, taken: Taken) -> bool:
        """Say whether this content was taken from here before; note the file's new time then."""
        known = self.left.get(printable(taken.path))
        if known is None or known.digest != taken.sighting.digest:
            return False
        self.remember(taken.path, taken.sighting)
        return True

    def _settled(self, taken: Taken) -> str:
        """Put a file away, or remember that it cannot be; return what it must wait for, if any."""
        try:
            try:
                self._put_away(taken)
            except FileNotFoundError:
                self._warn("taken_file_vanished", taken.name, "it was gone before it was put away")
            except PermissionError as fault:
                self._mark_or_leave(taken, fault)
            except OSError as fault:
                if taken.tries < _TRIES:
                    return spoken(fault)
                self._mark_or_leave(taken, fault)
        except (Transient, Permanent) as fault:
            return spoken(fault)
        return ""

    def _put_away(self, taken: Taken) -> None:
        pick_up = self._pick_up
        # Where it was not renamed, whoever wrote a part of it may still go on writing there.
        if pick_up.after == "leave" or (
            not taken.whole and not taken.claimed and self._far.renames
        ):
            self.remember(taken.path, taken.sighting)
            return
        if not taken.claimed and self._was_replaced(taken):
            return  # what lies there now was not taken yet
        if not taken.whole:
            self._move_aside(taken.path, named_after(INCOMPLETE, taken.name))
        elif pick_up.after == "delete":
            self._far.remove(taken.path)
        elif pick_up.after == "rename":
            self._move_aside(taken.path, named_after(pick_up.rename, taken.name))
        else:
            self._move_aside(taken.path, joined(pick_up.archive, taken.name))
        self._remove_trigger(taken)

    def _was_replaced(self, taken: Taken) -> bool:
        there = self._far.look(taken.path)
        if there is None:
            raise FileNotFoundError(f"{taken.path} is gone")
        seen = taken.sighting.size, taken.sighting.modified
        return (there.signature.size, there.signature.modified) != seen

    def _move_aside(self, source: str, target: str) -> None:
        """Move a file to a name that is free: that one, or one with a number before its suffix."""
        self._make_folder_of(target)
        for number in range(1, _NUMBERS):
            path = self._in_folder(target if number == 1 else _numbered(target, number))
            # Some servers let a rename replace what is there, so it is not left to them.
            if self._is_free(path):
                try:
                    self._far.move(source, path)
                except FileExistsError:
                    continue
                return
        raise OSError(f"there are {_NUMBERS} files named like {target}")

    def _is_free(self, path: str) -> bool:
        """Say whether nothing has a name; asked for all files of a batch with the first of them."""
        if path not in self._free:
            wanted = {path, *(self._kept_at(one) for one in self.in_flight.values())}
            paths = sorted(wanted)
            found = self._far.looks(paths)
            self._free = {one for one, there in zip(paths, found, strict=True) if there is None}
        if path not in self._free:
            return False
        self._free.remove(path)
        return True

    def _kept_at(self, taken: Taken) -> str:
        pick_up = self._pick_up
        if not taken.whole:
            return self._in_folder(named_after(INCOMPLETE, taken.name))
        if pick_up.after == "rename":
            return self._in_folder(named_after(pick_up.rename, taken.name))
        return self._in_folder(joined(pick_up.archive, taken.name))

    def _make_folder_of(self, name: str) -> None:
        folder = str(PurePosixPath(name).parent)
        if folder not in (".", "/") and folder not in self._folders:
            self._far.make_folder(self._in_folder(folder))
            self._folders.add(folder)

    def _remove_trigger(self, taken: Taken) -> None:
        trigger = self._names.trigger(taken.name)
        if trigger is None:
            return
        try:
            self._far.remove(self._in_folder(trigger))
        except OSError as fault:
            self._warn("trigger_not_removed", trigger, spoken(fault))

    def _after_refusal(self, name: str, source: str, fault: OSError) -> str | None:
        """Wait a few looks for a file that cannot be renamed: whoever writes may have it open."""
        refused = self._claim_refused.get(name, 0) + 1
        self._claim_refused[name] = refused
        if refused < _TRIES:
            self._warn("file_not_claimed", name, spoken(fault))
            return None
        del self._claim_refused[name]
        return source

    def _mark_or_leave(self, taken: Taken, reason: OSError) -> None:
        """Mark a file as taken by its name, where that is all that the partner allows; or leave it.

        A claimed name must not stay: it would be in the way of the next file of that name.
        """
        marked = named_after(self._pick_up.rename, taken.name)
        try:
            self._move_aside(taken.path, marked)
        except FileNotFoundError:
            return
        except OSError:
            self._leave(taken, reason)
            return
        because = f"{spoken(reason)}: it is called {marked} from now on"
        self._warn("file_only_renamed", taken.name, because)

    def _leave(self, taken: Taken, reason: OSError) -> None:
        because = f"{spoken(reason)}: it stays, and is not taken again"
        self._warn("file_left_in_place", taken.name, because)
        self.remember(taken.path, taken.sighting)

    def _end(self, taken: Taken) -> None:
        taken.over = True
        self.in_flight.pop(taken.path, None)
        if not self.in_flight:
            with suppress(Transient):  # the next look tries again
                self._keep_remembered()

    def _in_folder(self, name: str) -> str:
        return joined(self._pick_up.folder, name)


def _numbered(name: str, number: int) -> str:
    path = PurePosixPath(name)
    return str(path.with_name(f"{path.stem}.{number}{path.suffix}"))
