"""Each page of a transport has every option of its settings, with its default and a reason.

The page of AS2, which says some of it in words, has a test of its own.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
from pydantic import BaseModel
from pydantic.fields import FieldInfo

from gateway.config.server import SftpServer
from gateway.partners.connections import (
    FtpsConnection,
    HttpConnection,
    PickUp,
    S3Connection,
    Send,
    SftpConnection,
)
from gateway.partners.drop_box import DropBox
from gateway.partners.kinds import written_duration

TRANSPORTS = Path(__file__).parents[2] / "docs" / "transports"


@dataclass(frozen=True)
class Option:
    """A row of a table, for one of the options that it names."""

    default: str
    reason: str


TABLES: list[tuple[str, str, str, type[BaseModel]]] = [
    ("sftp.md", "## Options of the connection", "", SftpConnection),
    ("sftp.md", "## Options of `pick_up`", "", PickUp),
    ("sftp.md", "## Options of `send`", "", Send),
    ("ftps.md", "# FTP over TLS", "", FtpsConnection),
    ("s3.md", "# Buckets", "", S3Connection),
    ("http.md", "## The other way", "", HttpConnection),
    ("drop-box.md", "## Set it up", "sftp_server.", SftpServer),
    ("drop-box.md", "## Set it up", "drop_box.", DropBox),
]

IN_WORDS = {
    (PickUp, "folder"): "where the login begins",
    (Send, "folder"): "where the login begins",
    (PickUp, "ignore"): "pickup.ignore",
    (PickUp, "stable_for"): "as under pickup:",
    (PickUp, "incomplete_after"): "as under pickup:",
    (PickUp, "max_bytes"): "32MB",
    (FtpsConnection, "port"): "21 (990 with tls: implicit)",
    (S3Connection, "endpoint"): "Amazon's",
    (S3Connection, "access_key"): "required with keys",
    (S3Connection, "secret_key"): "required with keys",
    (DropBox, "user"): "the partner's short name",
    (DropBox, "quota"): "1GB",
}
"""Defaults that depend on something else, or are told apart by their unit."""

NEVER_WRITTEN_ALONE = {"type"}
"""Which kind of connection it is: each page's example has it."""


def rows(page: str, heading: str, prefix: str) -> dict[str, Option]:
    """Return what the tables below a heading say, by the option's name."""
    text = (TRANSPORTS / page).read_text(encoding="utf-8")
    section = re.split(r"^## ", text.split(heading, 1)[1], maxsplit=1, flags=re.MULTILINE)[0]
    found: dict[str, Option] = {}
    for names, defaults, reason in re.findall(
        r"^\| (`[^|]*) \| ([^|]*) \| ?([^|]*)\|$", section, re.MULTILINE
    ):
        named = re.findall(r"`([\w.]+)`", names)
        said = defaults.replace("`", "").split(", ")
        several = said if len(said) == len(named) else [defaults.replace("`", "")] * len(named)
        for name, default in zip(named, several, strict=True):
            if name.startswith(prefix):
                found[name.removeprefix(prefix)] = Option(default.strip(), reason.strip())
    return found


def expected(model: type[BaseModel], name: str, field: FieldInfo) -> str:
    if (model, name) in IN_WORDS:
        return IN_WORDS[model, name]
    default = field.get_default(call_default_factory=True)
    if field.is_required():
        return "required"
    if isinstance(field.json_schema_extra, dict) and "default" in field.json_schema_extra:
        return str(field.json_schema_extra["default"])  # a size as people write it
    if isinstance(default, timedelta):
        return written_duration(default)
    if default in (None, (), {}):
        return "none"
    return ", ".join(default) if isinstance(default, tuple) else str(default)


CASES = [
    pytest.param(page, heading, prefix, model, name, id=f"{page}-{model.__name__}-{name}")
    for page, heading, prefix, model in TABLES
    for name in model.model_fields
    if name not in NEVER_WRITTEN_ALONE
]


@pytest.mark.parametrize(("page", "heading", "prefix", "model", "name"), CASES)
def test_an_option_has_a_row_with_its_default_and_a_reason(
    page: str, heading: str, prefix: str, model: type[BaseModel], name: str
) -> None:
    found = rows(page, heading, prefix).get(name)
    assert found is not None, f"{page} has no row for {name}"
    assert found.default == expected(model, name, model.model_fields[name])
    assert found.reason


@pytest.mark.parametrize(("page", "heading", "prefix", "model"), TABLES)
def test_no_option_is_described_that_is_not_there(
    page: str, heading: str, prefix: str, model: type[BaseModel]
) -> None:
    named = set(rows(page, heading, prefix))
    if prefix:
        assert named == set(model.model_fields)
    else:
        assert named <= set(model.model_fields)
