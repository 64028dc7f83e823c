"""The tests that lie beside a map, run against it; reading files and X12 is the caller's part."""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from pydantic import ValidationError

from gateway.errors import ConfigProblems, GatewayError
from gateway.findings import Finding
from gateway.mapping.compiled import CompiledMap
from gateway.mapping.grammar import CaseSpec, TestFile, problems_of
from gateway.mapping.plan import AS_RECEIVED, Json
from gateway.mapping.ports import Node, Separators
from gateway.mapping.recall import Asked
from gateway.yaml_source import Source

_FILE = re.compile(r"[^\n*~|{]+\.(?:edi|x12|txt|json)")
ALL_DIRECTIONS = ("read", "write", "round_trip")


@dataclass(frozen=True, slots=True)
class Syntax:
    """How sets become trees and trees become lines; X12 is one such syntax."""

    parse: Callable[[str], Node]
    """From the text of a case, with or without envelope."""
    serialise: Callable[[Node], Sequence[str]]
    """In the schema's order, one line a segment, without the envelope's own segments."""
    delimiters: Separators


@dataclass(frozen=True, slots=True)
class CaseResult:
    """What came of one case in one direction."""

    name: str
    direction: str
    difference: str = ""
    """Empty where the case passed; otherwise expected against found, line by line."""
    actual: str = ""
    """What was found, for those who want to accept it."""
    kept: tuple[str, ...] = ()
    """Words that a table let pass without knowing them; they fail no case."""
    golden: tuple[str, str] | None = None
    """Where the document differs: its file, empty if it stands in the test, and what was found."""

    @property
    def passed(self) -> bool:
        """Say whether nothing differs."""
        return not self.difference


def load_tests(source: Source) -> TestFile:
    """Return the tests of a file; raise ConfigProblems with all that is wrong in it."""
    try:
        return TestFile.model_validate(source.value)
    except ValidationError as fault:
        raise ConfigProblems(list(problems_of(fault, source, TestFile))) from fault


def run_tests(
    tests: TestFile, compiled: CompiledMap, syntax: Syntax, load: Callable[[str], str]
) -> list[CaseResult]:
    """Run every case; `load` gives the text of a file that a case names."""
    return [
        result
        for case in tests.cases
        for result in _outcomes(_Case(case, compiled, syntax, load), case)
    ]


def files_of(case: CaseSpec) -> Iterator[tuple[str, str]]:
    """Yield what a case names files by, and their names: `edi` or `document`, and the path."""
    for key, given in (("edi", case.edi), ("document", case.document)):
        if given is not None and _FILE.fullmatch(given):
            yield key, given
    yield from (("earlier", given) for given in case.earlier if _FILE.fullmatch(given))


def _outcomes(case: _Case, spec: CaseSpec) -> list[CaseResult]:
    """Run one case; what cannot be read fails it, and leaves the others to be run."""
    try:
        return list(case.results())
    except GatewayError as fault:
        direction = (spec.directions or _possible(spec))[0]
        return [CaseResult(spec.name, direction, str(fault))]


