"""What answers mean, in configuration: ordered rules, and what the other side calls a document."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, ClassVar

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from gateway.partners.fields import Settings, many, one_or_many
from gateway.pipeline.answers import Finder, Judge, Rule, Unlike, Verdict, statuses
from gateway.shaping import NotCompiled


def _found(text: str) -> str:
    try:
        Finder.compile(text)
    except NotCompiled as fault:
        raise ValueError(str(fault)) from fault
    return text


def _status(text: str) -> str:
    statuses(text)
    return text


Lookup = Annotated[str, AfterValidator(_found)]
"""JMESPath in a JSON answer, XPath in an XML one (it begins with `/`), or `header:Name`."""

Statuses = Annotated[
    tuple[Annotated[str, AfterValidator(_status)], ...], BeforeValidator(many), one_or_many()
]

KeyName = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,63}$")]


class AnswerRule(Settings):
    """What an answer must be like, and what it means then."""

    status: Statuses = ()
    """Such as `2xx`, `409` or `500-599`; any if left out."""
    when: Lookup | None = None
    """Must find something: JMESPath, XPath (it begins with `/`), or `header:Name pattern`."""
    then: Verdict
    """What it means: the document is there, was there already, try again, or a person must act."""
    words: Lookup | None = None
    """Finds what the other side says of it, for people; otherwise the answer's beginning."""

    @model_validator(mode="after")
    def _asks_something(self) -> AnswerRule:
        if not self.status and self.when is None:
            raise ValueError("expected 'status' or 'when': a rule that asks nothing takes all")
        return self

    def compiled(self) -> Rule:
        """Return the rule, ready to be asked."""
        return Rule(
            self.then,
            tuple(statuses(text) for text in self.status),
            Finder.compile(self.when) if self.when else None,
            Finder.compile(self.words) if self.words else None,
        )


@dataclass(frozen=True, slots=True)
class Speaking:
    """What a good answer of a protocol is like.

    A page that asks somebody to log in, or says that all is down, comes with 200 as often as not:
    it says nothing of the document, which would be taken for delivered.
    """

    protocol: str
    like: tuple[str, ...]
    """One of these finds something in it."""
    may_be_empty: bool = False

    def rule(self) -> Rule:
        """Return the rule that takes a success which is not said in the protocol."""
        like = tuple(map(Finder.compile, self.like))
        return Rule(
            Verdict.RETRY,
            (statuses("2xx"),),
            Unlike(like, may_be_empty=self.may_be_empty),
            note=f"but that is no answer of {self.protocol}",
        )


class Answering(Settings):
    """What destinations that answer have in common."""

    answers: tuple[AnswerRule, ...] = ()
    """What answers mean: the first rule that matches decides; then what is usual for the kind."""
    reference: dict[KeyName, Lookup] = Field(default_factory=dict)
    """What the other side calls the document: a name, and where it stands in the answer. It
    becomes a business key of the document."""

    usual: ClassVar[tuple[AnswerRule, ...]] = ()
    """What answers mean to this kind of destination, unless its own rules say otherwise."""

    speaks: ClassVar[Speaking | None] = None
    """How the kind is answered to, where a status of success alone says nothing."""

    def judge(self, of_all: Sequence[AnswerRule] = ()) -> Judge:
        """Return what judges answers: these rules, those of all calls, what the kind is used to."""
        usual = tuple(rule.compiled() for rule in (*self.answers, *of_all, *self.usual))
        return Judge(
            (*usual, *((self.speaks.rule(),) if self.speaks else ())),
            {name: Finder.compile(text) for name, text in self.reference.items()},
        )
