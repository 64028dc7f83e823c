"""Destinations in `gateway.yaml`: where documents go, one module for each kind, told by `type`.

Every kind inherits how it is treated (`gateway.config.delivery`); those that answer inherit how an
answer is judged (`answering`).
"""

from typing import Annotated

from pydantic import Field

from gateway.config.destinations.answering import Answering, AnswerRule
from gateway.config.destinations.events import EventsDestination
from gateway.config.destinations.file import FileDestination
from gateway.config.destinations.http import HttpCalling, HttpDestination
from gateway.config.destinations.odata import ODataDestination
from gateway.config.destinations.rpc import JsonRpcDestination, XmlRpcDestination
from gateway.config.destinations.soap import IDocDestination, SoapDestination
from gateway.config.destinations.steps import StepsDestination
from gateway.config.destinations.table import TableDestination
from gateway.config.destinations.webhook import WebhookDestination

Destination = Annotated[
    HttpDestination
    | ODataDestination
    | JsonRpcDestination
    | XmlRpcDestination
    | SoapDestination
    | IDocDestination
    | WebhookDestination
    | StepsDestination
    | FileDestination
    | TableDestination
    | EventsDestination,
    Field(discriminator="type"),
]
"""Every kind of destination."""

__all__ = [
    "AnswerRule",
    "Answering",
    "Destination",
    "EventsDestination",
    "FileDestination",
    "HttpCalling",
    "HttpDestination",
    "IDocDestination",
    "JsonRpcDestination",
    "ODataDestination",
    "SoapDestination",
    "StepsDestination",
    "TableDestination",
    "WebhookDestination",
    "XmlRpcDestination",
]
