"""RFC 5652, 5083, 8551 against openssl: we read what it makes, it reads what we make."""

from __future__ import annotations

import re
import zlib
from base64 import b64decode
from pathlib import Path

import pytest
from asn1crypto import cms

from gateway.as2 import (
    AUTHENTICATION_FAILED,
    Answer,
    Cipher,
    Compression,
    Digest,
    KeyTransport,
    Message,
    Payload,
    Profile,
    Quirk,
    TransferEncoding,
    build_mdn,
    build_message,
    read_envelope,
    read_mdn,
    read_message,
)
from gateway.errors import RemoteProtocolError
from tests.as2_peers import (
    MESSAGE_ID,
    NOW,
    OUR_SIDE,
    OURS,
    PAYLOAD,
    THEIR_SIDE,
    THEIRS,
    OpenSsl,
    from_mime,
    openssl,
    our_keys,
    their_keys,
    to_mime,
)

PART = (
    b"Content-Type: application/edi-x12\r\nContent-Transfer-Encoding: binary\r\n"
    b'Content-Disposition: attachment; filename="po 4711.edi"\r\n\r\n' + PAYLOAD
)
"""What is signed and encrypted in these tests: a MIME part whose payload has all line ends."""

CIPHERS = {
    "-des3": Cipher.TRIPLE_DES,
    "-aes-128-cbc": Cipher.AES128_CBC,
    "-aes-192-cbc": Cipher.AES192_CBC,
    "-aes-256-cbc": Cipher.AES256_CBC,
    "-aes-128-gcm": Cipher.AES128_GCM,
    "-aes-192-gcm": Cipher.AES192_GCM,
    "-aes-256-gcm": Cipher.AES256_GCM,
}
TRANSPORTS = {
    KeyTransport.PKCS1_V15: (),
    KeyTransport.OAEP_SHA1: ("-keyopt", "rsa_padding_mode:oaep"),
    KeyTransport.OAEP_SHA256: (
        "-keyopt",
        "rsa_padding_mode:oaep",
        "-keyopt",
        "rsa_oaep_md:sha256",
    ),
}
SIGNED_BY_ACME = ("-sign", "-signer", "acme.pem", "-inkey", "acme.key", "-binary")
VERIFIED = ("-verify", "-inform", "DER", "-purpose", "any", "-content", "content")


@pytest.fixture
def program(tmp_path: Path) -> OpenSsl:
    return openssl(tmp_path)


def _built(profile: Profile, payload: bytes = PAYLOAD) -> Message:
    sent = build_message(
        Payload(payload, filename="po 4711.edi"),
        profile,
        keys=our_keys(),
        message_id=MESSAGE_ID,
        now=NOW,
    )
    return Message(sent.headers, sent.body)


def _enveloped(der: bytes) -> Message:
    head = b"Content-Type: application/pkcs7-mime; smime-type=enveloped-data\r\n\r\n"
    return from_mime(head + der)


def _verified(
    program: OpenSsl, text: bytes, *options: str, signer: str = "acme", binary: bool = True
) -> bytes:
    """Let openssl verify a multipart/signed; cut by hand, for openssl changes line ends itself."""
    head, _, body = text.partition(b"\r\n\r\n")
    boundary = re.search(rb'boundary="([^"]+)"', head)
    assert boundary is not None
    _, content, signature, rest = body.split(b"--" + boundary[1])
    assert rest == b"--\r\n"
    encoded, value = signature[2:-2].split(b"\r\n\r\n", 1)
    (program.folder / "content").write_bytes(content[2:-2])
    der = b64decode(value) if b"base64" in encoded else value
    more = ("-CAfile", f"{signer}.pem", *(["-binary"] if binary else []), *options)
    return program.cms(*VERIFIED, *more, given=der)


@pytest.mark.parametrize("options", [(), ("-noattr",), ("-nocerts",), ("-keyid",)])
@pytest.mark.parametrize("digest", list(Digest))
def test_reads_what_openssl_signed(
    program: OpenSsl, digest: Digest, options: tuple[str, ...]
) -> None:
    made = program.cms(*SIGNED_BY_ACME, "-md", digest.old_name, *options, given=PART)
    reading = read_message(from_mime(made), THEIR_SIDE, keys=their_keys(), now=NOW)
    assert reading.payload == PAYLOAD
    assert reading.filename == "po 4711.edi"
    assert reading.signed
    assert reading.mic.algorithm is digest


