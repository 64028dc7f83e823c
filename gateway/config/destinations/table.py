"""`type: table`: rows of a database table, one for each document, with rows below it."""

from __future__ import annotations

from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, model_validator

from gateway.config.delivery import Delivering
from gateway.config.destinations.expressions import Expression
from gateway.partners.authentication import Placed
from gateway.partners.fields import Settings, Texts
from gateway.secrets import Template

Identifier = Annotated[str, Field(pattern=r"^[A-Za-z_][A-Za-z0-9_]{0,62}$")]
Columns = Annotated[dict[Identifier, Expression], Field(min_length=1)]


DATABASES = ("sqlite", "postgresql", "postgresql+psycopg")
"""How an address begins: those whose statements recognise the row that they insert, and for which
the gateway brings a driver."""


def unfit_database(url: str) -> str:
    """Say why a database cannot be written to, by its address; empty where it can."""
    kind = url.partition(":")[0].lower()
    if kind in DATABASES:
        return ""
    named = f"'{kind}' is none that rows are written to; " if kind.isidentifier() else ""
    return f"{named}expected an address that starts with sqlite:/// or postgresql://"


def _database(template: Template) -> Template:
    try:
        parts = urlsplit(template.text)
        password = parts.password
    except ValueError:
        raise ValueError("expected an address such as postgresql://erp.example/erp") from None
    if password and "${" not in password:
        raise ValueError("a password is written here by its reference only, such as ${env:NAME}")
    if not template.text.startswith("${") and (unfit := unfit_database(template.text)):
        raise ValueError(unfit)
    return template


class ChildRows(Settings):
    """Rows of another table that belong to a document's row, such as its lines."""

    table: Identifier
    """Name of the table."""
    each: Expression
    """Finds the list whose items become rows."""
    columns: Columns
    """Columns of a row, each by a JMESPath expression over the item; `fact('position')` counts from
    one."""
    parent: Annotated[dict[Identifier, Identifier], Field(min_length=1)]
    """Columns that hold what a column of the document's row holds: ours, and whose."""


class TableDestination(Delivering):
    """A database table: a row for each document, with what belongs to it in one transaction."""

    type: Literal["table"]
    """Kind of destination."""
    url: Annotated[Template, AfterValidator(_database)]
    """Address of the database; a password only by reference."""
    schema_name: Identifier | None = None
    """Schema of the tables, where it is not the usual one."""
    table: Identifier
    """Name of the table."""
    columns: Columns
    """Columns of a row, each by a JMESPath expression over the document."""
    key: Texts
    """Columns by which a row is recognised: a primary key or a unique one. A good one holds
    `fact('idempotency_key')`."""
    existing: Literal["keep", "replace"] = "keep"
    """What becomes of a row with this key: it is kept, and the document was there already; or it is
    replaced, and the rows below it too."""
    children: tuple[ChildRows, ...] = ()
    """Rows of other tables."""

    @model_validator(mode="after")
    def _named_columns_are_there(self) -> TableDestination:
        for column in self.key:
            if column not in self.columns:
                raise ValueError(f"'key' names '{column}', which is not among 'columns'")
        for child in self.children:
            for column in child.parent.values():
                if column not in self.columns:
                    raise ValueError(f"'parent' names '{column}', which is not among 'columns'")
        return self

    def templates(self) -> Placed:
        """Return every text that may refer to a secret, with its path in the file."""
        return ((("url",), self.url),)
