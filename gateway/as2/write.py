"""Writing a message: the payload in MIME, compressed, signed and encrypted as was agreed.

Content is a list of pieces until the end, so that a payload of 100 MB is not copied at each layer.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from gateway.as2 import enveloped_data, signed_data
from gateway.as2.certificates import Keys
from gateway.as2.compressed_data import compress
from gateway.as2.digests import Pieces, is_canonical, mics_of
from gateway.as2.fields import write_filename
from gateway.as2.headers import digest_name, http_headers, write_mdn_request, write_party_headers
from gateway.as2.mime import choose_boundary, encode, write_headers, write_multipart
from gateway.as2.model import Mic, OutgoingMessage, Payload
from gateway.as2.profile import Compression, Digest, Profile, Quirk, TransferEncoding
from gateway.errors import LocalProtocolError


@dataclass(frozen=True, slots=True)
class Entity:
    """A MIME entity that is being written: headers and body."""

    fields: tuple[tuple[str, str], ...]
    body: list[bytes | bytearray]

    def pieces(self, profile: Profile) -> list[bytes | bytearray]:
        """Write it as a part inside something else: with its headers."""
        fold = Quirk.FOLD_HEADERS in profile.quirks
        return [write_headers(self.fields, fold=fold), *self.body]


def build_message(
    payload: Payload,
    profile: Profile,
    *,
    keys: Keys,
    message_id: str,
    now: datetime,
    subject: str = "EDI",
) -> OutgoingMessage:
    """Write a payload as the message that was agreed with the partner."""
    entity, mics = _wrapped(payload, profile, keys=keys, now=now, seed=message_id)
    if profile.encrypt is not None:
        # What was encrypted is let go before the result is joined: a large payload is held twice.
        entity = _encrypted_entity(entity, profile, keys, now)
        if Quirk.BASE64_OUTER in profile.quirks:
            entity = _as_base64(entity)
    head = write_party_headers(profile, message_id=message_id, subject=subject, now=now)
    fields = [*head, *write_mdn_request(profile), *_outer_fields(entity, profile)]
    return OutgoingMessage(http_headers(fields), b"".join(entity.body), message_id, mics)


def _outer_fields(entity: Entity, profile: Profile) -> list[tuple[str, str]]:
    """Give an entity's headers as HTTP headers; an encoding that changes bytes always stays."""
    identity = {("Content-Transfer-Encoding", name) for name in ("binary", "8bit")}
    left_out = identity if Quirk.NO_OUTER_TRANSFER_ENCODING in profile.quirks else set()
    return [field for field in entity.fields if field not in left_out]


def _wrapped(
    payload: Payload, profile: Profile, *, keys: Keys, now: datetime, seed: str
) -> tuple[Entity, tuple[Mic, ...]]:
    """Compress and sign a payload; tell the MICs that its MDN may return."""
    inner = _payload_entity(payload, profile)
    entity = inner
    if profile.compress is Compression.BEFORE_SIGNING:
        entity = compressed_entity(entity, profile)
    # RFC 4130 section 7.3.1, RFC 5402 section 4: what was signed; unsigned, the payload with its
    # MIME headers; and without them where nothing at all protects them on their way.
    basis = inner if profile.sign is None else entity
    covered, canonically = basis.pieces(profile), _canonically(basis, profile)
    if profile.sign is None and profile.encrypt is None and profile.compress is Compression.NONE:
        covered = inner.body
        canonically = Quirk.CANONICAL_DIGEST in profile.quirks
    mics = _mics(covered, profile, canonically=canonically)
    if profile.sign is not None:
        entity = signed_entity(entity, mics[0], profile, keys=keys, now=now, seed=seed)
    if profile.compress is Compression.AFTER_SIGNING:
        entity = compressed_entity(entity, profile)
    return entity, mics


def _payload_entity(payload: Payload, profile: Profile) -> Entity:
    for value in (payload.content_type, payload.filename):
        if not value.isprintable():
            raise LocalProtocolError(f"{value!r} cannot stand in a MIME header")
    encoding = profile.transfer_encoding
    fields = [("Content-Type", payload.content_type), ("Content-Transfer-Encoding", encoding.value)]
    if payload.filename and Quirk.NO_FILENAME not in profile.quirks:
        quoted = Quirk.UNQUOTED_FILENAME not in profile.quirks
        name = write_filename(payload.filename, quoted=quoted)
        fields.append(("Content-Disposition", f"attachment; {name}"))
    return Entity(tuple(fields), list(encode(payload.body, encoding.value)))


