"""A source whose records are completed by further questions, one by one.

Many systems keep apart what a document needs together: a delivery names its order, and the order
has the customer's number. Whatever is asked again within a page is asked once.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from gateway.pipeline.exports.source import Asked, Page, Source
from gateway.shaping import Json, NotShaped, Selection
from gateway.transports.sources.web import json_of


class Asking(Protocol):
    """What makes the calls of the source."""

    def found(self, url: str, *, most: int) -> bytes | None:
        """Ask by GET for one thing; None where there is none."""


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked further about a record."""

    field: str
    """The field of the record that the answer becomes."""
    address: Callable[[Json], str]
    """Makes the address of a record, with its secrets; NotShaped where the record cannot."""
    find: Selection
    """Finds what is kept in the answer."""


class CompletedSource:
    """A source over HTTP, and what is asked further about each of its records."""

    def __init__(
        self, source: Source, asking: Asking, questions: Sequence[Question], *, shown: str
    ) -> None:
        self._source = source
        self._asking = asking
        self._questions = questions
        self._shown = shown

    @property
    def shifts(self) -> bool:
        """Say whether pages are read again until nothing new is found."""
        return self._source.shifts

    def open(self) -> None:
        """Make ready."""
        self._source.open()

    def close(self) -> None:
        """Let go of connections."""
        self._source.close()

    def page(self, asked: Asked) -> Page:
        """Return a page, its records completed."""
        page = self._source.page(asked)
        answers: dict[str, tuple[Json, int]] = {}
        records = [self._completed(one, answers, asked.most_bytes) for one in page.records]
        size = page.size + sum(size for _, size in answers.values())
        return replace(page, records=records, size=size)

    def _completed(self, record: Json, answers: dict[str, tuple[Json, int]], most: int) -> Json:
        if not isinstance(record, Mapping):
            return record
        completed: dict[str, Json] = dict(record)
        for question in self._questions:
            completed[question.field] = self._answer(question, completed, answers, most)
        return completed

    def _answer(
        self, question: Question, record: Json, answers: dict[str, tuple[Json, int]], most: int
    ) -> Json:
        try:
            url = question.address(record)
        except NotShaped:
            return None  # The shape says what is missing, of this record alone.
        if url not in answers:
            body = self._asking.found(url, most=most)
            answer = json_of(body, self._shown) if body is not None else None
            answers[url] = answer, len(body or b"")
        return question.find.select(answers[url][0], {})
