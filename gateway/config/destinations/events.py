"""`type: events`: CloudEvents to a message broker."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Literal

from pydantic import AfterValidator, model_validator

from gateway.config.delivery import Delivering
from gateway.config.destinations.expressions import TextPattern
from gateway.config.shaping import Shaping
from gateway.partners.authentication import ClientTls, Placed
from gateway.partners.fields import Settings
from gateway.partners.kinds import Duration
from gateway.secrets import Secret, Template

PACKAGES = {"nats": "nats", "kafka": "aiokafka", "rabbitmq": "aio_pika"}
"""What each broker's client is called, which an extra of its name installs."""


def _without_credentials(template: Template) -> Template:
    if "@" in template.text and "${" not in template.text:
        raise ValueError("credentials do not belong in an address; write 'login'")
    return template


class BrokerLogin(Settings):
    """Who we are to the broker."""

    username: Template
    """User name."""
    password: Secret
    """Password, by reference."""


class EventsDestination(Delivering):
    """A message broker: each document is published as a CloudEvent, and the broker confirms it."""

    type: Literal["events"]
    """Kind of destination."""
    broker: Literal["nats", "kafka", "rabbitmq"]
    """Kind of broker; its client comes with the extra of the same name."""
    url: Annotated[Template, AfterValidator(_without_credentials)]
    """Address: `nats://host:4222`, `host:9092,host2:9092`, `amqp://host/vhost`."""
    subject: TextPattern = "documents.{{ facts.document_type }}"
    """Subject of NATS, topic of Kafka, routing key of RabbitMQ: a template."""
    stream: str | None = None
    """Stream of NATS JetStream that must hold it."""
    exchange: str | None = None
    """Exchange of RabbitMQ; the usual one, which leads to a queue of the routing key, if left
    out."""
    key: TextPattern = "{{ facts.partner }}"
    """Key of Kafka: what has the same one stays in order."""
    source: str = "urn:edi-gateway"
    """Who publishes: `source` of the event."""
    event: TextPattern = "edi.{{ facts.document_type }}"
    """What happened: `type` of the event, a template."""
    body: Shaping | None = None
    """What the document becomes as `data` of the event, by `select`; canonical JSON if left out."""
    login: BrokerLogin | None = None
    """Who we are to the broker."""
    tls: ClientTls | None = None
    """Speaks TLS, with these certificates."""
    timeout: Duration = timedelta(seconds=15)
    """For connecting, and for the broker's confirmation."""

    @model_validator(mode="after")
    def _fits_the_broker(self) -> EventsDestination:
        if (self.stream is None) == (self.broker == "nats"):
            raise ValueError("'stream' is where NATS keeps events; nats has one, others have none")
        if self.exchange is not None and self.broker != "rabbitmq":
            raise ValueError("'exchange' is said of rabbitmq")
        if self.body is not None and self.body.files:
            raise ValueError("the data of an event is made by 'select', not by a file")
        return self

    def templates(self) -> Placed:
        """Return every text that may refer to a secret, with its path in the file."""
        texts: list[tuple[tuple[str, ...], Template]] = [(("url",), self.url)]
        if self.login is not None:
            texts += [(("login", "username"), self.login.username)]
            texts += [(("login", "password"), self.login.password)]
        return tuple(texts)
