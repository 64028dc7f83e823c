"""A NATS server with JetStream for tests, from the binary that a package brings."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import nats

from tests.interop.environments import free_port

PASSWORD = "canary-of-nats"


@dataclass
class NatsServer:
    """The server, and what its stream holds."""

    port: int
    folder: Path
    process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"nats://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Start it, with what its folder holds; wait until it answers."""
        program = Path(sys.executable).parent / "nats-server"
        self.process = subprocess.Popen(
            [program, "-js", "-a", "127.0.0.1", "-p", str(self.port), "-sd", self.folder,
             "--user", "us", "--pass", PASSWORD],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip

    def stop(self) -> None:
        """Kill it."""
        assert self.process is not None
        self.process.kill()
        self.process.wait()

    def messages(self) -> list[tuple[str, dict[str, str], bytes]]:
        """Return subject, headers and body of what the stream holds."""
        return asyncio.run(self._messages())

    def make_stream(self) -> None:
        """Make the stream that takes `documents.*`."""
        asyncio.run(self._make_stream())

    async def _connected(self) -> nats.NATS:
        return await nats.connect(
            self.url, user="us", password=PASSWORD, max_reconnect_attempts=200,
            reconnect_time_wait=0.05,
        )  # fmt: skip

    async def _make_stream(self) -> None:
        client = await self._connected()
        await client.jetstream().add_stream(name="EDI", subjects=["documents.>"])
        await client.close()

    async def _messages(self) -> list[tuple[str, dict[str, str], bytes]]:
        client = await self._connected()
        stream = client.jetstream()
        count = (await stream.stream_info("EDI")).state.messages
        found = [await stream.get_msg("EDI", seq) for seq in range(1, count + 1)]
        await client.close()
        return [(one.subject or "", one.headers or {}, one.data or b"") for one in found]


@contextmanager
def nats_server(folder: Path) -> Iterator[NatsServer]:
    """Run a server with its stream until the block ends."""
    server = NatsServer(free_port(), folder)
    server.start()
    try:
        server.make_stream()
        yield server
    finally:
        server.stop()
