"""Records of an OData entity set, V2 and V4: next links are followed, or pages counted by $skip."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal

from gateway.errors import Permanent
from gateway.pipeline.exports.source import Asked, Page
from gateway.shaping import Json
from gateway.transports.sources.web import Address, Reply, Web, json_of, listed

_SINCE = "{since}"
_V2_MOMENT = re.compile(r"/Date\((-?[0-9]{1,15})(?:[+-][0-9]{1,4})?\)/")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

_SKIP = "skip:"
"""Before a position that is a number of records; others are next links."""


@dataclass(frozen=True, slots=True)
class ODataQuestion:
    """What is asked of an entity set."""

    version: Literal["v2", "v4"]
    filter: str | None = None
    since: str | None = None
    """The part of $filter about the cursor."""
    orderby: str | None = None
    select: str | None = None
    expand: str | None = None
    top: int | None = None
    """Records on a page that we count ourselves."""


class ODataSource:
    """An entity set."""

    def __init__(self, web: Web, address: Address, question: ODataQuestion) -> None:
        self._web = web
        self._address = address
        self._question = question

    @property
    def shifts(self) -> bool:
        """Say whether we count the pages: then a record moves when one before it comes or goes."""
        return self._question.top is not None

    def open(self) -> None:
        """Make ready."""
        self._web.open()

    def close(self) -> None:
        """Close the connection."""
        self._web.close()

    def page(self, asked: Asked) -> Page:
        """Ask for a page."""
        reply = self._asked(asked)
        answer = json_of(reply.body, self._address.shown)
        if not isinstance(answer, Mapping):
            raise Permanent(f"{self._address.shown}: its answer is no JSON object")
        records, link = self._read(answer)
        return Page(records, self._following(asked, link, len(records)), len(reply.body))

    def _asked(self, asked: Asked) -> Reply:
        position, most = asked.position, asked.most_bytes
        if position is not None and not position.startswith(_SKIP):
            return self._web.get(self._web.followed(position), {}, most=most, resuming=True)
        parameters = self._parameters(asked.since)
        if position is not None:
            parameters["$skip"] = position.removeprefix(_SKIP)
        resuming = position is not None
        return self._web.get(self._address.url, parameters, most=most, resuming=resuming)

    def _parameters(self, since: str | None) -> dict[str, str]:
        question = self._question
        conditions = [question.filter] if question.filter else []
        if question.since is not None and since is not None:
            conditions.append(question.since.replace(_SINCE, since))
        together = conditions[0] if len(conditions) == 1 else " and ".join(
            f"({one})" for one in conditions
        )  # fmt: skip
        given = {
            "$filter": together,
            "$orderby": question.orderby,
            "$select": question.select,
            "$expand": question.expand,
            "$top": str(question.top) if question.top else None,
            "$format": "json" if question.version == "v2" else None,
        }
        return {name: value for name, value in given.items() if value}

    def _read(self, answer: Mapping[str, Json]) -> tuple[list[Json], str | None]:
        """Return the records of an answer, and the address of the next page."""
        shown = self._address.shown
        if self._question.version == "v4":
            return listed(answer.get("value"), shown, "value"), _text(answer.get("@odata.nextLink"))
        inner = answer.get("d")
        if isinstance(inner, list):  # as the first services of V2 had it
            return [_dated(one) for one in inner], None
        if not isinstance(inner, Mapping):
            raise Permanent(f"{shown}: its answer has no 'd'; is it version v4?")
        found = listed(inner.get("results"), shown, "d.results")
        return [_dated(one) for one in found], _text(inner.get("__next"))

    def _following(self, asked: Asked, link: str | None, count: int) -> str | None:
        if link is not None:
            if link == asked.position:
                raise Permanent(f"{self._address.shown}: a page names itself as the next one")
            return link
        top, position = self._question.top, asked.position or f"{_SKIP}0"
        # Where the service itself makes pages, its last one has no link and may be as long as ours.
        if top is None or count < top or not position.startswith(_SKIP):
            return None
        return f"{_SKIP}{int(position.removeprefix(_SKIP)) + count}"


def _dated(value: Json) -> Json:
    """Return what V2 says with moments as everybody else writes them."""
    if isinstance(value, str) and (found := _V2_MOMENT.fullmatch(value)):
        try:
            moment = _EPOCH + timedelta(milliseconds=int(found[1]))
        except OverflowError:
            return value  # A moment that no calendar has: whoever looks at it says so.
        return moment.replace(tzinfo=None).isoformat(timespec="seconds") + "Z"
    if isinstance(value, Mapping):
        return {name: _dated(one) for name, one in value.items()}
    return [_dated(one) for one in value] if isinstance(value, list) else value


def _text(value: Json) -> str | None:
    return value if isinstance(value, str) and value else None
