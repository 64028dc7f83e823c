"""Where the records of an export come from, one model for each kind, told by `type`."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Literal

from pydantic import Field, model_validator

from gateway.config.destinations.http import DocumentUrl
from gateway.config.exports.expressions import Expression, JsonText, WithSince
from gateway.partners.authentication import Placed
from gateway.partners.fields import HomePath, Settings, Texts
from gateway.partners.http_call import HttpCall
from gateway.partners.kinds import Duration
from gateway.pipeline.ports import TEMPORARY_NAMES
from gateway.secrets import Secret

ParameterName = Annotated[str, Field(min_length=1, max_length=100)]
PageSize = Annotated[int, Field(ge=1, le=10_000)]


class CursorPaging(Settings):
    """The answer says what to ask for next."""

    type: Literal["cursor"]
    """Kind of paging."""
    next: Expression
    """Finds it in the answer, such as `meta.next_cursor`; null or empty on the last page."""
    parameter: ParameterName = "cursor"
    """The parameter that it is sent back in."""


class LinkPaging(Settings):
    """The answer holds the address of the next page."""

    type: Literal["next_link"]
    """Kind of paging."""
    link: Expression | None = None
    """Finds it in the answer, such as `links.next`; the header `Link` with rel=next if left out.
    It must lead to the machine of `url`."""


class PagePaging(Settings):
    """Pages are numbered."""

    type: Literal["page"]
    """Kind of paging."""
    parameter: ParameterName = "page"
    """The parameter with the number."""
    first: Annotated[int, Field(ge=0, le=1)] = 1
    """The number of the first page."""
    size_parameter: ParameterName | None = None
    """The parameter with `size`, if there is one."""
    size: PageSize = 100
    """Records on a full page: one with fewer is the last."""


class OffsetPaging(Settings):
    """Pages begin at a record's number."""

    type: Literal["offset"]
    """Kind of paging."""
    parameter: ParameterName = "offset"
    """The parameter with the number of records before the page."""
    size_parameter: ParameterName | None = "limit"
    """The parameter with `size`."""
    size: PageSize = 100
    """Records on a full page: one with fewer is the last."""


Paging = Annotated[
    CursorPaging | LinkPaging | PagePaging | OffsetPaging, Field(discriminator="type")
]


class Also(Settings):
    """A further question about each record, whose answer becomes a field of it."""

    url: DocumentUrl
    """What is asked, by GET, with the credentials of the source; `document` is the record:
    `.../orders/{{ document.order_number }}`. Records of one page that make the same address share
    one answer."""
    find: Expression = "@"
    """Finds what is kept in the answer."""


class HttpSource(HttpCall):
    """What sources over HTTP have in common."""

    timeout: Duration = timedelta(seconds=60)
    """For each call, from connecting to the last byte of the answer."""
    also: dict[ParameterName, Also] = Field(default_factory=dict)
    """What is asked further about each record, in this order, by the name of the field that the
    answer becomes. It is null where the record cannot make the address, or the answer is 404."""

    def templates(self) -> Placed:
        """Return every text that may refer to a secret, with its path in the file."""
        asked = tuple((("also", name, "url"), one.url) for name, one in self.also.items())
        return (*super().templates(), *asked)


class RestSource(HttpSource):
    """A REST service that answers with JSON."""

    type: Literal["rest"]
    """Kind of source."""
    method: Literal["GET", "POST"] = "GET"  # type: ignore[assignment]  # what is asked is not sent
    """GET with parameters in the address, or POST with them as a JSON object."""
    query: dict[ParameterName, str] = Field(default_factory=dict)
    """Parameters; one with `{since}` in it is sent only where there is a value of the cursor."""
    records: Expression = "@"
    """Finds the list of records in an answer, such as `data.items`."""
    paging: Paging | None = None
    """How the next page is asked for; one answer has everything if left out."""


