"""Where bugs end: what nobody expected becomes a value, and stops nothing but what it happened to.

Nobody can list what a bug raises, so everything is caught here; whoever is guarded decides what
becomes of it: an attempt that failed, a line in the log.
"""

from __future__ import annotations

import traceback
from collections.abc import Callable
from typing import TypeVar

from gateway.errors import storable
from gateway.pipeline.outcome import Quarantine, Reason

Given = TypeVar("Given")


def bug(fault: Exception) -> Quarantine:
    """Return the quarantine that an unexpected exception becomes, its traceback in the record."""
    text = storable("".join(traceback.format_exception(fault)))
    return Quarantine(Reason.BUG, storable(f"{type(fault).__name__}: {fault}"), text)


def guarded(work: Callable[[], Given], *expected: type[Exception]) -> Given | Quarantine:
    """Return what the work returns, or the bug that ended it; what is expected goes on."""
    try:
        return work()
    except expected:
        raise
    except Exception as fault:  # noqa: BLE001 - see above
        return bug(fault)
