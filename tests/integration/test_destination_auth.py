"""How calls authenticate, each kind against a server; and that no secret stands anywhere."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import ssl
from collections.abc import Iterator
from pathlib import Path
from threading import Thread

import pytest

from gateway.errors import Permanent, Transient
from tests.certificates import self_signed
from tests.destination_server import Asked, ErpServer, Told, erp_server
from tests.destination_world import DOCUMENT, destination

CANARY = "c4n&ry/s<cret"


@pytest.fixture(scope="module")
def server() -> Iterator[ErpServer]:
    with erp_server() as running:
        yield running


@pytest.fixture
def erp(server: ErpServer) -> ErpServer:
    server.asked.clear()
    server.answers(Told())
    return server


KINDS = {
    "bearer": "auth: {type: bearer, token: '${file:secrets/canary}'}",
    "basic": "auth: {type: basic, username: us, password: '${file:secrets/canary}'}",
    "header": "auth: {type: header, name: X-Api-Key, value: '${file:secrets/canary}'}",
    "query": "auth: {type: query, name: key, value: '${file:secrets/canary}'}",
    "hmac": "auth: {type: hmac, secret: '${file:secrets/canary}'}",
    "oauth2": (
        "auth: {type: oauth2, token_url: 'URL/token', client_id: us, "
        "client_secret: '${file:secrets/canary}'}"
    ),
    "oauth2 in the body": (
        "auth: {type: oauth2, token_url: 'URL/token', client_id: us, credentials: body, "
        "client_secret: '${file:secrets/canary}'}"
    ),
    "a header of its own": "headers: {X-Secret-Word: 'w ${file:secrets/canary}'}",
}


def settings(erp: ErpServer, more: str, path: str = "/orders") -> str:
    return f"type: http\nurl: '{erp.url}{path}'\n{more.replace('URL', erp.url)}"


FILES = {"secrets/canary": CANARY}


def test_a_key_is_added_to_the_address(erp: ErpServer, tmp_path: Path) -> None:
    with destination(tmp_path, settings(erp, KINDS["query"], "/o?a=1"), FILES) as world:
        world.deliver()
    assert erp.asked[0].path == "/o?a=1&key=c4n%26ry%2Fs%3Ccret"


def test_a_signature_over_time_and_body(erp: ErpServer, tmp_path: Path) -> None:
    with destination(tmp_path, settings(erp, KINDS["hmac"]), FILES) as world:
        world.deliver()
    headers = erp.asked[0].headers
    signed = headers["x-timestamp"].encode() + b"." + DOCUMENT
    assert headers["x-signature"] == hmac.new(CANARY.encode(), signed, hashlib.sha256).hexdigest()


def test_a_signature_as_another_service_wants_it(erp: ErpServer, tmp_path: Path) -> None:
    how = (
        "auth: {type: hmac, secret: '${file:secrets/canary}', header: Signature, prefix: 'v0=', "
        "algorithm: sha512, encoding: base64, signs: '{method} {path}|{body}|{timestamp}'}"
    )
    with destination(tmp_path, settings(erp, how, "/o?a=1"), FILES) as world:
        world.deliver()
    headers = erp.asked[0].headers
    signed = b"POST /o?a=1|" + DOCUMENT + b"|" + headers["x-timestamp"].encode()
    digest = hmac.new(CANARY.encode(), signed, hashlib.sha512).digest()
    assert headers["signature"] == "v0=" + base64.b64encode(digest).decode()


def tokens(erp: ErpServer, life: object = 3600) -> list[str]:
    """Let the server give tokens t-1, t-2…, and take the ones that are in the list returned."""
    good: list[str] = []
    given = iter(range(1, 1000))

    def answer(asked: Asked) -> Told:
        if asked.path == "/token":
            good.append(f"t-{next(given)}-token")
            said = {"access_token": good[-1], "token_type": "Bearer", "expires_in": life}
            return Told(200, json.dumps(said).encode())
        known = asked.headers.get("authorization", "") in {f"Bearer {one}" for one in good}
        return Told(200 if known else 401)

    erp.answer = answer
    return good


def paths(erp: ErpServer) -> list[str]:
    return [asked.path for asked in erp.asked]


def test_one_token_serves_many_calls_at_once(erp: ErpServer, tmp_path: Path) -> None:
    tokens(erp)
    with destination(tmp_path, settings(erp, KINDS["oauth2"]), FILES) as world:
        threads = [Thread(target=world.deliver, kwargs={"key": str(n)}) for n in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert sorted(paths(erp)) == ["/orders"] * 8 + ["/token"]
    assert erp.asked[0].body == b"grant_type=client_credentials"
    pair = base64.b64encode(b"us:c4n%26ry%2Fs%3Ccret").decode()
    assert erp.asked[0].headers["authorization"] == f"Basic {pair}"


def test_a_token_that_is_refused_is_renewed_once(erp: ErpServer, tmp_path: Path) -> None:
    good = tokens(erp)
    with destination(tmp_path, settings(erp, KINDS["oauth2"]), FILES) as world:
        world.deliver()
        good.clear()
        world.deliver()
        assert paths(erp) == ["/token", "/orders", "/orders", "/token", "/orders"]
        erp.asked.clear()
        erp.answers(Told(401))
        with pytest.raises(Permanent, match=r"^the token server: HTTP 401$"):
            world.deliver()
    assert paths(erp) == ["/orders", "/token"]


def test_a_token_is_renewed_before_it_expires(erp: ErpServer, tmp_path: Path) -> None:
    tokens(erp, life=0)
    with destination(tmp_path, settings(erp, KINDS["oauth2"]), FILES) as world:
        world.deliver()
        world.deliver()
    assert paths(erp) == ["/token", "/orders", "/token", "/orders"]


@pytest.mark.parametrize("life", ["1e39", "99999999999999999999", "true", "-7"])
def test_a_token_of_a_strange_life_is_used_all_the_same(
    erp: ErpServer, tmp_path: Path, life: str
) -> None:
    token = f'{{"access_token": "t-canary-t", "expires_in": {life}}}'.encode()
    erp.answer = lambda asked: Told(200, token if asked.path == "/token" else b"")
    with destination(tmp_path, settings(erp, KINDS["oauth2"]), FILES) as world:
        assert world.deliver().reference == "HTTP 200"


def test_a_life_that_is_written_as_text_is_one(erp: ErpServer, tmp_path: Path) -> None:
    token = b'{"access_token": "t-canary-t", "expires_in": "0"}'
    erp.answer = lambda asked: Told(200, token if asked.path == "/token" else b"")
    with destination(tmp_path, settings(erp, KINDS["oauth2"]), FILES) as world:
        world.deliver()
        world.deliver()
    assert paths(erp) == ["/token", "/orders", "/token", "/orders"]


def test_the_token_server_sees_nothing_of_what_is_for_the_destination(
    erp: ErpServer, tmp_path: Path
) -> None:
    tokens(erp)
    more = f"{KINDS['oauth2']}\n{KINDS['a header of its own']}"
    with destination(tmp_path, settings(erp, more), FILES) as world:
        world.deliver()
    assert paths(erp) == ["/token", "/orders"]
    assert [one.headers.get("x-secret-word") for one in erp.asked] == [None, f"w {CANARY}"]


@pytest.mark.parametrize(
    ("told", "kind", "words"),
    [
        (Told(503, b"", {"Retry-After": "9"}), Transient, "the token server: HTTP 503"),
        (Told(400, b'{"error":"invalid_client"}'), Permanent,
         'the token server: HTTP 400: {"error":"invalid_client"}'),
        (Told(200, b"{}"), Permanent, "the token server answered without an access_token"),
        (Told(200, '{"access_token": "t-\u00e9-canary"}'.encode()), Permanent,
         "header 'Authorization' would hold what no header can: line ends, or no ASCII"),
        (Told(200, b'{"access_token": "t-canary\\r\\nX: y"}'), Permanent,
         "header 'Authorization' would hold what no header can: line ends, or no ASCII"),
        (Told(200, b'{"access_token": "' + b"t" * 70_000 + b'"}'), Permanent,
         "the token server: its answer is larger than 65536 bytes"),
        (Told(503, b"", {"Retry-After": "Mon, 01 Jan 99999999999999 00:00:00 GMT"}), Transient,
         "the token server: HTTP 503"),
    ],
)  # fmt: skip
def test_a_token_server_that_gives_none(
    erp: ErpServer, tmp_path: Path, told: Told, kind: type[Exception], words: str
) -> None:
    erp.answers(told)
    with (
        destination(tmp_path, settings(erp, KINDS["oauth2"]), FILES) as world,
        pytest.raises(kind) as why,
    ):
        world.deliver()
    assert str(why.value) == words


@pytest.mark.parametrize("kind", KINDS)
def test_the_secret_stands_in_nothing_that_is_told(
    erp: ErpServer, tmp_path: Path, kind: str, caplog: pytest.LogCaptureFixture
) -> None:
    """A server that says everything back that it was sent, as some do in their errors."""

    def echo(asked: Asked) -> Told:
        if asked.path == "/token" and not erp.asked[1:]:
            return Told(200, b'{"access_token": "' + b"t-canary-t" + b'"}')
        said = json.dumps([asked.path, dict(asked.headers), asked.body.decode(), CANARY])
        return Told(422, said.encode(), {"X-Echo": asked.headers.get("authorization", CANARY)})

    erp.answer = echo
    caplog.set_level("WARNING")  # As `configure_logs` has it for libraries, at every level of ours.
    with (
        destination(tmp_path, settings(erp, KINDS[kind]), FILES) as world,
        pytest.raises(Permanent) as why,
    ):
        world.deliver()
    sent = str([(asked.path, asked.headers, asked.body) for asked in erp.asked])
    everything = f"{why.value!r} {why.value.__cause__} {world.exchanges} {caplog.text}"
    assert world.exchanges[-1].answer == "HTTP 422"
    for form in (CANARY, "c4n%26ry", json.dumps(CANARY)[1:-1], "t-canary-t", _base64()):
        assert form not in everything, form
    # The test would prove nothing if nothing secret was sent.
    assert any(
        form in sent for form in (CANARY, "c4n%26ry", "t-canary-t", "x-signature", _base64())
    )


def _base64() -> str:
    return base64.b64encode(f"us:{CANARY}".encode()).decode()


def test_a_server_asks_for_our_certificate_and_we_trust_its_authority(tmp_path: Path) -> None:
    home = tmp_path / "home"
    (home / "tls").mkdir(parents=True)
    theirs, ours = self_signed(tmp_path, "erp"), self_signed(tmp_path, "client")
    for name, file in (("authority.pem", theirs.pem), ("us.pem", ours.pem), ("us.key", ours.key)):
        (home / "tls" / name).write_bytes(file.read_bytes())
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(theirs.pem, theirs.key)
    context.load_verify_locations(ours.pem)
    context.verify_mode = ssl.CERT_REQUIRED
    with erp_server(context) as erp:
        tls = "tls: {authorities: tls/authority.pem, certificate: tls/us.pem, key: tls/us.key}"
        with destination(home, settings(erp, tls)) as world:
            assert world.deliver().reference == "HTTP 200"
        bare = "tls: {authorities: tls/authority.pem}"
        with destination(home, settings(erp, bare)) as world, pytest.raises(Transient):
            world.deliver()
    assert len(erp.asked) == 1
