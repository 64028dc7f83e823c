"""Destinations and sources whose secrets stand in nothing that they say: no archive, no error."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from gateway.errors import Permanent, Refused, Transient
from gateway.pipeline.exports.source import Asked, Page, PlaceLost, Source
from gateway.pipeline.ports import Breakable, Consignment, Exchange, Outbound, Receipt
from gateway.secrets import Mask
from gateway.shaping import NotShaped


class Masked:
    """An outbound transport, with everything that it tells masked."""

    def __init__(self, outbound: Outbound, mask: Mask) -> None:
        self._outbound = outbound
        self._mask = mask

    def connect(self) -> None:
        """Make ready to deliver."""
        try:
            self._outbound.connect()
        except Permanent as fault:
            raise Permanent(self._mask.text(str(fault))) from None

    def deliver(self, consignment: Consignment) -> Receipt:
        """Hand over one consignment; what is raised is without its cause, which is not masked."""
        told = replace(consignment, tell=lambda one: consignment.tell(self._masked(one)))
        mask = self._mask.text
        try:
            receipt = self._outbound.deliver(told)
        except Transient as fault:
            raise Transient(mask(str(fault)), retry_after=fault.retry_after) from None
        except Refused as fault:
            raise Refused(mask(str(fault))) from None
        except Permanent as fault:
            raise Permanent(mask(str(fault))) from None
        except NotShaped as fault:
            raise NotShaped(mask(str(fault))) from None
        except Exception as fault:
            # A bug: what libraries say of it may quote anything, and it is kept with its traceback.
            if mask(str(fault)) == str(fault):
                raise
            raise RuntimeError(mask(f"{type(fault).__name__}: {fault}")) from None
        keys = tuple((name, mask(value)) for name, value in receipt.keys)
        return replace(receipt, reference=mask(receipt.reference), keys=keys)

    def break_off(self) -> None:
        """Let every call that is under way end soon."""
        if isinstance(self._outbound, Breakable):
            self._outbound.break_off()

    def close(self) -> None:
        """Let go of connections."""
        self._outbound.close()

    def _masked(self, one: Exchange) -> Exchange:
        mask = self._mask
        return Exchange(
            request=mask.text(one.request),
            content=mask.content(one.content),
            headers=mask.headers(one.headers),
            answer=mask.text(one.answer),
            answer_headers=mask.headers(one.answer_headers),
            answer_content=mask.content(one.answer_content),
        )


class MaskedSource:
    """A source of records, with every fault that it tells masked."""

    def __init__(self, source: Source, mask: Mask) -> None:
        self._source = source
        self._mask = mask

    @property
    def shifts(self) -> bool:
        """Say whether pages are read again until nothing new is found."""
        return self._source.shifts

    def open(self) -> None:
        """Make ready."""
        with self._masking():
            self._source.open()

    def page(self, asked: Asked) -> Page:
        """Return one page; what is raised is without its cause, which is not masked."""
        with self._masking():
            return self._source.page(asked)

    def close(self) -> None:
        """Let go of connections."""
        self._source.close()

    @contextmanager
    def _masking(self) -> Iterator[None]:
        mask = self._mask.text
        try:
            yield
        except Transient as fault:
            raise Transient(mask(str(fault)), retry_after=fault.retry_after) from None
        except Permanent as fault:
            raise Permanent(mask(str(fault))) from None
        except PlaceLost as fault:
            raise PlaceLost(mask(str(fault))) from None
