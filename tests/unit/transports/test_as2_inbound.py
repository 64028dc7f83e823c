"""AS2 messages posted to the real server with a real store: what is kept, and what is answered."""

from __future__ import annotations

import hashlib
import socket
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
from sqlalchemy.exc import OperationalError
from structlog.testing import capture_logs

from gateway.as2 import (
    Answer,
    Compression,
    Disposition,
    Headers,
    Limits,
    MdnMode,
    Message,
    OutgoingMessage,
    Payload,
    Profile,
    Quirk,
    Sent,
    build_mdn,
    build_message,
    read_disposition,
    read_envelope,
    read_mdn,
)
from gateway.errors import RemoteProtocolError
from gateway.pipeline.mdn_port import MDN, MessageRecord, MessageState
from gateway.transports.as2.failures import FailureRules
from gateway.transports.as2.owed import read_owed
from tests.as2_desk import As2Desk, as2_desk, disposition, party
from tests.as2_peers import NOW, OURS, PAYLOAD, THEIRS, our_keys, their_keys, with_header
from tests.spec.test_as2_hostile import CASES, Case

PEER = Profile(OURS, THEIRS, compress=Compression.BEFORE_SIGNING)
"""How the partner sends: here ACME is the partner, and we are the retailer."""
US = Profile(THEIRS, OURS, require_encrypted=True)
BODY_LIMIT = 3_000_000
LIMITS = Limits(body=BODY_LIMIT, payload=BODY_LIMIT)


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[As2Desk]:
    here = party(US, their_keys())
    with as2_desk(tmp_path, [here], NOW, limits=LIMITS, together=2 * BODY_LIMIT) as opened:
        yield opened


def _made(
    profile: Profile = PEER, payload: bytes = PAYLOAD, message_id: str = "<m1@acme>"
) -> OutgoingMessage:
    return build_message(
        Payload(payload, filename="po.edi"),
        profile,
        keys=our_keys(),
        message_id=message_id,
        now=NOW,
    )


def _message(made: OutgoingMessage) -> Message:
    return Message(made.headers, made.body)


def _verified(answer_headers: Headers, body: bytes, sent: Sent) -> str:
    """Read an MDN as the partner does."""
    message = Message(answer_headers, body)
    result = read_mdn(message, PEER, sent=sent, keys=our_keys(), now=NOW)
    assert result.signed
    return result.verdict.value


def test_a_message_is_kept_before_its_signed_mdn_leaves(desk: As2Desk) -> None:
    made = _made()
    answer = desk.post(_message(made))
    assert answer.status_code == 200
    assert _verified(Headers.of(answer.headers.items()), answer.content, made.sent) == "accepted"
    assert desk.kept == [PAYLOAD]
    [payload] = desk.store.desk.payloads()
    assert (payload.partner, payload.transport, payload.name) == ("them", "as2", "po.edi")
    assert payload.receipt == "them/ACME Big Retail <m1@acme>"


def test_the_same_message_again_is_kept_once_and_gets_the_same_mdn(desk: As2Desk) -> None:
    message = _message(_made())
    first = desk.post(message)
    desk.clock[0] += timedelta(hours=1)
    again = desk.post(message)
    assert again.content == first.content
    assert desk.kept == [PAYLOAD]


def test_the_same_message_encrypted_anew_is_accepted_and_kept_once(desk: As2Desk) -> None:
    first, again = _made(), _made()
    assert first.body != again.body
    assert disposition(desk.post(_message(first))) == "processed"
    answer = desk.post(_message(again))
    assert _verified(Headers.of(answer.headers.items()), answer.content, again.sent) == "accepted"
    assert desk.kept == [PAYLOAD]


def test_another_payload_under_a_message_id_that_was_used_is_refused(desk: As2Desk) -> None:
    desk.post(_message(_made()))
    answer = desk.post(_message(_made(payload=b"ISA*another")))
    assert disposition(answer).startswith("processed/error: unexpected-processing-error")
    assert desk.kept == [PAYLOAD]


