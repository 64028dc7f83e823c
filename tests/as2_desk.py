"""Our side of AS2 for tests: the real server, a real store, and what was kept in it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

import httpx

from gateway.as2 import Keys, Limits, Message, Profile
from gateway.pipeline.engine import DurableJobs
from gateway.pipeline.intake import Intake
from gateway.pipeline.mdns import Mdns
from gateway.pipeline.observing import Announcer
from gateway.pipeline.outgoing_records import OutgoingRecord
from gateway.pipeline.ports import Received, unobserved
from gateway.store import SqlStore, open_database
from gateway.transports.as2.failures import FailureRules
from gateway.transports.as2.inbound import As2Rules, Inbound
from gateway.transports.as2.party import Party
from gateway.transports.server import Listening, Server
from tests.databases import sqlite_url

DISPOSITION = re.compile(rb"^Disposition: .*?; (.*?)\r?$", re.MULTILINE)


@dataclass
class As2Desk:
    """The gateway's side, with the server that partners call."""

    store: SqlStore
    mdns: Mdns
    url: str
    client: httpx.Client
    clock: list[datetime]
    """The present moment, to be set."""
    taken: list[Received] = field(default_factory=list)
    fault: Exception | None = None
    """What `take` raises instead of storing."""
    before_answer: Callable[[], None] | None = None
    """Called when something was stored, before that is answered."""

    @property
    def kept(self) -> list[bytes]:
        """Return the contents of the payloads that are stored."""
        desk = self.store.desk
        return [desk.content(one.id) for one in desk.payloads()]

    @property
    def owed(self) -> list[OutgoingRecord]:
        """Return the MDNs that we owe or have posted."""
        return self.store.desk.outbound.outgoing()

    def post(self, message: Message, **changes: str) -> httpx.Response:
        """Post a message as another product would."""
        fields = [(name, value.replace("\r\n", "")) for name, value in message.headers.fields]
        named = {name.replace("_", "-"): value for name, value in changes.items()}
        fields = [one for one in fields if one[0] not in named] + list(named.items())
        content = message.body
        return self.client.post(self.url, content=content, headers=fields)


def party(profile: Profile, keys: Keys, **changes: object) -> Party:
    """Return what our settings say of a partner."""
    defaults: Mapping[str, object] = {
        "partner": "them",
        "connection": "as2",
        "profile": profile,
        "keys": keys,
        "url": "http://127.0.0.1:9/as2",
        "mdn_hosts": frozenset({"127.0.0.1"}),
        "timeout": timedelta(seconds=10),
    }
    return Party(**{**defaults, **changes})  # type: ignore[arg-type]  # each as its field wants it


@contextmanager
def as2_desk(
    folder: Path,
    parties: Sequence[Party],
    now: datetime,
    *,
    limits: Limits | None = None,
    deadline: timedelta = timedelta(seconds=30),
    together: int = 1_000_000_000,
    failures: FailureRules | None = None,
) -> Iterator[As2Desk]:
    """Open a desk for some partners."""
    with ExitStack() as closing:
        store = SqlStore(open_database(sqlite_url(folder)))
        closing.callback(store.close)
        jobs = DurableJobs(store)
        closing.callback(jobs.close)
        moment = [now]

        def clock() -> datetime:
            return moment[0]

        mdns = Mdns(store, jobs, clock=clock)
        intake = Intake(store, jobs, clock=clock, announcer=Announcer(unobserved, clock))
        desk = As2Desk(store, mdns, "", httpx.Client(timeout=60), moment)
        closing.callback(desk.client.close)
        rules = As2Rules(
            {one.names: one for one in parties},
            limits=limits or Limits(),
            deadline=deadline,
            together=together,
            # One test sends more that is wrong than a partner does in a day.
            failures=failures or FailureRules(1000, 1000),
        )
        inbound = Inbound(_taking(desk, intake.receive), store.desk, mdns, rules, clock=clock)
        closing.callback(inbound.close)
        server = Server(Listening(port=0), inbound.routes())
        server.connect()
        closing.callback(server.close)
        desk.url = f"http://127.0.0.1:{server.port}/as2"
        yield desk


def _taking(
    desk: As2Desk, receive: Callable[[Sequence[Received]], list[str]]
) -> Callable[[Sequence[Received]], list[str]]:
    def take(batch: Sequence[Received]) -> list[str]:
        if desk.fault is not None:
            raise desk.fault
        desk.taken += batch
        ids = receive(batch)
        if desk.before_answer is not None:
            desk.before_answer()
        return ids

    return take


def disposition(answer: httpx.Response) -> str:
    """Return what an MDN says: type, modifier, explanation."""
    found = DISPOSITION.search(answer.content)
    assert found is not None, (answer.status_code, answer.text)
    return found[1].decode()
