"""When Python looks for reference cycles while an instance runs.

Configuration, compiled maps and schemas are some hundred thousand objects that live as long as the
program, and every transaction set makes thousands that die with it, none of them in a cycle. By
default Python searches for cycles after every 700 new objects, and from time to time through all:
an eighth of the time of an inbound document went into searches that found nothing.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager

_NEW_OBJECTS = 50_000
"""Before a search among the new ones: more than a large set makes, a few megabytes at most."""
_SEARCHES = (50, 100)
"""Before a search among those that survived once, and among all."""


@contextmanager
def rare_collections() -> Iterator[None]:
    """Set aside what is there for good, and look for cycles among the rest less often.

    Where somebody set aside before, what they did stands: it cannot be told from ours afterwards,
    and each search would look through all of theirs again.
    """
    before = gc.get_threshold()
    set_aside = not gc.get_freeze_count()
    gc.collect()
    if set_aside:
        gc.freeze()
    gc.set_threshold(_NEW_OBJECTS, *_SEARCHES)
    try:
        yield
    finally:
        gc.set_threshold(*before)
        if set_aside:
            gc.unfreeze()
