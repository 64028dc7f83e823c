"""The command line: one file for each group of commands; they print and exit and decide nothing."""

from __future__ import annotations

from collections.abc import Iterable
from importlib.metadata import version as installed_version
from typing import Annotated

import typer
import typer.core

# What Typer's own signatures name; it re-exports subclasses.
from typer._click.core import Command, Context, Parameter

from gateway.cli.ack import ack
from gateway.cli.check import check
from gateway.cli.demo import demo
from gateway.cli.documents import documents
from gateway.cli.init import init
from gateway.cli.interchanges import interchanges
from gateway.cli.maps import maps
from gateway.cli.quarantine import quarantine
from gateway.cli.receive import receiver
from gateway.cli.run import run
from gateway.cli.terminal import fail, results
from gateway.cli.translate import translate
from gateway.cli.validate import validate
from gateway.errors import GatewayError


class _Commands(typer.core.TyperGroup):
    """Turns what the gateway raises into a sentence: a traceback is for bugs only."""

    def get_params(self, ctx: Context) -> list[Parameter]:
        """Return the options, flags without a value in all help texts."""
        _show_plain_flags(self.commands.values(), ctx)
        return _plain(super().get_params(ctx))

    def invoke(self, ctx: Context) -> object:
        try:
            return super().invoke(ctx)
        except GatewayError as fault:
            fail(str(fault))


def _show_plain_flags(commands: Iterable[Command], ctx: Context) -> None:
    for command in commands:
        _plain(command.get_params(ctx))
        _show_plain_flags(getattr(command, "commands", {}).values(), ctx)


def _plain(parameters: list[Parameter]) -> list[Parameter]:
    """Show `--json` and not `--json <bool>`: a flag takes no value."""
    for parameter in parameters:
        if getattr(parameter, "is_flag", False):
            parameter.metavar = ""
    return parameters


app = typer.Typer(
    name="gateway",
    cls=_Commands,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command("validate")(validate)
app.command("ack")(ack)
app.command("translate")(translate)
app.command("check")(check)
app.command("init")(init)
app.command("run")(run)
app.command("receiver")(receiver)
app.command("demo")(demo)
app.add_typer(documents, name="documents")
app.add_typer(interchanges, name="interchanges")
app.add_typer(quarantine, name="quarantine")
app.add_typer(maps, name="maps")


def _print_version(asked: bool) -> None:
    if asked:
        results().print(f"gateway {installed_version('edi-gateway')}")
        raise typer.Exit


@app.callback()
def options(
    version: Annotated[
        bool, typer.Option("--version", help="Print the version.", callback=_print_version)
    ] = False,
) -> None:
    """EDI/B2B gateway: X12 in and out, canonical JSON, durable delivery."""


def main() -> None:
    """Run the command line."""
    app()
