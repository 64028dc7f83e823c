"""AS2 for any profile and any bytes: what was sent is read, the rest is refused in one way."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from gateway.as2 import (
    Answer,
    Cipher,
    Compression,
    Digest,
    Headers,
    KeyTransport,
    Message,
    Payload,
    Profile,
    Quirk,
    TransferEncoding,
    answered_message_id,
    build_mdn,
    build_message,
    is_mdn,
    read_disposition,
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
    our_keys,
    their_keys,
)

WRITTEN_ONLY = frozenset({Quirk.UNSIGNED_MDN_ACCEPTED, Quirk.MDN_WITHOUT_MIC_ACCEPTED})
PROFILES = st.builds(
    Profile,
    our_id=st.just(OURS),
    partner_id=st.just(THEIRS),
    sign=st.none() | st.sampled_from(Digest),
    encrypt=st.none() | st.sampled_from(Cipher),
    key_transport=st.sampled_from(KeyTransport),
    compress=st.sampled_from(Compression),
    transfer_encoding=st.sampled_from(TransferEncoding),
    signed_mdn=st.booleans(),
    mic_algorithms=st.lists(st.sampled_from(Digest), max_size=3, unique=True).map(tuple),
    quirks=st.frozensets(st.sampled_from(sorted(set(Quirk) - WRITTEN_ONLY)), max_size=4),
)
LINES = st.lists(
    st.sampled_from([b"ISA*00~", b"\r\n", b"\n", b"\r", b"--=_", b" ", b"=", b"\xe9", b"\0", b"--"])
).map(b"".join)
PAYLOADS = st.binary(max_size=200) | LINES
NAMES = st.text(
    st.characters(blacklist_categories=("Cs", "Cc", "Zl", "Zp"), max_codepoint=0x2FFF),
    max_size=30,
)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(profile=PROFILES, payload=PAYLOADS)
@example(profile=OUR_SIDE, payload=b"")
def test_any_payload_arrives_unchanged_and_its_receipt_is_accepted(
    profile: Profile, payload: bytes
) -> None:
    sent = build_message(Payload(payload), profile, keys=our_keys(), message_id=MESSAGE_ID, now=NOW)
    message = Message(sent.headers, sent.body)
    receiver = replace(THEIR_SIDE, quirks=profile.quirks)
    reading = read_message(message, receiver, keys=their_keys(), now=NOW)
    assert reading.payload == payload
    assert reading.signed == (profile.sign is not None)
    assert reading.encrypted == (profile.encrypt is not None)
    assert reading.compressed == (profile.compress is not Compression.NONE)
    answer = Answer(read_envelope(message.headers), mic=reading.mic)
    mdn = build_mdn(answer, THEIR_SIDE, keys=their_keys(), message_id="<2@b>", now=NOW)
    result = read_mdn(mdn, profile, sent=sent.sent, keys=our_keys(), now=NOW)
    assert result.accepted
    assert result.signed == profile.signed_mdn


@given(name=NAMES, quoted=st.booleans())
def test_any_file_name_arrives_without_its_folder(name: str, *, quoted: bool) -> None:
    quirks = frozenset() if quoted else frozenset({Quirk.UNQUOTED_FILENAME})
    profile = Profile(OURS, THEIRS, sign=None, encrypt=None, quirks=quirks)
    if not name.isprintable():
        return
    sent = build_message(
        Payload(PAYLOAD, filename=name), profile, keys=our_keys(), message_id=MESSAGE_ID, now=NOW
    )
    message = Message(sent.headers, sent.body)
    reading = read_message(message, THEIR_SIDE, keys=their_keys(), now=NOW)
    assert not set("/\\") & set(reading.filename)
    if name.isascii() and not set("/\\") & set(name) and name.strip(" ."):
        assert reading.filename == name.strip()


def _seeds() -> list[Message]:
    """Messages of every shape, to be damaged."""
    shapes = [
        Profile(OURS, THEIRS, sign=sign, encrypt=encrypt, compress=compress)
        for sign in (None, Digest.SHA256)
        for encrypt in (None, Cipher.AES128_CBC, Cipher.AES128_GCM)
        for compress in (Compression.NONE, Compression.AFTER_SIGNING)
    ]
    sent = [
        build_message(Payload(PAYLOAD), shape, keys=our_keys(), message_id=MESSAGE_ID, now=NOW)
        for shape in shapes
    ]
    messages = [Message(each.headers, each.body) for each in sent]
    answer = Answer(read_envelope(sent[0].headers), mic=sent[0].mic)
    mdn = build_mdn(answer, THEIR_SIDE, keys=their_keys(), message_id="<2@b>", now=NOW)
    return [*messages, mdn]


SEEDS = _seeds()
SIGNED_SEEDS = SEEDS[6:12]


def _read(message: Message) -> None:
    """Let every reader see a message; RemoteProtocolError is the only exception there is."""
    refusals = _refusals(lambda: read_message(message, THEIR_SIDE, keys=their_keys(), now=NOW))
    sent = build_message(
        Payload(PAYLOAD),
        Profile(OURS, THEIRS, sign=None, encrypt=None),
        keys=our_keys(),
        message_id=MESSAGE_ID,
        now=NOW,
    )
    is_mdn(message)
    refusals += _refusals(
        lambda: read_mdn(message, OUR_SIDE, sent=sent.sent, keys=our_keys(), now=NOW)
    )
    refusals += _refusals(lambda: answered_message_id(message))
    for refusal in refusals:
        assert read_disposition(refusal.disposition).modifier in ("error", "failure")
        assert str(refusal)


def _refusals(read: Callable[[], object]) -> list[RemoteProtocolError]:
    try:
        read()
    except RemoteProtocolError as refusal:
        return [refusal]
    return []


@settings(deadline=None)
@given(body=st.binary(max_size=400), kind=st.sampled_from(
    ["application/pkcs7-mime", "multipart/signed; boundary=b", "multipart/report; boundary=b",
     "message/disposition-notification", "application/edi-x12"]
))  # fmt: skip
def test_any_bytes_are_read_or_refused(body: bytes, kind: str) -> None:
    names = [("AS2-From", OURS), ("AS2-To", THEIRS), ("Message-ID", "<1@a>")]
    _read(Message(Headers.of([*names, ("Content-Type", kind)]), body))


@settings(deadline=None, max_examples=400)
@given(data=st.data())
def test_any_damage_to_a_message_is_read_or_refused(data: st.DataObject) -> None:
    message = _damaged(data, data.draw(st.sampled_from(SEEDS)))
    _read(message)


@settings(deadline=None, max_examples=400)
@given(data=st.data())
def test_damage_never_changes_the_payload_of_a_message_that_must_be_signed(
    data: st.DataObject,
) -> None:
    message = _damaged(data, data.draw(st.sampled_from(SIGNED_SEEDS)))
    strict = replace(THEIR_SIDE, require_signed=True)
    payloads: list[bytes] = []
    _refusals(
        lambda: payloads.append(read_message(message, strict, keys=their_keys(), now=NOW).payload)
    )
    assert payloads in ([], [PAYLOAD])


def _damaged(data: st.DataObject, message: Message) -> Message:
    body = bytearray(message.body)
    for _ in range(data.draw(st.integers(1, 3))):
        at = data.draw(st.integers(0, len(body) - 1))
        match data.draw(st.sampled_from(["change", "cut", "insert"])):
            case "change":
                body[at] = data.draw(st.integers(0, 255))
            case "cut":
                del body[at : at + data.draw(st.integers(1, 40))]
            case _:
                body[at:at] = data.draw(st.binary(max_size=20))
        if not body:
            break
    return replace(message, body=bytes(body))


@settings(deadline=None)
@given(
    fields=st.lists(
        st.tuples(
            st.sampled_from(
                ["AS2-From", "AS2-To", "Message-ID", "Content-Type", "Receipt-Delivery-Option",
                 "Disposition-Notification-To", "Disposition-Notification-Options",
                 "Content-Transfer-Encoding", "Content-Disposition", "Subject"]
            ),
            st.text(max_size=60),
        ),
        max_size=8,
    ),
    rest=st.booleans(),
)  # fmt: skip
def test_any_headers_are_read_or_refused(fields: list[tuple[str, str]], *, rest: bool) -> None:
    given_names = {name for name, _ in fields}
    usual = [each for each in SEEDS[0].headers.fields if rest and each[0] not in given_names]
    _read(Message(Headers.of([*fields, *usual]), SEEDS[0].body))


@pytest.mark.parametrize("at", range(0, 900, 7))
def test_a_signed_message_changed_at_any_byte_of_its_content_is_refused(at: int) -> None:
    profile = Profile(OURS, THEIRS, encrypt=None)
    sent = build_message(
        Payload(b"ISA*" * 250), profile, keys=our_keys(), message_id=MESSAGE_ID, now=NOW
    )
    body = bytearray(sent.body)
    start = body.index(b"ISA*")
    body[start + at] ^= 0x41
    with pytest.raises(RemoteProtocolError, match="its digest differs"):
        read_message(Message(sent.headers, bytes(body)), THEIR_SIDE, keys=their_keys(), now=NOW)
