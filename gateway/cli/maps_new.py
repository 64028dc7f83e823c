"""`gateway maps new`: a draft overlay, a draft guide and a draft test, made from samples."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from gateway import config
from gateway.acks.results import ACKNOWLEDGMENT_GROUP
from gateway.cli.draft_guide import guide_text
from gateway.cli.draft_map import Draft, overlay_text
from gateway.cli.inputs import Input, collect
from gateway.cli.map_sides import Side
from gateway.cli.map_tests import x12
from gateway.cli.maps_coverage import Coverage
from gateway.cli.maps_in_use import MapsInUse
from gateway.cli.sample_facts import Facts
from gateway.cli.terminal import Home, fail, remarks, results
from gateway.cli.translated_twice import Given, Known, sets_in
from gateway.config.schemas import packaged_schemas
from gateway.counting import counted
from gateway.errors import InterchangeUnreadable
from gateway.mapping.testing import finding_line
from gateway.x12.validate import Validator

_PARTNER = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_MOST_CASES = 5
"""Samples that become cases of the test."""


@dataclass(frozen=True, slots=True)
class _Sample:
    """A file, and the sets of it by id."""

    file: Input
    content: bytes
    kinds: frozenset[str]


def new(
    files: Annotated[
        list[str] | None,
        typer.Argument(metavar="[FILE…]", help="More samples: X12 files or folders of them."),
    ] = None,
    partner: Annotated[
        str, typer.Option(help="Short name of the partner: the folders are called so.")
    ] = ...,  # type: ignore[assignment]  # how Typer says that an option has to be given
    from_: Annotated[
        list[str] | None, typer.Option("--from", help="Samples: X12 files or folders of them.")
    ] = None,
    home: Home = Path(),
) -> None:
    """Write a draft overlay, guide and test for each set that the samples hold.

    What certainly helps is written; everything else that was seen stands in comments, with how
    often. Nothing that is there already is written over.
    """
    if not _PARTNER.fullmatch(partner):
        fail(f"'{partner}' is no short name of a partner, such as acme or quayside-3pl")
    named = [*(from_ or []), *(files or [])]
    if not named:
        fail("from what? Name samples: `--from samples/*.edi`")
    instance = config.load(home, maps_too=False)
    drafts, samples = _drafts(named, Side("the maps", home).maps())
    if not drafts:
        fail("no sample holds a set that there is a base map for")
    planned = [_paths(home, partner, set_id) for set_id in drafts]
    taken = [path for paths in planned for path in paths if path.exists()]
    if taken:
        fail(f"{taken[0]} is there already: it is not written over")
    for paths, draft in zip(planned, drafts.values(), strict=True):
        _write(paths[0], overlay_text(draft, partner))
        _write(paths[1], guide_text(draft.facts, partner))
        own = [one for one in samples if draft.set_id in one.kinds][:_MOST_CASES]
        _write(paths[2], _test(home, paths[2], draft, own))
        _told(draft, paths, home)
    names = [f"{partner}-{set_id}" for set_id in drafts]
    lines = _next_steps(partner, names, home, known=partner in instance.partners)
    results().print("\nNext:\n" + "\n".join(lines), soft_wrap=True)


def _next_steps(partner: str, names: Sequence[str], home: Path, *, known: bool) -> Iterator[str]:
    """Yield what to type next: coverage goes by agreements, so these come first."""
    where = f" --home {escape(str(home))}" if home != Path() else ""
    samples = escape((home / "maps" / partner / "samples").as_posix())
    agreed = f"`gateway partners new {partner}{where}`: its agreements name these maps and guides"
    if known:
        agreed = f"name these maps and guides in the agreements of partners/{partner}.yaml"
    steps = (
        agreed,
        f"`gateway check{where}`",
        f"`gateway maps test {' '.join(names)}{where}`",
        f"`gateway maps coverage {samples}{where}`: what no field takes yet",
    )
    yield from (f"  {number}. {step}" for number, step in enumerate(steps, 1))


def _paths(home: Path, partner: str, set_id: str) -> tuple[Path, Path, Path]:
    maps = home / "maps" / partner
    guide = home / "partners" / partner / "guides" / f"{set_id}.yaml"
    return maps / f"{set_id}.map.yaml", guide, maps / f"{set_id}.test.yaml"


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def _drafts(names: Sequence[str], maps: MapsInUse) -> tuple[dict[str, Draft], list[_Sample]]:
    """Read all samples by the base maps of their sets."""
    drafts: dict[str, Draft] = {}
    samples: list[_Sample] = []
    without: dict[str, None] = {}
    for file in collect(names).inputs:
        content = file.read()
        kinds: set[str] = set()
        try:
            for _, group, one in sets_in(Given(file.shown, content), Known()):
                if group.functional_id == ACKNOWLEDGMENT_GROUP:
                    continue
                if f"base-{one.set_id}" not in maps.files:
                    without.setdefault(one.set_id)
                    continue
                draft = drafts.get(one.set_id) or _draft(one.set_id, group.version, maps)
                drafts[one.set_id] = draft
                kinds.add(one.set_id)
                tree = Validator(draft.facts.schema).parse(one).tree
                reading = draft.compiled.read(tree, one.delimiters)
                kept = [word for made in reading.documents for word in draft.compiled.kept(made)]
                draft.take(reading.documents, [*reading.findings, *kept])
                draft.facts.add(tree)
                draft.coverage.take(draft.compiled, one, reading)
        except InterchangeUnreadable as fault:
            remarks().print(f"[yellow]passed over:[/] {escape(f'{file.shown}: {fault}')}")
        samples.append(_Sample(file, content, frozenset(kinds)))
    for set_id in without:
        remarks().print(f"[yellow]passed over:[/] there is no base map for set {escape(set_id)}")
    return drafts, samples


def _draft(set_id: str, version: str, maps: MapsInUse) -> Draft:
    base = f"base-{set_id}"
    schema = packaged_schemas().get(version, set_id) or maps.schema(base)
    compiled = maps.compiled_for(base, schema)
    return Draft(base, set_id, compiled, maps.resolved(base), Facts(schema), Coverage())


def _test(home: Path, path: Path, draft: Draft, samples: Sequence[_Sample]) -> str:
    """Return a test that expects what the draft makes of the samples, copied beside it."""
    side = Side("the draft", home)
    name = f"{path.parent.name}-{draft.set_id}"
    maps = side.maps()
    compiled, syntax = maps.compiled(name), x12(maps.schema(name))
    lines = [
        "# What the draft makes of the samples: read it, and correct what should be otherwise."
    ]
    lines += [f"map: {name}", "cases:"]
    for number, sample in enumerate(samples, 1):
        stem = f"samples/{draft.set_id}-{number}"
        (path.parent / "samples").mkdir(exist_ok=True)
        (path.parent / f"{stem}.edi").write_bytes(sample.content)
        reading = compiled.read(syntax.parse(sample.content.decode("latin-1")), syntax.delimiters)
        shown = reading.documents[0] if len(reading.documents) == 1 else list(reading.documents)
        document = json.dumps(shown, indent=2, ensure_ascii=False) + "\n"
        (path.parent / f"{stem}.json").write_text(document, encoding="utf-8")
        lines += [
            f"  - name: {json.dumps(f'as in {Path(sample.file.name).name}')}",
            f"    edi: {stem}.edi",
            f"    document: {stem}.json",
            "    directions: [read]",
        ]
        if reading.findings:
            lines.append("    findings:")
            lines += [f"      - {json.dumps(finding_line(one))}" for one in reading.findings]
    return "\n".join(lines) + "\n"


def _told(draft: Draft, paths: Sequence[Path], home: Path) -> None:
    console = results()
    sets = counted(draft.facts.sets, "set")
    console.print(f"[bold]{draft.set_id}[/]  {sets} over {draft.base}")
    for path in paths:
        console.print(f"  [green]✓[/] {escape(_within(path, home))}")
    for words in _counts(draft):
        console.print(f"    [dim]{words}[/]")


def _counts(draft: Draft) -> Iterator[str]:
    left = draft.coverage.left
    if left:
        are = "is" if left == 1 else "are"
        yield f"{left:,} of {draft.coverage.elements:,} elements {are} not mapped"
    faults = len({(field, code) for field, code, _ in draft.findings})
    if faults:
        have = "has" if faults == 1 else "have"
        yield f"{counted(faults, 'field')} {have} values that the base map keeps or refuses"


def _within(path: Path, home: Path) -> str:
    return path.relative_to(home).as_posix() if path.is_relative_to(home) else str(path)