def test_the_same_payload_under_another_message_id_is_kept_again(desk: As2Desk) -> None:
    desk.post(_message(_made()))
    assert disposition(desk.post(_message(_made(message_id="<m2@acme>")))) == "processed"
    assert desk.kept == [PAYLOAD, PAYLOAD]


def test_names_in_mdns_have_no_quotation_marks_where_a_partner_needs_that(tmp_path: Path) -> None:
    unquoted = replace(US, quirks=frozenset({Quirk.UNQUOTED_NAMES}))
    message = _message(_made())
    with as2_desk(tmp_path, [party(unquoted, their_keys())], NOW) as desk:
        answer = desk.post(message)
    assert answer.headers["AS2-From"] == "Big Retail"
    assert b"Final-Recipient: rfc822; Big Retail\r\n" in answer.content


def test_a_message_that_wants_no_mdn_is_answered_without_a_body(desk: As2Desk) -> None:
    message = _message(_made(replace(PEER, mdn=MdnMode.NONE)))
    answer = desk.post(message)
    assert (answer.status_code, answer.content) == (200, b"")
    assert desk.kept == [PAYLOAD]
    refused = desk.post(_message(_made(replace(PEER, mdn=MdnMode.NONE, encrypt=None))))
    assert (refused.status_code, refused.text) == (400, "insufficient-message-security\n")


def test_a_body_in_chunks_of_unknown_length_is_taken(desk: As2Desk) -> None:
    made = _made()
    pieces = (made.body[at : at + 100] for at in range(0, len(made.body), 100))
    answer = desk.client.post(desk.url, content=pieces, headers=list(made.headers.fields))
    assert answer.request.headers["Transfer-Encoding"] == "chunked"
    assert disposition(answer) == "processed"
    assert desk.kept == [PAYLOAD]


def test_a_store_that_is_unwell_gets_no_mdn_out_of_us(desk: As2Desk) -> None:
    desk.fault = OperationalError("insert", {}, Exception("disk is full"))
    answer = desk.post(_message(_made()))
    assert answer.status_code == 503
    assert answer.headers["Retry-After"] == "30"
    assert answer.text == "the message was not stored; send it again\n"
    desk.fault = None
    assert disposition(desk.post(_message(_made()))) == "processed"
    assert desk.kept == [PAYLOAD]


# --- asynchronous MDNs ---

ASYNC = replace(PEER, mdn=MdnMode.ASYNC, mdn_url="http://127.0.0.1:9/mdn")


def test_an_asynchronous_mdn_is_owed_once_the_payload_is_durable(desk: As2Desk) -> None:
    made = _made(ASYNC)
    answer = desk.post(_message(made))
    assert (answer.status_code, answer.content) == (200, b"")
    assert desk.kept == [PAYLOAD]
    [owed] = desk.owed
    assert (owed.kind, owed.partner, owed.state) == (MDN, "them", "due")
    kept = read_owed(owed.content)
    assert (kept.connection, kept.url) == ("as2", "http://127.0.0.1:9/mdn")
    assert _verified(kept.mdn.headers, kept.mdn.body, made.sent) == "accepted"
    desk.post(_message(made))
    assert len(desk.owed) == 1


def test_what_failed_has_its_asynchronous_mdn_too(desk: As2Desk) -> None:
    desk.post(_message(_made(replace(ASYNC, encrypt=None))))
    [owed] = desk.owed
    mdn = read_owed(owed.content).mdn
    assert b"processed/error: insufficient-message-security" in mdn.body
    assert desk.kept == []


@pytest.mark.parametrize(
    "url",
    [
        "http://169.254.169.254/latest/meta-data",
        "http://localhost:8080/admin",
        "http://127.0.0.1.evil.example/mdn",
        "http://evil.example/?127.0.0.1",
        "http://127.0.0.1@evil.example/",
    ],
)
def test_an_mdn_goes_to_no_host_that_is_not_agreed(desk: As2Desk, url: str) -> None:
    answer = desk.post(_message(_made(replace(ASYNC, mdn_url=url))))
    assert answer.status_code == 403
    assert answer.text == "Receipt-Delivery-Option names a host that is not agreed\n"
    assert (desk.kept, desk.owed) == ([], [])


