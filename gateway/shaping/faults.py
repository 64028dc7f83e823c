"""What can go wrong: a text that cannot be compiled, a document that cannot be shaped.

GatewayError
├── NotCompiled   our template, expression, stylesheet or schema is wrong: operator
└── NotShaped     it is right, and this document does not go through it: operator
"""

from __future__ import annotations

from gateway.errors import GatewayError


class NotCompiled(GatewayError):
    """A template, expression, stylesheet or schema cannot be used."""

    def __init__(self, message: str | None = None, *, line: int = 1, column: int = 1) -> None:
        super().__init__(message)
        self.line = line
        """In the text that was compiled, from one."""
        self.column = column


class NotShaped(GatewayError):
    """A document cannot be brought into the shape that is asked for."""
