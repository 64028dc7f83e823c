"""`type: soap` and `type: idoc`: XML that a template or stylesheet writes, in an envelope."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import Field, field_validator

from gateway.config.destinations.answering import AnswerRule, Speaking
from gateway.config.destinations.http import HttpCalling
from gateway.config.destinations.rpc import SecretFacts
from gateway.config.shaping import Shaping
from gateway.pipeline.answers import Verdict

_FAULT = "//*[local-name()='Fault']"
_FAULT_WORDS = f"{_FAULT}/faultstring | {_FAULT}/*[local-name()='Reason']/*[local-name()='Text']"


class SoapDestination(SecretFacts):
    """A SOAP service."""

    type: Literal["soap"]
    """Kind of destination."""
    version: Literal["1.1", "1.2"] = "1.1"
    """Version of SOAP."""
    action: str = ""
    """The operation's SOAPAction."""
    body: Shaping
    """What stands in the envelope's body: a `template` that writes xml, or `xslt`."""
    header: Shaping | None = None
    """What stands in its header, such as credentials, likewise."""

    usual: ClassVar[tuple[AnswerRule, ...]] = (
        AnswerRule(
            when=f"{_FAULT}/faultcode[contains(., 'Server')] | {_FAULT}/*[local-name()='Code']"
            "/*[local-name()='Value'][contains(., 'Receiver')]",
            then=Verdict.RETRY,
            words=_FAULT_WORDS,
        ),
        AnswerRule(when=_FAULT, then=Verdict.REFUSED, words=_FAULT_WORDS),
    )
    """Whose fault it is says whether the same call may succeed later: the server's, or ours."""
    speaks: ClassVar[Speaking] = Speaking(
        "SOAP", ("/*[local-name()='Envelope']",), may_be_empty=True
    )

    @field_validator("body", "header")
    @classmethod
    def _writes_xml(cls, shaping: Shaping | None) -> Shaping | None:
        return shaping and xml_only(shaping)


class IDocDestination(HttpCalling):
    """An SAP system that takes IDocs as XML over HTTP."""

    type: Literal["idoc"]
    """Kind of destination."""
    idoc_type: Annotated[str, Field(pattern=r"^[A-Z][A-Z0-9_]{0,29}$")]
    """Basic type, such as ORDERS05."""
    message_type: Annotated[str, Field(pattern=r"^[A-Z][A-Z0-9_]{0,29}$")]
    """Message type, such as ORDERS."""
    control: dict[Annotated[str, Field(pattern=r"^[A-Z][A-Z0-9]{1,9}$")], str] = Field(
        default_factory=dict
    )
    """Other fields of the control record, such as SNDPOR, SNDPRT, SNDPRN, RCVPRN. ARCKEY is the
    idempotency key."""
    body: Shaping
    """Writes the segments, within an element of any name: a `template` that writes xml, or
    `xslt`."""

    @field_validator("body")
    @classmethod
    def _writes_xml(cls, shaping: Shaping) -> Shaping:
        return xml_only(shaping)


def xml_only(shaping: Shaping) -> Shaping:
    """Return a shape that writes XML; say what was expected otherwise."""
    if not shaping.is_xml:
        raise ValueError("expected 'xslt', or a 'template' that writes xml")
    return shaping
