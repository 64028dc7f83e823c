"""What became of requests: one line for each, and the exit code of all."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import asdict

import typer
from rich.markup import escape

from gateway.cli.terminal import ExitCode, print_json, remarks, results
from gateway.pipeline.asked import Done

_OURS = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def print_answers(answers: Sequence[Done], *, as_json: bool) -> None:
    """Print what became of each request and exit: 0 where all was done, or nothing was to do."""
    if as_json:
        print_json([asdict(answer) for answer in answers])
    else:
        for answer in answers:
            mark = "[green]✓[/]" if answer.done else "[yellow]–[/]"
            results().print(f"{mark} {escape(_shown(answer.id))} {escape(answer.what)}")
        if not answers:
            remarks().print("Nothing to do.")
    raise typer.Exit(
        ExitCode.FINE if all(one.done or one.needless for one in answers) else ExitCode.FINDINGS
    )


def _shown(subject: str) -> str:
    """Shorten an identifier of ours; the id of a partner is a name, and stays whole."""
    return subject[:8] if _OURS.fullmatch(subject) else subject
