"""`gateway.yaml`: who we are, where things lie, which limits hold, where documents go.

The models say what may be written and why; `gateway.config.check` says what fits together.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, model_validator

from gateway.config.alerts import Alerts
from gateway.config.api import Api
from gateway.config.as2 import As2
from gateway.config.destinations import Destination
from gateway.config.server import Server, SftpServer
from gateway.partners.fields import HomePath, Name, Settings, Texts, quoted
from gateway.partners.kinds import Duration, Size
from gateway.partners.partner import Identity
from gateway.pipeline.ports import TEMPORARY_NAMES, USUAL_RETENTION
from gateway.secrets import ONLY_BY_REFERENCE, Template, literal_in_query

_MEGABYTE = 1024 * 1024


class OurIdentity(Identity):
    """One of our own identities in envelopes."""

    name: Name = "main"
    """What partners call it by in `our_identity`."""


def _store_url(template: Template) -> Template:
    try:
        parts = urlsplit(template.text)
        password = parts.password
    except ValueError:
        raise ValueError("expected a database address such as sqlite:///state/gateway.db") from None
    if password and "${" not in password:
        raise ValueError("a password is written here by its reference only, such as ${env:NAME}")
    if name := literal_in_query(template):
        raise ValueError(f"{quoted(name)} in an address carries a secret, {ONLY_BY_REFERENCE}")
    whole = template.text.startswith("${")
    if not whole and parts.scheme.partition("+")[0] not in ("sqlite", "postgresql"):
        raise ValueError("expected an address that starts with sqlite:/// or postgresql://")
    return template


class Store(Settings):
    """Where interchanges, documents and deliveries are kept."""

    url: Annotated[Template, AfterValidator(_store_url)] = Template("sqlite:///state/gateway.db")
    """Database address. A relative SQLite file lies below the instance's home; PostgreSQL is for
    more than one machine."""


class InstanceFolders(Settings):
    """Where files lie, below the instance's home."""

    inbox: HomePath = "sftp_inbox"
    """Holds one folder for each partner, with `in` and `out` in it."""
    archive: HomePath = "state/archive"
    """Payloads that were taken over are moved here."""
    state: HomePath = "state"
    """What the gateway itself keeps: the SQLite file, locks."""


class Pickup(Settings):
    """When a file in an inbound folder is taken."""

    stable_for: Duration = timedelta(seconds=2)
    """Size and modification time must not have changed for this long: uploads take time."""
    rescan_every: Duration = timedelta(seconds=5)
    """Folders are looked through this often, because file events get lost."""
    incomplete_after: Duration = timedelta(minutes=15)
    """A file whose last interchange has no IEA after this long is quarantined."""
    ignore: Texts = TEMPORARY_NAMES
    """Names that senders use while they are still writing, in upper or lower case. A list that is
    written here replaces this one."""


class Limits(Settings):
    """Protection against what no partner sends on purpose."""

    payload: Size = Field(50 * _MEGABYTE, json_schema_extra={"default": "50MB"})
    """A larger payload is quarantined unread."""


class Retention(Settings):
    """How long things are kept that are finished; what waits for somebody is never purged."""

    payloads: Duration = USUAL_RETENTION.payloads
    """Raw bytes, documents, deliveries, timelines and the archive; auditors ask for a year."""
    ledger: Duration = USUAL_RETENTION.ledger
    """Control numbers, hashes and acknowledgments: a duplicate is recognised, and acknowledged
    once more, for this long. Not shorter than `payloads`."""

    @model_validator(mode="after")
    def _the_ledger_outlives_payloads(self) -> Retention:
        if self.ledger < self.payloads:
            raise ValueError("'ledger' is shorter than 'payloads'; expected at least as long")
        return self


class Logging(Settings):
    """What the gateway says about itself."""

    level: Literal["debug", "info", "warning", "error"] = "info"
    """Least important event that is written."""
    format: Literal["console", "json"] = "console"
    """`json` for machines that collect logs."""


class GatewaySettings(Settings):
    """The whole of `gateway.yaml`."""

    identities: Annotated[tuple[OurIdentity, ...], Field(min_length=1)]
    """How we are named in envelopes; the first is used unless a partner names another."""
    owner: str = "operator"
    """Who acts when something waits in quarantine and no partner or destination names an owner."""
    store: Store = Store()
    """The database."""
    folders: InstanceFolders = InstanceFolders()
    """Where files lie."""
    allow_absolute_paths: bool = False
    """Take folders outside the instance's home, such as the root of an SFTP server."""
    workers: Annotated[int, Field(ge=0, le=64)] = 0
    """Processes beside `gateway run`, which by itself uses one processor: as many as there are
    processors to spare. The first one sends and delivers, the next one reads, and so on in turn."""
    pickup: Pickup = Pickup()
    """When a file is taken."""
    limits: Limits = Limits()
    """Largest payload."""
    retention: Retention = Retention()
    """How long payloads, documents and control numbers are kept."""
    logging: Logging = Logging()
    """Logs."""
    server: Server | None = None
    """The HTTP server that partners and people call; none listens if left out."""
    sftp_server: SftpServer | None = None
    """The SFTP server that partners drop files on; none listens if left out."""
    as2: As2 | None = None
    """Who we are on AS2; partners with an `as2` connection post to `/as2` on the `server`."""
    alerts: Alerts = Alerts()
    """Who is told of what a person must know of although nobody is looking."""
    api: Api | None = None
    """The API for ERP teams, below `/api/v1` on the `server`; off if left out."""
    destinations: Annotated[dict[Name, Destination], Field(min_length=1)]
    """Where documents are delivered, by name."""