def test_reads_a_signature_with_pss_padding(program: OpenSsl) -> None:
    pss = ("-keyopt", "rsa_padding_mode:pss", "-keyopt", "rsa_pss_saltlen:32")
    made = program.cms(*SIGNED_BY_ACME, "-md", "sha256", *pss, given=PART)
    assert read_message(from_mime(made), THEIR_SIDE, keys=their_keys(), now=NOW).signed


def test_reads_a_signature_whose_signer_digested_the_canonical_form(program: OpenSsl) -> None:
    # Without -binary openssl digests lines that end with CRLF; a mail gateway makes them LF.
    lf = b"Content-Type: application/edi-x12\n\nISA*00~\nGS*PO~\n"
    made = program.cms(
        "-sign", "-signer", "acme.pem", "-inkey", "acme.key", "-md", "sha256", given=lf
    )
    message = from_mime(made.replace(b"\r\n", b"\n"))
    reading = read_message(message, THEIR_SIDE, keys=their_keys(), now=NOW)
    assert reading.payload == b"ISA*00~\nGS*PO~\n"


@pytest.mark.parametrize("transport", list(TRANSPORTS))
@pytest.mark.parametrize("cipher", list(CIPHERS))
def test_reads_what_openssl_encrypted(
    program: OpenSsl, cipher: str, transport: KeyTransport
) -> None:
    recipient = ("-recip", "retail.pem", *TRANSPORTS[transport])
    made = program.cms("-encrypt", cipher, "-binary", "-outform", "DER", *recipient, given=PART)
    reading = read_message(_enveloped(made), THEIR_SIDE, keys=their_keys(), now=NOW)
    assert reading.payload == PAYLOAD
    assert reading.encrypted


@pytest.mark.parametrize("cipher", ["-aes-256-cbc", "-aes-256-gcm"])
def test_reads_content_of_indefinite_length_for_several_receivers(
    program: OpenSsl, cipher: str
) -> None:
    many = PART + b"~" * 100_000
    made = program.cms(
        "-encrypt", cipher, "-binary", "-stream", "-outform", "DER",
        "-recip", "acme.pem", "-recip", "retail.pem", "-keyid", given=many,
    )  # fmt: skip
    assert made[1] == 0x80
    reading = read_message(_enveloped(made), THEIR_SIDE, keys=their_keys(), now=NOW)
    assert reading.payload == PAYLOAD + b"~" * 100_000


def test_reads_what_openssl_signed_and_then_encrypted(program: OpenSsl) -> None:
    signed = program.cms(*SIGNED_BY_ACME, "-md", "sha256", given=PART)
    made = program.cms(
        "-encrypt", "-aes-128-cbc", "-binary", "-outform", "DER", "-recip", "retail.pem",
        given=signed,
    )  # fmt: skip
    reading = read_message(_enveloped(made), THEIR_SIDE, keys=their_keys(), now=NOW)
    assert (reading.payload, reading.signed, reading.encrypted) == (PAYLOAD, True, True)


@pytest.mark.parametrize("quirk", [None, *Quirk])
@pytest.mark.parametrize("digest", list(Digest))
def test_openssl_verifies_what_we_sign(
    program: OpenSsl, digest: Digest, quirk: Quirk | None
) -> None:
    binary = quirk is not Quirk.CANONICAL_DIGEST
    quirks = frozenset() if quirk is None else frozenset({quirk})
    profile = Profile(OURS, THEIRS, sign=digest, encrypt=None, quirks=quirks)
    # openssl takes a CR alone for content, Java's products for a line end: neither is wrong.
    payload = PAYLOAD if binary else PAYLOAD.replace(b"\r~", b"~")
    message = _built(profile, payload)
    known = ("-certfile", "acme.pem") if quirk is Quirk.NO_CERTIFICATE else ()
    content = _verified(program, to_mime(message), *known, binary=binary)
    assert content.endswith(PAYLOAD if binary else b"\xe9")
    assert content.startswith(b"Content-Type: application/edi-x12\r\n")


def test_openssl_refuses_what_we_signed_and_somebody_changed(program: OpenSsl) -> None:
    message = to_mime(_built(Profile(OURS, THEIRS, encrypt=None))).replace(b"4711", b"4712")
    with pytest.raises(AssertionError, match="CMS Verification failure"):
        _verified(program, message)


