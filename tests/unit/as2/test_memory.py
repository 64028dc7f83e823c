"""How often a large payload is held at a time, beside what the caller holds."""

from __future__ import annotations

import tracemalloc
from dataclasses import replace

import pytest

from gateway.as2 import (
    Cipher,
    Message,
    Payload,
    Profile,
    TransferEncoding,
    build_message,
    read_message,
)
from tests.as2_peers import MESSAGE_ID, NOW, OUR_SIDE, THEIR_SIDE, our_keys, their_keys

SIZE = 16_000_000
SIGNED = replace(OUR_SIDE, encrypt=None)


@pytest.mark.parametrize(
    ("profile", "sending", "reading"),
    [
        (SIGNED, 1.3, 1.3),
        (replace(OUR_SIDE, encrypt=Cipher.AES256_CBC), 2.3, 2.3),
        (replace(OUR_SIDE, encrypt=Cipher.AES256_GCM), 2.3, 2.3),
        (replace(SIGNED, transfer_encoding=TransferEncoding.BASE64), 3.0, 2.4),
    ],
)
def test_a_large_payload_is_not_held_many_times(
    profile: Profile, sending: float, reading: float
) -> None:
    payload = b"PO1*1*10*EA*9.95**VP*A-1~\r\n" * (SIZE // 27)
    ours, theirs = our_keys(), their_keys()
    tracemalloc.start()
    try:
        sent = build_message(Payload(payload), profile, keys=ours, message_id=MESSAGE_ID, now=NOW)
        assert tracemalloc.get_traced_memory()[1] < sending * SIZE
        held = tracemalloc.get_traced_memory()[0]
        tracemalloc.reset_peak()
        message = Message(sent.headers, sent.body)
        assert read_message(message, THEIR_SIDE, keys=theirs, now=NOW).payload == payload
        assert tracemalloc.get_traced_memory()[1] - held < reading * SIZE
    finally:
        tracemalloc.stop()
