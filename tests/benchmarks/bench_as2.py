"""AS2 over real HTTP: 100 MB sent and received, signed and encrypted, compressed or not.

Run by `make bench`, or alone: `python -m tests.benchmarks as2`.

The receiver is the real server with a real store on SQLite, in a process of its own; the sender is
the outbound transport in another. Each process counts its own peak, above what it holds before:
the sender the payload in memory, the receiver nothing. The answer is a signed MDN, which the
receiver makes once the payload is committed: the seconds are from the consignment to its receipt.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from gateway.as2 import Certificate, Certificates, Compression, Keys, Limits, Profile, SigningKey
from gateway.clock import utc_now
from gateway.pipeline.engine import DurableJobs
from gateway.pipeline.mdns import Mdns
from gateway.pipeline.ports import Consignment
from gateway.store import SqlStore, open_database
from gateway.transports.as2.outbound import Outbound
from tests.as2_desk import as2_desk, party
from tests.as2_peers import OURS, THEIRS, signing_key
from tests.benchmarks.big_interchange import MEGABYTE, peak, write_big_interchange

CASES = (
    (1, Compression.BEFORE_SIGNING),
    (100, Compression.BEFORE_SIGNING),
    (100, Compression.NONE),
)
LIMITS = Limits(body=400 * MEGABYTE, payload=400 * MEGABYTE)


def main() -> None:
    """Print the figures."""
    for megabytes, compress in CASES:
        with tempfile.TemporaryDirectory() as folder:
            home = Path(folder)
            write_big_interchange(home / "big.edi", megabytes * MEGABYTE)
            for name in ("acme", "retail"):
                write_key(home, name)
            command = [sys.executable, "-m", "tests.benchmarks.bench_as2", folder]
            with subprocess.Popen(
                [*command, "receive"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
            ) as receiver:
                assert receiver.stdin is not None
                assert receiver.stdout is not None
                url = receiver.stdout.readline().strip()
                done = subprocess.run(
                    [*command, "send", url, compress.value],
                    check=True,
                    capture_output=True,
                    text=True,
                )
                receiver.stdin.close()
                received, at_rest = map(float, receiver.stdout.read().splitlines()[-1].split())
        size, before, after, seconds = map(float, done.stdout.split())
        how = "not compressed" if compress is Compression.NONE else "compressed"
        print(
            f"{size:6.1f} MB {how} in {seconds:5.2f} s, {size / seconds:5.1f} MB/s; peak of the "
            f"sender {after - before:4.0f} MB above the {before:.0f} MB with the payload, of the "
            f"receiver {received - at_rest:4.0f} MB above {at_rest:.0f} MB"
        )


def receive(home: Path) -> None:
    """Serve until told to stop, and print the peak before and after."""
    there = party(Profile(THEIRS, OURS), keys(home, "retail", "acme"))
    with as2_desk(home, [there], utc_now(), limits=LIMITS) as desk:
        at_rest = peak()
        print(desk.url, flush=True)
        sys.stdin.read()
        [payload] = desk.store.desk.payloads()
        assert payload.size == (home / "big.edi").stat().st_size
        print(peak(), at_rest)


def send(home: Path, url: str, compress: Compression) -> None:
    """Send the payload once, and print what it took."""
    store = SqlStore(open_database(f"sqlite:///{home}/sender.db"))
    jobs = DurableJobs(store)
    sending = Outbound(
        party(Profile(OURS, THEIRS, compress=compress), keys(home, "acme", "retail"), url=url),
        Mdns(store, jobs, clock=utc_now),
        limits=LIMITS,
    )
    content = (home / "big.edi").read_bytes()
    sending.connect()
    before, started = peak(), time.perf_counter()
    receipt = sending.deliver(Consignment(content, "big.edi", "key", "correlation"))
    seconds = time.perf_counter() - started
    assert receipt.reference == "MDN: processed"
    print(len(content) / MEGABYTE, before, peak(), seconds)
    sending.close()
    jobs.close()
    store.close()


def write_key(home: Path, name: str) -> None:
    """Write a key pair where both processes find it."""
    key = signing_key(name)
    pem = key.private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    (home / f"{name}.key").write_bytes(pem)
    (home / f"{name}.pem").write_bytes(key.certificate.x509.public_bytes(Encoding.PEM))


def keys(home: Path, own: str, partners: str) -> Keys:
    """Return a side's key pair and the other side's certificate."""
    return Keys((_pair(home, own),), Certificates((_pair(home, partners).certificate,)))


def _pair(home: Path, name: str) -> SigningKey:
    private = load_pem_private_key((home / f"{name}.key").read_bytes(), None)
    certificate = x509.load_pem_x509_certificate((home / f"{name}.pem").read_bytes())
    assert isinstance(private, rsa.RSAPrivateKey)
    return SigningKey(private, Certificate(certificate))


if __name__ == "__main__":
    # Started by `main`: each side is a process of its own.
    given, what = Path(sys.argv[1]), sys.argv[2]
    if what == "send":
        send(given, sys.argv[3], Compression(sys.argv[4]))
    else:
        receive(given)
