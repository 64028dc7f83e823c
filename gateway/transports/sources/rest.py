"""Records of a REST service: asked by parameters, found by an expression, page by page."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from gateway.errors import Permanent
from gateway.pipeline.exports.source import Asked, Page
from gateway.shaping import Json, NotShaped, Selection, dumps
from gateway.transports.sources.web import Address, Reply, Web, json_of, listed

SINCE = "{since}"
"""Stands for the value of the cursor."""


@dataclass(frozen=True, slots=True)
class Paging:
    """How the next page is asked for."""

    kind: Literal["one", "cursor", "next_link", "page", "offset"] = "one"
    found: Selection | None = None
    """What is next, in an answer; of `next_link` None for the header `Link`."""
    parameter: str = ""
    size_parameter: str | None = None
    size: int = 0
    first: int = 0
    """The number of the first page."""


@dataclass(frozen=True, slots=True)
class RestQuestion:
    """What is asked."""

    records: Selection
    parameters: Mapping[str, str] = field(default_factory=dict)
    paging: Paging = Paging()
    post: bool = False
    """Parameters go as a JSON object."""


class RestSource:
    """A REST service."""

    def __init__(self, web: Web, address: Address, question: RestQuestion) -> None:
        self._web = web
        self._address = address
        self._question = question

    @property
    def shifts(self) -> bool:
        """Say whether pages are counted: then a record moves when one before it comes or goes."""
        return self._question.paging.kind in ("page", "offset")

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
        question = self._question
        records = listed(
            self._select(question.records, answer), self._address.shown, question.records.source
        )
        following = self._following(asked, reply, answer, len(records))
        return Page(records, following, len(reply.body))

    def _asked(self, asked: Asked) -> Reply:
        question, position, most = self._question, asked.position, asked.most_bytes
        resuming = position is not None
        if question.paging.kind == "next_link" and position is not None:
            url = self._web.followed(position)
            return self._web.get(url, {}, most=most, resuming=resuming)
        parameters = {
            name: value.replace(SINCE, asked.since or "")
            for name, value in question.parameters.items()
            if asked.since is not None or SINCE not in value
        }
        parameters |= self._paged(position)
        if question.post:
            content = dumps(parameters)
            return self._web.post(content, "application/json", most=most, resuming=resuming)
        return self._web.get(self._address.url, parameters, most=most, resuming=resuming)

    def _paged(self, position: str | None) -> dict[str, str]:
        paging = self._question.paging
        parameters = {}
        if paging.kind in ("page", "offset"):
            parameters[paging.parameter] = position or str(paging.first)
            if paging.size_parameter is not None:
                parameters[paging.size_parameter] = str(paging.size)
        elif paging.kind == "cursor" and position is not None:
            parameters[paging.parameter] = position
        return parameters

    def _following(self, asked: Asked, reply: Reply, answer: Json, count: int) -> str | None:
        paging = self._question.paging
        match paging.kind:
            case "page":
                here = int(asked.position or paging.first)
                return str(here + 1) if count >= paging.size else None
            case "offset":
                here = int(asked.position or paging.first)
                return str(here + count) if count >= paging.size else None
            case "cursor" | "next_link":
                following = self._named(reply, answer)
                if following is not None and following == asked.position:
                    raise Permanent(f"{self._address.shown}: a page names itself as the next one")
                return following
            case _:
                return None

    def _named(self, reply: Reply, answer: Json) -> str | None:
        found = self._question.paging.found
        if found is None:
            return reply.link
        named = self._select(found, answer)
        if named is None or named is False or named == "":
            return None
        if isinstance(named, str) or (isinstance(named, int) and named is not True):
            return str(named)
        raise Permanent(f"{self._address.shown}: '{found.source}' finds no next page")

    def _select(self, selection: Selection, answer: Json) -> Json:
        try:
            return selection.select(answer, {})
        except NotShaped as fault:
            raise Permanent(f"{self._address.shown}: '{selection.source}': {fault}") from fault
