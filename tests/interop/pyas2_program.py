"""A partner's AS2 system: django-pyas2, in an environment of its own. Run as a program.

    pyas2_program.py CONFIG

CONFIG is JSON: `folder`, `port`, `name` and `key` of the partner, `gateway` with our name,
address and certificate. It serves AS2 on the port and does what lines of JSON on its standard input
ask for, each answered by a line of JSON.
"""

import json
import sys
from importlib import import_module
from pathlib import Path
from socketserver import ThreadingMixIn
from threading import Thread
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server


class Threaded(ThreadingMixIn, WSGIServer):
    """Answers each call in a thread of its own: a call may wait for one of ours."""

    daemon_threads = True


class Quiet(WSGIRequestHandler):
    """Logs nothing."""

    def log_message(self, *_: object) -> None:
        """Say nothing."""


def configure(config: dict[str, Any]) -> None:
    """Set Django up with a database of its own, and make the tables."""
    folder = Path(config["folder"])
    folder.mkdir(parents=True)
    import_module("django.conf").settings.configure(
        SECRET_KEY="test",
        ALLOWED_HOSTS=["*"],
        ROOT_URLCONF="pyas2.urls",
        INSTALLED_APPS=[
            "django.contrib.contenttypes",
            "django.contrib.auth",
            "django.contrib.sessions",
            "django.contrib.messages",
            "django.contrib.admin",
            "pyas2",
        ],
        DATABASES={
            "default": {
                "ENGINE": "django.db.backends.sqlite3",
                "NAME": str(folder / "db.sqlite3"),
                # Two calls at once wait for each other.
                "OPTIONS": {"timeout": 30, "transaction_mode": "IMMEDIATE"},
            }
        },
        TEMPLATES=[],
        MEDIA_ROOT=str(folder),
        USE_TZ=True,
        DEFAULT_AUTO_FIELD="django.db.models.AutoField",
        DATA_UPLOAD_MAX_MEMORY_SIZE=None,
        # Without a DATA_DIR of its own, which the Django of today takes for an escape.
        PYAS2={"MDN_URL": f"http://127.0.0.1:{config['port']}/as2receive"},
    )
    import_module("django").setup()
    import_module("django.core.management").call_command("migrate", verbosity=0)


def make_parties(config: dict[str, Any], models: Any) -> None:
    """Write who the partner is, and what it knows of us."""
    key = models.PrivateKey.objects.create(
        name="key", key=config["key"].encode(), key_pass=config["passphrase"]
    )
    models.Organization.objects.create(
        name="them", as2_name=config["name"], encryption_key=key, signature_key=key
    )
    ours = models.PublicCertificate.objects.create(
        name="ours", certificate=config["gateway"]["certificate"].encode(), verify_cert=False
    )
    models.Partner.objects.create(
        name="us",
        as2_name=config["gateway"]["name"],
        target_url=config["gateway"]["url"],
        encryption_cert=ours,
        signature_cert=ours,
        content_type="application/EDI-X12",
    )


def serve(port: int) -> None:
    """Begin to answer AS2."""
    application = import_module("django.core.wsgi").get_wsgi_application()
    server = make_server("127.0.0.1", port, application, server_class=Threaded, handler_class=Quiet)
    Thread(target=server.serve_forever, daemon=True).start()


class Orders:
    """What the test can have done."""

    def __init__(self, config: dict[str, Any], models: Any) -> None:
        self._config = config
        self._models = models

    def agree(self, **fields: Any) -> None:
        """Change what the partner has agreed with us."""
        self._models.Partner.objects.update(**fields)

    def send(self, payload: str) -> dict[str, Any]:
        """Send a payload to us; say what became of it."""
        # It reads files below its own folder only.
        file = Path(self._config["folder"]) / "out.edi"
        file.write_bytes(payload.encode("latin-1"))
        import_module("django.core.management").call_command(
            "sendas2message", self._config["name"], self._config["gateway"]["name"], str(file)
        )
        return self.messages()[-1]

    def mdns_due(self) -> int:
        """Count the asynchronous MDNs that are written whole and not posted yet."""
        pending = self._models.Mdn.objects.filter(status="P")
        return sum(bool(one.payload) for one in pending)

    def post_mdns(self) -> None:
        """Post the asynchronous MDNs that are due."""
        out = (Path(self._config["folder"]) / "mdns.log").open("a")
        import_module("django.core.management").call_command(
            "manageas2server", async_mdns=True, stdout=out
        )

    def messages(self) -> list[dict[str, Any]]:
        """Return every message, oldest first."""
        return [self._shown(one) for one in self._models.Message.objects.order_by("id")]

    def _shown(self, message: Any) -> dict[str, Any]:
        payload = bytes(message.payload.read()) if message.payload else b""
        message.payload.close()
        names = ("id", "message_id", "direction", "status", "detailed_status")
        flags = ("signed", "encrypted", "compressed")
        shown = {name: getattr(message, name) for name in (*names, *flags)}
        return {**shown, "payload": payload.decode("latin-1")}


def main(path: str) -> None:
    config: dict[str, Any] = json.loads(Path(path).read_text())
    configure(config)
    models = import_module("pyas2.models")
    make_parties(config, models)
    serve(config["port"])
    orders = Orders(config, models)
    out, sys.stdout = sys.stdout, sys.stderr  # Django prints
    print(json.dumps("ready"), file=out, flush=True)
    for line in sys.stdin:
        verb, arguments = json.loads(line)
        answer = getattr(orders, verb)(**arguments)
        print(json.dumps(answer), file=out, flush=True)


if __name__ == "__main__":
    main(sys.argv[1])
