"""The command line: one file for each group of commands; they print and exit and decide nothing."""

from __future__ import annotations

import gc
from typing import Annotated, Any

import typer
import typer.core

# What Typer's own signatures name; it re-exports subclasses.
from typer._click.core import Context, Parameter

from gateway.cli.listing import listed, plain
from gateway.cli.streams import give_up, stand_in
from gateway.cli.terminal import fail, results
from gateway.errors import GatewayError


class _Commands(typer.core.TyperGroup):
    """Turns what the gateway raises into a sentence: a traceback is for bugs only."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(**{**settings, "commands": listed()})

    def get_params(self, ctx: Context) -> list[Parameter]:
        """Return the options, flags without a value."""
        return plain(super().get_params(ctx))

    def invoke(self, ctx: Context) -> object:
        try:
            return super().invoke(ctx)
        except GatewayError as fault:
            fail(str(fault))
        except typer.BadParameter as fault:
            # Of a choice it names the exception that it was itself, which tells a person nothing.
            fault.message = fault.message.removeprefix("Value error, ")
            raise


app = typer.Typer(
    name="gateway",
    cls=_Commands,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _print_version(asked: bool) -> None:
    if asked:
        # Here, because no other command wants the machinery that knows what is installed.
        from importlib.metadata import version

        results().print(f"gateway {version('edi-gateway')}")
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
    # Modules, configuration and maps come and stay: Python's usual search for cycles after every
    # 700 of their objects finds nothing and takes a seventh of a start.
    gc.set_threshold(50_000)
    stand_in()
    try:
        app()
    except OSError as fault:
        give_up(fault)
