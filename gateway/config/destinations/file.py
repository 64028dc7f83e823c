"""`type: file`: a file for each document, in a folder that another system looks through."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, Field, model_validator

from gateway.config.delivery import Delivering
from gateway.config.destinations.expressions import Expression, TextPattern
from gateway.config.shaping import Shaping
from gateway.partners.authentication import Placed
from gateway.partners.fields import HomePath, Settings


def _one_character(text: str) -> str:
    if len(text) != 1 or text in '"\r\n':
        raise ValueError("expected one character, such as ',' or ';'")
    return text


class CsvForm(Settings):
    """How a CSV file is written."""

    columns: Annotated[dict[str, Expression], Field(min_length=1)]
    """Columns in their order: each with a JMESPath expression over the row."""
    delimiter: Annotated[str, AfterValidator(_one_character)] = ","
    """Stands between values."""
    header: bool = True
    """Whether the first line names the columns."""


class FileDestination(Delivering):
    """A folder: each document becomes a file of its own, whole or not at all."""

    type: Literal["file"]
    """Kind of destination."""
    folder: HomePath
    """Where files are written, below the home unless `gateway.yaml` allows another place."""
    name: TextPattern = "{{ facts.document_type }}-{{ facts.document_id }}"
    """Name of a file without its ending: a template. The same document has the same name again; a
    name that is there with other content is refused."""
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

    @model_validator(mode="after")
    def _fits_the_format(self) -> FileDestination:
        if (self.format == "csv") != (self.csv is not None):
            raise ValueError("'csv' says how a file of 'format: csv' is written, and only that")
        if self.rows is not None and self.format not in ("csv", "json_lines"):
            raise ValueError("'rows' are the lines of 'format: csv' or 'json_lines'")
        made = "data" if self.body is None or not self.body.files else self.body.written_kind
        wanted = {"xml": "xml", "text": "text"}.get(self.format, "data")
        if made != wanted and not (self.format == "json" and made == "json"):
            raise ValueError(f"'body' does not write {self.format}")
        return self

    def templates(self) -> Placed:
        """Return every text that may refer to a secret: there is none."""
        return ()