# --- forged messages, again and again ---

FEW = FailureRules(of_a_source=3, of_a_partner=5, one_more_every=timedelta(minutes=1))
REFUSAL = "too many messages from here failed; none of them was stored\n"


@pytest.fixture
def wary(tmp_path: Path) -> Iterator[As2Desk]:
    with as2_desk(tmp_path, [party(US, their_keys())], NOW, failures=FEW) as opened:
        yield opened


def _forged(number: int) -> Message:
    """Write what anybody can who knows two names, and have its receipt sent to the partner."""
    return _message(_made(replace(ASYNC, encrypt=None), message_id=f"<{number}@mallory>"))


def test_forged_messages_get_no_more_than_a_few_receipts_sent_to_the_partner(
    wary: As2Desk,
) -> None:
    with capture_logs() as logs:
        answers = [wary.post(_forged(number)) for number in range(6)]
    assert [one.status_code for one in answers] == [200] * 3 + [429] * 3
    assert {one.text for one in answers[3:]} == {REFUSAL}
    assert answers[3].headers["Retry-After"] == "61"
    assert len(wary.owed) == 3
    limited = [one for one in logs if one["event"] == "as2_failures_limited"]
    assert limited == [
        {
            "event": "as2_failures_limited",
            "log_level": "warning",
            "peer": "127.0.0.1",
            "partner": "them",
            "seconds": 61,
        }
    ]


def test_a_sound_message_is_taken_whatever_was_forged_before(wary: As2Desk) -> None:
    for number in range(5):
        wary.post(_forged(number))
    made = _made(ASYNC)
    assert wary.post(_message(made)).status_code == 200
    assert wary.kept == [PAYLOAD]
    assert len(wary.owed) == 4


def test_failures_are_answered_again_after_a_while(wary: As2Desk) -> None:
    for number in range(4):
        wary.post(_forged(number))
    wary.clock[0] += timedelta(minutes=1)
    assert [wary.post(_forged(number)).status_code for number in (4, 5)] == [200, 429]
    assert len(wary.owed) == 4


def test_forged_receipts_and_wrong_addresses_count_too(wary: As2Desk) -> None:
    elsewhere = _message(_made(replace(ASYNC, mdn_url="http://evil.example/")))
    ours = build_message(Payload(PAYLOAD), US, keys=their_keys(), message_id="<no@us>", now=NOW)
    unknown = _mdn(ours)
    answers = [wary.post(one).status_code for one in (elsewhere, unknown, elsewhere, unknown)]
    assert answers == [403, 404, 403, 429]


def test_strangers_are_answered_no_more_often_than_that(wary: As2Desk) -> None:
    stranger = _message(_made(replace(PEER, our_id="MALLORY")))
    assert [wary.post(stranger).status_code for _ in range(4)] == [200] * 3 + [429]
    headless = with_header(stranger, "Message-ID", None)
    assert wary.post(headless).status_code == 429
    assert wary.post(_message(_made())).status_code == 200, "the partner has its own count"


# --- MDNs that answer ours ---


def _we_sent(desk: As2Desk, *, sends: int = 1) -> OutgoingMessage:
    """Keep a message of ours as one that waits for its MDN."""
    made = build_message(
        Payload(PAYLOAD), US, keys=their_keys(), message_id="<ours@retail>", now=NOW
    )
    for _ in range(sends):
        desk.mdns.begin(
            MessageRecord(
                id=made.message_id,
                partner="them",
                connection="as2",
                outgoing_id="out",
                mics="\n".join(str(mic) for mic in made.mics),
                state=MessageState.WAITING,
                sent_at=NOW,
            )
        )
    return made


