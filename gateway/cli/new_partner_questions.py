"""What `gateway partners new` asks: each answer is checked where it is given, and asked again."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from itertools import chain

import typer
from pydantic import TypeAdapter, ValidationError
from rich.markup import escape

from gateway.cli.terminal import ExitCode, fail, remarks
from gateway.config import Instance
from gateway.config.maps import DEFAULT_VERSION, inherited
from gateway.config.schemas import packaged_schemas
from gateway.partners import Identity
from gateway.partners.connections.as2 import http_address
from gateway.partners.connections.sftp import Host
from gateway.partners.fields import quoted


class Way(StrEnum):
    """How payloads come and go."""

    FOLDER = "folder"
    SFTP = "sftp"
    FTPS = "ftps"
    DROP_BOX = "drop-box"
    HTTP = "http"
    AS2 = "as2"


_HOST = TypeAdapter[str](Host)

WAYS = ", ".join(Way)
"""All of them, for people."""


@dataclass(frozen=True, slots=True)
class _Question:
    option: str
    words: str
    read: Callable[[str], str]
    """Returns the answer as it is kept, or raises ValueError with what is wrong."""
    default: str | None = None

    @property
    def flag(self) -> str:
        """Return the option that answers it."""
        return f"--{self.option.replace('_', '-')}"


class Questions:
    """Completes what options did not say: asks a person, or names all that is missing."""

    def __init__(self, instance: Instance, partner: str) -> None:
        self._instance = instance
        self._partner = partner

    def answered(self, given: Mapping[str, str]) -> dict[str, str]:
        """Return every answer; exit where one cannot be had."""
        answers = dict(given)
        somebody = sys.stdin.isatty()
        missing: list[str] = []
        # Which questions there are is seen only after the one about the way.
        for question in chain(self._first(), self._sets(given), _of_the_way(answers)):
            answer = answers[question.option]
            if answer:
                answers[question.option] = _checked(question, answer)
            elif somebody:
                answers[question.option] = _ask(question)
            elif question.default is None:
                missing.append(f"{question.flag} ({question.words})")
            else:
                answers[question.option] = question.default
        if not (answers["sends"] or answers["receives"] or somebody):
            missing.append("--sends or --receives (sets such as 945,856)")
        if missing:
            fail(f"nobody can be asked here; expected {'; '.join(missing)}")
        return answers

    def _first(self) -> Iterator[_Question]:
        yield _Question("name", "Name for people", _text, self._partner)
        yield _Question("identity", "ISA05/06 as qualifier/id, such as ZZ/QUAYSIDE", self._identity)
        yield _Question("way", f"How payloads come and go: {WAYS}", _way, Way.FOLDER.value)

    def _sets(self, given: Mapping[str, str]) -> Iterator[_Question]:
        if given["sends"] or given["receives"]:
            return
        yield _Question("sends", "Sets it sends us, such as 945,856", self._listed, "")
        yield _Question("receives", "Sets we send it, such as 940", self._written, "")

    def _identity(self, answer: str) -> str:
        qualifier, _, id_ = answer.partition("/")
        try:
            identity = Identity.model_validate({"qualifier": qualifier, "id": id_})
        except ValidationError as fault:
            raise ValueError(
                f"{quoted(answer)} does not fit; expected qualifier/id, such as ZZ/QUAYSIDE"
            ) from fault
        other = self._instance.lookup.partner_of(identity.key)
        if other is not None:
            raise ValueError(f"identity {identity} is one of partner '{other.id}'")
        return answer

    def _listed(self, answer: str) -> str:
        for set_id in _set_ids(answer):
            _map_for(self._instance, set_id, sent=False)
        return answer

    def _written(self, answer: str) -> str:
        for set_id in _set_ids(answer):
            _map_for(self._instance, set_id, sent=True)
        return answer


@dataclass(frozen=True, slots=True)
class Agreed:
    """One agreement of a draft; map and guide are empty where there is none."""

    set: str
    direction: str
    map: str
    guide: str


def agreements(instance: Instance, partner: str, sends: str, receives: str) -> list[Agreed]:
    """Return the agreements on sets, with the maps and guides that are there for the partner.

    Exit where a set is not known, or nothing would write it, or no set is named.
    """
    found = []
    try:
        for direction, listed in (("in", sends), ("out", receives)):
            for set_id in _set_ids(listed):
                map_name = _own_map(instance, partner, set_id)
                map_name = map_name or _map_for(instance, set_id, sent=direction == "out")
                guide = _own_guide(instance, partner, set_id)
                found.append(Agreed(set_id, direction, map_name, guide))
    except ValueError as fault:
        fail(str(fault))
    if not found:
        fail("expected at least one set in --sends or --receives")
    return found


def _own_map(instance: Instance, partner: str, set_id: str) -> str:
    """Return the instance's map that is named for the partner and the set, or nothing."""
    name = f"{partner}-{set_id}"
    own = name in instance.maps and not instance.maps[name].packaged
    return name if own and inherited(name, "transaction_set", instance.maps) == set_id else ""


def _own_guide(instance: Instance, partner: str, set_id: str) -> str:
    guide = instance.guides.get((partner, set_id))
    return set_id if guide is not None and guide.set_id == set_id else ""


def _of_the_way(answers: Mapping[str, str]) -> Iterator[_Question]:
    if answers["way"] in (Way.SFTP, Way.FTPS):
        yield _Question("host", "The partner's server", _host)
        yield _Question("user", "Our user name there", _text)
    if answers["way"] == Way.AS2:
        yield _Question("as2_id", "What the partner calls itself on AS2", _text)
        words = "Where it takes messages, such as https://edi.partner.example/as2"
        yield _Question("url", words, http_address)


def _ask(question: _Question) -> str:
    """Ask a person until the answer fits."""
    while True:
        given = str(typer.prompt(question.words, default=question.default))
        try:
            return question.read(given) if given else given
        except ValueError as fault:
            remarks().print(f"[red]{escape(str(fault))}[/]")


def _checked(question: _Question, answer: str) -> str:
    try:
        return question.read(answer)
    except ValueError as fault:
        fail(f"{question.flag}: {fault}", ExitCode.FINDINGS)


def _text(answer: str) -> str:
    if not answer.isprintable():
        raise ValueError(f"{answer!r} has characters that cannot be shown")
    return answer


def _host(answer: str) -> str:
    try:
        return str(_HOST.validate_python(answer))
    except ValidationError as fault:
        raise ValueError(str(fault.errors()[0]["ctx"]["error"])) from fault


def _way(answer: str) -> str:
    written = answer.strip().lower().replace("_", "-")
    if written not in list(Way):
        raise ValueError(f"{quoted(answer)} does not fit; expected one of {WAYS}")
    return written


def _set_ids(listed: str) -> list[str]:
    return [part.strip() for part in listed.split(",") if part.strip()]


def _map_for(instance: Instance, set_id: str, *, sent: bool) -> str:
    """Return the base map of a set; empty where there is none and we only receive the set."""
    name = f"base-{set_id}"
    if inherited(name, "transaction_set", instance.maps) == set_id:
        return name
    if packaged_schemas().get(DEFAULT_VERSION, set_id) is None:
        raise ValueError(f"there is no schema for {quoted(set_id)} in version {DEFAULT_VERSION}")
    if sent:
        known = sorted(one[5:] for one in instance.maps if re.fullmatch(r"base-\d{3}", one))
        raise ValueError(
            f"there is no map that writes {set_id}; there are maps for {', '.join(known)}. Another "
            "set needs a map of yours first"
        )
    return ""
