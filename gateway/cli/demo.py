"""`gateway demo`: the main job in front of your eyes, on a temporary instance.

The samples of three fictional partners are dropped into their inboxes, sound ones and faulty ones;
a small ERP on this machine is closed at first, so that a retry can be seen; acknowledgments go
back, and an order of our own goes out.
"""

from __future__ import annotations

import shutil
import tempfile
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated

import orjson
import typer
from rich.console import Console
from rich.markup import escape

from gateway import app as composition
from gateway import resources
from gateway.app import App
from gateway.cli.demo_report import print_report
from gateway.cli.init import write_instance
from gateway.cli.logs import configure_logs
from gateway.cli.receiver import Receiver
from gateway.cli.terminal import ExitCode, fail, results
from gateway.clock import utc_now
from gateway.config.settings import Logging
from gateway.pipeline.outbound.keeping import Submission
from gateway.pipeline.ports import Event
from gateway.pipeline.views import DocumentFilter

REFUSALS = 2
"""Calls that the ERP answers with 503 before it opens."""

_PATIENCE = 120.0
"""Seconds after which something is wrong with this machine, and the demo says what it has."""

_SENDERS = {"base": "tidewater-supply"}
"""Samples that are not in their sender's folder: these keep to the standard."""


@dataclass(slots=True)
class _Seen:
    """Counts transitions as they happen, on whichever thread."""

    counts: Counter[str] = field(default_factory=Counter)
    changed: threading.Event = field(default_factory=threading.Event)

    def observe(self, event: Event) -> None:
        self.counts[event.name] += 1
        self.changed.set()


def demo(
    directory: Annotated[
        Path | None,
        typer.Option("--dir", help="Make the instance here and not in a temporary folder."),
    ] = None,
) -> None:
    """Run real X12 through every stage, and show what became of it."""
    home = directory or Path(tempfile.mkdtemp(prefix="gateway-demo-")) / "instance"
    if home.exists():
        fail(f"{home} is there already")
    configure_logs(Logging(level="error"))
    console = results()
    console.print("[bold]EDI gateway demo[/]: X12 in, canonical JSON out, acknowledgments back\n")
    receiver = Receiver(fail_first=REFUSALS)
    receiver.start()
    with closing(receiver):
        write_instance(home, port=receiver.port, stable_for="200ms")
        receiver.token = (home / "secrets" / "erp-token").read_text(encoding="ascii").strip()
        finished = _run(home, receiver, console)
    raise typer.Exit(ExitCode.FINE if finished else ExitCode.FINDINGS)


def _run(home: Path, receiver: Receiver, console: Console) -> bool:
    """Drop the samples, wait until everything is done, report; say whether it all was."""
    seen = _Seen()
    with composition.open_instance(home, observer=seen.observe) as app:
        console.print(f"  instance      {escape(str(home))}")
        console.print(f"  ERP           {receiver.url}, closed for its first {REFUSALS} calls")
        dropped = _drop_samples(app)
        console.print(f"  dropped       {dropped} files into sftp_inbox/*/in")
        sent = _submit_samples(app)
        console.print(f"  submitted     {sent} document for northstar-3pl\n")
        with app.running(), _receiving(app):
            finished = _wait(app, seen, dropped, console)
        print_report(app, receiver, console)
    if not finished:
        console.print(f"[red]Not everything was done within {_PATIENCE:g} seconds.[/]")
    return finished


def _drop_samples(app: App) -> int:
    """Copy each partner's samples into its inbox, under a temporary name first."""
    dropped = 0
    for folder in sorted(resources.directory("samples").iterdir()):
        partner = app.instance.partners.get(_SENDERS.get(folder.name, folder.name))
        if partner is None:
            continue
        inbox = app.instance.inbound_folder(partner)
        for sample in _payloads(folder):
            temporary = inbox / f"{sample.name}.part"
            shutil.copyfile(sample, temporary)
            temporary.rename(inbox / sample.name)
            dropped += 1
    return dropped


def _submit_samples(app: App) -> int:
    """Submit what goes out to partners, as an ERP would; return how many."""
    samples = sorted((resources.directory("samples") / "outbound").glob("*/*.json"))
    for sample in samples:
        document = orjson.loads(sample.read_bytes())
        submission = Submission(document, sample.parent.name, key=sample.stem, name=sample.name)
        app.pipeline.submit(submission)
    return len(samples)


def _payloads(folder: Path) -> list[Path]:
    """Return the samples themselves: `a.edi`, not the acknowledgment beside it, `a.997.edi`."""
    return [path for path in sorted(folder.glob("*.edi")) if "." not in path.stem]


@contextmanager
def _receiving(app: App) -> Iterator[None]:
    stopping = threading.Event()
    thread = threading.Thread(target=app.receive_until, args=[stopping], name="receive")
    thread.start()
    try:
        yield
    finally:
        stopping.set()
        app.inbound.interrupt()
        thread.join()


def _wait(app: App, seen: _Seen, dropped: int, console: Console) -> bool:
    """Show progress until nothing is pending; give up when patience ends."""
    started = utc_now()
    with console.status("receiving") as status:
        while (utc_now() - started).total_seconds() < _PATIENCE:
            seen.changed.clear()
            status.update(_progress(seen, dropped))
            if seen.counts["payload.receive"] >= dropped and _done(app):
                break
            seen.changed.wait(0.2)
        else:
            return False
    console.print(f"  {_progress(seen, dropped)}\n")
    return True


def _progress(seen: _Seen, dropped: int) -> str:
    counts = seen.counts
    return (
        f"received {counts['payload.receive']}/{dropped}, "
        f"validated {counts['interchange.validate']}, "
        f"delivered {counts['delivery.deliver']} ({counts['delivery.retry']} retries), "
        f"sent to partners {counts['outgoing.send']}"
    )


def _done(app: App) -> bool:
    if any(app.desk.backlog(utc_now()).values()):
        return False
    # What went to a partner waits for the partner's acknowledgment: nobody sends one here.
    pending = (
        DocumentFilter(delivery="pending", limit=1),
        DocumentFilter(acknowledgment="pending", direction="in", limit=1),
    )
    return not any(app.desk.documents(wanted) for wanted in pending)
