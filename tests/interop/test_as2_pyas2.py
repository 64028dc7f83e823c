"""Messages and MDNs to and from django-pyas2, an AS2 system that others wrote."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime

import pytest
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    PrivateFormat,
)

from gateway.as2 import Certificates, Cipher, Compression, Digest, Keys, MdnMode, Profile, Quirk
from gateway.clock import new_id, utc_now
from gateway.errors import Permanent
from gateway.pipeline.mdn_port import MessageState
from gateway.pipeline.ports import Consignment, Receipt
from gateway.pipeline.stages.deliver import parcel
from gateway.transports.as2.outbound import Outbound, Owing
from gateway.transports.as2.party import Party
from tests.as2_desk import As2Desk, as2_desk, party
from tests.as2_peers import OURS, PAYLOAD, THEIRS, pinned, signing_key, their_keys
from tests.interop.as2_partner import PyAs2, environment, pyas2

pytestmark = pytest.mark.slow

# As in the other tests of AS2, the partner is ACME and we are the retailer, with a space in the
# name.
LAX = Profile(THEIRS, OURS, require_signed=False)
# The partner makes a MIC of what was signed only.
WITHOUT_MIC = frozenset({Quirk.MDN_WITHOUT_MIC_ACCEPTED})
# And it finds what an MDN answers only where a name with a space has no quotation marks.
NEEDED = WITHOUT_MIC | {Quirk.UNQUOTED_NAMES}


@dataclass
class Two:
    """Both sides."""

    desk: As2Desk
    peer: PyAs2
    party: Party

    def send(self, profile: Profile, key: str, payload: bytes = PAYLOAD) -> Receipt:
        """Send a payload to the partner."""
        ours = replace(self.party, profile=replace(profile, mdn_url=self.desk.url))
        outbound = Outbound(ours, self.desk.mdns)
        outbound.connect()
        try:
            return outbound.deliver(Consignment(payload, "po.edi", key, key))
        finally:
            outbound.close()

    def post_mdns(self) -> int:
        """Post the MDNs that we owe; return how many."""
        owing = Owing({"as2": self.party})
        owing.connect()
        owed = [one for one in self.desk.owed if one.state == "due"]
        try:
            for one in owed:
                owing.deliver(parcel(one))
                with self.desk.store.transaction() as transaction:
                    transaction.outbox.change(one, ["due"], state="sent")
        finally:
            owing.close()
        return len(owed)


def peer_config(url: str) -> dict[str, object]:
    """Return what the partner is told: its key, our certificate, where we are."""
    key = signing_key("acme")
    private = key.private.private_bytes(
        Encoding.PEM, PrivateFormat.TraditionalOpenSSL, BestAvailableEncryption(b"secret")
    )
    certificate = key.certificate.x509.public_bytes(Encoding.PEM)
    ours = signing_key("retail").certificate.x509.public_bytes(Encoding.PEM)
    return {
        "name": OURS,
        "key": (private + certificate).decode(),
        "passphrase": "secret",
        "gateway": {"name": THEIRS, "url": url, "certificate": ours.decode()},
    }


@pytest.fixture(scope="module")
def two(tmp_path_factory: pytest.TempPathFactory, pytestconfig: pytest.Config) -> Iterator[Two]:
    python = environment(pytestconfig.cache.mkdir("pyas2"))
    folder = tmp_path_factory.mktemp("pyas2")
    here = party(replace(LAX, quirks=NEEDED), their_keys())
    with (
        as2_desk(folder, [here], utc_now()) as desk,
        pyas2(python, folder / "peer", peer_config(desk.url)) as peer,
    ):
        yield Two(desk, peer, replace(here, url=peer.url))


PLAIN = replace(LAX, sign=None, encrypt=None)
LATE = datetime(2044, 1, 1, tzinfo=UTC)
SYNC, ASYNC = MdnMode.SYNC, MdnMode.ASYNC
PROTECTIONS = {
    "plain": PLAIN,
    "signed": replace(LAX, encrypt=None),
    "signed with SHA-1, encrypted with 3DES": replace(
        LAX, sign=Digest.SHA1, encrypt=Cipher.TRIPLE_DES
    ),
    "encrypted": replace(LAX, sign=None),
    "compressed": replace(PLAIN, compress=Compression.BEFORE_SIGNING),
    "signed, encrypted": LAX,
    "compressed, signed, encrypted": replace(LAX, compress=Compression.BEFORE_SIGNING),
    "signed, compressed, encrypted": replace(LAX, compress=Compression.AFTER_SIGNING),
    "signed with SHA-512, encrypted with AES-128": replace(
        LAX, sign=Digest.SHA512, encrypt=Cipher.AES128_CBC
    ),
}


@pytest.mark.parametrize("mode", [SYNC, ASYNC])
@pytest.mark.parametrize("name", PROTECTIONS)
def test_what_we_send_is_taken_whole_and_its_mdn_believed(
    two: Two, name: str, mode: MdnMode
) -> None:
    profile = replace(PROTECTIONS[name], mdn=mode)
    if profile.sign is None:
        profile = replace(profile, quirks=WITHOUT_MIC)
    key = new_id()
    receipt = two.send(profile, key)
    got = two.peer.received[-1]
    assert (got["status"], got["payload"]) == ("S", PAYLOAD.decode("latin-1")), got
    assert got["signed"] is (profile.sign is not None)
    assert got["encrypted"] is (profile.encrypt is not None)
    assert got["compressed"] is (profile.compress is not Compression.NONE)
    record = two.desk.mdns.message(two.party.message_id(key))
    assert record is not None
    if mode is SYNC:
        assert receipt.reference == "MDN: processed"
    else:
        assert receipt.reference.startswith("HTTP 200; its MDN is to come until ")
        assert record.state == MessageState.WAITING
        two.peer.ask("post_mdns")
        record = two.desk.mdns.message(record.id)
        assert record is not None
    assert (record.state, record.because) == (MessageState.ACCEPTED, "processed")


WORDS: dict[str, dict[str, object]] = {
    "plain": {},
    "signed": {"signature": "sha256"},
    "signed with SHA-1, encrypted with 3DES": {
        "signature": "sha1",
        "encryption": "tripledes_192_cbc",
    },
    "encrypted": {"encryption": "aes_256_cbc"},
    "compressed": {"compress": True},
    "signed, encrypted": {"signature": "sha256", "encryption": "aes_256_cbc"},
    "compressed, signed, encrypted": {
        "signature": "sha256",
        "encryption": "aes_256_cbc",
        "compress": True,
    },
    "signed with SHA-512, encrypted with AES-128": {
        "signature": "sha512",
        "encryption": "aes_128_cbc",
    },
}
NOTHING: dict[str, object] = {
    "signature": None,
    "encryption": None,
    "compress": False,
    "mdn_sign": None,
}


@pytest.mark.parametrize("mode", ["SYNC", "ASYNC"])
@pytest.mark.parametrize("name", WORDS)
def test_what_the_partner_sends_is_kept_whole_and_our_mdn_believed(
    two: Two, name: str, mode: str
) -> None:
    # It ends lines in what it sends with CRLF.
    payload = f"ISA*{name}*{mode}*{new_id()}~\r\nGS*~\r\n".encode()
    receipt = {"mdn": True, "mdn_mode": mode, "mdn_sign": "sha256"}
    two.peer.ask("agree", **{**NOTHING, **WORDS[name], **receipt})
    sent = two.peer.ask("send", payload=payload.decode("latin-1"))
    assert payload in two.desk.kept
    if mode == "ASYNC":
        assert sent["status"] == "P", sent
        assert two.post_mdns() == 1
        [sent] = [one for one in two.peer.ask("messages") if one["id"] == sent["id"]]
    assert (sent["status"], sent["detailed_status"]) == ("S", None)


def test_the_same_message_again_is_told_apart_by_the_partner_and_taken_for_sent(two: Two) -> None:
    key = new_id()
    assert two.send(LAX, key) == Receipt("MDN: processed")
    again = two.send(LAX, key)
    assert again.repeated
    assert again.reference.startswith("MDN: processed/warning: duplicate-document")


def test_what_the_partner_cannot_decrypt_comes_back_as_a_no(two: Two) -> None:
    """The partner's new certificate is pinned before the partner uses it."""
    keys = replace(two.party.keys, partner=pinned(signing_key("acme"), signing_key("acme-next")))
    wrong = Two(two.desk, two.peer, replace(two.party, keys=_encrypting_for(keys, "acme-next")))
    with pytest.raises(Permanent, match="decryption-failed"):
        wrong.send(LAX, new_id())


def _encrypting_for(keys: Keys, name: str) -> Keys:
    newest = [one for one in keys.partner.pinned if name in one.subject]
    late = [replace(one, use_from=LATE) for one in keys.partner.pinned if one not in newest]
    return replace(keys, partner=Certificates((*newest, *late)))
