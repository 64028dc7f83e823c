"""Whose fault is it, and who must act: the exceptions of the whole program.

    GatewayError
    ├── InterchangeUnreadable    the payload holds nothing to be read as X12: partner or operator
    ├── ConfigProblems           our configuration is wrong, all problems at once: operator
    ├── RemoteProtocolError      the partner broke a protocol: partner, through MDN or HTTP
    ├── LocalProtocolError       we broke a protocol: us
    ├── Transient                the world is briefly unwell: a worker tries again
    └── Permanent                the world says no for good: operator
        └── Refused              it says no to this document: operator, or the partner

A fault in a partner's data is none of these: it is a `gateway.findings.Finding`, a value. Any other
exception is a bug and ends in quarantine. A class's docstring is its default message.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

_NUMBER = re.compile(r"\[Errno -?\d+\] ")

_DEEPEST = 8
"""So many exceptions are asked, each the cause of the one before."""

_NOTHING = ("", "()")
"""What exceptions without words are as text; the latter, those of TLS."""

_SILENT: Mapping[type[BaseException], str] = {
    TimeoutError: "no answer in time",
    ConnectionRefusedError: "nobody answers there",
    ConnectionError: "the connection was lost",
    EOFError: "the connection was lost",
    PermissionError: "not allowed",
    FileNotFoundError: "it is not there",
}
"""What exceptions mean that say nothing; the more exact kinds first."""


class GatewayError(Exception):
    """The gateway could not do what it was asked to."""

    def __init__(self, message: str | None = None) -> None:
        super().__init__(message or self.__class__.__doc__ or "")


class InterchangeUnreadable(GatewayError):
    """The payload holds no interchange that can be read: no ISA segment was found."""

    def __init__(self, message: str | None = None, *, offset: int = 0) -> None:
        super().__init__(message)
        self.offset = offset


@dataclass(frozen=True, slots=True)
class Problem:
    """One fault in a configuration file, placed as editors place it (line and column from one)."""

    file: str
    line: int
    column: int
    path: str
    """Where in the file's structure, such as `lines[].quantity`; empty for the file itself."""
    message: str
    """What is wrong, what was expected, and the nearest right spelling where there is one."""

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}:{self.column}"
        return f"{place}: {self.path}: {self.message}" if self.path else f"{place}: {self.message}"


class ConfigProblems(GatewayError):
    """The configuration has problems."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(
            sorted(problems, key=lambda problem: (problem.file, problem.line, problem.column))
        )
        super().__init__("\n".join(str(problem) for problem in self.problems))


class RemoteProtocolError(GatewayError):
    """The partner's system broke the protocol."""

    def __init__(self, message: str | None = None, *, disposition: str = "") -> None:
        super().__init__(message)
        self.disposition = disposition


class LocalProtocolError(GatewayError):
    """This system broke the protocol."""


class Transient(GatewayError):
    """The other side is briefly unwell; the same call may succeed later."""

    def __init__(self, message: str | None = None, *, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class Permanent(GatewayError):
    """The other side refuses for good; a person must act."""


class Refused(Permanent):
    """The other side refuses what it was given, for what it says: a matter of business."""


def spoken(fault: BaseException) -> str:
    """Return in words what an exception says, without the system's error numbers.

    Many say nothing, or only what they are called: then their kind is put into words, and where
    that says nothing either, what they stem from speaks for them.
    """
    one: BaseException | None = fault
    for _ in range(_DEEPEST):
        if one is None:
            break
        text = _NUMBER.sub("", str(one)).strip()
        # Of a time that is over each library has words of its own, which say no more.
        if (
            text not in _NOTHING
            and text != type(one).__name__
            and not isinstance(one, TimeoutError)
        ):
            return text
        for kind, words in _SILENT.items():
            if isinstance(one, kind):
                return words
        one = one.__cause__ or one.__context__
    return f"no reason was given ({type(fault).__name__})"


def first_line(fault: BaseException) -> str:
    """Return the first line of what an exception says, as it can be shown and stored.

    What other systems name may be no text: a file name of stray bytes for example.
    """
    return storable(next(iter(spoken(fault).splitlines())))


def storable(text: str) -> str:
    """Return somebody's text as every database takes it: no NUL, no half of a character."""
    if text.isascii():
        return text.replace("\0", "")
    return text.encode("utf-8", "backslashreplace").decode().replace("\0", "")
