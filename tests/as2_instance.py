"""An instance with AS2 for tests: we are the retailer of the other tests, the partner is ACME."""

from __future__ import annotations

from pathlib import Path

from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
)

from tests.as2_peers import OURS, THEIRS, signing_key


def with_as2(home: Path, partner: str, *, port: int, url: str, more: str = "") -> None:
    """Let an instance speak AS2 on a port, and one of its partners at an address.

    `more` are further lines of the partner's connection.
    """
    (home / "certificates").mkdir(exist_ok=True)
    for name in ("retail", "acme"):
        pem = signing_key(name).certificate.x509.public_bytes(Encoding.PEM)
        (home / "certificates" / f"{name}.pem").write_bytes(pem)
    key = signing_key("retail").private
    text = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    (home / "secrets" / "as2.key").write_bytes(text)
    _add(
        home / "gateway.yaml",
        f"""
server: {{port: {port}}}
as2:
  id: {THEIRS}
  url: http://127.0.0.1:{port}/as2
  keys:
    - {{certificate: certificates/retail.pem, key: "${{file:secrets/as2.key}}"}}
""",
    )
    lines = "".join(f"    {line}\n" for line in more.splitlines())
    _add(
        home / "partners" / f"{partner}.yaml",
        f"""
connections:
  as2:
    type: as2
    as2_id: {OURS}
    url: {url}
    certificates:
      - file: certificates/acme.pem
{lines}""",
    )


def _add(file: Path, text: str) -> None:
    file.write_text(f"{file.read_text('utf-8')}\n{text}", "utf-8")
