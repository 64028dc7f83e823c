"""Reads the guides of an instance's partners, and places each of their rules in its file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from gateway.config.guide_file import Consequence, GuideBalance, GuideFile, GuidePlace
from gateway.config.reading import Read, read_model
from gateway.errors import Problem
from gateway.findings import GuideRule
from gateway.partners import GuideName
from gateway.x12.guides.model import Balance, Entry, Example, Guide
from gateway.x12.guides.paths import PathFault, read_path
from gateway.yaml_source import Path as YamlPath
from gateway.yaml_source import Source

FOLDER = "guides"
"""Below the folder of the partner, which has the name of its file."""


@dataclass(frozen=True, slots=True)
class GuideSource:
    """A guide as it was read, and the file that says it."""

    name: GuideName
    source: Source
    guide: Guide | None
    """None where the file could not be read."""
    problems: tuple[Problem, ...] = ()


def find_guides(home: Path, partners: str) -> tuple[GuideSource, ...]:
    """Read every guide of an instance; `partners` is the folder of its partners."""
    return tuple(
        _read(path, (path.parent.parent.name, path.stem), f"{path.relative_to(home).as_posix()}")
        for path in sorted((home / partners).glob(f"*/{FOLDER}/*.yaml"))
    )


def _read(path: Path, name: GuideName, file: str) -> GuideSource:
    read: Read[GuideFile] = read_model(path, file, GuideFile)
    if read.model is None:
        return GuideSource(name, read.source, None, read.problems)
    return made(read.source, read.model, name)


def made(source: Source, model: GuideFile, name: GuideName) -> GuideSource:
    """Make the guide of a file that was read."""
    partner = name[0]
    whose = f"{partner}'s guide for {model.set}"
    entries: list[Entry] = []
    problems: list[Problem] = []
    for text, place in model.places.items():
        try:
            entries.append(_entry(text, place, _rule(source, ("places", text), place, whose)))
        except PathFault as fault:
            problems.append(source.problem(("places", text), str(fault)))
    balances = tuple(
        _balance(kind, one or GuideBalance(), _rule(source, ("balance", kind), one, whose))
        for kind, one in model.balance.items()
    )
    guide = Guide(
        partner,
        model.set,
        model.title,
        model.notes,
        tuple(entries),
        balances,
        tuple(Example(one.title, one.segments) for one in model.examples),
    )
    return GuideSource(name, source, guide, tuple(problems))


def _rule(source: Source, path: YamlPath, said: Consequence | None, whose: str) -> GuideRule:
    mark = source.mark(path)
    said = said or Consequence()
    return GuideRule(str(path[-1]), whose, mark.file, mark.line, said.severity, said.forwarding)


def _balance(kind: str, said: GuideBalance, rule: GuideRule) -> Balance:
    return Balance(
        kind, rule, said.tolerance, said.structures, said.signed_allowances, said.qualifiers
    )


def _entry(text: str, place: GuidePlace, rule: GuideRule) -> Entry:
    return Entry(
        path=read_path(text),
        rule=rule,
        use=place.use,
        minimum=place.min,
        maximum=place.max,
        length=place.length,
        codes=place.codes,
        more_codes=place.more_codes,
        pattern=place.pattern,
        loosen=place.loosen,
        note=place.note,
    )


def by_name(found: tuple[GuideSource, ...]) -> Mapping[GuideName, Guide]:
    """Return the guides that could be read."""
    return {one.name: one.guide for one in found if one.guide is not None}
