"""What is picked up through a connection and what is sent through one, whatever its kind is."""

from __future__ import annotations

from datetime import timedelta
from pathlib import PurePosixPath
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, model_validator

from gateway.partners.fields import Name, Settings, Texts, quoted
from gateway.partners.kinds import Duration, Size

_MEGABYTE = 1024 * 1024


def _folder(value: str) -> str:
    if not value.strip() or not value.isprintable():
        raise ValueError(f"{quoted(value)} does not fit; expected a folder, such as /outbound")
    return value


RemoteFolder = Annotated[str, AfterValidator(_folder)]
"""A folder on the partner's side, as the partner names it; relative to where a login begins."""


def _pattern(value: str) -> str:
    if value.count("{name}") + value.count("{stem}") != 1 or not value.isprintable():
        raise ValueError(f"{quoted(value)} does not fit; expected a name with {{name}} in it once")
    if value == "{name}":
        raise ValueError("'{name}' alone is the file itself; expected something around it")
    return value


def _whole_name(value: str) -> str:
    if "{name}" not in value:
        raise ValueError(f"{quoted(value)} gives two files one name; expected {{name}} in it")
    return value


TriggerPattern = Annotated[str, AfterValidator(_pattern)]
"""A file name made from another: `{name}` is the whole of it, `{stem}` the part before the last
dot."""

NamePattern = Annotated[TriggerPattern, AfterValidator(_whole_name)]
"""A file name made from another, `{name}`, perhaps in a folder beside it: `taken/{name}`."""


def named_after(pattern: str, name: str) -> str:
    """Return the file name that a pattern makes from another."""
    return pattern.replace("{name}", name).replace("{stem}", PurePosixPath(name).stem)


class PickUp(Settings):
    """A folder at the partner that is looked through again and again."""

    connection: Name
    """Which of the partner's `connections`."""
    folder: RemoteFolder = "."
    """Folder that is looked through; where a login begins if left out."""
    every: Duration = timedelta(minutes=2)
    """How often. Partners dislike more than one look a minute; a file that is still being written
    is looked at again sooner."""
    names: Annotated[Texts, Field(min_length=1)] = ("*",)
    """Patterns of the names that are taken, in upper or lower case."""
    ignore: Texts | None = None
    """Patterns of names that are never taken; `pickup.ignore` of `gateway.yaml` if left out."""
    trigger: TriggerPattern | None = None
    """A file is taken only when this one lies beside it, such as `{name}.go` or `{stem}.ok`. It is
    put away together with the file."""
    stable_for: Duration | None = None
    """Size and time must not have changed for this long, over two looks; `pickup.stable_for` of
    `gateway.yaml` if left out."""
    incomplete_after: Duration | None = None
    """A file that is not whole after this long is quarantined; `pickup.incomplete_after` of
    `gateway.yaml` if left out."""
    claim: NamePattern | Literal["none"] = "{name}.claimed"
    """What a file is renamed to before it is read, so that nobody else takes it or goes on writing
    to it. `none` where the partner allows no renaming; the same happens where that is denied, and
    with `after: leave`."""
    after: Literal["archive", "rename", "delete", "leave"] = "archive"
    """What is done with a file once its bytes are durable here."""
    archive: RemoteFolder = "archive"
    """For `after: archive`: where it is moved, relative to `folder`; made where it is missing."""
    rename: NamePattern = "{name}.done"
    """For `after: rename`: what it is called from then on."""
    max_files: Annotated[int, Field(ge=1, le=10_000)] = 100
    """At most so many files are taken at once; the rest follows at once after them."""
    max_bytes: Size = Field(32 * _MEGABYTE, json_schema_extra={"default": "32MB"})
    """No further file is taken at once with those that are larger than this together."""

    @model_validator(mode="after")
    def _archive_is_elsewhere(self) -> PickUp:
        if self.after == "archive" and self.archive.rstrip("/") in (".", self.folder.rstrip("/")):
            raise ValueError("'archive' is the folder itself; expected another one")
        return self


class Send(Settings):
    """Where we put what this partner gets from us, instead of its `out` folder."""

    connection: Name
    """Which of the partner's `connections`."""
    folder: RemoteFolder = "."
    """Folder that files are put into; where a login begins if left out."""
    temporary: NamePattern = ".{name}.tmp"
    """What a file is called while it is being written, perhaps in a folder beside it that the
    partner does not look through."""
    attempts: Annotated[int, Field(ge=1, le=1000)] = 100
    """After this many a delivery waits for a person: at a quarter of an hour between two, a
    partner's system may be down for a day."""