@dataclass(frozen=True, slots=True)
class _Case:
    spec: CaseSpec
    compiled: CompiledMap
    syntax: Syntax
    load: Callable[[str], str]

    def results(self) -> Iterator[CaseResult]:
        """Yield one result for each direction that the case allows or asks for."""
        edi, document = self._text(self.spec.edi), self._text(self.spec.document)
        wanted = self.spec.directions or _possible(self.spec)
        tree = None if edi is None else self.syntax.parse(edi)
        expected = None if document is None else _documents(document)
        for direction in wanted:
            if direction == "read" and tree is not None:
                yield self._read(tree, expected)
            elif direction == "write" and tree is not None and expected is not None:
                yield self._write(expected, tree)
            elif direction == "round_trip" and (tree is not None or expected is not None):
                yield self._round_trip(tree, expected)
            else:
                missing = "edi" if tree is None else "document"
                yield CaseResult(self.spec.name, direction, f"the case gives no {missing}")

    def _text(self, given: str | None) -> str | None:
        return self.load(given) if given is not None and _FILE.fullmatch(given) else given

    def _earlier(self, asked: Asked) -> Mapping[str, Json] | None:
        """Return the last of the case's earlier documents that has the key."""
        given = [one for text in self.spec.earlier for one in _documents(self._text(text) or "")]
        return next((one for one in reversed(given) if asked.fits(one)), None)

    def _read(self, tree: Node, expected: Sequence[Mapping[str, Json]] | None) -> CaseResult:
        reading = self.compiled.read(tree, self.syntax.delimiters)
        made = [self.compiled.recall(one, self._earlier) for one in reading.documents]
        documents = [document for document, _ in made]
        findings = [*reading.findings, *(one for _, missed in made for one in missed)]
        found = _pretty(documents)
        wanted = found if expected is None else _pretty(expected)
        difference = _difference(wanted, found) + _difference(
            sorted(self.spec.findings), sorted(map(finding_line, findings))
        )
        kept = tuple(
            f"{one.field}: '{one.value}': {one.detail}"
            for document in documents
            for one in self.compiled.kept(document)
        )
        golden = None if wanted == found else (self._file(), _golden(documents))
        return CaseResult(self.spec.name, "read", difference, "\n".join(found), kept, golden)

    def _file(self) -> str:
        given = self.spec.document or ""
        return given if _FILE.fullmatch(given) else ""

    def _write(self, expected: Sequence[Mapping[str, Json]], tree: Node) -> CaseResult:
        written = self._written([self.compiled.recall(one, self._earlier)[0] for one in expected])
        difference = _difference(self.syntax.serialise(tree), written)
        return CaseResult(self.spec.name, "write", difference, "\n".join(written))

    def _written(self, documents: Sequence[Mapping[str, Json]]) -> Sequence[str]:
        document = self.compiled.merge(documents) if len(documents) > 1 else documents[0]
        return self.syntax.serialise(self.compiled.write(document, self.syntax.delimiters).tree)

    def _round_trip(
        self, tree: Node | None, expected: Sequence[Mapping[str, Json]] | None
    ) -> CaseResult:
        difference, delimiters = "", self.syntax.delimiters
        if tree is not None:
            documents = self.compiled.read(tree, delimiters).documents
            written = self._written(documents)
            difference += _difference(self.syntax.serialise(tree), written)
        if expected is not None:
            whole = self.compiled.merge(expected) if len(expected) > 1 else expected[0]
            again = self.compiled.read(self.compiled.write(whole, delimiters).tree, delimiters)
            difference += _difference(_mapped(expected), _mapped(again.documents))
        return CaseResult(self.spec.name, "round_trip", difference)


def finding_line(finding: Finding) -> str:
    """Write a finding as tests name it: its code, and the field or else the position."""
    return f"{finding.code} {finding.field or finding.location.reference}".strip()


def _possible(spec: CaseSpec) -> Sequence[str]:
    if spec.findings or spec.edi is None or spec.document is None:
        return ("read",) if spec.edi is not None else ("round_trip",)
    return ALL_DIRECTIONS


def _documents(text: str) -> Sequence[Mapping[str, Json]]:
    try:
        value = json.loads(text)
    except json.JSONDecodeError as fault:
        raise GatewayError(f"the case's document is not well-formed JSON: {fault}") from fault
    except RecursionError as fault:
        raise GatewayError("the case's document is nested deeper than any document") from fault
    return value if isinstance(value, list) else [value]


def _pretty(documents: Sequence[Mapping[str, Json]]) -> list[str]:
    shown = documents[0] if len(documents) == 1 else documents
    return json.dumps(shown, indent=2, ensure_ascii=False, sort_keys=True).split("\n")


def _golden(documents: Sequence[Mapping[str, Json]]) -> str:
    """Write documents as `gateway translate` does, members in the order of the map."""
    shown = documents[0] if len(documents) == 1 else documents
    return json.dumps(shown, indent=2, ensure_ascii=False) + "\n"


def _mapped(documents: Sequence[Mapping[str, Json]]) -> list[str]:
    """Show documents without what the map does not speak of."""
    kept = [
        {key: value for key, value in one.items() if key not in ("unmapped", AS_RECEIVED, "meta")}
        for one in documents
    ]
    return _pretty(kept)


def _difference(expected: Sequence[str], found: Sequence[str]) -> str:
    lines = difflib.unified_diff(list(expected), list(found), "expected", "found", lineterm="", n=2)
    return "".join(f"{line}\n" for line in lines)
