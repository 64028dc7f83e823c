"""Publishing to each kind of broker through FastStream, with the broker's own confirmation.

Each publisher's broker can be given, for tests without one.
"""

from __future__ import annotations

import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from gateway.errors import Transient
from gateway.pipeline.ports import Receipt
from gateway.transports.events.cloud_event import CONTENT_TYPE, Event

if TYPE_CHECKING:
    from faststream.security import BaseSecurity


@dataclass(frozen=True, slots=True)
class Address:
    """Where a broker is, and who we are there."""

    url: str = field(repr=False)
    timeout: float = 15.0
    username: str = ""
    password: str = field(default="", repr=False)
    context: ssl.SSLContext | None = None
    stream: str = ""
    exchange: str = ""

    @property
    def security(self) -> BaseSecurity | None:
        """Return who we are, as FastStream has it for every kind of broker."""
        from faststream.security import BaseSecurity, SASLPlaintext

        tls = self.context is not None
        if self.username:
            return SASLPlaintext(
                self.username, self.password, ssl_context=self.context, use_ssl=tls
            )
        return BaseSecurity(ssl_context=self.context, use_ssl=True) if tls else None


class Publisher(Protocol):
    """Publishes events over one connection, in one event loop."""

    refusals: tuple[type[Exception], ...]
    """What a broker raises for good, and not because it is briefly unwell."""

    async def start(self) -> None:
        """Connect."""

    async def publish(self, event: Event) -> Receipt:
        """Publish one event, and wait until the broker has it."""

    async def stop(self) -> None:
        """Let go of the connection."""


class NatsPublisher:
    """NATS JetStream: the stream keeps the event, and drops one whose id it has seen lately."""

    def __init__(self, address: Address, broker: Any = None) -> None:
        from faststream.nats import NatsBroker
        from nats.errors import BadSubjectError, MaxPayloadError
        from nats.js.errors import NoStreamResponseError

        self.refusals: tuple[type[Exception], ...] = (BadSubjectError, MaxPayloadError)
        self._nobody_listens: type[Exception] = NoStreamResponseError
        self._address = address
        self._broker = broker or NatsBroker(
            address.url,
            connect_timeout=max(1, int(address.timeout)),
            max_reconnect_attempts=1,
            security=address.security,
            logger=None,
        )

    async def start(self) -> None:
        """Connect."""
        await self._broker.start()

    async def publish(self, event: Event) -> Receipt:
        """Publish one event; `Nats-Msg-Id` is what the stream recognises a repeat by."""
        try:
            ack = await self._broker.publish(
                event.content,
                event.subject,
                headers={"Nats-Msg-Id": event.id, "content-type": CONTENT_TYPE},
                stream=self._address.stream,
                timeout=self._address.timeout,
                correlation_id=event.id,
            )
        except self._nobody_listens as fault:
            raise Transient(
                f"the broker has no stream that takes the subject '{event.subject}': "
                f"'{self._address.stream}' must be there, with JetStream, and list it"
            ) from fault
        known = bool(getattr(ack, "duplicate", False))
        place = f", sequence {ack.seq}" if ack is not None else ""
        return Receipt(f"stream {self._address.stream}{place}", repeated=known)

    async def stop(self) -> None:
        """Let go of the connection."""
        await self._broker.stop()


class KafkaPublisher:
    """Kafka: all replicas in sync have the event before it is confirmed."""

    def __init__(self, address: Address, broker: Any = None) -> None:
        from aiokafka.errors import InvalidTopicError, MessageSizeTooLargeError
        from faststream.kafka import KafkaBroker

        self.refusals: tuple[type[Exception], ...] = (InvalidTopicError, MessageSizeTooLargeError)
        self._broker = broker or KafkaBroker(
            address.url.split(","),
            request_timeout_ms=int(address.timeout * 1000),
            acks="all",
            enable_idempotence=True,
            security=address.security,
            logger=None,
        )

    async def start(self) -> None:
        """Connect."""
        await self._broker.start()

    async def publish(self, event: Event) -> Receipt:
        """Publish one event; consumers recognise a repeat by its id, in the header `ce_id` too."""
        record = await self._broker.publish(
            event.content,
            event.subject,
            key=event.key.encode() or None,
            headers={"content-type": CONTENT_TYPE, "ce_id": event.id},
            correlation_id=event.id,
        )
        where = getattr(record, "partition", None)
        place = f", partition {where}, offset {record.offset}" if where is not None else ""
        return Receipt(f"topic {event.subject}{place}")

    async def stop(self) -> None:
        """Let go of the connection."""
        await self._broker.stop()


class RabbitPublisher:
    """RabbitMQ: the message is durable and led to a queue before it is confirmed."""

    def __init__(self, address: Address, broker: Any = None) -> None:
        from aio_pika.exceptions import PublishError
        from faststream.rabbit import RabbitBroker, RabbitExchange

        self.refusals: tuple[type[Exception], ...] = (PublishError,)
        self._address = address
        self._exchange = (
            RabbitExchange(address.exchange, declare=False) if address.exchange else None
        )
        self._broker = broker or RabbitBroker(
            address.url, timeout=address.timeout, security=address.security, logger=None
        )

    async def start(self) -> None:
        """Connect."""
        await self._broker.start()

    async def publish(self, event: Event) -> Receipt:
        """Publish one event; consumers recognise a repeat by its `message_id`."""
        await self._broker.publish(
            event.content,
            exchange=self._exchange,
            routing_key=event.subject,
            mandatory=True,
            persist=True,
            timeout=self._address.timeout,
            message_id=event.id,
            correlation_id=event.id,
            content_type=CONTENT_TYPE,
        )
        return Receipt(f"routing key {event.subject}")

    async def stop(self) -> None:
        """Let go of the connection."""
        await self._broker.stop()


PUBLISHERS: Mapping[str, type[NatsPublisher] | type[KafkaPublisher] | type[RabbitPublisher]] = {
    "nats": NatsPublisher,
    "kafka": KafkaPublisher,
    "rabbitmq": RabbitPublisher,
}
"""By the kind of broker."""
