"""What another system's answer means for a delivery: pure, by rules that configuration orders.

`answer` is what was answered, `finder` looks something up in it, `rules` decide: done, already
there, later, or refused, and in whose words.
"""

from gateway.pipeline.answers.answer import Answer
from gateway.pipeline.answers.finder import Finder
from gateway.pipeline.answers.rules import (
    BY_STATUS,
    Judge,
    Rule,
    Unlike,
    Verdict,
    statuses,
)

__all__ = [
    "BY_STATUS",
    "Answer",
    "Finder",
    "Judge",
    "Rule",
    "Unlike",
    "Verdict",
    "statuses",
]
