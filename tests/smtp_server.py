"""A mail server for tests: it takes messages on a port of this machine, or refuses them."""

from __future__ import annotations

import socketserver
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage


@dataclass
class Mailbox:
    """What came, and how the server answers."""

    port: int = 0
    messages: list[EmailMessage] = field(default_factory=list)
    recipients: list[list[str]] = field(default_factory=list)
    answers: Mapping[str, str] = field(default_factory=dict)
    """By a command, such as `RCPT`, what is answered instead of yes."""


class _Session(socketserver.StreamRequestHandler):
    """One connection."""

    server: _Server

    def handle(self) -> None:
        box, recipients = self.server.box, []
        self.say("220 mail.example")
        for line in self.rfile:
            command, _, rest = line.decode().strip().partition(" ")
            verb = command.upper()
            if verb == "RCPT":
                recipients.append(rest.partition("<")[2].partition(">")[0])
            if verb == "DATA" and verb not in box.answers:
                self.say("354 go on")
                content = b"".join(iter(self.rfile.readline, b".\r\n"))
                box.messages.append(message_from_bytes(content, policy=policy.default))
                box.recipients.append(recipients)
            self.say(box.answers.get(verb, "221 bye" if verb == "QUIT" else "250 fine"))
            if verb == "QUIT":
                return

    def say(self, line: str) -> None:
        self.wfile.write(f"{line}\r\n".encode())


class _Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    allow_reuse_address = True

    def __init__(self, box: Mailbox) -> None:
        super().__init__(("127.0.0.1", 0), _Session)
        self.box = box


@contextmanager
def mail_server(**answers: str) -> Iterator[Mailbox]:
    """Run a server until the block ends."""
    box = Mailbox(answers=answers)
    with _Server(box) as server:
        box.port = server.server_address[1]
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        try:
            yield box
        finally:
            server.shutdown()
            thread.join()
