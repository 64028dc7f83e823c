"""Routing: which destinations a document goes to, by ordered rules, and why."""

from gateway.routing.following import ADVICE, NEXT, NextRule, following, is_follow_up
from gateway.routing.route import Context, Router, Routing, RuleVerdict, kept_by
from gateway.routing.rules import FieldCondition, Routes, Rule, When
from gateway.routing.targets import ONWARD, Onward, onward

__all__ = [
    "ADVICE",
    "NEXT",
    "ONWARD",
    "Context",
    "FieldCondition",
    "NextRule",
    "Onward",
    "Router",
    "Routes",
    "Routing",
    "Rule",
    "RuleVerdict",
    "When",
    "following",
    "is_follow_up",
    "kept_by",
    "onward",
]
