"""`type: events`: CloudEvents to NATS JetStream, Kafka and RabbitMQ, each confirmed by its own."""

from __future__ import annotations

import asyncio
import gc
import importlib.util
import json
import re
from collections.abc import Iterator
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from faststream.kafka import KafkaBroker, KafkaMessage, TestKafkaBroker
from faststream.rabbit import RabbitBroker, RabbitMessage, TestRabbitBroker

from gateway import config
from gateway.app.destination_trial import trial
from gateway.clock import utc_now
from gateway.errors import ConfigProblems, Permanent, Transient
from gateway.pipeline.ports import Receipt
from gateway.shaping import NotShaped
from gateway.transports.events.brokers import Address, KafkaPublisher, RabbitPublisher
from gateway.transports.events.cloud_event import Event
from tests.destination_world import DOCUMENT, destination, write_home
from tests.nats_server import PASSWORD, NatsServer, nats_server

NATS = """\
type: events
broker: nats
url: {url}
stream: EDI
login: {{username: us, password: '${{file:secrets/nats}}'}}
timeout: 5s
"""
FILES = {"secrets/nats": PASSWORD}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[NatsServer]:
    with nats_server(tmp_path_factory.mktemp("nats")) as running:
        yield running


def test_a_document_is_an_event_in_the_stream_once_however_often_it_is_published(
    server: NatsServer, tmp_path: Path
) -> None:
    before = len(server.messages())
    receipts: list[Receipt] = []
    with destination(tmp_path, NATS.format(url=server.url), FILES) as world:
        threads = [
            Thread(target=lambda: receipts.append(world.deliver(key="once"))) for _ in range(4)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert sorted(one.repeated for one in receipts) == [False, True, True, True]
    ((subject, headers, body),) = server.messages()[before:]
    assert subject == "documents.order"
    assert (headers["Nats-Msg-Id"], headers["content-type"]) == (
        "once", "application/cloudevents+json",
    )  # fmt: skip
    assert json.loads(body) == {
        "specversion": "1.0",
        "id": "once",
        "source": "urn:edi-gateway",
        "type": "edi.order",
        "subject": "document-1",
        "datacontenttype": "application/json",
        "correlationid": "correlation-1",
        "partner": "pier-nine",
        "data": json.loads(DOCUMENT),
    }
    assert {one.request for one in world.exchanges} == {"publish documents.order"}
    assert PASSWORD not in str(world.exchanges)


def test_a_broker_that_dies_is_asked_again_and_keeps_what_it_confirmed(tmp_path: Path) -> None:
    (tmp_path / "store").mkdir()
    with nats_server(tmp_path / "store") as server:
        settings = NATS.format(url=server.url).replace("5s", "1s")
        with destination(tmp_path / "home", settings, FILES) as world:
            world.deliver(key="a")
            server.stop()
            with pytest.raises(Transient, match=r"^the broker: |^no connection to the broker: "):
                world.deliver(key="b")
            server.start()
            assert len(server.messages()) == 1  # Waits until it answers.
            world.deliver(key="b", attempt=2)
        assert [headers["Nats-Msg-Id"] for _, headers, _ in server.messages()] == ["a", "b"]


NO_STREAM = (
    "the broker has no stream that takes the subject 'elsewhere.order': "
    "'EDI' must be there, with JetStream, and list it"
)


def test_a_subject_that_no_stream_takes_is_not_confirmed(
    server: NatsServer, tmp_path: Path
) -> None:
    more = "subject: 'elsewhere.{{ facts.document_type }}'\n"
    with (
        destination(tmp_path, NATS.format(url=server.url) + more, FILES) as world,
        pytest.raises(Transient, match=rf"^{re.escape(NO_STREAM)}$"),
    ):
        world.deliver()
    assert [one.answer for one in world.exchanges] == [NO_STREAM]


def test_a_subject_with_a_blank_is_not_published(server: NatsServer, tmp_path: Path) -> None:
    more = "subject: 'documents.{{ document.purchase_order_number }} x'\n"
    with (
        destination(tmp_path, NATS.format(url=server.url) + more, FILES) as world,
        pytest.raises(NotShaped, match=r"^'documents\.PO/7 x' cannot be a subject$"),
    ):
        world.deliver()


def test_what_a_broker_cannot_take_is_refused(server: NatsServer, tmp_path: Path) -> None:
    large = b'{"document":"order","text":"' + b"x" * 2_000_000 + b'"}'
    with (
        destination(tmp_path, NATS.format(url=server.url), FILES) as world,
        pytest.raises(Permanent, match=r"^the broker refuses it: nats: maximum payload exceeded$"),
    ):
        world.deliver(large)


EVENT = Event("key-1", "documents.order", "pier-nine", b'{"specversion":"1.0"}')


def test_kafka_is_given_key_id_and_content_type() -> None:
    broker = KafkaBroker(logger=None)
    got: list[tuple[bytes, dict[str, Any], bytes | None]] = []

    @broker.subscriber("documents.order")
    async def take(body: bytes, message: KafkaMessage) -> None:
        raw = message.raw_message
        assert not isinstance(raw, tuple)
        got.append((message.body, dict(message.headers), raw.key))

    async def publish() -> Receipt:
        async with TestKafkaBroker(broker):
            return await KafkaPublisher(Address("x"), broker).publish(EVENT)

    assert asyncio.run(publish()).reference.startswith("topic documents.order")
    ((body, headers, key),) = got
    assert (body, key) == (EVENT.content, b"pier-nine")
    assert (headers["ce_id"], headers["content-type"]) == ("key-1", "application/cloudevents+json")


def test_rabbitmq_is_given_a_message_with_its_id_and_content_type() -> None:
    broker = RabbitBroker(logger=None)
    got: list[RabbitMessage] = []

    @broker.subscriber("documents.order")
    async def take(body: bytes, message: RabbitMessage) -> None:
        got.append(message)

    async def publish() -> Receipt:
        async with TestRabbitBroker(broker):
            return await RabbitPublisher(Address("amqp://x"), broker).publish(EVENT)

    assert asyncio.run(publish()) == Receipt("routing key documents.order")
    (message,) = got
    assert message.body == EVENT.content
    assert message.raw_message.message_id == "key-1"
    assert message.raw_message.content_type == "application/cloudevents+json"


# aiokafka's producer cannot be closed where it never connected, and says so when it is collected.
@pytest.mark.filterwarnings("ignore:.*AIOKafkaProducer:pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize(
    ("broker", "url"), [("kafka", "127.0.0.1:1"), ("rabbitmq", "amqp://127.0.0.1:1/")]
)
def test_a_broker_that_is_not_there_is_asked_again(tmp_path: Path, broker: str, url: str) -> None:
    settings = f"type: events\nbroker: {broker}\nurl: {url}\ntimeout: 500ms\n"
    with (
        destination(tmp_path, settings) as world,
        pytest.raises(Transient, match=r"^no connection to the broker: "),
    ):
        world.deliver()
    gc.collect()  # what the producer says comes here, and not in another test


def test_a_trial_of_a_broker_connects_and_publishes_nothing(
    server: NatsServer, tmp_path: Path
) -> None:
    before = len(server.messages())
    with destination(tmp_path / "good", NATS.format(url=server.url), FILES) as world:
        (step,) = trial(world.instance, "erp", clock=utc_now)
    assert (step.tried, step.fault) == ("nats takes our connection", "")
    with destination(
        tmp_path / "away", NATS.format(url="nats://127.0.0.1:1").replace("5s", "500ms"), FILES
    ) as world:
        (step,) = trial(world.instance, "erp", clock=utc_now)
    assert step.fault.startswith("no connection to the broker: ")
    assert len(server.messages()) == before


def test_a_client_that_is_not_installed_is_named_with_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = importlib.util.find_spec
    monkeypatch.setattr(
        "gateway.config.check_destinations.find_spec",
        lambda name: None if name == "aiokafka" else real(name),
    )
    home = write_home(tmp_path, "type: events\nbroker: kafka\nurl: 127.0.0.1:1\n")
    instance = config.load(home, {}, maps_too=False)
    message = "the client of kafka is not installed here; install edi-gateway[kafka]"
    assert [problem.message for problem in instance.missing_secrets] == [message]
    with pytest.raises(ConfigProblems, match="edi-gateway"):
        instance.require_secrets()


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ("broker: nats\nurl: nats://x\n", "'stream' is where NATS keeps events"),
        ("broker: kafka\nurl: x\nexchange: e\n", "'exchange' is said of rabbitmq"),
        ("broker: kafka\nurl: us:secret@x\n", "credentials do not belong in an address"),
        (
            "broker: kafka\nurl: x\nbody: {xslt: a.xsl}\n",
            "the data of an event is made by 'select'",
        ),
    ],
)
def test_what_does_not_fit_together_is_found(tmp_path: Path, settings: str, message: str) -> None:
    with pytest.raises(ConfigProblems, match=message):
        config.load(write_home(tmp_path, f"type: events\n{settings}"), {}, maps_too=False)
