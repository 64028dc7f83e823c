"""A dry run of an export, as `gateway exports run --dry-run` prints it."""

from __future__ import annotations

import typer
from rich.markup import escape

from gateway.cli.terminal import ExitCode, print_json, remarks, write_segments
from gateway.pipeline.exports.judging import Judged
from gateway.pipeline.exports.trying import Tried
from gateway.pipeline.outbound.write import sentence


def print_tried(tried: Tried, *, as_json: bool) -> None:
    """Print what would be sent, and exit."""
    refused = [one for one in tried.judged if _refusal(one)]
    if as_json:
        print_json(
            {
                "read": tried.read,
                "selected": tried.selected,
                "unchanged": tried.unchanged,
                "more": tried.more,
                "records": [_tried_json(one) for one in tried.judged],
            }
        )
    else:
        for one in tried.judged:
            _print_one(one)
        more = "; there are more" if tried.more else ""
        remarks().print(
            f"Nothing was kept: {tried.read} read, {tried.selected} selected, {tried.unchanged} "
            f"unchanged, {len(tried.judged) - len(refused)} would be sent, {len(refused)} "
            f"refused{more}."
        )
    raise typer.Exit(ExitCode.FINDINGS if refused else ExitCode.FINE)


def _refusal(one: Judged) -> str:
    if one.refused is not None:
        return one.refused.because
    return one.made.draft.because if one.made is not None else ""


def _print_one(one: Judged) -> None:
    because = _refusal(one)
    if one.made is not None:
        to = one.made.agreed
        remarks().print(f"[bold]{escape(one.of.key)}[/] to {to.partner.id}, {to.agreement.set}")
        write_segments(one.made.draft.content)
        for finding in one.made.draft.findings:
            severity = to.agreement.severity(finding)
            remarks().print(f"[yellow]{severity}[/]  {escape(sentence(finding))}")
    if because:
        remarks().print(f"[red]refused[/]  {escape(one.of.key)}: {escape(because)}")


def _tried_json(one: Judged) -> dict[str, object]:
    made = one.made
    return {
        "key": one.of.key,
        "version": one.version,
        "partner": made.submission.partner if made else None,
        "x12": made.draft.content.decode("latin-1") if made else None,
        "document": made.submission.document if made else None,
        "findings": [sentence(each) for each in made.draft.findings] if made else [],
        "refused": _refusal(one) or None,
    }
