"""Codes of others' lists and accounts of others' books: documents carry them as they are."""

from __future__ import annotations

from typing import Required

from pydantic import with_config
from typing_extensions import TypedDict

from gateway.canonical.values import CLOSED, Code, Text


@with_config(CLOSED)
class ListedCode(TypedDict, total=False):
    """One code of somebody's list."""

    list: Code
    """Which list it is from, as the partner's code."""
    code: Text
    """The code."""


@with_config(CLOSED)
class Classification(TypedDict, total=False):
    """Codes of lists that one agency keeps."""

    agency: Required[Code]
    """Who keeps the lists, as the partner's code."""
    scope: Text
    """Which part of that agency's lists."""
    codes: list[ListedCode]
    """The codes."""


@with_config(CLOSED)
class AccountPart(TypedDict, total=False):
    """One part of an account's number."""

    type: Required[Code]
    """What the part is, such as the cost centre: the partner's code."""
    value: Required[Text]
    """The part."""


@with_config(CLOSED)
class Account(TypedDict, total=False):
    """Where something is booked."""

    agency: Required[Code]
    """Who defines the account, as the partner's code."""
    charge_code: Code
    """What is booked, as the partner's code."""
    charge_kind: Code
    """charge or allowance."""
    parts: list[AccountPart]
    """The account, part by part."""
