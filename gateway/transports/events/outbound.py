"""Publishes documents as events: an asynchronous client behind the port of all transports.

The client lives in an event loop on a thread of its own. Whatever goes wrong with a connection ends
it; the next attempt makes another, so that none is believed to be well that is not.
"""

from __future__ import annotations

import asyncio
import concurrent.futures
from collections.abc import Callable, Coroutine
from contextlib import suppress
from threading import Lock, Thread
from typing import Any, TypeVar

from gateway.errors import Permanent, Transient, first_line
from gateway.pipeline.ports import Consignment, Exchange, Receipt
from gateway.transports.events.brokers import Publisher
from gateway.transports.events.cloud_event import Event, EventWriter

_Given = TypeVar("_Given")

_GRACE = 5.0
"""Seconds for letting go of a connection."""


class Outbound:
    """A message broker."""

    def __init__(
        self, writer: EventWriter, publisher: Callable[[], Publisher], *, timeout: float
    ) -> None:
        self._writer = writer
        self._make = publisher
        self._timeout = timeout
        self._publisher: Publisher | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: Thread | None = None
        self._connecting = Lock()

    def connect(self) -> None:
        """Start the event loop; the broker itself is reached by the first delivery."""
        self._loop = asyncio.new_event_loop()
        self._thread = Thread(target=self._loop.run_forever, name="events", daemon=True)
        self._thread.start()

    def reach(self) -> None:
        """Connect to the broker; raise Transient where that is not possible."""
        self._connected()

    def deliver(self, consignment: Consignment) -> Receipt:
        """Publish one document; it is with the broker when this returns."""
        event = self._writer.event(consignment)
        told = f"publish {event.subject}"
        try:
            receipt = self._published(event)
        except (Transient, Permanent) as fault:
            consignment.tell(Exchange(told, event.content, answer=str(fault)))
            raise
        consignment.tell(Exchange(told, event.content, answer=receipt.reference))
        return receipt

    def close(self) -> None:
        """Close the connection and end the event loop."""
        loop, thread = self._loop, self._thread
        if loop is None or thread is None:
            return
        self._let_go()
        with suppress(Exception):
            self._run(_end_what_is_left(), _GRACE)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(_GRACE)
        if not thread.is_alive():
            loop.close()
        self._loop = self._thread = None

    def _published(self, event: Event) -> Receipt:
        publisher = self._connected()
        try:
            return self._run(publisher.publish(event), self._timeout)
        except publisher.refusals as fault:
            raise Permanent(f"the broker refuses it: {first_line(fault)}") from fault
        except Transient:
            self._let_go(publisher)
            raise
        except Exception as fault:
            self._let_go(publisher)
            raise Transient(f"the broker: {_named(fault)}") from fault

    def _connected(self) -> Publisher:
        """Return a publisher that is connected; one thread makes it for all."""
        with self._connecting:
            if self._publisher is None:
                made = self._make()
                try:
                    self._run(made.start(), self._timeout)
                except Exception as fault:
                    self._stop(made)
                    raise Transient(f"no connection to the broker: {_named(fault)}") from fault
                self._publisher = made
            return self._publisher

    def _let_go(self, publisher: Publisher | None = None) -> None:
        """End the connection, unless another thread has made a new one since."""
        with self._connecting:
            known = self._publisher
            if known is None or (publisher is not None and publisher is not known):
                return
            self._publisher = None
        self._stop(known)

    def _stop(self, publisher: Publisher) -> None:
        with suppress(Exception):  # It is given up in any case.
            self._run(publisher.stop(), _GRACE)

    def _run(self, work: Coroutine[Any, Any, _Given], seconds: float) -> _Given:
        """Have something done in the event loop, and wait for it."""
        if self._loop is None:
            work.close()
            raise Permanent("the broker: not connected")
        doing = asyncio.run_coroutine_threadsafe(asyncio.wait_for(work, seconds), self._loop)
        try:
            return doing.result(seconds + _GRACE)
        except concurrent.futures.TimeoutError:
            doing.cancel()
            raise


async def _end_what_is_left() -> None:
    """Cancel what clients leave waiting in the loop, and let it end."""
    left = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
    for task in left:
        task.cancel()
    await asyncio.gather(*left, return_exceptions=True)


def _named(fault: Exception) -> str:
    if isinstance(fault, TimeoutError | concurrent.futures.TimeoutError):
        return "no answer in time"
    return first_line(fault)
