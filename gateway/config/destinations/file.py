"""`type: file`: a file for each document, in a folder that another system looks through."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, Field, model_validator

from gateway.config.delivery import Delivering
from gateway.config.destinations.expressions import Expression, TextPattern
from gateway.config.hours import Zone
from gateway.config.shaping import Shaping
from gateway.partners.authentication import Placed
from gateway.partners.fields import HomePath, Settings
from gateway.partners.kinds import Size


def _one_character(text: str) -> str:
    if len(text) != 1 or text in '"\r\n':
        raise ValueError("expected one character, such as ',' or ';'")
    return text


class CsvForm(Settings):
    """How a CSV file is written."""

    columns: Annotated[dict[str, Expression], Field(min_length=1)]
    """Columns in their order: each with a JMESPath expression over the row; with `rows`, the whole
    document is its field `document`: `document.purchase_order_number`."""
    delimiter: Annotated[str, AfterValidator(_one_character)] = ","
    """Stands between values."""
    header: bool = True
    """Whether the first line names the columns."""


class Append(Settings):
    """Many documents in one file, handed over when its window has ended or it is full."""

    window: Literal["hour", "day", "week", "month"] = "day"
    """How long one file is gathered: `facts.window` in its name."""
    zone: Zone = "UTC"
    """By the clock of which time zone windows begin and end."""
    documents: Annotated[int, Field(ge=1, le=1_000_000)] | None = None
    """A file has no more documents; the window has another file then."""
    size: Size | None = None
    """A file does not become larger, unless one document is."""


class FileDestination(Delivering):
    """A folder: each document becomes a file of its own, or many are appended to one."""

    type: Literal["file"]
    """Kind of destination."""
    folder: HomePath
    """Where files are written, below the home unless `gateway.yaml` allows another place."""
    name: TextPattern = "{{ facts.document_type }}-{{ facts.document_id }}"
    """Name of a file without its ending: a template. The same document has the same name again; a
    name that is there with other content is refused. With `append` it says `facts.window` too."""
    format: Literal["json", "json_lines", "csv", "xml", "text"] = "json"
    """What is written; also the ending of the name."""
    body: Shaping | None = None
    """What the document becomes: for `json` and `json_lines` by `select`, for `xml` and `text` by a
    template or stylesheet."""
    rows: Expression | None = None
    """Finds the list whose items become lines of `json_lines` or `csv`; the document itself is the
    only one if left out. JMESPath, after `body`."""
    csv: CsvForm | None = None
    """How `csv` is written."""
    append: Append | None = None
    """Gathers the lines of many documents in one file; each document is a file if left out."""

    @model_validator(mode="after")
    def _fits_the_format(self) -> FileDestination:
        if (self.format == "csv") != (self.csv is not None):
            raise ValueError("'csv' says how a file of 'format: csv' is written, and only that")
        if self.rows is not None and self.format not in ("csv", "json_lines"):
            raise ValueError("'rows' are the lines of 'format: csv' or 'json_lines'")
        if self.append is not None and self.format not in ("csv", "json_lines"):
            raise ValueError("'append' gathers the lines of 'format: csv' or 'json_lines'")
        if self.append is not None and "facts.window" not in self.name:
            raise ValueError(
                "'append' needs a 'name' with the window in it, such as 'orders-{{ facts.window }}'"
            )
        made = "data" if self.body is None or not self.body.files else self.body.written_kind
        wanted = {"xml": "xml", "text": "text"}.get(self.format, "data")
        if made != wanted and not (self.format == "json" and made == "json"):
            raise ValueError(f"'body' does not write {self.format}")
        return self

    def templates(self) -> Placed:
        """Return every text that may refer to a secret: there is none."""
        return ()
