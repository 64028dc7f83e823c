"""AS2 in the settings: names, keys, certificates; what `gateway check` says of them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import get_args

import pytest
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
)

from gateway import as2, config
from gateway.errors import ConfigProblems
from gateway.partners.connections import as2 as settings
from tests.as2_peers import signing_key
from tests.unit.config.instances import write
from tests.unit.config.test_broken import SOUND, P

G = "gateway.yaml"
OURS = """\
server: {port: 8443}
as2:
  id: HARBOR
  url: https://edi.harbor.example/as2
  keys:
    - {certificate: certificates/acme.pem, key: "${file:secrets/acme.key}"}
"""
THEIRS = """\
connections:
  as2:
    type: as2
    as2_id: NORTHSTAR-AS2
    url: https://as2.northstar.example/in
    certificates:
      - {file: certificates/retail.pem, use_from: 2026-10-01}
    mdn: async
send: {connection: as2}
"""
AS2 = "partners/northstar.yaml"


def _write(home: Path, ours: str = OURS, theirs: str = THEIRS) -> Path:
    write(home, SOUND | {G: SOUND[G] + ours, P: SOUND[P] + theirs})
    for folder in ("certificates", "secrets"):
        (home / folder).mkdir(exist_ok=True)
    for name in ("acme", "retail"):
        pem = signing_key(name).certificate.x509.public_bytes(Encoding.PEM)
        (home / "certificates" / f"{name}.pem").write_bytes(pem)
    text = signing_key("acme").private.private_bytes(
        Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()
    )
    (home / "secrets" / "acme.key").write_bytes(text)
    return home


def _problems(home: Path) -> list[str]:
    try:
        return [str(one) for one in config.load(home, {}, maps_too=False).warnings]
    except ConfigProblems as fault:
        return [str(one) for one in fault.problems]


def test_an_as2_connection_is_read_with_its_defaults(tmp_path: Path) -> None:
    instance = config.load(_write(tmp_path), {}, maps_too=False)
    connection = instance.partners["northstar"].connections["as2"]
    assert isinstance(connection, settings.As2Connection)
    assert connection.address == "https://as2.northstar.example/in"
    assert (connection.sign, connection.encrypt, connection.mdn) == (
        "sha-256",
        "aes-256-cbc",
        "async",
    )
    assert connection.hosts == {"as2.northstar.example"}
    assert instance.warnings == ()


@pytest.mark.parametrize(
    ("words", "values"),
    [
        (settings.DigestName, as2.Digest),
        (settings.CipherName, as2.Cipher),
        (settings.QuirkName, as2.Quirk),
        (settings.As2Connection.model_fields["compress"].annotation, as2.Compression),
        (settings.As2Connection.model_fields["mdn"].annotation, as2.MdnMode),
        (settings.As2Connection.model_fields["key_transport"].annotation, as2.KeyTransport),
        (settings.As2Connection.model_fields["transfer_encoding"].annotation, as2.TransferEncoding),
    ],
)
def test_the_settings_know_every_word_of_the_protocol_and_no_other(
    words: object, values: type[as2.Digest]
) -> None:
    assert set(get_args(words)) == {value.value for value in values}


BROKEN = [
    (OURS, "", "partners/northstar.yaml:{at}:3: connections.as2: gateway.yaml has no 'as2': "
     "without a key of ours nothing is signed or decrypted"),
    ("server: {port: 8443}\n", "",
     "gateway.yaml:{our}:1: as2: nothing listens for AS2; expected 'server' beside it"),
    ("  url: https://edi.harbor.example/as2\n", "", "receipts would come to 'as2: {{url}}'"),
    ("id: HARBOR", "id: NORTHSTAR-AS2",
     "'NORTHSTAR-AS2' is our own AS2 id; expected the partner's"),
    ("certificates/acme.pem", "certificates/none.pem",
     "certificates/none.pem cannot be read: No such file or directory"),
    ("certificates/acme.pem", "certificates/retail.pem",
     "the private key is not that of certificate CN=retail"),
    ("certificates/acme.pem", "/etc/acme.pem", "'/etc/acme.pem' is absolute"),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "expected"), BROKEN)
def test_what_does_not_fit_on_our_side_is_said(
    tmp_path: Path, old: str, new: str, expected: str
) -> None:
    assert old in OURS
    _write(tmp_path, ours=OURS.replace(old, new))
    wanted = expected.format(at=SOUND[P].count("\n") + 2, our=SOUND[G].count("\n") + 1)
    assert any(wanted in problem for problem in _problems(tmp_path)), _problems(tmp_path)


WRONG = [
    ("certificates/retail.pem", "certificates/none.pem", "certificates/none.pem cannot be read"),
    ("certificates/retail.pem", "secrets/acme.key", "no certificate in PEM form"),
    ("use_from: 2026-10-01", "use_from: october",
     "'october' does not fit; expected a day such as 2026-12-31"),
    ("https://as2.northstar.example/in", "ftp://as2.northstar.example",
     "expected an address such as https://edi.partner.example/as2"),
    ("send: {connection: as2}", "send: {connection: as2, folder: /in}",
     "send.folder: 'as2' is AS2, which has no folders"),
    ("send: {connection: as2}", "pick_up: [{connection: as2}]",
     "'as2' is AS2: the partner posts to us, nothing is fetched"),
    ("mdn: async", "sign: md5", "'md5' does not fit; expected"),
    ("mdn: async", "quirks: [old_digest_nams]", "did you mean 'old_digest_names'?"),
    ("mdn: async", "user: me", "'user' and 'password' belong together; expected both or neither"),
    ("mdn: async", "resends: 2", "'resends' is for 'mdn: async'"),
    ("url: https://as2.northstar.example/in",
     "url: http://as2.northstar.example/in\n    user: me\n    password: ${env:PW}",
     "the password is sent in clear text; expected an https address"),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "expected"), WRONG)
def test_what_does_not_fit_at_the_partner_is_said(
    tmp_path: Path, old: str, new: str, expected: str
) -> None:
    assert old in THEIRS
    _write(tmp_path, theirs=THEIRS.replace(old, new))
    assert any(expected in problem for problem in _problems(tmp_path)), _problems(tmp_path)


def test_two_partners_with_one_as2_id_are_refused(tmp_path: Path) -> None:
    again = THEIRS.replace("  as2:\n", "  as2:\n", 1).replace("send: {connection: as2}\n", "")
    second = "".join(f"  {line}\n" for line in again.splitlines()[1:]).replace("    as2:", "  too:")
    _write(tmp_path, theirs=THEIRS.replace("send:", second.replace("\n    ", "\n  ") + "send:"))
    expected = "'NORTHSTAR-AS2' is the AS2 id of partner 'northstar', connection 'as2' already"
    assert any(expected in problem for problem in _problems(tmp_path)), _problems(tmp_path)


def test_a_private_key_that_is_not_on_this_machine_is_a_missing_secret(tmp_path: Path) -> None:
    _write(tmp_path)
    (tmp_path / "secrets" / "acme.key").unlink()
    instance = config.load(tmp_path, {}, maps_too=False)
    assert [one.message for one in instance.missing_secrets] == [
        "secret file secrets/acme.key cannot be read: No such file or directory"
    ]


@pytest.mark.parametrize(
    ("days", "names", "expected"),
    [
        (70, ["retail"], []),
        (60, ["retail"], ["ends on {day}, in 59 days; no other takes over: agree on a new one"]),
        (7, ["retail", "next"], ["ends on {day}, in 6 days; another one takes over"]),
        (-1, ["retail"], ["ended on {day}; no other takes over: agree on a new one"]),
    ],
)
def test_a_certificate_that_ends_soon_is_announced(
    tmp_path: Path, days: int, names: list[str], expected: list[str]
) -> None:
    _write(tmp_path)
    ends = (datetime.now(UTC) + timedelta(days=days)).replace(microsecond=0)
    pinned = [signing_key("retail", end=ends), *(signing_key(name) for name in names[1:])]
    pem = b"".join(key.certificate.x509.public_bytes(Encoding.PEM) for key in pinned)
    (tmp_path / "certificates" / "retail.pem").write_bytes(pem)
    said = [f"the certificate of partner 'northstar' {one}" for one in expected]
    found = config.load(tmp_path, {}, maps_too=False).warnings
    assert [one.message for one in found] == [one.format(day=f"{ends:%Y-%m-%d}") for one in said]
