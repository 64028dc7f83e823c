"""Code tables: X12 code to document word and back."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache

from gateway.mapping.conversions import Scalar
from gateway.mapping.grammar import TableSpec
from gateway.mapping.kinds import Gives
from gateway.mapping.plan import TableForm, ValueRule


class CodeUnknown(ValueError):
    """The table has no such code or word."""


@dataclass(frozen=True)
class Table:
    """A code table, checked; `words` is unambiguous."""

    name: str
    codes: Mapping[str, str]
    words: Mapping[str, str]
    spec: TableSpec

    @property
    def given(self) -> tuple[str, ...]:
        """Return all words that it may give."""
        default = () if self.spec.default is None else (self.spec.default,)
        return (*self.codes.values(), *default)

    @cached_property
    def gives(self) -> Gives:
        """Say whether a word of it may be empty."""
        empty = "" in self.codes.values() or self.spec.default == ""
        return Gives.ANY_TEXT if empty else Gives.TEXT

    def form(self, *, with_words: bool = False) -> TableForm:
        """Return what a plan knows of it; with its words only where all problems are told."""
        if with_words:
            return TableForm(self.name, self.spec.unknown, self.gives, self.given)
        return _form(self.name, self.spec.unknown, self.gives)

    @cached_property
    def known(self) -> frozenset[str]:
        """Return all that it knows, codes and words, and the empty text."""
        return frozenset(("", *self.codes, *self.words))

    @cached_property
    def rule(self) -> ValueRule:
        """Return both directions, ready to be called."""
        unknown, gives = self.spec.unknown, self.gives
        if unknown == "fail":
            return ValueRule(self._read, self._write, gives=gives)
        if unknown == "keep":
            codes, words = self.codes, self.words
            return ValueRule(
                lambda code: codes.get(code, code),
                lambda word: words.get(text := str(word), text),
                codes,
                gives,
                words=words,
            )
        return ValueRule(self._read_default, self._write_default, gives=gives)

    def _read(self, code: str) -> Scalar:
        try:
            return self.codes[code]
        except KeyError:
            raise CodeUnknown(f"not in table {self.name}") from None

    def _write(self, word: Scalar) -> str:
        try:
            return self.words[str(word)]
        except KeyError:
            raise CodeUnknown(f"not in table {self.name}") from None

    def _read_default(self, code: str) -> Scalar:
        found = self.codes.get(code, self.spec.default)
        return self._read(code) if found is None else found

    def _write_default(self, word: Scalar) -> str:
        found = self.words.get(str(word), self.spec.write_default)
        return self._write(word) if found is None else found


def joined(first: ValueRule, then: ValueRule) -> ValueRule:
    """Return the rule that reads with one and then the other, and writes the other way round."""
    if first.read is None or first.write is None:
        return then
    if then.read is None or then.write is None:
        return first
    read, look, write, find = first.read, then.read, first.write, then.write
    gives = then.gives.after(first.gives)
    return ValueRule(
        lambda text: look(str(read(text))), lambda value: write(find(value)), gives=gives
    )


@lru_cache(maxsize=4096)
def _form(name: str, unknown: str, gives: Gives) -> TableForm:
    """Return the very same form for all tables of it: plans are told apart by identity."""
    return TableForm(name, unknown, gives)


def full(entry: dict[str, str] | TableSpec) -> TableSpec:
    """Return a table as written short in its full form; rows with a word are codes too."""
    spec = entry if isinstance(entry, TableSpec) else TableSpec(codes=entry)
    if spec.word is None or not spec.rows:
        return spec
    codes = {code: row[spec.word] for code, row in spec.rows.items() if row.get(spec.word)}
    codes.update(spec.codes)
    return spec if codes == spec.codes else spec.model_copy(update={"codes": codes})


def table_problems(spec: TableSpec) -> Iterator[tuple[str, str]]:
    """Say what is wrong with a table: the member it is about, and a sentence."""
    codes_of: dict[str, list[str]] = {}
    for code, word in spec.codes.items():
        codes_of.setdefault(word, []).append(code)
    for word, codes in codes_of.items():
        if len(codes) > 1 and word not in spec.write:
            written = " and ".join(codes)
            yield "codes", f"{written} both mean '{word}': `write:` must say which is written"
    for word, code in spec.write.items():
        if code not in codes_of.get(word, ()):
            yield "write", f"'{code}' is not a code that means '{word}'"
    if spec.word and not any(spec.word in row for row in spec.rows.values()):
        yield "word", f"no row has the column '{spec.word}'"
    if spec.unknown == "default" and spec.default is None:
        yield "unknown", "`unknown: default` needs `default:`"
    if spec.unknown != "default" and (spec.default or spec.write_default):
        yield "unknown", f"`default:` has no effect with `unknown: {spec.unknown}`"


def build(name: str, spec: TableSpec) -> Table:
    """Return a table that has no problems."""
    words: dict[str, str] = {}
    for code, word in spec.codes.items():
        words.setdefault(word, code)
    return Table(name, spec.codes, {**words, **spec.write}, spec)
