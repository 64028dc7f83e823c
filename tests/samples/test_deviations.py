"""The deviations of the syntax by number, as docs/partners.md lists them: each has a sample.

The table is held against what the reader and the validator say of each sample: nothing where it is
always taken, and something that the name beside it silences or that a rule of that name decides.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from gateway import resources
from gateway.findings import Finding, Severity
from gateway.partners import Agreement
from gateway.x12.leniency import STRICT, Leniency
from gateway.x12.model import TransactionSet
from gateway.x12.reader import read_interchanges
from gateway.x12.validate import Validator
from tests.samples.maps import SCHEMAS

FOLDER = resources.directory("samples") / "deviations"
PAGE = Path(__file__).parents[2] / "docs" / "partners.md"
PLAIN = "00-as-the-standard-has-it.x12"
_ROW = re.compile(r"^\| (\d+) \| (.+?) \| (.+?) \| `([\w.-]+\.x12)` \|$", re.MULTILINE)
_OTHER_CONTENT = frozenset(
    {
        "10-several-interchanges-groups-and-sets.x12",
        "10-the-text-isa-in-data.x12",
        "11-separators-at-the-end.x12",
        "12-component-separator-in-data.x12",
        "13-st03-in-004010.x12",
        "14-segment-count-wrong.x12",
        "15-one-number-for-every-set.x12",
    }
)
"""Samples whose deviation stands in the sets themselves."""


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table."""

    number: int
    taken: str
    sample: str

    @property
    def leniency(self) -> Leniency:
        """Return what `accept` names."""
        found = re.search(r"`accept: \[([\w, ]+)\]`", self.taken)
        return Leniency(**dict.fromkeys(found[1].split(", "), True)) if found else STRICT


def rows() -> list[Row]:
    section = PAGE.read_text("utf-8").partition("## Deviations of the syntax, by name")[2]
    return [Row(int(number), taken, sample) for number, _, taken, sample in _ROW.findall(section)]


def _sets(name: str, leniency: Leniency) -> list[TransactionSet]:
    interchanges = read_interchanges((FOLDER / name).read_bytes(), lambda _: leniency)
    return [
        one for whole in interchanges for group in whole.groups for one in group.transaction_sets
    ]


def _findings(name: str, leniency: Leniency) -> Iterator[Finding]:
    for whole in read_interchanges((FOLDER / name).read_bytes(), lambda _: leniency):
        yield from whole.findings
        for group in whole.groups:
            version = "005010" if group.header.version.startswith("005010") else "004010"
            schema = SCHEMAS.get(version, "945")
            assert schema is not None
            yield from group.findings
            for one in group.transaction_sets:
                yield from one.findings
                yield from Validator(schema).parse(one).findings


def test_every_sample_has_a_row_and_every_deviation_a_sample() -> None:
    names = {path.name for path in FOLDER.glob("*.x12")} - {PLAIN}
    assert {row.sample for row in rows()} == names
    assert {row.number for row in rows()} == set(range(1, 18))
    assert all(row.sample.startswith(f"{row.number:02d}-") for row in rows())


@pytest.mark.parametrize("row", rows(), ids=lambda row: row.sample)
def test_a_deviation_is_taken_as_the_page_says(row: Row) -> None:
    strict = list(_findings(row.sample, STRICT))
    if row.taken.startswith("always") or row.taken.startswith("`version"):
        assert strict == []
    elif row.leniency != STRICT:
        assert strict, "taken without its name"
        assert list(_findings(row.sample, row.leniency)) == []
    else:
        named = re.search(r"`findings: (\w+)`", row.taken)
        assert named is not None
        assert {one.code.value for one in strict} == {named[1]}
        lived_with = {"finding": named[1], "severity": "note"}
        agreement = Agreement.model_validate(
            {"set": "945", "direction": "in", "findings": [lived_with]}
        )
        assert {agreement.severity(one) for one in strict} == {Severity.NOTE}


@pytest.mark.parametrize(
    "row", [row for row in rows() if row.sample not in _OTHER_CONTENT], ids=lambda row: row.sample
)
def test_what_is_read_is_what_was_meant(row: Row) -> None:
    [plain] = _sets(PLAIN, STRICT)
    assert [one.segments for one in _sets(row.sample, row.leniency)] == [plain.segments]


def test_trailing_separators_are_no_content() -> None:
    [plain], [found] = _sets(PLAIN, STRICT), _sets("11-separators-at-the-end.x12", STRICT)

    def bare(one: TransactionSet) -> list[str]:
        return ["*".join(segment).rstrip("*") for segment in one.segments]

    assert bare(found) == bare(plain)


def test_the_version_of_a_partner_is_one_of_its_aliases() -> None:
    agreed = {"set": "945", "direction": "in"}
    assert not Agreement.model_validate(agreed).takes_version("4010")
    assert Agreement.model_validate({**agreed, "version_aliases": "4010"}).takes_version("4010")
    assert Agreement.model_validate(agreed).takes_version("004010UCS")


def test_a_ta1_outside_of_groups_is_read_as_one() -> None:
    payload = (FOLDER / "16-ta1-outside-a-group.x12").read_bytes()
    [whole] = read_interchanges(payload)
    assert [one[1] for one in whole.acknowledgments] == ["000000077"]


def test_offsets_point_into_what_came_however_it_was_folded_or_encoded() -> None:
    for name in ("03-lines-of-80-characters.x12", "09-ebcdic-lines.x12"):
        payload = (FOLDER / name).read_bytes()
        [one] = _sets(name, STRICT)
        begins = [payload[offset : offset + 2] for offset in one.offsets[:3]]
        encoding = "cp037" if "ebcdic" in name else "ascii"
        assert [text.decode(encoding) for text in begins] == ["ST", "W0", "N1"]
