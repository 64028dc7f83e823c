"""Every sample gives the documents, findings and acknowledgment that lie beside it.

A sample is `samples/<partner>/<set>-<situation>.edi`; `base` stands for the base maps without a
partner. Beside it lie the documents (`.json`), the findings where there are any (`.findings.json`)
and the acknowledgment (`.997.edi`, or `.ta1.edi` where the interchange itself was refused). A new
sample needs no new test.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from pathlib import Path

import orjson
import pytest

from gateway import resources
from tests.samples.maps import library
from tests.samples.outcome import outcome

FOLDER = resources.directory("samples")
ACKNOWLEDGMENT, TA1 = ".997.edi", ".ta1.edi"
SAMPLES = sorted(
    file for file in FOLDER.rglob("*.edi") if not file.name.endswith((ACKNOWLEDGMENT, TA1))
)
NAMES = [f"{file.parent.name}/{file.stem}" for file in SAMPLES]

Golden = Callable[[Path, bytes], None]


@pytest.mark.parametrize("sample", SAMPLES, ids=NAMES)
def test_gives_what_lies_beside_it(sample: Path, golden: Golden) -> None:
    given = outcome(sample)
    golden(sample.with_suffix(".json"), pretty(given.documents))
    suffix = TA1 if b"TA1*" in given.acknowledgment else ACKNOWLEDGMENT
    golden(sample.with_suffix(suffix), given.acknowledgment)
    if given.findings:
        golden(sample.with_suffix(".findings.json"), pretty(given.findings))
    else:
        assert not sample.with_suffix(".findings.json").exists()


@pytest.mark.parametrize("sample", SAMPLES, ids=NAMES)
def test_is_refused_in_part_exactly_where_its_name_says_invalid(sample: Path) -> None:
    assert (outcome(sample).refused > 0) is ("-invalid-" in sample.name)


def test_each_base_set_has_two_valid_and_two_invalid_samples() -> None:
    kinds = Counter(
        (file.name[:3], "-invalid-" in file.name) for file in SAMPLES if file.parent.name == "base"
    )
    sets = {name.removeprefix("base-") for name in library().names if name.startswith("base-")}
    assert set(kinds) == {(one, bad) for one in sets - {"common"} for bad in (True, False)}
    assert min(kinds.values()) >= 2


def test_each_set_that_a_partner_sends_has_a_valid_and_an_invalid_sample() -> None:
    kinds = {
        (file.parent.name, file.name[:3], "-invalid-" in file.name)
        for file in SAMPLES
        if file.parent.name != "base"
    }
    sent = {("northstar-3pl", "945"), ("northstar-3pl", "856"), ("northstar-3pl", "810")}
    sent |= {("bluebird-retail", "850"), ("bluebird-retail", "940")}
    assert kinds == {(*one, invalid) for one in sent for invalid in (True, False)}


def test_nothing_lies_beside_a_sample_that_is_gone() -> None:
    expected = {
        sample.with_suffix(suffix)
        for sample in SAMPLES
        for suffix in (".edi", ".json", ".findings.json", ACKNOWLEDGMENT, TA1)
    }
    # What goes out, and what is exported, have folders and tests of their own.
    found = {file for file in FOLDER.rglob("*") if file.is_file()}
    apart = ("deviations", "exports", "outbound")  # each has a test of its own
    assert {one for one in found if one.relative_to(FOLDER).parts[0] not in apart} <= expected


def pretty(value: object) -> bytes:
    return orjson.dumps(value, option=orjson.OPT_INDENT_2) + b"\n"
