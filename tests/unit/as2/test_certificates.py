from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
)

from gateway.as2 import (
    Certificate,
    Certificates,
    Keys,
    Message,
    Payload,
    SigningKey,
    build_message,
    expiring,
    read_certificates,
    read_message,
    read_signing_key,
)
from gateway.errors import LocalProtocolError, RemoteProtocolError
from tests.as2_peers import (
    MESSAGE_ID,
    NOW,
    OUR_SIDE,
    PAYLOAD,
    THEIR_SIDE,
    pinned,
    signing_key,
)

DAY = timedelta(days=1)
OLD = signing_key("acme", NOW - 700 * DAY, NOW + 20 * DAY)
NEW = signing_key("acme", NOW - 5 * DAY, NOW + 725 * DAY, key="acme-2")
RETAIL = signing_key("retail")


def _announced(key: SigningKey, day: datetime) -> SigningKey:
    return SigningKey(key.private, Certificate(key.certificate.x509, day))


def _sent(keys: Keys, now: datetime = NOW) -> Message:
    sent = build_message(Payload(PAYLOAD), OUR_SIDE, keys=keys, message_id=MESSAGE_ID, now=now)
    return Message(sent.headers, sent.body)


@pytest.mark.parametrize("pins", [(OLD, NEW), (NEW, OLD)])
@pytest.mark.parametrize("signer", [OLD, NEW])
def test_either_certificate_verifies_while_both_are_valid(
    signer: SigningKey, pins: tuple[SigningKey, ...]
) -> None:
    message = _sent(Keys((signer,), pinned(RETAIL)))
    reading = read_message(message, THEIR_SIDE, keys=Keys((RETAIL,), pinned(*pins)), now=NOW)
    assert reading.signer == signer.certificate.fingerprint


def test_the_old_certificate_verifies_no_more_once_it_ended() -> None:
    later = NOW + 21 * DAY
    message = _sent(Keys((OLD,), pinned(RETAIL)))
    with pytest.raises(RemoteProtocolError, match="does not verify with any of the partner's 1"):
        read_message(message, THEIR_SIDE, keys=Keys((RETAIL,), pinned(OLD, NEW)), now=later)


@pytest.mark.parametrize("order", [(OLD, NEW), (NEW, OLD)])
def test_signs_with_the_newest_key_that_the_partner_knows_by_now(
    order: tuple[SigningKey, SigningKey],
) -> None:
    assert Keys(order).to_sign(NOW) is NEW
    day = NOW + 10 * DAY
    later = tuple(_announced(key, day) if key is NEW else key for key in order)
    assert Keys(later).to_sign(NOW) is OLD
    assert Keys(later).to_sign(day).private is NEW.private


def test_encrypts_with_the_newest_certificate_whose_day_has_come() -> None:
    day = NOW + 10 * DAY
    certificates = Certificates((OLD.certificate, _announced(NEW, day).certificate))
    assert certificates.to_encrypt(NOW) == OLD.certificate
    assert certificates.to_encrypt(day).x509 == NEW.certificate.x509


def test_verifies_with_a_certificate_before_the_day_of_its_use() -> None:
    tomorrow = _announced(NEW, NOW + DAY)
    message = _sent(Keys((NEW,), pinned(RETAIL)))
    assert read_message(message, THEIR_SIDE, keys=Keys((RETAIL,), pinned(tomorrow)), now=NOW).signed


@pytest.mark.parametrize("receiver", [OLD, NEW])
def test_every_key_of_ours_decrypts_even_one_that_ended(receiver: SigningKey) -> None:
    message = _sent(Keys((RETAIL,), pinned(receiver)))
    keys = Keys((NEW, OLD), pinned(RETAIL))
    later = NOW + 100 * DAY
    assert read_message(message, THEIR_SIDE, keys=keys, now=later).payload == PAYLOAD


def test_nothing_is_signed_or_encrypted_without_a_valid_certificate() -> None:
    late = NOW + 30 * DAY
    with pytest.raises(
        LocalProtocolError, match=r"^none of our 1 AS2 keys is valid and in use on 2026-05-31: "
    ):
        _sent(Keys((OLD,), pinned(RETAIL)), late)
    with pytest.raises(
        LocalProtocolError,
        match=r"^none of the partner's 1 certificates is valid on 2026-05-31: ask the partner",
    ):
        _sent(Keys((RETAIL,), pinned(OLD)), late)


@pytest.mark.parametrize(
    ("left", "notice"),
    [(61, None), (60, 60), (31, 60), (30, 30), (8, 30), (7, 7), (0, 7), (-1, 0)],
)
def test_announces_a_certificate_60_30_and_7_days_before_it_ends(
    left: int, notice: int | None
) -> None:
    due = expiring([OLD.certificate], OLD.certificate.ends - left * DAY)
    assert [(each.days_left, each.notice) for each in due] == (
        [] if notice is None else [(left, notice)]
    )


def test_says_whether_another_certificate_takes_over_and_names_the_first_to_end_first() -> None:
    alone = expiring([OLD.certificate], NOW)
    assert [each.replaced for each in alone] == [False]
    third = signing_key("acme", NOW - DAY, NOW + 3 * DAY, key="acme-3").certificate
    due = expiring([OLD.certificate, NEW.certificate, third], NOW)
    assert [each.certificate for each in due] == [third, OLD.certificate]
    assert [each.replaced for each in due] == [True, True]
    gap = Certificate(NEW.certificate.x509, OLD.certificate.ends + DAY)
    assert [each.replaced for each in expiring([OLD.certificate, gap], NOW)] == [False]


def _pem(key: SigningKey, password: bytes | None = None) -> bytes:
    secret = BestAvailableEncryption(password) if password else NoEncryption()
    return key.private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, secret)


def test_reads_keys_and_certificates_from_pem() -> None:
    both = b"".join(key.certificate.x509.public_bytes(Encoding.PEM) for key in (OLD, NEW))
    certificates = read_certificates(both, use_from=NOW)
    assert [each.fingerprint for each in certificates] == [
        OLD.certificate.fingerprint,
        NEW.certificate.fingerprint,
    ]
    assert [each.starts for each in certificates] == [NOW, NOW]
    key = read_signing_key(_pem(OLD, b"secret"), OLD.certificate, b"secret")
    assert key.certificate == OLD.certificate


def test_refuses_keys_and_certificates_that_cannot_be_used() -> None:
    with pytest.raises(LocalProtocolError, match=r"^no certificate in PEM form: "):
        read_certificates(b"nothing")
    with pytest.raises(LocalProtocolError, match=r"^no private key in PEM form: "):
        read_signing_key(_pem(OLD, b"secret"), OLD.certificate)
    with pytest.raises(
        LocalProtocolError, match=r"^the private key is not that of certificate CN=acme$"
    ):
        read_signing_key(_pem(NEW), OLD.certificate)


def test_refuses_a_certificate_without_an_rsa_key() -> None:
    private = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "curve")])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(private.public_key())
        .serial_number(1)
        .not_valid_before(datetime(2026, 1, 1, tzinfo=UTC))
        .not_valid_after(datetime(2027, 1, 1, tzinfo=UTC))
        .sign(private, hashes.SHA256())
    )
    text = "certificate of CN=curve has no RSA key, as AS2 needs"
    with pytest.raises(LocalProtocolError, match=rf"^{text}$"):
        Certificate(made)
    pem = private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    with pytest.raises(LocalProtocolError, match=r"^the private key is not an RSA key"):
        read_signing_key(pem, OLD.certificate)
