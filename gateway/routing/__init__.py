"""Routing: which destinations a document goes to, by ordered rules, and why."""

from gateway.routing.route import Context, Router, Routing, RuleVerdict
from gateway.routing.rules import FieldCondition, Routes, Rule, When

__all__ = [
    "Context",
    "FieldCondition",
    "Router",
    "Routes",
    "Routing",
    "Rule",
    "RuleVerdict",
    "When",
]
