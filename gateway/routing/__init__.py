"""Routing: which destinations a document goes to, by ordered rules, and why."""

from gateway.routing.route import Context, Router, Routing, RuleVerdict
from gateway.routing.rules import FieldCondition, Routes, Rule, When
from gateway.routing.targets import ONWARD, Onward, onward

__all__ = [
    "ONWARD",
    "Context",
    "FieldCondition",
    "Onward",
    "Router",
    "Routes",
    "Routing",
    "Rule",
    "RuleVerdict",
    "When",
    "onward",
]
