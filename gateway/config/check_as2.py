"""What must fit for AS2: names, keys, certificates, and who listens."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from gateway.clock import utc_now
from gateway.config.check_settings import path_allowed
from gateway.config.files import Files, Report
from gateway.config.settings import GatewaySettings
from gateway.errors import LocalProtocolError
from gateway.partners import Partner
from gateway.partners.connections import As2Connection
from gateway.secrets import SecretMissing, Vault
from gateway.yaml_source import Source

if TYPE_CHECKING:
    from gateway.as2.certificates import Certificate

Path = tuple[str | int, ...]

_LOCAL = frozenset({"localhost", "127.0.0.1", "::1"})


@dataclass(frozen=True, slots=True)
class _Place:
    """An AS2 connection, and where it is written."""

    source: Source
    partner: Partner
    name: str
    connection: As2Connection

    @property
    def path(self) -> Path:
        return "connections", self.name


def check(files: Files, report: Report, vault: Vault) -> None:
    """Note names that are taken twice, keys and certificates that do not fit, missing settings."""
    settings = files.settings.model
    if settings is None:
        return
    if settings.as2 is not None:
        _ours(files, settings, report, vault)
    places = list(_places(files))
    _names(places, settings, report)
    for place in places:
        _needs(place, settings, report)
        _certificates(place, settings, report, vault)


def _places(files: Files) -> Iterator[_Place]:
    for source, partner in files.read_partners:
        for name, connection in partner.connections.items():
            if isinstance(connection, As2Connection):
                yield _Place(source, partner, name, connection)


def _names(places: list[_Place], settings: GatewaySettings, report: Report) -> None:
    """Note two connections that one message would be for, and a partner that is called as we."""
    usual = settings.as2.id if settings.as2 else ""
    taken: dict[tuple[str, str], str] = {}
    for place in places:
        ours = place.connection.our_as2_id or usual
        path = (*place.path, "as2_id")
        pair = place.connection.as2_id, ours
        if pair in taken:
            message = f"'{pair[0]}' is the AS2 id of {taken[pair]} already"
            report.problem(place.source, path, message)
        elif pair[0] == ours:
            message = f"'{ours}' is our own AS2 id; expected the partner's"
            report.problem(place.source, path, message)
        taken.setdefault(pair, f"partner '{place.partner.id}', connection '{place.name}'")


def _needs(place: _Place, settings: GatewaySettings, report: Report) -> None:
    """Note what `gateway.yaml` must say for this connection."""
    connection = place.connection
    if settings.as2 is None:
        message = "gateway.yaml has no 'as2': without a key of ours nothing is signed or decrypted"
        report.problem(place.source, place.path, message)
    elif connection.mdn == "async" and settings.as2.url is None:
        message = "receipts would come to 'as2: {url}' of gateway.yaml, which is missing"
        report.problem(place.source, (*place.path, "mdn"), message)
    address = urlsplit(connection.url)
    if connection.password and address.scheme == "http" and address.hostname not in _LOCAL:
        message = "the password is sent in clear text; expected an https address"
        report.warn(place.source, (*place.path, "url"), message)


def _ours(files: Files, settings: GatewaySettings, report: Report, vault: Vault) -> None:
    """Note what is wrong with our keys, and that nobody could reach us."""
    from gateway.config.as2_keys import read_key_pair, read_own_certificate

    source, as2 = files.settings.source, settings.as2
    assert as2 is not None  # noqa: S101 - asked by the caller
    if settings.server is None:
        message = "nothing listens for AS2; expected 'server' beside it"
        report.problem(source, ("as2",), message)
    certificates: list[tuple[Path, Certificate]] = []
    for index, pair in enumerate(as2.keys):
        path: Path = ("as2", "keys", index)
        at = (*path, "certificate")
        path_allowed(settings, source, report, path=at, folder=pair.certificate)
        try:
            certificates.append((at, read_own_certificate(vault.home, pair)))
            read_key_pair(vault, pair)
        except SecretMissing as fault:
            report.missing_secret(source, (*path, "key"), str(fault))
        except LocalProtocolError as fault:
            report.problem(source, at, str(fault))
    _expiry(certificates, "ours", lambda path, text: report.warn(source, path, text))


def _certificates(place: _Place, settings: GatewaySettings, report: Report, vault: Vault) -> None:
    """Note certificates of a partner that cannot be read, or end soon."""
    from gateway.config.as2_keys import read_pinned

    found: list[tuple[Path, Certificate]] = []
    for index, pinned in enumerate(place.connection.certificates):
        path = (*place.path, "certificates", index, "file")
        path_allowed(settings, place.source, report, path=path, folder=pinned.file)
        try:
            found += [(path, each) for each in read_pinned(vault.home, pinned)]
        except LocalProtocolError as fault:
            report.problem(place.source, path, str(fault))
    _expiry(
        found,
        f"of partner '{place.partner.id}'",
        lambda path, text: report.warn(place.source, path, text),
    )


def _expiry(
    found: list[tuple[Path, Certificate]], whose: str, warn: Callable[[Path, str], None]
) -> None:
    """Announce the certificates that end within 60, 30 or 7 days, or have ended."""
    from gateway.as2.certificates import expiring

    now = utc_now()
    for expiry in expiring([each for _, each in found], now):
        path = next(at for at, each in found if each is expiry.certificate)
        day = f"{expiry.certificate.ends:%Y-%m-%d}"
        ends = f"ended on {day}" if expiry.days_left < 0 else f"ends on {day}"
        left = "" if expiry.days_left < 0 else f", in {expiry.days_left} days"
        next_one = (
            "another one takes over"
            if expiry.replaced
            else "no other takes over: agree on a new one"
        )
        warn(path, f"the certificate {whose} {ends}{left}; {next_one}")
