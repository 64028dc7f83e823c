"""What the log says, how loudly, and where it goes."""

from __future__ import annotations

import io
import logging
import sys
from contextlib import suppress
from typing import TextIO, cast

import structlog

from gateway.config.settings import Logging
from gateway.pipeline.ports import Event

_UNUSUAL = frozenset({"retry", "bury", "quarantine", "hold", "fail"})

_STEPS = frozenset(
    {"settle", "identify", "parse", "validate", "translate", "route", "claim", "hand_over"}
)
"""On the way from receiving to committing and from there to delivering, which lines tell of."""

log = structlog.get_logger()


class LogStream(io.TextIOBase):
    """Writes to a stream where it can: a gateway must not stop because of its log.

    The pipe may be closed, the disk full, the terminal gone. What is worth keeping is in the
    database; a line that cannot be written is dropped.
    """

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def isatty(self) -> bool:
        """Say whether a person reads the stream on a terminal."""
        with _unfailing():
            return self._stream.isatty()
        return False

    def write(self, text: str) -> int:
        """Write text, or drop it; say how long it is in both cases."""
        with _unfailing():
            self._stream.write(text)
        return len(text)

    def flush(self) -> None:
        """Write what the stream holds back, or leave it there."""
        with _unfailing():
            self._stream.flush()


def _unfailing() -> suppress:
    """Pass over what a stream says that cannot be written: ValueError, where it was closed here."""
    return suppress(OSError, ValueError)


def log_event(event: Event) -> None:
    """Write one line for one transition: a warning where something did not go its usual way."""
    if event.verb in _STEPS:
        write = log.debug
    elif event.verb in _UNUSUAL and event.details.get("outcome") != "parked":
        write = log.warning
    else:
        write = log.info
    write(event.name, id=event.id, **event.details)


def _naming(process: str) -> structlog.typing.Processor:
    """Return what adds the name of a process to a line."""

    def name(
        _logger: structlog.typing.WrappedLogger, _method: str, line: structlog.typing.EventDict
    ) -> structlog.typing.EventDict:
        line["process"] = process
        return line

    return name


def configure_logs(settings: Logging, *, process: str = "") -> None:
    """Write logs to standard error: for people on a terminal, JSON for machines.

    Every line names the process, where several of an instance write into one stream.
    """
    level = logging.getLevelNamesMapping()[settings.level.upper()]
    stream = cast(TextIO, LogStream(sys.stderr))
    renderer: structlog.typing.Processor = (
        structlog.processors.JSONRenderer()
        if settings.format == "json"
        else structlog.dev.ConsoleRenderer(colors=stream.isatty())
    )
    structlog.configure(
        processors=[
            *([_naming(process)] if process else []),
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(stream),
    )
    logging.basicConfig(level=logging.WARNING, stream=stream, format="%(message)s")
    # It calls every event an error that comes while it is being stopped.
    logging.getLogger("watchdog").setLevel(logging.CRITICAL)