@pytest.mark.parametrize("transport", list(TRANSPORTS))
@pytest.mark.parametrize("cipher", list(Cipher))
def test_openssl_decrypts_and_verifies_what_we_send(
    program: OpenSsl, cipher: Cipher, transport: KeyTransport
) -> None:
    message = _built(Profile(OURS, THEIRS, encrypt=cipher, key_transport=transport))
    ours = ("-recip", "retail.pem", "-inkey", "retail.key")
    signed = program.cms("-decrypt", "-inform", "DER", "-binary", *ours, given=message.body)
    assert _verified(program, signed).endswith(PAYLOAD)


@pytest.mark.parametrize("encoding", list(TransferEncoding))
def test_openssl_verifies_each_transfer_encoding(
    program: OpenSsl, encoding: TransferEncoding
) -> None:
    profile = Profile(OURS, THEIRS, encrypt=None, transfer_encoding=encoding)
    message = _built(profile, PAYLOAD.replace(b"\r~", b"~"))
    binary = encoding is TransferEncoding.BINARY
    # openssl digests the canonical form unless told that the content is binary, as RFC 8551 says.
    assert _verified(program, to_mime(message), binary=binary)


def test_openssl_prints_our_compressed_data_and_zlib_opens_it(program: OpenSsl) -> None:
    profile = Profile(OURS, THEIRS, sign=None, encrypt=None, compress=Compression.BEFORE_SIGNING)
    body = _built(profile).body
    printed = program.cms("-cmsout", "-print", "-inform", "DER", given=body)
    assert b"id-smime-ct-compressedData" in printed
    assert b"zlib compression" in printed
    inner = cms.ContentInfo.load(body)["content"]["encap_content_info"]["content"]
    assert zlib.decompress(inner.native).endswith(b"\r\n\r\n" + PAYLOAD)


def test_reads_what_openssl_compressed(program: OpenSsl) -> None:
    if "zlib" not in program.features():
        pytest.skip("this openssl program is built without zlib")
    made = program.cms("-compress", "-binary", "-outform", "DER", given=PART)
    head = b"Content-Type: application/pkcs7-mime; smime-type=compressed-data\r\n\r\n"
    reading = read_message(from_mime(head + made), THEIR_SIDE, keys=their_keys(), now=NOW)
    assert (reading.payload, reading.compressed) == (PAYLOAD, True)


def test_openssl_verifies_our_signed_mdn(program: OpenSsl) -> None:
    message = _built(OUR_SIDE)
    reading = read_message(message, THEIR_SIDE, keys=their_keys(), now=NOW)
    answer = Answer(read_envelope(message.headers), mic=reading.mic)
    mdn = build_mdn(answer, THEIR_SIDE, keys=their_keys(), message_id="<2@b>", now=NOW)
    report = _verified(program, to_mime(mdn), signer="retail")
    assert b"Disposition: automatic-action/MDN-sent-automatically; processed\r\n" in report


def test_reads_an_mdn_that_openssl_signed_and_refuses_it_from_another(program: OpenSsl) -> None:
    sent = build_message(
        Payload(PAYLOAD), OUR_SIDE, keys=our_keys(), message_id=MESSAGE_ID, now=NOW
    )
    report = (
        b'Content-Type: multipart/report; report-type=disposition-notification; boundary="b"\r\n'
        b"\r\n--b\r\nContent-Type: text/plain\r\n\r\nreceived\r\n--b\r\n"
        b"Content-Type: message/disposition-notification\r\n\r\n"
        b"Original-Message-ID: " + MESSAGE_ID.encode() + b"\r\n"
        b"Disposition: automatic-action/MDN-sent-automatically; processed\r\n"
        b"Received-Content-MIC: " + str(sent.mic).encode() + b"\r\n\r\n--b--\r\n"
    )
    theirs = [option.replace("acme", "retail") for option in SIGNED_BY_ACME]
    good = from_mime(program.cms(*theirs, given=report), sender=THEIRS, receiver=OURS)
    assert read_mdn(good, OUR_SIDE, sent=sent.sent, keys=our_keys(), now=NOW).accepted
    forged = from_mime(program.cms(*SIGNED_BY_ACME, given=report), sender=THEIRS, receiver=OURS)
    with pytest.raises(RemoteProtocolError) as refused:
        read_mdn(forged, OUR_SIDE, sent=sent.sent, keys=our_keys(), now=NOW)
    assert refused.value.disposition == str(AUTHENTICATION_FAILED)
