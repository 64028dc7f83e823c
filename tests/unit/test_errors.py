"""What exceptions say to people: never nothing, and never only what the class is called."""

from __future__ import annotations

import ssl

import httpx
import pytest
from botocore.exceptions import EndpointConnectionError

from gateway.errors import first_line, spoken


def _from(fault: Exception, cause: Exception) -> Exception:
    fault.__cause__ = cause
    return fault


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        (OSError(28, "No space left on device"), "No space left on device"),
        (OSError("the disk is full"), "the disk is full"),
        (EOFError(), "the connection was lost"),
        (ConnectionResetError(), "the connection was lost"),
        (ConnectionRefusedError(), "nobody answers there"),
        (TimeoutError(), "no answer in time"),
        (TimeoutError("timed out"), "no answer in time"),
        (PermissionError(), "not allowed"),
        (FileNotFoundError(), "it is not there"),
        (OSError(), "no reason was given (OSError)"),
        (ssl.SSLError(), "no reason was given (SSLError)"),
        (httpx.ReadError("ReadError"), "no reason was given (ReadError)"),
        (_from(httpx.ConnectError(""), ConnectionRefusedError()), "nobody answers there"),
        (_from(OSError(""), ValueError("a digit is missing")), "a digit is missing"),
    ],
    ids=lambda value: value if isinstance(value, str) else type(value).__name__,
)
def test_an_exception_speaks_in_words(fault: Exception, words: str) -> None:
    assert spoken(fault) == words
    assert first_line(fault) == words


def test_a_chain_without_end_is_not_followed_for_ever() -> None:
    fault = OSError()
    fault.__cause__ = fault
    assert spoken(fault) == "no reason was given (OSError)"


def test_what_a_library_says_itself_is_kept() -> None:
    fault = EndpointConnectionError(endpoint_url="https://s3.partner.example")
    expected = 'Could not connect to the endpoint URL: "https://s3.partner.example"'
    assert spoken(fault) == expected
