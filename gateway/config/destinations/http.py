"""`type: http`: a REST service, or anything else that takes a document in a call over HTTP."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, Field, field_validator

from gateway.config.delivery import Delivering
from gateway.config.destinations.answering import Answering, KeyName, Lookup
from gateway.config.destinations.facts import Fact
from gateway.config.shaping import Shaping
from gateway.partners.authentication import HttpUrl, Placed
from gateway.partners.fields import Settings
from gateway.partners.http_call import HttpCall
from gateway.secrets import Template
from gateway.shaping import NotCompiled, UrlTemplate


def templated(template: Template) -> Template:
    """Return an address whose template compiles."""
    try:
        UrlTemplate(template.text)
    except NotCompiled as fault:
        raise ValueError(str(fault)) from fault
    return template


DocumentUrl = Annotated[HttpUrl, AfterValidator(templated)]
"""An address with parts of the document in it: `https://erp/orders/{{ document.number }}`."""


class LookUp(Settings):
    """Asks whether the document is there already, before an attempt that is not the first."""

    url: DocumentUrl
    """What is asked, by GET; parts of the document may stand in it."""
    found: Lookup
    """Finds something in the answer where the document is there."""
    always: bool = False
    """Ask before the first attempt too, so that nothing is sent that is there already: neither what
    somebody entered by hand, nor what is delivered or translated anew."""
    reference: dict[KeyName, Lookup] = Field(default_factory=dict)
    """What the other side calls it, as in `reference` of the destination."""


class HttpCalling(Delivering, Answering, HttpCall):
    """What every kind of destination over HTTP has in common."""

    csrf_url: HttpUrl | None = None
    """Where a token against forged calls is fetched (`X-CSRF-Token: Fetch`), such as the root of an
    SAP service; none is, if left out."""

    facts: dict[KeyName, Fact] = Field(default_factory=dict)
    """What templates and expressions know beside the document, by names of its own: a text, or what
    a table says, such as the number that the other side has for a partner."""

    @field_validator("url")
    @classmethod
    def _url_compiles(cls, url: Template) -> Template:
        return templated(url)

    def templates(self) -> Placed:
        """Return every text that may refer to a secret, with its path in the file."""
        usual = super().templates()
        return (*usual, (("csrf_url",), self.csrf_url)) if self.csrf_url else usual


class HttpDestination(HttpCalling):
    """An HTTP service that takes documents, one in each call."""

    type: Literal["http"]
    """Kind of destination."""
    body: Shaping | None = None
    """What the document becomes; canonical JSON if left out."""
    look_up: LookUp | None = None
    """For a service that keeps no idempotency keys."""

    def templates(self) -> Placed:
        """Return every text that may refer to a secret, with its path in the file."""
        usual = super().templates()
        return (*usual, (("look_up", "url"), self.look_up.url)) if self.look_up else usual