class ODataSource(HttpSource):
    """An entity set of an OData service, V2 or V4."""

    type: Literal["odata"]
    """Kind of source."""
    method: Literal["GET"] = "GET"  # type: ignore[assignment]  # what is asked is not sent
    """HTTP method."""
    version: Literal["v2", "v4"] = "v4"
    """V2: `d.results` and `__next`; V4: `value` and `@odata.nextLink`."""
    filter: str | None = None
    """$filter, without the part about the cursor."""
    since: WithSince | None = None
    """The part of $filter about the cursor, such as `LastChangeDateTime ge {since}`; in V2
    `LastChangeDateTime ge datetimeoffset'{since}'`."""
    orderby: str | None = None
    """$orderby."""
    select: str | None = None
    """$select."""
    expand: str | None = None
    """$expand."""
    top: PageSize | None = None
    """$top: pages of this size are asked for by $skip, where the service makes none of its own."""


class SqlSource(Settings):
    """A query on a database."""

    type: Literal["sql"]
    """Kind of source."""
    url: Secret
    """Address for SQLAlchemy, by reference, such as `${file:secrets/erp-database}`."""
    query: Annotated[str, Field(min_length=1, max_length=20_000)]
    """One SELECT; `:since` is bound to the value of the cursor. It runs in a transaction that only
    reads, which is undone."""
    page: PageSize = 500
    """Rows that are read and kept at a time."""
    timeout: Duration = timedelta(minutes=2)
    """For the query, where the database can be told (PostgreSQL)."""

    @model_validator(mode="after")
    def _reads(self) -> SqlSource:
        words = self.query.split()
        if not words or words[0].lower() not in ("select", "with"):
            raise ValueError("'query' begins with neither SELECT nor WITH; expected one that reads")
        if ";" in self.query.rstrip().rstrip(";"):
            raise ValueError("'query' holds more than one statement")
        return self


class FolderSource(Settings):
    """Files that an ERP writes; each is taken, and archived once its records are kept."""

    type: Literal["folder"]
    """Kind of source."""
    path: HomePath
    """The folder, below the home; absolute only where `gateway.yaml` allows that."""
    format: Literal["json", "json_lines", "csv"] | None = None
    """What the files hold; if left out, their names say it: .json, .jsonl, .csv."""
    records: Expression = "@"
    """For JSON: finds the list of records in a file."""
    names: Texts = ("*",)
    """Patterns of the names that are taken."""
    ignore: Texts = TEMPORARY_NAMES
    """Patterns of names that are never taken."""
    stable_for: Duration = timedelta(seconds=2)
    """A file that changed later than that is left for the next run."""
    archive: HomePath | None = None
    """Where files are moved to, in a folder for each day; `state/archive/exports/NAME` if left
    out."""
    delimiter: Annotated[str, Field(min_length=1, max_length=1)] = ","
    """For CSV: what stands between values."""
    encoding: str = "utf-8-sig"
    """For CSV and JSON lines."""


class RpcSource(HttpSource):
    """A call over JSON-RPC or XML-RPC, as Odoo and Tryton take them."""

    type: Literal["json_rpc", "xml_rpc"]
    """Kind of source."""
    method: Literal["POST"] = "POST"
    """HTTP method."""
    call: Annotated[str, Field(min_length=1)]
    """The name of the procedure, such as `execute_kw`."""
    params: JsonText = "[]"
    """JSON list of parameters. `facts.since` is the value of the cursor (empty without one),
    `facts.offset` the records before this page, `facts.size` those of a full page; in JSON
    `{{ facts.offset | number }}` is a number."""
    secrets: dict[ParameterName, Secret] = Field(default_factory=dict)
    """Further facts by reference, such as a password among the parameters."""
    records: Expression = "@"
    """Finds the list of records in the result."""
    size: PageSize | None = None
    """Records of a full page: fewer are the last one. Left out, one call has everything."""

    def templates(self) -> Placed:
        """Return every text that may refer to a secret, with its path in the file."""
        own = tuple((("secrets", name), text) for name, text in self.secrets.items())
        return (*super().templates(), *own)


SourceSettings = Annotated[
    RestSource | ODataSource | SqlSource | FolderSource | RpcSource, Field(discriminator="type")
]
"""Every kind of source."""
