"""`type: json_rpc` and `type: xml_rpc`: a procedure that is called with a document."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field, model_validator

from gateway.config.destinations.answering import AnswerRule, KeyName, Speaking
from gateway.config.destinations.http import HttpCalling
from gateway.config.shaping import Shaping
from gateway.partners.authentication import Placed
from gateway.pipeline.answers import Verdict
from gateway.secrets import Secret


class SecretFacts(HttpCalling):
    """Destinations whose documents carry credentials in themselves."""

    secrets: dict[KeyName, Secret] = Field(default_factory=dict)
    """Secrets that the body may hold, by the name that it asks for: `fact('password')` in an
    expression, `facts.password` in a template."""

    def templates(self) -> Placed:
        """Return every text that may refer to a secret, with its path in the file."""
        own = ((("secrets", name), secret) for name, secret in self.secrets.items())
        return (*super().templates(), *own)


class Procedure(SecretFacts):
    """What both kinds of remote procedure have in common."""

    procedure: str
    """Name of the procedure, such as `model.sale.sale.create`."""
    body: Shaping | None = None
    """The parameters: `select` makes a list of them; the whole document is the only one if left
    out."""

    @model_validator(mode="after")
    def _parameters_are_selected(self) -> Procedure:
        if self.body is not None and self.body.files:
            raise ValueError("parameters of a procedure are made by 'select', not by a file")
        return self


class JsonRpcDestination(Procedure):
    """A procedure over JSON-RPC 2.0."""

    type: Literal["json_rpc"]
    """Kind of destination."""

    usual: ClassVar[tuple[AnswerRule, ...]] = (
        AnswerRule(status=("5xx",), when="error", then=Verdict.RETRY, words="error.message"),
        AnswerRule(
            when="error",
            then=Verdict.REFUSED,
            words="[error.message, error.data.message, error.data] | [?type(@) == 'string']",
        ),
    )
    """A failure is told in the body, with a status of success as often as not."""
    speaks: ClassVar[Speaking] = Speaking("JSON-RPC", ("contains(keys(@), 'result')",))


class XmlRpcDestination(Procedure):
    """A procedure over XML-RPC."""

    type: Literal["xml_rpc"]
    """Kind of destination."""

    usual: ClassVar[tuple[AnswerRule, ...]] = (
        AnswerRule(
            when="/methodResponse/fault",
            then=Verdict.REFUSED,
            words="/methodResponse/fault//member[name='faultString']/value",
        ),
    )
    """A failure is told in the body, with a status of success."""
    speaks: ClassVar[Speaking] = Speaking("XML-RPC", ("/methodResponse/params",))
