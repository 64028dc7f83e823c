"""Gateways that partners post to, over HTTP and over AS2, as the same tests see them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path

from gateway.as2 import MdnMode, Profile, build_message
from gateway.as2 import Payload as As2Payload
from gateway.pipeline.engine import DurableJobs
from gateway.pipeline.intake import Intake
from gateway.pipeline.mdns import Mdns
from gateway.pipeline.observing import Announcer
from gateway.pipeline.ports import Received, unobserved
from gateway.pipeline.records import PayloadRecord
from gateway.store import SqlStore, open_database
from gateway.transports.as2.failures import FailureRules
from gateway.transports.as2.inbound import As2Rules
from gateway.transports.as2.inbound import Inbound as As2Inbound
from gateway.transports.as2.owed import read_owed
from gateway.transports.http.inbound import Caller, PostingRules
from gateway.transports.http.inbound import Inbound as HttpInbound
from tests.as2_desk import party
from tests.as2_peers import NOW, OURS, THEIRS, our_keys, their_keys
from tests.conformance.wires import Answer, Call, MemoryWire, SocketWire, Wire
from tests.databases import sqlite_url

PARTNER = "them"
LARGEST = 100_000
TOGETHER = 250_000
DISPOSITION = re.compile(rb"^Disposition: .*?; (.*?)\r?$", re.MULTILINE)

KINDS = ["http", "http-memory", "as2", "as2-memory", "as2-async", "as2-async-memory"]


@dataclass
class PostedDesk:
    """Two gateways on one store, and how a partner posts to either."""

    store: SqlStore
    wires: list[Wire]
    kind: str
    many: int = 40
    """So many messages are many for it."""
    fault: Exception | None = None
    """What the store raises instead of keeping anything."""
    taken: list[Received] = field(default_factory=list)
    """What was handed over to be kept."""

    def call(
        self,
        content: bytes,
        *,
        key: str = "m1",
        name: str = "order.edi",
        at: datetime = NOW,
        chunked: bool = False,
    ) -> Call:
        """Write a call as the partner does, whose clock says so."""
        raise NotImplementedError

    def said(self, answer: Answer, key: str = "m1") -> str:
        """Say what an answer means: `taken`, `refused`, or `again`."""
        raise NotImplementedError

    def post(self, content: bytes, *, key: str = "m1", name: str = "order.edi", to: int = 0) -> str:
        """Post, and return what the answer means."""
        return self.said(self.wires[to].call(self.call(content, key=key, name=name)), key)

    @property
    def payloads(self) -> Sequence[PayloadRecord]:
        return self.store.desk.payloads()

    @property
    def kept(self) -> list[bytes]:
        """Return what is stored."""
        return sorted(self.store.desk.content(one.id) for one in self.payloads)


class HttpDesk(PostedDesk):
    many = 200

    def call(
        self,
        content: bytes,
        *,
        key: str = "m1",
        name: str = "order.edi",
        at: datetime = NOW,
        chunked: bool = False,
    ) -> Call:
        headers = [
            ("Authorization", "Bearer k3y"),
            ("Idempotency-Key", key),
            ("Date", f"{at:%a, %d %b %Y %H:%M:%S} GMT"),
            ("Content-Disposition", f"attachment; {name if '=' in name else f'filename={name}'}"),
        ]
        return Call(f"/partners/{PARTNER}/payloads", headers, content, chunked)

    def said(self, answer: Answer, key: str = "m1") -> str:
        return {202: "taken", 409: "refused", 503: "again"}[answer.status]


class As2Desk(PostedDesk):
    profile = Profile(OURS, THEIRS)

    def call(
        self,
        content: bytes,
        *,
        key: str = "m1",
        name: str = "order.edi",
        at: datetime = NOW,
        chunked: bool = False,
    ) -> Call:
        made = build_message(
            As2Payload(content, filename=name),
            self.profile,
            keys=our_keys(),
            message_id=f"<{key}@acme>",
            now=at,
        )
        return Call("/as2", made.headers.fields, made.body, chunked)

    def said(self, answer: Answer, key: str = "m1") -> str:
        return "again" if answer.status == 503 else _meaning(answer.status, answer.body)


class AsyncAs2Desk(As2Desk):
    profile = replace(Profile(OURS, THEIRS), mdn=MdnMode.ASYNC, mdn_url="http://127.0.0.1:9/mdn")

    def said(self, answer: Answer, key: str = "m1") -> str:
        if answer.status == 503:
            return "again"
        assert (answer.status, answer.body) == (200, b"")
        owed = [one.content for one in self.store.desk.outbound.outgoing()]
        about = [one for one in owed if f"<{key}@acme>".encode() in one]
        # The newest says what became of it now; an older one what became of it before.
        return _meaning(answer.status, read_owed(about[0]).mdn.body)


def _meaning(status: int, mdn: bytes) -> str:
    found = DISPOSITION.search(mdn)
    assert found is not None, (status, mdn)
    return {b"processed": "taken"}.get(found[1], "refused")


_DESKS = {"http": HttpDesk, "as2": As2Desk, "as2-async": AsyncAs2Desk}


@contextmanager
def posted_desk(kind: str, folder: Path) -> Iterator[PostedDesk]:
    """Open two gateways on one store; with `-memory` without a network."""
    transport = kind.removesuffix("-memory")
    with ExitStack() as closing:
        store = SqlStore(open_database(sqlite_url(folder)))
        closing.callback(store.close)
        jobs = DurableJobs(store)
        closing.callback(jobs.close)
        intake = Intake(store, jobs, clock=_now, announcer=Announcer(unobserved, _now))
        desk = _DESKS[transport](store, [], transport)

        def take(batch: Sequence[Received]) -> list[str]:
            if desk.fault is not None:
                raise desk.fault
            desk.taken += batch
            return intake.receive(batch)

        for _ in range(2):
            http = HttpInbound(take, store.desk, _posting())
            as2 = As2Inbound(
                take, store.desk, Mdns(store, jobs, clock=_now), _as2_rules(), clock=_now
            )
            closing.callback(as2.close)
            routes = [*http.routes(), *as2.routes()]
            wire = MemoryWire(routes) if kind.endswith("-memory") else SocketWire(routes)
            closing.callback(wire.close)
            desk.wires.append(wire)
        yield desk


def _now() -> datetime:
    return NOW


def _posting() -> PostingRules:
    return PostingRules(
        {PARTNER: Caller((b"k3y",))},
        max_bytes=LARGEST,
        together=TOGETHER,
        deadline=timedelta(seconds=30),
    )


def _as2_rules() -> As2Rules:
    here = party(Profile(THEIRS, OURS), their_keys(), partner=PARTNER)
    return As2Rules({here.names: here}, together=TOGETHER, failures=FailureRules(1000, 1000))
