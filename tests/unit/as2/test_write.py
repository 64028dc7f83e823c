"""What is written for a partner: defaults, and each deviation that can be named for one."""

from __future__ import annotations

from base64 import b64decode
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest

from gateway.as2 import (
    Answer,
    Cipher,
    Compression,
    Message,
    Payload,
    Profile,
    Quirk,
    TransferEncoding,
    build_mdn,
    build_message,
    read_envelope,
    read_message,
    read_mic,
)
from gateway.as2.asn1 import write_attributes
from gateway.as2.digests import canonical, is_canonical
from gateway.errors import LocalProtocolError, RemoteProtocolError
from tests.as2_peers import (
    MESSAGE_ID,
    NOW,
    OUR_SIDE,
    OURS,
    PAYLOAD,
    THEIR_SIDE,
    THEIRS,
    our_keys,
    their_keys,
)

SIGNED = Profile(OURS, THEIRS, encrypt=None)
PLAIN = Profile(OURS, THEIRS, sign=None, encrypt=None)


def _sent(profile: Profile, *quirks: Quirk, filename: str = "po.edi") -> Message:
    sent = build_message(
        Payload(PAYLOAD, filename=filename),
        replace(profile, quirks=frozenset(quirks)),
        keys=our_keys(),
        message_id=MESSAGE_ID,
        now=NOW,
    )
    return Message(sent.headers, sent.body)


def test_a_message_is_signed_and_encrypted_and_asks_for_a_signed_receipt() -> None:
    message = _sent(OUR_SIDE)
    assert message.headers.fields == (
        ("AS2-Version", "1.1"),
        ("AS2-From", "ACME"),
        ("AS2-To", '"Big Retail"'),
        ("Message-ID", MESSAGE_ID),
        ("Subject", "EDI"),
        ("Date", "Fri, 01 May 2026 12:00:00 +0000"),
        ("MIME-Version", "1.0"),
        ("Disposition-Notification-To", "edi@localhost"),
        (
            "Disposition-Notification-Options",
            "signed-receipt-protocol=optional, pkcs7-signature; "
            "signed-receipt-micalg=optional, sha-256",
        ),
        ("Content-Type", 'application/pkcs7-mime; smime-type=enveloped-data; name="smime.p7m"'),
        ("Content-Transfer-Encoding", "binary"),
        ("Content-Disposition", 'attachment; filename="smime.p7m"'),
    )
    reading = read_message(message, THEIR_SIDE, keys=their_keys(), now=NOW)
    assert (reading.payload, reading.filename) == (PAYLOAD, "po.edi")
    assert reading.content_type == "application/edi-x12"
    assert (reading.signed, reading.encrypted, reading.compressed) == (True, True, False)


def _header(message: Message, name: str) -> str:
    return message.headers.one(name) or ""


def test_old_digest_names() -> None:
    assert "micalg=sha-256;" in _header(_sent(SIGNED), "Content-Type")
    old = _sent(SIGNED, Quirk.OLD_DIGEST_NAMES)
    assert "micalg=sha256;" in _header(old, "Content-Type")
    assert _header(old, "Disposition-Notification-Options").endswith("optional, sha256")


def test_fold_headers() -> None:
    profile = replace(SIGNED, compress=Compression.BEFORE_SIGNING)
    assert b";\r\n\tsmime-type" not in _sent(profile).body
    folded = _sent(profile, Quirk.FOLD_HEADERS)
    assert b";\r\n\tsmime-type" in folded.body
    assert not any("\n" in value for _, value in folded.headers.fields)


def test_file_names() -> None:
    assert b'filename="po.edi"\r\n' in _sent(SIGNED).body
    assert b"filename=po.edi\r\n" in _sent(SIGNED, Quirk.UNQUOTED_FILENAME).body
    assert b"po.edi" not in _sent(SIGNED, Quirk.NO_FILENAME).body


SIGNING_TIME = bytes.fromhex("06092a864886f70d010905")
MESSAGE_DIGEST = bytes.fromhex("06092a864886f70d010904")
SHA256_WITH_RSA = bytes.fromhex("06092a864886f70d01010b")
ACME_NAME = b"\x0c\x04acme"


def _signature(message: Message) -> bytes:
    encoded = message.body.split(b'smime.p7s"\r\n\r\n')[1].split(b"\r\n\r\n--")[0]
    return b64decode(encoded)


def test_what_stands_in_a_signature() -> None:
    usual = _signature(_sent(SIGNED))
    assert SIGNING_TIME in usual
    assert MESSAGE_DIGEST in usual
    timeless = _signature(_sent(SIGNED, Quirk.NO_SIGNING_TIME))
    assert SIGNING_TIME not in timeless
    assert MESSAGE_DIGEST in timeless
    assert MESSAGE_DIGEST not in _signature(_sent(SIGNED, Quirk.NO_SIGNED_ATTRIBUTES))
    # Issuer and subject in the certificate, and the issuer that names the signer.
    assert usual.count(ACME_NAME) == 3
    bare = _signature(_sent(SIGNED, Quirk.NO_CERTIFICATE))
    assert bare.count(ACME_NAME) == 1
    assert SHA256_WITH_RSA not in bare
    named = _sent(SIGNED, Quirk.NO_CERTIFICATE, Quirk.DIGEST_IN_SIGNATURE_ALGORITHM)
    assert SHA256_WITH_RSA in _signature(named)


