"""How a count reads in a sentence, wherever one is said: at the prompt, in an alert."""

from __future__ import annotations


def counted(number: int, noun: str, plural: str = "") -> str:
    """Return `1 set`, `1,204 sets`; name the plural of a noun that takes more than an s."""
    return f"{number:,} {noun if number == 1 else plural or f'{noun}s'}"


def with_article(noun: str) -> str:
    """Return `a shipment order`, `an order`."""
    return f"{'an' if noun[:1] in 'aeio' else 'a'} {noun}"
