"""A partner whom we exchange AS2 messages with, in both directions."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, model_validator

from gateway.partners.access import Fingerprint
from gateway.partners.connections.quiet import QuietWindow
from gateway.partners.fields import HomePath, Like, Settings, Texts, quoted
from gateway.partners.kinds import Date, Duration
from gateway.secrets import Secret, Template

As2Name = Annotated[
    str, Like(r"[!-~](?:[ -~]{0,126}[!-~])?", "1 to 128 printable characters, such as HARBOR-AS2")
]
"""AS2-From and AS2-To; upper and lower case differ."""

# The words of `gateway.as2`, whose import takes too long for a command that only looks.
DigestName = Literal["sha-1", "sha-224", "sha-256", "sha-384", "sha-512"]
CipherName = Literal[
    "3des",
    "aes-128-cbc",
    "aes-192-cbc",
    "aes-256-cbc",
    "aes-128-gcm",
    "aes-192-gcm",
    "aes-256-gcm",
]
QuirkName = Literal[
    "old_digest_names",
    "fold_headers",
    "unquoted_filename",
    "no_filename",
    "canonical_digest",
    "exact_digest",
    "no_signed_attributes",
    "no_signing_time",
    "digest_in_signature_algorithm",
    "no_certificate",
    "base64_outer",
    "binary_signature",
    "unquoted_names",
    "no_mime_version",
    "no_outer_transfer_encoding",
    "mic_as_listed",
    "unsigned_mdn_accepted",
    "mdn_without_mic_accepted",
]


def http_address(value: str) -> str:
    """Return an address that can be posted to; credentials do not stand in it."""
    try:
        parts = urlsplit(value)
        sound = parts.scheme in ("https", "http") and parts.hostname and parts.username is None
        _ = parts.port
    except ValueError:
        sound = False
    if not sound or not value.isascii() or not value.isprintable() or " " in value:
        raise ValueError(
            f"{quoted(value)} does not fit; expected an address such as "
            "https://edi.partner.example/as2"
        )
    return value


HttpAddress = Annotated[str, AfterValidator(http_address)]
"""An address with http or https; a message protects itself, and AS2 is often posted over http."""


class As2Certificate(Settings):
    """A certificate of the partner, pinned: nobody's signature is believed but its own."""

    file: HomePath
    """The certificate in PEM. A file with several pins each of them."""
    use_from: Date | None = None
    """From this day on we encrypt for it; the start of its validity if left out. What it signs is
    believed before that too."""


class As2Connection(Settings):
    """A partner's AS2 system: where and how we send, and what we take from it at `/as2`."""

    type: Literal["as2"]
    """Kind of connection."""
    as2_id: As2Name
    """What the partner calls itself: AS2-From of what it sends."""
    our_as2_id: As2Name | None = None
    """What it calls us, where that is not the `as2: {id}` of `gateway.yaml`."""
    url: HttpAddress
    """Where we post messages to."""
    certificates: Annotated[tuple[As2Certificate, ...], Field(min_length=1)]
    """The partner's certificates; several while one takes over from the other. Each that is valid
    verifies signatures, the newest one encrypts."""
    user: Template | None = None
    """User name, where the partner's server asks for one (HTTP Basic)."""
    password: Secret | None = None
    """Password, by reference."""
    tls_certificates: tuple[Fingerprint, ...] = ()
    """SHA-256 fingerprints of the certificates that the server behind `url` may show; several while
    the partner changes from one to the next. If left out, the certificate must be for the host and
    from an authority that this system trusts."""
    sign: DigestName | Literal["none"] = "sha-256"
    """Digest that we sign with."""
    encrypt: CipherName | Literal["none"] = "aes-256-cbc"
    """What we encrypt with."""
    key_transport: Literal["pkcs1-v1_5", "oaep-sha-1", "oaep-sha-256"] = "pkcs1-v1_5"
    """How the content's key is encrypted; few products know OAEP."""
    compress: Literal["none", "before_signing", "after_signing"] = "none"
    """Whether we compress, and when."""
    transfer_encoding: Literal["binary", "8bit", "base64", "quoted-printable"] = "binary"
    """How we write the payload in its MIME part."""
    content_type: Annotated[
        str, Like(r"[a-z0-9.+-]{1,60}/[A-Za-z0-9.+-]{1,60}", "a type such as application/edi-x12")
    ] = "application/edi-x12"
    """What we say the payload is."""
    mdn: Literal["sync", "async", "none"] = "sync"
    """Receipt that we ask for: in the answer, posted to `as2: {url}` later, or none. With `none`
    nothing says that a message was understood."""
    signed_mdn: bool = True
    """Ask for a signed receipt and believe no other."""
    mic_algorithms: tuple[DigestName, ...] = ()
    """Digests for the receipt, most wanted first; the one of `sign` if left out."""
    mdn_within: Duration = timedelta(hours=2)
    """An asynchronous receipt must have come by then."""
    resends: Annotated[int, Field(ge=0, le=100)] = 0
    """So often a message is sent again, under the same Message-ID, when its asynchronous receipt
    does not come in time; then it waits for a person. More than 0 only for partners that recognise
    a repeated Message-ID."""
    mdn_hosts: Texts = ()
    """Hosts, besides that of `url`, to which we post asynchronous receipts. A message that names
    another one is refused: whoever sends it could have us call anything."""
    require_signed: bool = True
    """Refuse messages that are not signed."""
    require_encrypted: bool = True
    """Refuse messages that are not encrypted; `false` where the partner relies on TLS alone."""
    quirks: tuple[QuirkName, ...] = ()
    """Deviations that the partner's product needs, by name; see docs/transports/as2.md."""
    timeout: Duration = timedelta(minutes=5)
    """For a whole call, from connecting to the last byte of the answer; a large message takes its
    time."""
    quiet: tuple[QuietWindow, ...] = ()
    """When the partner's system must be left alone."""

    @model_validator(mode="after")
    def _fits(self) -> As2Connection:
        if (self.user is None) != (self.password is None):
            raise ValueError("'user' and 'password' belong together; expected both or neither")
        if self.tls_certificates and not self.url.startswith("https:"):
            raise ValueError("'tls_certificates' pins what an https address shows; 'url' is none")
        if self.resends and self.mdn != "async":
            raise ValueError("'resends' is for 'mdn: async': without it a call fails at once")
        return self

    @property
    def address(self) -> str:
        """Name the partner's system for people."""
        parts = urlsplit(self.url)
        return f"{parts.scheme}://{parts.netloc}{parts.path}"

    @property
    def hosts(self) -> frozenset[str]:
        """Return the hosts that asynchronous receipts may go to, in lower case."""
        own = urlsplit(self.url).hostname or ""
        return frozenset(host.lower() for host in (own, *self.mdn_hosts))

    def templates(self) -> tuple[tuple[tuple[str | int, ...], Template], ...]:
        """Return every text that may refer to a secret, with its path in the file."""
        named = {"user": self.user, "password": self.password}
        return tuple(((name,), text) for name, text in named.items() if text is not None)
