"""`type: odata`: entities of an OData service, such as SAP's."""

from __future__ import annotations

from typing import ClassVar, Literal

from gateway.config.destinations.answering import AnswerRule, Speaking
from gateway.config.destinations.http import HttpCalling, LookUp
from gateway.config.shaping import Shaping
from gateway.partners.authentication import Placed
from gateway.pipeline.answers import Verdict

_WORDS = (
    "error.[message.value, message, innererror.errordetails[].message][] | [?type(@)=='string']"
)


class ODataDestination(HttpCalling):
    """An OData service: an entity is written for each document, what belongs to it within it."""

    type: Literal["odata"]
    """Kind of destination."""
    version: Literal["v2", "v4"] = "v4"
    """Version of OData."""
    body: Shaping | None = None
    """The entity; what belongs to it, such as its items, is nested in it (deep insert)."""
    look_up: LookUp | None = None
    """Asks before every attempt but the first whether an earlier one arrived: OData knows no
    idempotency keys."""

    usual: ClassVar[tuple[AnswerRule, ...]] = (
        # Locked, changed meanwhile, or a number just taken: the same call may succeed later.
        AnswerRule(status=("409", "412", "423"), then=Verdict.RETRY, words=_WORDS),
        AnswerRule(status=("429", "5xx"), then=Verdict.RETRY, words=_WORDS),
        AnswerRule(status=("4xx",), when="error", then=Verdict.REFUSED, words=_WORDS),
    )
    """Both versions tell a failure in `error`, each in its own form."""
    speaks: ClassVar[Speaking] = Speaking(
        "OData",
        ("@", "header:Content-Type (?i)json|atom|(?:application|text)/xml"),
        may_be_empty=True,
    )

    def templates(self) -> Placed:
        """Return every text that may refer to a secret, with its path in the file."""
        texts = list(super().templates())
        if self.look_up is not None:
            texts.append((("look_up", "url"), self.look_up.url))
        return tuple(texts)
