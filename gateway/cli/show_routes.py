"""Shows the rules of an instance: what each asks for, and where it sends a document."""

from __future__ import annotations

from rich.console import Console
from rich.markup import escape

from gateway.config import Instance
from gateway.routing import Rule, When
from gateway.routing.match import wanted

_NOBODY = "nobody: what it takes is kept only"

_MODES = {
    "first_match": "the first rule that takes a document decides",
    "all": "every rule that takes a document adds its destinations",
}


def print_routes(instance: Instance, console: Console) -> None:
    """Print the rules in the order in which they are asked."""
    console.print(f"[dim]{instance.routes.mode}: {_MODES[instance.routes.mode]}[/]")
    for number, rule in enumerate(instance.routes.rules, 1):
        console.print(f"{number}. [bold]{escape(rule.name)}[/]")
        console.print(f"   [dim]when[/] {escape(conditions(rule.when))}")
        console.print(f"   [dim]to[/]   {escape(', '.join(rule.destinations) or _NOBODY)}")
    for one in instance.routes.next:
        console.print(f"next [bold]{escape(one.name)}[/]")
        console.print(f"   [dim]of[/]   {escape(conditions(one.when))}")
        console.print(f"   [dim]once[/] {escape(' or '.join(one.after) or 'a destination')} has it")
        to = f"{one.to_whom}{f' as {one.set}' if one.set else ''}"
        console.print(f"   [dim]to[/]   {escape(to)}")
    console.print("[dim]What no rule takes waits in quarantine for its partner's owner.[/]")


def as_json(instance: Instance) -> dict[str, object]:
    """Return the rules as JSON can hold them."""
    return {
        "mode": instance.routes.mode,
        "next": [
            one.model_dump(mode="json", exclude_defaults=True) for one in instance.routes.next
        ],
        "rules": [_rule(number, rule) for number, rule in enumerate(instance.routes.rules, 1)],
    }


def _rule(number: int, rule: Rule) -> dict[str, object]:
    when = rule.when.model_dump(mode="json", exclude_defaults=True, exclude_none=True)
    told = {"number": number, "name": rule.name, "when": when, "to": list(rule.destinations)}
    return {**told, "keep": rule.keep}


def conditions(when: When) -> str:
    """Say in words which documents a rule takes."""
    asked = (
        ("partner", when.partner),
        ("set", when.set),
        ("document", when.document),
        ("usage", when.usage),
    )
    said = [f"{name} is {' or '.join(values)}" for name, values in asked if values]
    said += [f"{path} is {wanted(condition)}" for path, condition in when.fields.items()]
    return ", ".join(said) or "any document"
