"""File names as people are shown them, and as the ledger keeps them."""

from __future__ import annotations

import os


def printable(name: str) -> str:
    """Return a file name as it can be shown and stored: no control characters, no stray bytes."""
    text = os.fsencode(name).decode("utf-8", "backslashreplace")
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)
