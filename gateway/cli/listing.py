"""Which commands there are: each with its sentence, and where it is to be imported from.

A command's file is imported when the command is called: the whole program takes a second to import,
and most commands need little of it.
"""

from __future__ import annotations

from collections.abc import Iterable
from importlib import import_module

import typer
import typer.core

# What Typer's own signatures name; it re-exports subclasses.
from typer._click.core import Command, Context, Parameter
from typer.main import get_command, get_group

_COMMANDS = {
    "validate": ("validate", "Read X12 files and show every finding at its place."),
    "explain": (
        "explain",
        "Say in plain words what is wrong with X12, or what an acknowledgment says of it.",
    ),
    "format": (
        "format",
        "Show X12 one segment a line, with the names of elements and what codes mean.",
    ),
    "split": (
        "split",
        "Write one file for each interchange, group or transaction set, in an envelope of its own.",
    ),
    "repair": (
        "repair",
        "Mend counts, control numbers of trailers, ISA padding, terminators and line ends.",
    ),
    "ack": (
        "ack",
        "Write the acknowledgment of every interchange in a file to standard output.",
    ),
    "translate": (
        "translate",
        "Translate a file by one map, in the direction that its content asks for.",
    ),
    "check": (
        "check",
        "Check every file of an instance as a whole: settings, partners, agreements, routes, maps.",
    ),
    "init": (
        "init",
        "Make a working instance: settings, example partners, routes, folders, samples.",
    ),
    "schemas": (
        "schemas",
        "Write the JSON Schemas of files and documents into an instance, with its own names.",
    ),
    "run": (
        "run",
        "Run an instance until it gets a signal (Ctrl-C, SIGTERM), or once over what is there.",
    ),
    "status": (
        "status",
        "One page: what waits for a person, what is under way, and which processes run.",
    ),
    "receiver": (
        "receive",
        "Take documents over HTTP on this machine and show each as it comes; "
        "keeps nothing on disk.",
    ),
    "demo": ("demo", "Run real X12 through every stage, and show what became of it."),
    "send": (
        "send",
        "Send a canonical document to a partner, as its agreement says: once, whatever happens.",
    ),
    "outbound": (
        "outbound",
        "What goes to partners, what waits to, and doing parts of it again.",
    ),
    "exports": (
        "exports",
        "Records of an ERP that become documents for partners, by a schedule.",
    ),
    "control-numbers": (
        "control_numbers",
        "Control numbers of what we send: look at them, set them, leave some out.",
    ),
    "documents": (
        "documents",
        "What came in, what became of it, and doing parts of it again.",
    ),
    "interchanges": (
        "interchanges",
        "Every interchange that came in, dropped duplicates too.",
    ),
    "quarantine": (
        "quarantine",
        "What waits for a person, but documents that came in: let it pass, or give it up.",
    ),
    "alerts": (
        "alerts",
        "What a person must know of: who acts, where to look, what to do.",
    ),
    "partners": (
        "partners",
        "Who we exchange with: drafts, checks, trials, accounts.",
    ),
    "guides": (
        "guides",
        "What partners ask of sets beyond the standard: listed, and as pages to send them.",
    ),
    "as2": (
        "as2",
        "AS2: certificates and when they end, a test message, a file sent by hand.",
    ),
    "destinations": (
        "destinations",
        "Where documents go: how each is, what waits there, and holding it or trying it.",
    ),
    "routes": (
        "routes",
        "Which document goes where: the rules, and why one took a document or did not.",
    ),
    "connectors": (
        "connectors",
        "Folders of configuration that join an instance to an ERP: destinations, rules, exports.",
    ),
    "api": ("api", "The API for ERP teams: who may call it."),
    "maps": ("maps", "Which maps there are, what they say, and whether it is right."),
}
"""File and sentence of every command, in the order of the help; the sentence is the file's own."""


class Listed(typer.core.TyperCommand):
    """A command that is known by its name and sentence, and imported when it is called."""

    def __init__(self, name: str, module: str, sentence: str) -> None:
        super().__init__(name, help=sentence)
        self._module = module

    def imported(self, parent: Context | None = None) -> Command:
        """Return the command itself, or the group of commands."""
        name = str(self.name).replace("-", "_")
        made = getattr(import_module(f"gateway.cli.{self._module}"), name)
        if isinstance(made, typer.Typer):
            command: Command = get_group(made)
        else:
            alone = typer.Typer(add_completion=False, rich_markup_mode="rich")
            alone.command(self.name)(made)
            command = get_command(alone)
        _make_readable([command], Context(command, parent=parent))
        return command

    def make_context(
        self, info_name: str | None, args: list[str], parent: Context | None = None, **extra: object
    ) -> Context:
        """Let the command itself read its arguments."""
        return self.imported(parent).make_context(info_name, args, parent, **extra)


def listed() -> dict[str, Command]:
    """Return every command by its name."""
    return {name: Listed(name, *where) for name, where in _COMMANDS.items()}


def plain(parameters: list[Parameter]) -> list[Parameter]:
    """Show `--json` and not `--json <bool>`: a flag takes no value."""
    for parameter in parameters:
        if getattr(parameter, "is_flag", False):
            parameter.metavar = ""
    return parameters


def _make_readable(commands: Iterable[Command], context: Context) -> None:
    """Show flags without a value, and let paragraphs of help break where the terminal does."""
    for command in commands:
        plain(command.get_params(context))
        paragraphs = (command.help or "").split("\n\n")
        command.help = "\n\n".join(" ".join(one.split()) for one in paragraphs)
        _make_readable(getattr(command, "commands", {}).values(), context)