def compressed_entity(entity: Entity, profile: Profile) -> Entity:
    """Compress an entity; the result is binary unless everything is to be text."""
    wrapped = Entity(
        (
            (
                "Content-Type",
                'application/pkcs7-mime; smime-type=compressed-data; name="smime.p7z"',
            ),
            ("Content-Transfer-Encoding", "binary"),
            ("Content-Disposition", 'attachment; filename="smime.p7z"'),
        ),
        compress(entity.pieces(profile)),
    )
    return _as_base64(wrapped) if profile.transfer_encoding is TransferEncoding.BASE64 else wrapped


def signed_entity(
    entity: Entity, content_mic: Mic, profile: Profile, *, keys: Keys, now: datetime, seed: str
) -> Entity:
    """Put an entity and the signature over its digest into multipart/signed."""
    signature = signed_data.sign(
        content_mic.value,
        content_mic.algorithm,
        key=keys.to_sign(now),
        signed_at=now,
        quirks=profile.quirks,
    )
    encoding = "binary" if Quirk.BINARY_SIGNATURE in profile.quirks else "base64"
    attached = Entity(
        (
            ("Content-Type", 'application/pkcs7-signature; name="smime.p7s"'),
            ("Content-Transfer-Encoding", encoding),
            ("Content-Disposition", 'attachment; filename="smime.p7s"'),
        ),
        list(encode(signature, encoding)),
    )
    parts = [entity.pieces(profile), attached.pieces(profile)]
    boundary = choose_boundary(seed, [piece for part in parts for piece in part])
    micalg = digest_name(content_mic.algorithm, profile)
    content_type = (
        'multipart/signed; protocol="application/pkcs7-signature"; '
        f'micalg={micalg}; boundary="{boundary}"'
    )
    return Entity((("Content-Type", content_type),), write_multipart(parts, boundary))


def _encrypted_entity(entity: Entity, profile: Profile, keys: Keys, now: datetime) -> Entity:
    cipher = profile.encrypt
    assert cipher is not None  # noqa: S101 - asked by the caller
    kind = "authEnveloped-data" if cipher in enveloped_data.GCM else "enveloped-data"
    return Entity(
        (
            ("Content-Type", f'application/pkcs7-mime; smime-type={kind}; name="smime.p7m"'),
            ("Content-Transfer-Encoding", "binary"),
            ("Content-Disposition", 'attachment; filename="smime.p7m"'),
        ),
        enveloped_data.encrypt(
            entity.pieces(profile),
            cipher,
            receiver=keys.partner.to_encrypt(now),
            transport=profile.key_transport,
        ),
    )


def _as_base64(entity: Entity) -> Entity:
    fields = tuple(
        (name, "base64" if name == "Content-Transfer-Encoding" else value)
        for name, value in entity.fields
    )
    return Entity(fields, list(encode(b"".join(entity.body), "base64")))


def _canonically(entity: Entity, profile: Profile) -> bool:
    """Say whether digests are made over the canonical form (RFC 8551 section 3.1.1: of text).

    Compressed data is binary, whatever the payload inside it is.
    """
    if Quirk.CANONICAL_DIGEST in profile.quirks:
        return True
    if Quirk.EXACT_DIGEST in profile.quirks:
        return False
    return ("Content-Transfer-Encoding", "binary") not in entity.fields


def _mics(pieces: Pieces, profile: Profile, *, canonically: bool) -> tuple[Mic, ...]:
    """Make every MIC that a right receiver may return, the likeliest first."""
    first = profile.sign or profile.mic_preference[0]
    # SHA-1 is what a receiver falls back to that cannot make what was asked for.
    digests = dict.fromkeys((first, *profile.mic_preference, Digest.SHA1))
    forms = [canonically] if is_canonical(pieces) else [canonically, not canonically]
    return tuple(mic for form in forms for mic in mics_of(pieces, digests, canonically=form))
