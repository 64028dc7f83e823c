"""Reads the files of a running instance anew when they changed, and only takes what can run."""

from __future__ import annotations

import time
from pathlib import Path

import structlog

from gateway import app as composition
from gateway import config
from gateway.config import Instance
from gateway.config.watch import Watch
from gateway.errors import ConfigProblems, GatewayError
from gateway.pipeline.bugs import guarded

_LOOK_SECONDS = 2.0

log = structlog.get_logger()


class Reload:
    """Holds the configuration that is to take over from the one that runs."""

    def __init__(self, home: Path, *, look_every: float = _LOOK_SECONDS) -> None:
        self._home = home
        self._every = look_every
        self._watch = Watch(home)
        self._next_look = time.monotonic() + look_every
        self._waiting: Instance | None = None
        self._told: frozenset[str] = frozenset()
        self.taken = 0
        """How often a new configuration has taken over."""

    def due(self) -> bool:
        """Say whether a new configuration is there that can run; look for one now and then."""
        if self._waiting is None and time.monotonic() >= self._next_look:
            self._next_look = time.monotonic() + self._every
            if self._watch.changed():
                self._waiting = self._read()
        return self._waiting is not None

    def take(self) -> Instance | None:
        """Hand over the new configuration, or None where there is none."""
        instance, self._waiting = self._waiting, None
        self.taken += instance is not None
        return instance

    def _read(self) -> Instance | None:
        """Read the files as a whole and try what they say; tell each problem once."""
        try:
            instance = guarded(self._try, GatewayError)
        except ConfigProblems as fault:
            self._tell([str(problem) for problem in fault.problems])
        except GatewayError as fault:
            self._tell([str(fault)])
        else:
            if isinstance(instance, Instance):
                self._told = frozenset()
                log.info("configuration_read", reason="takes over when what is under way has ended")
                return instance
            self._tell([f"unexpected, and a bug: {instance.because}\n{instance.traceback}"])
        return None

    def _try(self) -> Instance:
        instance = config.load(self._home, checked_before=True)
        with composition.opened(instance) as app:
            app.prepare()
        return instance

    def _tell(self, problems: list[str]) -> None:
        for problem in problems:
            if problem not in self._told:
                log.warning("configuration_problem", problem=problem)
        log.warning("configuration_not_reloaded", reason="going on with the one before")
        self._told = frozenset(problems)
