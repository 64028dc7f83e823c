"""`gateway receiver`: plays the ERP of a new instance, until signalled."""

from __future__ import annotations

import signal
import threading
from contextlib import closing
from pathlib import Path
from typing import Annotated

import typer

from gateway.cli.init import DEFAULT_PORT
from gateway.cli.receiver import KeptDocument, Receiver
from gateway.cli.terminal import fail, remarks, results


def receiver(
    port: Annotated[int, typer.Option(min=0, max=65535, help="0 for any free one.")] = DEFAULT_PORT,
    token_file: Annotated[
        Path | None,
        typer.Option(help="File with the token that callers must show.", dir_okay=False),
    ] = None,
    fail_first: Annotated[
        int, typer.Option(min=0, help="Answer so many calls with 503 first.")
    ] = 0,
) -> None:
    """Take documents over HTTP on this machine and show each as it comes; keeps nothing on disk."""
    try:
        token = token_file.read_text(encoding="utf-8").strip() if token_file else ""
        erp = Receiver(port=port, fail_first=fail_first, token=token, on_call=_show)
    except (OSError, UnicodeDecodeError) as fault:
        fail(f"the receiver cannot start: {getattr(fault, 'strerror', None) or fault}")
    stopping = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda _number, _frame: stopping.set())
    erp.start()
    with closing(erp):
        remarks().print(f"listening at {erp.url}; Ctrl-C ends it")
        stopping.wait()


def _show(status: int, document: KeptDocument) -> None:
    results().print(f"{status}  {document.key}  {len(document.content)} bytes", markup=False)
