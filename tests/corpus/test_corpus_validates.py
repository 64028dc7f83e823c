"""Sets of other projects' files: sound, or with findings that were looked at one by one.

What is followed by a question mark may be the version's: its schema is that of another.

What stands here is wrong in the files: collapsed composites, lost terminators, words where codes
belong. A finding that is not listed is a false alarm until somebody has looked at it.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from gateway.x12.leniency import STRICT, Leniency
from gateway.x12.model import TransactionSet
from gateway.x12.nearest import validator_for
from gateway.x12.reader import read_interchanges
from tests.x12_sets import LIBRARY, briefly, findings_of

CORPUS = Path(__file__).parents[2].parent / "shared" / "corpus" / "files"
FILES = sorted(CORPUS.iterdir()) if CORPUS.is_dir() else []

if not FILES:
    pytest.skip("the corpus of sample files is not beside this checkout", allow_module_level=True)


def _remittance(position: int) -> list[str]:
    return [f"invalid_character {position} RMR0{element}" for element in (4, 5, 6)]


KNOWN: dict[str, tuple[str, list[str]]] = {
    "Inteligenz__820___820_Example1_MortgageBankers.txt": (
        "blanks at the end of numbers; TX1 where TXI was meant",
        ["invalid_character 14 IT101", "segment_unknown 16 TX1", "invalid_character 22 REF02"],
    ),
    "Inteligenz__820___820_Example2_ScanaEnergy.txt": (
        "blanks at the end of lines; xx where account numbers belong; a code without its number",
        [
            "element_too_short 2 BPR11",
            "element_too_long 2 BPR16",
            "invalid_character 3 TRN03",
            "invalid_character 5 DTM04",
            "conditional_element_missing 6 N104",
            "invalid_character 8 ENT01",
            "invalid_character 9 RMR04",
            "invalid_character 10 REF02",
            "element_too_long 11 DTM02",
        ],
    ),
    "Inteligenz__820___820_Example3_HomeDepot.txt": (
        "words that say what belongs there, instead of amounts and dates",
        [
            "invalid_character 2 BPR02",
            "invalid_date 6 DTM02",
            *_remittance(11),
            "invalid_date 13 DTM02",
            *_remittance(14),
            "invalid_date 16 DTM02",
            "invalid_character 17 RMR02",
            *_remittance(17),
            "invalid_date 20 DTM02",
            *_remittance(21),
            "invalid_date 23 DTM02",
        ],
    ),
    "Inteligenz__824___824_FromTmhpSpec.txt": (
        "dates without a century; a version where the purpose belongs",
        ["element_too_short 7 OTI06", "element_too_short 11 OTI06", "element_too_long 11 OTI12"],
    ),
    "Inteligenz__856___856_Example2.txt": (
        "003060, where dates have six digits; an empty shipment number; a text before a number",
        [
            "mandatory_element_missing 2 BSN02 ?",
            "element_too_short 2 BSN03 ?",
            "element_too_short 3 DTM02 ?",
            "element_too_short 4 DTM02 ?",
            "element_too_long 8 TD101 ?",
            "element_too_long 21 CLD03 ?",
            "element_too_long 28 CLD03 ?",
            "element_too_long 30 CLD03 ?",
        ],
    ),
    **dict.fromkeys(
        ("Inteligenz__856___856_edi1Source.txt", "ahuggins-nhs__856__test-data_856.edi"),
        (
            "ISA11 declares the hyphen as repetition separator, and numbers have hyphens",
            ["too_many_repetitions 6 REF02", "too_many_repetitions 14 N403"],
        ),
    ),
    "kputnam__850__fail_1.edi": (
        "003050, where dates have six digits; a note where 004010 has none",
        [
            "element_too_short 2 BEG05 ?",
            "segment_not_in_set 3 NTE ?",
            "element_too_short 8 DTM02 ?",
            "conditional_element_missing 8 DTM06 ?",
        ],
    ),
    "kputnam__860__fail_1.edi": (
        "003010, where dates have six digits; a blank at the end of a number",
        [
            "invalid_character 2 BCH03 ?",
            "element_too_short 2 BCH06 ?",
            "element_too_short 6 DTM02 ?",
            "element_too_short 7 DTM02 ?",
        ],
    ),
    "Inteligenz__846___846_Example1.txt": (
        "a blank at the end of a name",
        ["invalid_character 5 N102"],
    ),
    "Inteligenz__846___846_Example2.txt": (
        "a composite written with element separators; a lost terminator",
        [
            "element_too_long 13 REF04-1",
            "mandatory_element_missing 13 REF04-2",
            "too_many_elements 13 REF05",
            "element_too_long 23 QTY03-1",
            "elements_mutually_exclusive 23 QTY04",
        ],
    ),
    "Inteligenz__850___850_Example4_Adobe_ShrinkWrapped.txt": (
        "no terminator: lines are broken in the middle",
        [
            "segment_unknown 7 TO",
            "segment_unknown 8 Org",
            "segment_unknown 9 Name",
            "segment_unknown 11 Org",
            "segment_unknown 12 Name",
            "segment_unknown 14 TO",
            "segment_unknown 15 Org",
            "segment_unknown 16 Name",
            "segment_unknown 18 TO",
            "segment_unknown 19 Org",
            "segment_unknown 20 Name",
            "segment_unknown 22 Name",
            "segment_unknown 24 Bramshott",
            "segment_unknown 25 Rd.",
            "segment_unknown 27 Jose",
            "segment_unknown 29 Doe",
        ],
    ),
    "Inteligenz__855___855_Example1_Adobe.txt": (
        "a blank at the end of a street",
        ["invalid_character 36 N301"],
    ),
    "Inteligenz__856___856_Example4.txt": (
        "a word where the state code belongs",
        ["element_too_long 14 N402"],
    ),
    "Inteligenz__860___860_Example1.txt": (
        "words where codes and dates belong; a lost terminator",
        [
            "element_too_short 2 BCH06",
            "invalid_character 4 N104",
            "element_too_long 4 N105",
            "element_too_long 4 N106",
        ],
    ),
    "freight-trust__856__tests_Sample_4010_856.txt": (
        "a composite written with other separators; a date without its qualifier",
        [
            "element_too_long 6 REF04-1",
            "mandatory_element_missing 6 REF04-2",
            "element_too_long 7 DTP02",
            "mandatory_element_missing 7 DTP03",
            "mandatory_segment_missing 7 CLD",
        ],
    ),
    "indice-co__850__Samples_x12.850.issue135.edi": (
        "a lost terminator",
        [
            "element_too_long 21 DTM02",
            "element_too_short 21 DTM03",
            "element_too_long 21 DTM04",
            "conditional_element_missing 21 DTM06",
            "too_many_elements 21 DTM08",
            "segment_out_of_sequence 22 CUR",
        ],
    ),
    "indice-co__850__Samples_x12.850a.edi": (
        "a word where the state code belongs",
        ["element_too_long 22 N402"],
    ),
    "indice-co__850__Samples_x12.Issue101.edi": (
        "not the segments of any set",
        [
            "segment_unknown 2 TFS",
            "segment_unknown 3 FGS",
            "mandatory_segment_missing 4 BEG",
            "mandatory_segment_missing 5 PO1",
        ],
    ),
    "kputnam__810__pass_1.edi": (
        "a quantity without unit and price",
        ["conditional_element_missing 7 IT103", "conditional_element_missing 9 IT103"],
    ),
    "kputnam__855__pass_po-ack-minor-changes.edi": (
        "a quantity without unit",
        ["conditional_element_missing 8 ACK03"],
    ),
    "kputnam__856__fail_2.edi": (
        "a lost terminator",
        [
            "invalid_character 11 N104",
            "invalid_character 11 N105",
            "element_too_long 11 N106",
            "too_many_elements 11 N107",
            "segment_out_of_sequence 12 PRF",
        ],
    ),
    "x12-types__856__test_856_test_856_2.edi": ("a truncated date", ["element_too_short 10 DTM02"]),
    "x12-types__856__test_856_test_856_simple.edi": ("no HL", ["mandatory_segment_missing 3 HL"]),
    "x12-types__945___945_test_test_945_parse_1.edi": (
        "a party without name, qualifier or both; a code too short",
        [
            "conditional_element_missing 6 N102",
            "conditional_element_missing 6 N103",
            "element_too_short 10 W1001",
        ],
    ),
    "x12-types__945___945_test_test_945_parse_2.edi": (
        "a party without name, qualifier or both; a code too short",
        [
            "conditional_element_missing 6 N102",
            "conditional_element_missing 6 N103",
            "element_too_short 10 W1001",
        ],
    ),
}
"""By file: what is wrong in it, and the findings of all its sets."""


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_a_set_of_the_corpus_has_the_findings_that_were_looked_at_and_no_others(path: Path) -> None:
    expected = [
        finding
        for name, (_, findings) in KNOWN.items()
        if path.name == name
        for finding in findings
    ]
    assert list(found_in(path)) == expected


@pytest.mark.parametrize(
    "name", ["Inteligenz__856___856_edi1Source.txt", "ahuggins-nhs__856__test-data_856.edi"]
)
def test_who_writes_hyphens_after_declaring_them_is_taken_by_leniency(name: str) -> None:
    assert list(found_in(CORPUS / name, Leniency(no_repetitions=True))) == []


def test_every_file_with_known_findings_is_in_the_corpus() -> None:
    assert set(KNOWN) <= {path.name for path in FILES}


def found_in(path: Path, leniency: Leniency = STRICT) -> Iterator[str]:
    """Yield the findings of a file's sets, as far as a packaged schema describes them."""
    for interchange in read_interchanges(path.read_bytes(), lambda _: leniency):
        for group in interchange.groups:
            for one in group.transaction_sets:
                yield from _of_set(one, group.header.version)


def _of_set(one: TransactionSet, version: str) -> Iterator[str]:
    schema = LIBRARY.get(version, one.set_id)
    if schema is None:
        return
    if schema.version == version[:6]:
        yield from briefly(findings_of(one, schema.version))
        return
    validator = validator_for(LIBRARY, version, one.set_id)
    assert validator is not None
    findings = validator.parse(one).findings
    for finding, line in zip(findings, briefly(findings), strict=True):
        yield f"{line} ?" if finding.judged_by else line
