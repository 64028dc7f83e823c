"""`gateway run`: receives, reads, delivers and acknowledges until told to stop."""

from __future__ import annotations

import os
import sys
import threading
from pathlib import Path
from typing import Annotated

import structlog
import typer
from rich.markup import escape

from gateway import app as composition
from gateway import config
from gateway.app import App
from gateway.cli.logs import configure_logs, log_event
from gateway.cli.reload import Reload
from gateway.cli.signals import until_signalled
from gateway.cli.terminal import Home, remarks
from gateway.cli.workers import process_name, share_beside, worker_name, workers_of
from gateway.config import Instance
from gateway.pipeline.jobs import Share

_LOOK_SECONDS = 0.5

log = structlog.get_logger()


def run(
    home: Home = Path(),
    once: Annotated[bool, typer.Option("--once", help="Finish what is there, then exit.")] = False,
    jobs_only: Annotated[
        bool,
        typer.Option("--jobs-only", help="Receive nothing: help others with reading and sending."),
    ] = False,
    share: Annotated[
        Share, typer.Option(help="Which jobs to run, with --jobs-only.", show_default=True)
    ] = Share.ALL,
    worker: Annotated[
        int,
        typer.Option("--worker", help="Which worker of another process it is.", hidden=True),
    ] = 0,
) -> None:
    """Run an instance until it gets a signal (Ctrl-C, SIGTERM), or once over what is there.

    When its files change they are read anew; where something is wrong with them it says so and goes
    on as it was. With --once or --jobs-only it opens no port: it may run beside another process of
    the instance, on another machine too where they share a PostgreSQL database.
    """
    if once and jobs_only:
        raise typer.BadParameter("--once receives what is there, and --jobs-only receives nothing")
    if share != Share.ALL and not jobs_only:
        raise typer.BadParameter("--share parts jobs among processes with --jobs-only")
    stopping = threading.Event()
    if worker:
        # It ends when the process does whose worker it is.
        threading.Thread(target=_stop_at_end_of_input, args=(stopping,), daemon=True).start()
    # The files are looked at before they are read: what changes meanwhile is not overlooked.
    reload = Reload(home)
    instance: Instance | None = config.load(home, checked_before=True)
    with until_signalled(stopping):
        while instance is not None and not stopping.is_set():
            if not jobs_only:
                name = process_name(0 if once else instance.settings.workers)
            else:
                name = worker_name(worker, share)
            configure_logs(instance.settings.logging, process=name)
            with composition.opened(instance, observer=log_event) as app:
                if jobs_only:
                    _help(app, stopping, reload, share)
                else:
                    _run(app, stopping, reload, once=once)
            instance = reload.take()
    log.info("gateway_stopped")


def _run(app: App, stopping: threading.Event, reload: Reload, *, once: bool) -> None:
    """Receive, and run jobs, until told to stop, replaced, or with nothing left to do once."""
    workers = 0 if once else app.instance.settings.workers
    with app.running(reachable=not once, share=share_beside(workers)):
        _tell_started(app, reload)
        if once:
            for file in app.drain(stopping):
                left = escape(f"{file.partner}/{file.name}: {file.reason}")
                remarks().print(f"left for later: {left}")
            return
        with workers_of(app.instance.home, workers) as beside:

            def replaced() -> bool:
                beside.tend()
                return reload.due()

            app.receive_until(stopping, replaced)


def _help(app: App, stopping: threading.Event, reload: Reload, share: Share) -> None:
    """Run jobs alone until told to stop, or replaced."""
    with app.helping(share):
        _tell_started(app, reload)
        while not stopping.wait(_LOOK_SECONDS) and not reload.due():
            pass


def _tell_started(app: App, reload: Reload) -> None:
    log.info(
        "configuration_reloaded" if reload.taken else "gateway_started",
        home=str(app.instance.home),
        partners=len(app.instance.partners),
    )


def _stop_at_end_of_input(stopping: threading.Event) -> None:
    # Not by `sys.stdin`: a thread that waits in there would disturb the end of the program.
    while os.read(sys.stdin.fileno(), 1):
        pass
    stopping.set()