def _mdn(made: OutgoingMessage, says: Disposition | None = None, *, mic: bool = True) -> Message:
    """Answer a message of ours as the partner does."""
    envelope = read_envelope(made.headers)
    answer = Answer(envelope, says or Disposition(), made.mic if mic else None)
    return build_mdn(answer, PEER, keys=our_keys(), message_id="<mdn@acme>", now=NOW)


def _state(desk: As2Desk) -> str:
    record = desk.mdns.message("<ours@retail>")
    assert record is not None
    return record.state


def test_an_mdn_that_comes_by_itself_is_taken_and_kept_with_its_signature(desk: As2Desk) -> None:
    mdn = _mdn(_we_sent(desk))
    assert desk.post(mdn).status_code == 200
    record = desk.mdns.message("<ours@retail>")
    assert record is not None
    assert (record.state, record.because) == (MessageState.ACCEPTED, "processed")
    assert record.mdn.endswith(mdn.body)
    assert b"content-type: multipart/signed" in record.mdn.lower()
    assert desk.kept == []


def test_an_mdn_that_says_no_is_taken_as_such(desk: As2Desk) -> None:
    says = Disposition("processed", "error", "decryption-failed")
    assert desk.post(_mdn(_we_sent(desk), says)).status_code == 200
    assert _state(desk) == MessageState.REJECTED


def test_an_mdn_about_other_bytes_is_taken_as_a_no(desk: As2Desk) -> None:
    made = _we_sent(desk)
    wrong = replace(made.mic, value=hashlib.sha256(b"other").digest())
    assert desk.post(_mdn(replace(made, mics=(wrong,)))).status_code == 200
    assert _state(desk) == MessageState.REJECTED


def test_a_duplicate_is_a_yes_where_we_sent_more_than_once(desk: As2Desk) -> None:
    says = Disposition("processed", "error", "duplicate-document")
    made = _we_sent(desk, sends=2)
    assert desk.post(_mdn(made, says, mic=False)).status_code == 200
    assert _state(desk) == MessageState.ACCEPTED


def test_a_duplicate_of_what_we_sent_once_is_a_no(desk: As2Desk) -> None:
    says = Disposition("processed", "error", "duplicate-document")
    desk.post(_mdn(_we_sent(desk), says, mic=False))
    assert _state(desk) == MessageState.REJECTED


def test_a_forged_or_tampered_mdn_is_not_believed(desk: As2Desk) -> None:
    mdn = _mdn(_we_sent(desk))
    tampered = replace(mdn, body=mdn.body.replace(b"; processed", b"; failed/failure: x", 1))
    unsigned = build_mdn(
        Answer(replace(read_envelope(_we_sent(desk).headers), mdn_request=None)),
        PEER,
        keys=our_keys(),
        message_id="<mdn@acme>",
        now=NOW,
    )
    for forged in (tampered, unsigned):
        answer = desk.post(forged)
        assert (answer.status_code, answer.text) == (400, "the receipt is not believed\n")
    assert _state(desk) == MessageState.WAITING


def test_an_mdn_for_nothing_that_we_sent_is_refused(desk: As2Desk) -> None:
    made = build_message(
        Payload(PAYLOAD), US, keys=their_keys(), message_id="<never@retail>", now=NOW
    )
    answer = desk.post(_mdn(made))
    assert (answer.status_code, answer.text) == (404, "this answers no message of ours\n")


# --- what must not pass ---


def _unreadable(headers: Headers) -> str:
    """Say what is wrong with headers that cannot be answered by an MDN; nothing where they can."""
    try:
        read_envelope(headers)
    except RemoteProtocolError as fault:
        return str(fault)
    return ""


