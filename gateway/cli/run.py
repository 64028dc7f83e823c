"""`gateway run`: receives, reads, delivers and acknowledges until told to stop."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Annotated

import structlog
import typer
from rich.markup import escape

from gateway import app as composition
from gateway import config
from gateway.cli.logs import configure_logs, log_event
from gateway.cli.reload import Reload
from gateway.cli.terminal import Home, remarks
from gateway.config import Instance

log = structlog.get_logger()


def run(
    home: Home = Path(),
    once: Annotated[bool, typer.Option("--once", help="Finish what is there, then exit.")] = False,
) -> None:
    """Run an instance until it gets a signal (Ctrl-C, SIGTERM), or once over what is there.

    When its files change they are read anew; where something is wrong with them it says so and goes
    on as it was. With --once it opens no port: it may run beside another process of the instance.
    """
    stopping = threading.Event()
    # The files are looked at before they are read: what changes meanwhile is not overlooked.
    reload = Reload(home)
    instance: Instance | None = config.load(home)
    left: list[str] = []
    with _until_signalled(stopping):
        while instance is not None and not stopping.is_set():
            configure_logs(instance.settings.logging)
            with (
                composition.opened(instance, observer=log_event) as app,
                app.running(reachable=not once),
            ):
                log.info(
                    "configuration_reloaded" if reload.taken else "gateway_started",
                    home=str(instance.home),
                    partners=len(instance.partners),
                )
                if once:
                    left = [
                        f"{file.partner}/{file.name}: {file.reason}" for file in app.drain(stopping)
                    ]
                else:
                    app.receive_until(stopping, reload.due)
            instance = reload.take()
    for file in left:
        remarks().print(f"left for later: {escape(file)}")
    log.info("gateway_stopped")


@contextmanager
def _until_signalled(stopping: threading.Event) -> Iterator[None]:
    """Set the event at SIGTERM and SIGINT; what is under way comes to its end."""

    def stop(_number: int, _frame: FrameType | None) -> None:
        stopping.set()

    before = {number: signal.signal(number, stop) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
