"""MDN (RFC 8098, RFC 4130 section 7): what we write, what we believe, and what we do not."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from gateway.as2 import (
    AUTHENTICATION_FAILED,
    DECOMPRESSION_FAILED,
    DECRYPTION_FAILED,
    DUPLICATE_DOCUMENT,
    INSUFFICIENT_SECURITY,
    INTEGRITY_CHECK_FAILED,
    PROCESSED,
    SENDER_EQUALS_RECEIVER,
    UNEXPECTED_ERROR,
    UNKNOWN_PARTNER,
    UNSUPPORTED_FORMAT,
    UNSUPPORTED_MIC_ALGORITHMS,
    Answer,
    Cipher,
    Digest,
    Disposition,
    Headers,
    Keys,
    MdnMode,
    MdnVerdict,
    Message,
    Mic,
    Payload,
    Profile,
    Quirk,
    answered_message_id,
    build_mdn,
    build_message,
    is_mdn,
    read_disposition,
    read_envelope,
    read_mdn,
    read_message,
)
from gateway.as2.enveloped_data import encrypt
from gateway.as2.model import MdnResult, OutgoingMessage
from gateway.as2.profile import KeyTransport
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
    pinned,
    signing_key,
    their_keys,
    with_header,
)

MDN_ID = "<mdn-1@retail.example>"
UNSIGNED = replace(OUR_SIDE, signed_mdn=False)


def _sent(profile: Profile = OUR_SIDE) -> OutgoingMessage:
    return build_message(Payload(PAYLOAD), profile, keys=our_keys(), message_id=MESSAGE_ID, now=NOW)


def _answer(
    sent: OutgoingMessage,
    disposition: Disposition = PROCESSED,
    *,
    mic: Mic | None = None,
    keys: Keys | None = None,
    profile: Profile = THEIR_SIDE,
) -> Message:
    answer = Answer(read_envelope(sent.headers), disposition, mic or sent.mic)
    return build_mdn(answer, profile, keys=keys or their_keys(), message_id=MDN_ID, now=NOW)


def _read(mdn: Message, sent: OutgoingMessage, profile: Profile = OUR_SIDE) -> MdnResult:
    return read_mdn(mdn, profile, sent=sent.sent, keys=our_keys(), now=NOW)


def test_a_signed_mdn_has_a_part_for_people_and_one_for_machines() -> None:
    sent = _sent()
    mdn = _answer(sent)
    assert (
        mdn.headers.one(
            "Content-Type",
        )
        is not None
    )
    text = mdn.body.decode()
    assert (
        "Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n"
        f"The message {MESSAGE_ID} to Big Retail was received. "
        "This does not say that its content was read or accepted.\r\n"
    ) in text
    assert (
        "Content-Type: message/disposition-notification\r\nContent-Transfer-Encoding: 7bit\r\n\r\n"
        "Reporting-UA: edi-gateway\r\n"
        'Original-Recipient: rfc822; "Big Retail"\r\n'
        'Final-Recipient: rfc822; "Big Retail"\r\n'
        f"Original-Message-ID: {MESSAGE_ID}\r\n"
        "Disposition: automatic-action/MDN-sent-automatically; processed\r\n"
        f"Received-Content-MIC: {sent.mic}\r\n"
    ) in text
    assert mdn.headers.fields[:4] == (
        ("AS2-Version", "1.1"),
        ("AS2-From", '"Big Retail"'),
        ("AS2-To", "ACME"),
        ("Message-ID", MDN_ID),
    )


def test_a_signed_mdn_is_believed() -> None:
    sent = _sent()
    result = _read(_answer(sent), sent)
    assert result.verdict is MdnVerdict.ACCEPTED
    assert result.accepted
    assert result.signed
    assert result.mic == sent.mic
    assert result.signer == signing_key("retail").certificate.fingerprint
    assert result.because == ""


def test_an_unsigned_mdn_is_written_and_believed_where_none_signed_was_asked_for() -> None:
    sent = _sent(UNSIGNED)
    mdn = _answer(sent)
    assert (mdn.headers.one("Content-Type") or "").startswith("multipart/report; ")
    result = _read(mdn, sent, UNSIGNED)
    assert (result.verdict, result.signed) == (MdnVerdict.ACCEPTED, False)


def test_the_mic_is_spelled_as_the_sender_spelled_its_digest() -> None:
    old = replace(OUR_SIDE, quirks=frozenset({Quirk.OLD_DIGEST_NAMES}))
    assert re.search(rb"MIC: [^,]+, sha256\r\n", _answer(_sent(old)).body)
    assert re.search(rb"MIC: [^,]+, sha-256\r\n", _answer(_sent()).body)


def test_an_mdn_is_signed_with_the_digest_of_its_mic() -> None:
    sent = _sent(replace(OUR_SIDE, sign=Digest.SHA512))
    assert "micalg=sha-512;" in (_answer(sent).headers.one("Content-Type") or "")


def test_an_mdn_is_unsigned_where_we_hold_no_key() -> None:
    mdn = _answer(_sent(), UNKNOWN_PARTNER, keys=Keys())
    assert (mdn.headers.one("Content-Type") or "").startswith("multipart/report; ")


FAILURES = [
    AUTHENTICATION_FAILED,
    DECOMPRESSION_FAILED,
    DECRYPTION_FAILED,
    INSUFFICIENT_SECURITY,
    INTEGRITY_CHECK_FAILED,
    SENDER_EQUALS_RECEIVER,
    UNEXPECTED_ERROR,
    UNKNOWN_PARTNER,
    UNSUPPORTED_FORMAT,
    UNSUPPORTED_MIC_ALGORITHMS,
]


@pytest.mark.parametrize("failure", FAILURES, ids=lambda each: each.explanation)
def test_every_failure_reaches_the_sender_as_a_rejection(failure: Disposition) -> None:
    sent = _sent()
    result = _read(_answer(sent, failure), sent)
    assert result.verdict is MdnVerdict.REJECTED
    assert not result.accepted
    assert result.disposition == failure
    assert result.because == f"{failure.kind}/{failure.modifier}: {failure.explanation}"
    assert failure.explanation in result.text


def test_a_duplicate_is_accepted_with_a_warning() -> None:
    sent = _sent()
    result = _read(_answer(sent, DUPLICATE_DOCUMENT), sent)
    assert result.verdict is MdnVerdict.ACCEPTED_WITH_WARNING
    assert (result.accepted, result.because) == (True, "duplicate-document")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("automatic-action/MDN-sent-automatically; processed", PROCESSED),
        ("automatic-action/mdn-sent-automatically;processed", PROCESSED),
        ("manual-action/MDN-sent-manually; Processed", PROCESSED),
        (
            "automatic-action/MDN-sent-automatically; processed/Error: authentication-failed",
            AUTHENTICATION_FAILED,
        ),
        (
            "automatic-action/MDN-sent-automatically; processed/error:authentication-failed ",
            AUTHENTICATION_FAILED,
        ),
        (
            "automatic-action / MDN-sent-automatically ;failed/Failure : unsupported format",
            UNSUPPORTED_FORMAT,
        ),
        ("automatic-action/MDN-sent-automatically; failed", Disposition("failed")),
        (
            "automatic-action/MDN-sent-automatically; processed/error",
            Disposition("processed", "error"),
        ),
    ],
)
def test_reads_dispositions_as_products_write_them(text: str, expected: Disposition) -> None:
    assert read_disposition(text) == expected


@pytest.mark.parametrize("each", [PROCESSED, DUPLICATE_DOCUMENT, *FAILURES], ids=str)
def test_a_disposition_reads_back_as_it_was_written(each: Disposition) -> None:
    assert read_disposition(str(each)) == each


@pytest.mark.parametrize("text", ["", "processed", "a/b", "a/b; ", "a/b; c" + " " * 5_000 + "d"])
def test_refuses_a_disposition_that_says_nothing(text: str) -> None:
    with pytest.raises(RemoteProtocolError, match="MDN: Disposition is "):
        read_disposition(text)


def _edited(mdn: Message, old: bytes, new: bytes) -> Message:
    assert old in mdn.body
    return replace(mdn, body=mdn.body.replace(old, new))


UNTRUSTED = {
    "changed": (
        lambda sent: _edited(
            _answer(sent, UNEXPECTED_ERROR),
            b"processed/error: unexpected-processing-error",
            b"processed",
        ),
        "content is not what was signed: its digest differs",
    ),
    "signed by another": (
        lambda sent: _answer(
            sent, keys=Keys((signing_key("mallory"),), pinned(signing_key("acme")))
        ),
        "does not verify with any of the partner's 1 valid certificates",
    ),
    "not signed": (
        lambda sent: _answer(sent, keys=Keys()),
        "MDN is not signed although a signed one was asked for; "
        "it says 'automatic-action/MDN-sent-automatically; processed'",
    ),
    "for another message": (
        lambda sent: _answer(
            build_message(
                Payload(PAYLOAD), OUR_SIDE, keys=our_keys(), message_id="<other@acme>", now=NOW
            ),
            mic=sent.mic,
        ),
        f"MDN answers message '<other@acme>', expected {MESSAGE_ID!r}",
    ),
    "from another partner": (
        lambda sent: with_header(_answer(sent), "AS2-From", "Somebody"),
        "MDN has AS2-From 'Somebody', expected 'Big Retail'",
    ),
    "to another partner": (
        lambda sent: with_header(_answer(sent), "AS2-To", "Somebody"),
        "MDN has AS2-To 'Somebody', expected 'ACME'",
    ),
    "a payload instead": (
        lambda sent: Message(sent.headers, sent.body),
        "MDN has AS2-From 'ACME', expected 'Big Retail'",
    ),
    "a web page": (
        lambda sent: Message(Headers.of([("Content-Type", "text/html")]), b"<html>"),
        "answer is 'text/html', expected an MDN (multipart/report)",
    ),
    "too large": (
        lambda sent: replace(_answer(sent), body=_answer(sent).body + b" " * 1_000_000),
        "bytes, at most 1000000 are taken",
    ),
}


@pytest.mark.parametrize("name", list(UNTRUSTED))
def test_an_mdn_that_cannot_be_trusted_is_no_answer(name: str) -> None:
    make, text = UNTRUSTED[name]
    sent = _sent()
    with pytest.raises(RemoteProtocolError, match=re.escape(text)):
        _read(make(sent), sent)


def test_reads_an_mdn_that_quotes_our_name_twice() -> None:
    sent = _sent()
    mdn = with_header(_answer(sent), "AS2-From", r'"\"Big Retail\""')
    assert _read(mdn, sent).accepted


def _report(*lines: str) -> Message:
    body = "--b\r\nContent-Type: message/disposition-notification\r\n\r\n"
    body += "".join(f"{line}\r\n" for line in lines) + "--b--\r\n"
    return Message(Headers.of([("Content-Type", "multipart/report; boundary=b")]), body.encode())


ID = f"Original-Message-ID: {MESSAGE_ID}"
GOOD = "Disposition: automatic-action/MDN-sent-automatically; processed"


@pytest.mark.parametrize(
    ("lines", "text"),
    [
        ((ID,), "MDN has no Disposition"),
        ((GOOD,), "MDN has no Original-Message-ID"),
        ((ID, GOOD, GOOD), "header Disposition is there 2 times, expected once"),
        ((ID, ID, GOOD), "header Original-Message-ID is there 2 times, expected once"),
        (("nonsense",), "MIME header 'nonsense' is not 'Name: value'"),
    ],
)
def test_refuses_a_machine_part_that_is_incomplete(lines: tuple[str, ...], text: str) -> None:
    with pytest.raises(RemoteProtocolError, match=re.escape(text)):
        _read(_report(*lines), _sent(UNSIGNED), UNSIGNED)


def test_refuses_two_machine_parts() -> None:
    mdn = _report(ID, GOOD)
    twice = mdn.body[: -len(b"--b--\r\n")] + mdn.body
    text = "MDN has 2 parts message/disposition-notification, expected one"
    with pytest.raises(RemoteProtocolError, match=re.escape(text)):
        _read(replace(mdn, body=twice), _sent(UNSIGNED), UNSIGNED)


def _mic_line(mic: str) -> str:
    return f"Received-Content-MIC: {mic}"


def test_reads_fields_that_are_folded_spaced_and_without_brackets() -> None:
    sent = _sent(UNSIGNED)
    value, _, name = str(sent.mic).partition(", ")
    mdn = _report(
        "",
        "original-message-id:" + MESSAGE_ID.strip("<>"),
        "DISPOSITION:automatic-action/MDN-sent-automatically;\r\n processed",
        f"Received-content-mic: {value[:20]}\r\n\t{value[20:]} ,{name.upper()}",
    )
    assert _read(mdn, sent, UNSIGNED).verdict is MdnVerdict.ACCEPTED


def test_reads_an_mdn_that_is_only_its_machine_part() -> None:
    headers = Headers.of([("Content-Type", "message/disposition-notification")])
    sent = _sent(UNSIGNED)
    mdn = Message(headers, f"{ID}\r\n{GOOD}\r\n".encode())
    assert _read(mdn, sent, UNSIGNED).accepted


MISMATCHES = {
    "of something else": (
        _mic_line("AAAA, sha-256"),
        "MIC is AAAA, sha-256, expected ",
    ),
    "of an unknown digest": (
        _mic_line("AAAA, md5"),
        "Received-Content-MIC is 'AAAA, md5', expected a digest in base64 and its algorithm",
    ),
    "that is not base64": (
        _mic_line("A!, sha1"),
        "Received-Content-MIC 'A!, sha1' is not base64",
    ),
}


@pytest.mark.parametrize("name", list(MISMATCHES))
def test_a_wrong_mic_is_told_although_the_receiver_took_the_message(name: str) -> None:
    line, text = MISMATCHES[name]
    sent = _sent(UNSIGNED)
    result = _read(_report(ID, GOOD, line), sent, UNSIGNED)
    assert result.verdict is MdnVerdict.MIC_MISMATCH
    assert not result.accepted
    assert text in result.because


def test_a_signed_answer_of_another_message_is_told_by_its_mic() -> None:
    sent = _sent()
    result = _read(_answer(sent, mic=Mic(b"\0" * 32, Digest.SHA256)), sent)
    assert result.verdict is MdnVerdict.MIC_MISMATCH


def test_a_missing_mic_is_a_mismatch_unless_the_partner_may_leave_it_out() -> None:
    sent = _sent()
    bare = Answer(read_envelope(sent.headers))
    mdn = build_mdn(bare, THEIR_SIDE, keys=their_keys(), message_id=MDN_ID, now=NOW)
    result = _read(mdn, sent)
    assert result.verdict is MdnVerdict.MIC_MISMATCH
    assert result.because == "MDN has no Received-Content-MIC"
    lenient = replace(OUR_SIDE, quirks=frozenset({Quirk.MDN_WITHOUT_MIC_ACCEPTED}))
    assert _read(mdn, sent, lenient).accepted


def test_an_unsigned_answer_is_believed_where_the_partner_may_send_that() -> None:
    lenient = replace(OUR_SIDE, quirks=frozenset({Quirk.UNSIGNED_MDN_ACCEPTED}))
    sent = _sent()
    result = _read(_answer(sent, keys=Keys()), sent, lenient)
    assert (result.accepted, result.signed) == (True, False)


def test_an_encrypted_mdn_is_read() -> None:
    sent = _sent()
    mdn = _answer(sent)
    inner = f"Content-Type: {mdn.headers.one('Content-Type')}\r\n\r\n".encode() + mdn.body
    body = encrypt(
        [inner],
        Cipher.AES256_GCM,
        receiver=signing_key("acme").certificate,
        transport=KeyTransport.OAEP_SHA256,
    )
    wrapped = with_header(
        replace(mdn, body=b"".join(body)), "Content-Type", "application/pkcs7-mime"
    )
    assert _read(wrapped, sent).accepted


def test_tells_an_mdn_from_a_payload_and_looks_up_what_it_answers() -> None:
    sent = _sent(replace(OUR_SIDE, encrypt=None))
    for mdn in (_answer(sent), _answer(sent, keys=Keys()), _report(ID, GOOD)):
        assert is_mdn(mdn)
        assert answered_message_id(mdn) == MESSAGE_ID
    message = Message(sent.headers, sent.body)
    assert not is_mdn(message)
    with pytest.raises(RemoteProtocolError, match="request is no MDN"):
        answered_message_id(message)


def test_asks_for_the_receipt_that_was_agreed() -> None:
    agreed = replace(
        OUR_SIDE,
        mdn=MdnMode.ASYNC,
        mdn_url="https://acme.example/as2",
        mic_algorithms=(Digest.SHA512, Digest.SHA256),
    )
    request = read_envelope(_sent(agreed).headers).mdn_request
    assert request is not None
    assert request.signed
    assert request.mic_algorithms == ("sha-512", "sha-256")
    assert request.async_url == "https://acme.example/as2"
    unsigned = read_envelope(_sent(UNSIGNED).headers).mdn_request
    assert unsigned is not None
    assert not unsigned.signed
    assert read_envelope(_sent(replace(OUR_SIDE, mdn=MdnMode.NONE)).headers).mdn_request is None


def test_an_asynchronous_receipt_needs_our_address() -> None:
    with pytest.raises(LocalProtocolError, match="needs our address for it, mdn_url"):
        _sent(replace(OUR_SIDE, mdn=MdnMode.ASYNC))


def test_the_message_that_a_resend_repeats_has_the_same_mic() -> None:
    first, again = _sent(), _sent()
    assert first.message_id == again.message_id
    assert first.mics == again.mics
    reading = read_message(
        Message(again.headers, again.body), THEIR_SIDE, keys=their_keys(), now=NOW
    )
    assert reading.mic in first.mics
    assert (read_envelope(again.headers).as2_from, read_envelope(again.headers).as2_to) == (
        OURS,
        THEIRS,
    )
