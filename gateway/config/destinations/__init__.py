"""Destinations in `gateway.yaml`: where documents go, one module for each kind, told by `type`.

Every kind inherits how it is treated (`gateway.config.delivery`); those that answer inherit how an
answer is judged (`answering`).
"""

from typing import Annotated

from pydantic import Field

from gateway.config.destinations.answering import Answering, AnswerRule
from gateway.config.destinations.http import HttpDestination
from gateway.config.destinations.steps import StepsDestination

Destination = Annotated[HttpDestination | StepsDestination, Field(discriminator="type")]
"""Every kind of destination."""

__all__ = ["AnswerRule", "Answering", "Destination", "HttpDestination", "StepsDestination"]
