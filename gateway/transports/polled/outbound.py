"""Puts files into a folder at a partner: whole, once, never over another.

A file is written under a temporary name, its size is compared, and one rename makes it appear. The
same content under the name is a success, since an earlier attempt may have got that far without our
hearing of it; other content is never replaced.
"""

from __future__ import annotations

from threading import Lock

from gateway.clock import Clock, utc_now
from gateway.errors import Permanent, Transient, spoken
from gateway.partners.connections import QuietWindow, Send, named_after, quiet_until
from gateway.pipeline.ports import Breakable, Consignment, Receipt
from gateway.transports.polled.far_side import FarFile, FarSide, joined


class Outbound:
    """One folder for what we send to a partner."""

    def __init__(
        self,
        far: FarSide,
        send: Send,
        *,
        shown: str,
        quiet: tuple[QuietWindow, ...] = (),
        clock: Clock = utc_now,
    ) -> None:
        self._far = far
        self._send = send
        self._shown = shown
        self._quiet = quiet
        self._clock = clock
        self._turn = Lock()

    def connect(self) -> None:
        """Nothing is connected to before there is something to send."""

    def deliver(self, consignment: Consignment) -> Receipt:
        """Put one file there; raise Transient to be asked again, Permanent to give up."""
        now = self._clock()
        quiet = quiet_until(self._quiet, now)
        if quiet is not None:
            until = f"{quiet:%Y-%m-%d %H:%M} UTC"
            pause = (quiet - now).total_seconds()
            raise Transient(f"quiet hours of the partner, until {until}", retry_after=pause)
        target = joined(self._send.folder, _checked(consignment.name))
        shown = f"{self._shown}/{target.removeprefix('/')}"
        with self._turn:
            try:
                return self._put(target, consignment, shown)
            except FileNotFoundError as fault:
                raise Permanent(f"{shown}: there is no such folder") from fault
            except PermissionError as fault:
                raise Permanent(f"{shown}: not allowed: {spoken(fault)}") from fault
            except OSError as fault:
                raise Transient(f"{shown}: {spoken(fault)}") from fault

    def break_off(self) -> None:
        """Let a call that is under way end soon."""
        if isinstance(self._far, Breakable):
            self._far.break_off()
        else:
            self._far.close()

    def close(self) -> None:
        """Let go of the connection."""
        self._far.close()

    def _put(self, target: str, consignment: Consignment, shown: str) -> Receipt:
        there = self._far.look(target)
        if there is not None:
            return self._compared(target, there, consignment, shown)
        temporary = named_after(self._send.temporary, consignment.name)
        folder = temporary.rpartition("/")[0]
        if folder:
            self._far.make_folder(joined(self._send.folder, folder))
        written = joined(self._send.folder, temporary)
        try:
            self._far.add(target, consignment.content, temporary=written)
        except FileExistsError:
            there = self._far.look(target)
            if there is None:
                raise
            return self._compared(target, there, consignment, shown)
        return Receipt(shown)

    def _compared(
        self, target: str, there: FarFile, consignment: Consignment, shown: str
    ) -> Receipt:
        """Take the same bytes for an earlier attempt of ours, and refuse to touch anything else."""
        size = len(consignment.content)
        comparable = not there.kind and there.signature.size == size
        if comparable and self._far.read(target, 0, size) == consignment.content:
            return Receipt(shown, repeated=True)
        raise Permanent(f"{shown} exists with other content: it is not overwritten")


def _checked(name: str) -> str:
    if not name or name.startswith(".") or "/" in name or "\\" in name or "\0" in name:
        raise Permanent(f"{name!r} cannot be a file name: expected a plain name without a path")
    return name