@pytest.mark.parametrize("name", CASES)
def test_what_must_not_pass_is_answered_by_its_disposition_and_not_kept(
    tmp_path: Path, name: str
) -> None:
    case: Case = CASES[name]
    message = case.make()
    # Our settings name this one partner, whoever the message says that it is from.
    here = party(replace(case.profile, our_id=THEIRS, partner_id=OURS), case.keys())
    with as2_desk(tmp_path, [here], NOW, limits=case.limits) as desk:
        answer = desk.post(message)
        assert (desk.kept, desk.owed) == ([], [])
    if unreadable := _unreadable(message.headers):
        assert (answer.status_code, answer.text) == (400, f"{unreadable}\n")
        return
    if read_envelope(message.headers).mdn_request is None:
        assert (answer.status_code, answer.text) == (400, f"{case.disposition.explanation}\n")
        return
    assert answer.status_code == 200
    says = read_disposition(f"automatic-action/MDN-sent-automatically; {disposition(answer)}")
    stranger = (message.headers.one("AS2-From"), message.headers.one("AS2-To"))
    if stranger == (OURS, f'"{THEIRS}"'):
        assert says == case.disposition
    else:
        assert says.explanation == "unknown-trading-partner"


def test_a_stranger_gets_an_unsigned_mdn_and_nothing_of_ours(desk: As2Desk) -> None:
    answer = desk.post(_message(_made(replace(PEER, our_id="MALLORY"))))
    assert disposition(answer) == "processed/error: unknown-trading-partner"
    assert answer.headers["Content-Type"].startswith("multipart/report")
    assert b"pkcs7" not in answer.content
    assert desk.kept == []


def test_a_stranger_who_wants_an_mdn_elsewhere_gets_none(desk: As2Desk) -> None:
    answer = desk.post(_message(_made(replace(ASYNC, our_id="MALLORY"))))
    assert (answer.status_code, answer.text) == (403, "unknown-trading-partner\n")
    assert desk.owed == []


@pytest.mark.parametrize("header", ["AS2-From", "AS2-To", "Message-ID", "Content-Type"])
def test_a_header_that_decides_something_is_there_once(desk: As2Desk, header: str) -> None:
    message = _message(_made())
    value = message.headers.one(header) or ""
    twice = Headers.of([*message.headers.fields, (header, value)])
    answer = desk.post(replace(message, headers=twice))
    assert answer.status_code == 400
    assert "is there 2 times, expected once" in answer.text
    missing = desk.post(with_header(message, header, None))
    assert (missing.status_code, missing.text) == (400, f"header {header} is missing\n")
    assert desk.kept == []


def test_a_body_that_is_announced_too_large_is_refused_unread(desk: As2Desk) -> None:
    answer = desk.post(Message(_made().headers, bytes(BODY_LIMIT + 1)))
    assert disposition(answer).startswith("processed/error: unexpected-processing-error")
    assert desk.kept == []


def test_a_body_that_grows_too_large_in_chunks_is_refused(desk: As2Desk) -> None:
    chunks = (bytes(100_000) for _ in range(BODY_LIMIT // 100_000 + 1))
    answer = desk.client.post(desk.url, content=chunks, headers=list(_made().headers.fields))
    assert disposition(answer).startswith("processed/error: unexpected-processing-error")
    assert desk.kept == []


def test_a_body_that_does_not_come_in_time_is_given_up(tmp_path: Path) -> None:
    here = party(US, their_keys())
    head = "".join(f"{name}: {value}\r\n" for name, value in _made().headers.fields)
    with as2_desk(tmp_path, [here], NOW, deadline=timedelta(seconds=0.2)) as desk:
        port = httpx.URL(desk.url).port
        with socket.create_connection(("127.0.0.1", port), timeout=60) as connection:
            start = f"POST /as2 HTTP/1.1\r\nHost: here\r\nContent-Length: 1000\r\n{head}\r\nx"
            connection.sendall(start.encode())
            answer = connection.recv(10_000)
        assert answer.startswith(b"HTTP/1.1 408 ")
        assert desk.kept == []


def test_a_message_that_only_needs_a_quirk_is_taken_with_it(tmp_path: Path) -> None:
    made = _made(replace(PEER, quirks=frozenset({Quirk.NO_SIGNED_ATTRIBUTES})))
    with as2_desk(tmp_path, [party(US, their_keys())], NOW) as desk:
        assert disposition(desk.post(_message(made))) == "processed"