@pytest.mark.parametrize(
    ("moment", "written"),
    [
        (
            datetime(2026, 5, 1, 14, 0, 1, 999, tzinfo=timezone(timedelta(hours=2))),
            b"260501120001Z",
        ),
        (datetime(2049, 12, 31, tzinfo=UTC), b"491231000000Z"),
        (datetime(2050, 1, 1, tzinfo=UTC), b"20500101000000Z"),
    ],
)
def test_the_time_of_signing_is_in_utc_and_has_four_digits_from_2050_on(
    moment: datetime, written: bytes
) -> None:
    attributes = write_attributes(b"\0" * 32, moment)
    assert bytes([len(written)]) + written in attributes


def test_binary_signature() -> None:
    assert b"\r\nContent-Transfer-Encoding: base64\r\n" in _sent(SIGNED).body
    binary = _sent(SIGNED, Quirk.BINARY_SIGNATURE)
    assert b"base64" not in binary.body
    assert read_message(binary, THEIR_SIDE, keys=their_keys(), now=NOW).signed


def test_base64_outer() -> None:
    message = _sent(OUR_SIDE, Quirk.BASE64_OUTER)
    assert _header(message, "Content-Transfer-Encoding") == "base64"
    assert message.body.isascii()
    assert read_message(message, THEIR_SIDE, keys=their_keys(), now=NOW).payload == PAYLOAD


def test_no_outer_transfer_encoding() -> None:
    message = _sent(OUR_SIDE, Quirk.NO_OUTER_TRANSFER_ENCODING)
    assert message.headers.one("Content-Transfer-Encoding") is None
    assert read_message(message, THEIR_SIDE, keys=their_keys(), now=NOW).payload == PAYLOAD
    encoded = replace(PLAIN, transfer_encoding=TransferEncoding.BASE64)
    kept = _sent(encoded, Quirk.NO_OUTER_TRANSFER_ENCODING)
    assert _header(kept, "Content-Transfer-Encoding") == "base64"


def test_unquoted_names_and_no_mime_version() -> None:
    message = _sent(PLAIN, Quirk.UNQUOTED_NAMES, Quirk.NO_MIME_VERSION)
    assert _header(message, "AS2-To") == "Big Retail"
    assert message.headers.one("MIME-Version") is None
    assert read_envelope(message.headers).as2_to == "Big Retail"


def test_gcm_says_that_it_authenticates() -> None:
    message = _sent(replace(OUR_SIDE, encrypt=Cipher.AES256_GCM))
    assert "smime-type=authEnveloped-data" in _header(message, "Content-Type")


@pytest.mark.parametrize(
    ("message_id", "subject"), [("<1@a>\r\nX: y", "EDI"), ("<1@a>", "EDI\n"), ("<1@a>", "Größe")]
)
def test_nothing_is_smuggled_into_a_header(message_id: str, subject: str) -> None:
    with pytest.raises(LocalProtocolError, match=r"cannot stand in an HTTP header$"):
        build_message(
            Payload(PAYLOAD),
            PLAIN,
            keys=our_keys(),
            message_id=message_id,
            now=NOW,
            subject=subject,
        )
    with pytest.raises(LocalProtocolError, match=r"cannot stand in a MIME header$"):
        _sent(PLAIN, filename="a\r\nX: y")


def test_the_text_of_an_mdn_may_be_given() -> None:
    answer = Answer(read_envelope(_sent(OUR_SIDE).headers), text="Taken.\nThank you.")
    mdn = build_mdn(
        answer, THEIR_SIDE, keys=their_keys(), message_id="<2@b>", now=NOW + timedelta(seconds=1)
    )
    assert b"\r\n\r\nTaken.\r\nThank you.\r\n\r\n--" in mdn.body


def test_reads_back_the_mic_that_was_stored() -> None:
    sent = build_message(
        Payload(PAYLOAD), OUR_SIDE, keys=our_keys(), message_id=MESSAGE_ID, now=NOW
    )
    assert tuple(read_mic(str(mic)) for mic in sent.mics) == sent.mics
    with pytest.raises(RemoteProtocolError, match="expected a digest in base64"):
        read_mic("nonsense")


@pytest.mark.parametrize(
    "pieces",
    [
        [b"a\r", b"\nb"],
        [b"\r"],
        [b"\n"],
        [b"\r\n"],
        [b"a\rb\nc\r\n\r\r\n\n"],
        [b"x" * (1 << 20), b"\n"],
        [b"\r" * ((1 << 20) + 1)],
        [],
    ],
)
def test_the_canonical_form_is_the_same_however_the_bytes_are_cut(pieces: list[bytes]) -> None:
    whole = b"".join(pieces)
    expected = whole.replace(b"\r\n", b"\n").replace(b"\r", b"\n").replace(b"\n", b"\r\n")
    assert b"".join(canonical(pieces)) == expected
    assert is_canonical(pieces) == (whole == expected)
