"""The separators that a partner wants to receive."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, model_validator

from gateway.partners.fields import Settings, quoted
from gateway.x12.model import Delimiters


def _separator(character: str) -> str:
    if len(character) != 1 or character.isalnum() or character == " " or ord(character) > 255:
        raise ValueError(
            f"{quoted(character)} does not fit; "
            "expected one character that is neither a letter, a digit nor a blank"
        )
    return character


def _replacement(character: str) -> str:
    if len(character) != 1 or not character.isascii() or not character.isprintable():
        raise ValueError(f"{quoted(character)} does not fit; expected one printable character")
    return character


Character = Annotated[str, AfterValidator(_separator)]
"""A separator; YAML's double quotes take `"\\n"` and `"\\x85"`."""


class OutgoingDelimiters(Settings):
    """The separators that this partner wants to receive."""

    element: Character = "*"
    """Element separator."""
    component: Character = ">"
    """Component separator (ISA16)."""
    repetition: Character | None = None
    """Repetition separator (ISA11); versions before 004020 have none."""
    terminator: Character = "~"
    """Segment terminator."""
    line_end: Literal["none", "lf", "crlf"] = "none"
    """What follows each segment terminator."""
    replacement: Annotated[str, AfterValidator(_replacement)] | None = None
    """What a separator becomes that stands within a value of ours, such as a blank or `-`; the
    document waits for a person if left out."""

    @model_validator(mode="after")
    def _distinct(self) -> OutgoingDelimiters:
        taken = [self.element, self.component, self.terminator]
        if self.repetition is not None:
            taken.append(self.repetition)
        if len(set(taken)) < len(taken):
            raise ValueError("two separators are the same character; a reader could not tell them")
        if self.replacement in taken:
            raise ValueError("'replacement' is a separator itself; expected another character")
        return self

    def delimiters(self) -> Delimiters:
        """Return the value that the writer takes."""
        return Delimiters(
            self.element,
            self.component,
            self.repetition,
            self.terminator,
            {"none": "", "lf": "\n", "crlf": "\r\n"}[self.line_end],
        )
