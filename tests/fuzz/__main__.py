"""Fuzzes for as long as one likes: `python -m tests.fuzz --minutes 60 [TARGET …]`.

With atheris installed (`pip install atheris`, in an environment of its own) it is guided by what
code each payload reaches, and keeps those that reach new code in the folder `--corpus`, to go on
from the next time; without it, payloads are spoiled at random from `--seed` onwards. What a target
does not stand is made small and written to `--found`: mend it, then put the file into
`tests/fuzz/found`, where the test suite takes it up.
"""

from __future__ import annotations

import argparse
import hashlib
import random
import sys
import time
import traceback
from collections.abc import Callable, Mapping
from contextlib import nullcontext
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

_LARGEST = 20_000
"""Bytes of a payload: larger ones are slow, and find nothing more."""
_GUIDING = ["gateway.x12", "gateway.mapping", "gateway.acks"]
"""Packages whose branches count as reached; all others would only make it slower."""

Target = Callable[[bytes], None]


def main() -> None:
    """Fuzz until the time is up; exit 1 where something was found."""
    arguments = _arguments()
    guide = import_module("atheris") if find_spec("atheris") is not None else None
    known = _targets(guide)
    if unknown := [name for name in arguments.targets if name not in known]:
        sys.exit(f"there is no target {', '.join(unknown)}; expected some of: {', '.join(known)}")
    targets = {name: known[name] for name in arguments.targets or known}
    arguments.found.mkdir(parents=True, exist_ok=True)
    finder = Finder(targets, arguments.found)
    if guide is not None:
        _guided(guide, finder, arguments)  # ends the process itself
    _at_random(finder, arguments)
    print(f"{finder.tried:,} payloads, {len(finder.seen)} faults")
    sys.exit(1 if finder.seen else 0)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("targets", nargs="*", metavar="TARGET")
    parser.add_argument("--minutes", type=float, default=1.0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--corpus", type=Path, default=Path("fuzz-corpus"))
    parser.add_argument("--found", type=Path, default=Path("fuzz-found"))
    return parser.parse_args()


def _targets(guide: Any) -> Mapping[str, Target]:
    """Import what is fuzzed; a guide has to see it being imported."""
    with guide.instrument_imports(include=_GUIDING) if guide is not None else nullcontext():
        return import_module("tests.fuzz.targets").TARGETS


class Finder:
    """Puts payloads through targets, and writes down each kind of fault once."""

    def __init__(self, targets: Mapping[str, Target], folder: Path) -> None:
        self.seen: set[tuple[object, ...]] = set()
        self.tried = 0
        self._targets = targets
        self._folder = folder

    def take(self, payload: bytes) -> None:
        """Put a payload through every target."""
        self.tried += 1
        if len(payload) > _LARGEST:
            return
        for name, target in self._targets.items():
            fault = _fault(target, payload)
            if fault is not None and (name, *fault) not in self.seen:
                self.seen.add((name, *fault))
                small = reduced(payload, lambda one: _fault(target, one) == fault)  # noqa: B023 - called at once
                path = self._folder / f"{name}-{hashlib.sha256(small).hexdigest()[:12]}.x12"
                path.write_bytes(small)
                print(f"{path}: {fault}", flush=True)


def _fault(target: Target, payload: bytes) -> tuple[object, ...] | None:
    """Return what kind of fault a payload gives, and where; None where it gives none."""
    try:
        target(payload)
    except Exception as fault:  # noqa: BLE001 - whatever it is, it is what is looked for
        last = traceback.extract_tb(fault.__traceback__)[-1]
        return type(fault).__name__, Path(last.filename).name, last.lineno
    return None


def reduced(payload: bytes, fails: Callable[[bytes], bool]) -> bytes:
    """Take segments, then bytes, out of a payload for as long as it fails in the same way."""
    for cut in (_without_segments, _without_bytes):
        size = 64
        while size:
            at = 0
            while (smaller := cut(payload, at, size)) is not None:
                if fails(smaller):
                    payload = smaller
                else:
                    at += size
            size //= 2
    return payload


def _without_segments(payload: bytes, at: int, size: int) -> bytes | None:
    end = payload[105:106] or b"~"
    segments = payload.split(end)
    return end.join(segments[:at] + segments[at + size :]) if at < len(segments) else None


def _without_bytes(payload: bytes, at: int, size: int) -> bytes | None:
    return payload[:at] + payload[at + size :] if at < len(payload) else None


def _at_random(finder: Finder, arguments: argparse.Namespace) -> None:
    from tests.fuzz.mutate import seeds, spoiled

    end = time.monotonic() + arguments.minutes * 60
    number = arguments.seed * 1_000_000_000
    while time.monotonic() < end:
        number += 1
        chance = random.Random(number)
        finder.take(spoiled(chance, chance.choice(seeds())))


def _guided(guide: Any, finder: Finder, arguments: argparse.Namespace) -> None:
    """Let atheris choose; it mutates as we do, and keeps what reaches new code."""
    from tests.fuzz.mutate import seeds, spoiled

    def mutated(payload: bytes, largest: int, seed: int) -> bytes:
        return spoiled(random.Random(seed), payload)[: min(largest, _LARGEST)]

    arguments.corpus.mkdir(parents=True, exist_ok=True)
    for one in seeds():
        (arguments.corpus / f"{hashlib.sha256(one).hexdigest()[:16]}.x12").write_bytes(one)
    options = [
        sys.argv[0],
        f"-max_total_time={int(arguments.minutes * 60)}",
        f"-seed={arguments.seed}",
        f"-max_len={_LARGEST}",
        "-timeout=1200",
        "-rss_limit_mb=4096",
        f"-artifact_prefix={arguments.found}/",
        str(arguments.corpus),
    ]
    guide.Setup(options, finder.take, custom_mutator=mutated)
    guide.Fuzz()


if __name__ == "__main__":
    main()
