"""A partner of 005010: its sets are read, and ours to it written, by the map in that version."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from gateway.app.opened import App
from gateway.app.opening import open_instance
from gateway.partners import Agreement
from gateway.x12.model import Delimiters
from tests.unit.config.instances import write
from tests.unit.config.test_broken import SOUND, P
from tests.x12_sets import a_set, briefly

# A party of a line is a segment of its line in 004010, and a loop with an address in 005010.
ADVICE = (
    "W06*F*ORDER-1*20260105*SHIP-1~N1*SF*NORTH*92*11~LX*1~MAN*GM*00123456789012345675~"
    "W12*CC*5*5*0*EA**SK*LAMP~N1*MF*MAKER~W03*5~"
)


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[App]:
    partner = SOUND[P].replace("direction: in", 'direction: in\n    version: "005010"')
    home = write(tmp_path_factory.mktemp("versions"), SOUND | {P: partner})
    with open_instance(home) as opened:
        yield opened


def agreed(app: App) -> Agreement:
    found = app.rulebook.partners["northstar"].agreement("in", "945", version="005010", usage="P")
    assert isinstance(found, Agreement)
    return found


def test_a_set_of_005010_is_translated_by_the_map_in_005010(app: App) -> None:
    agreement = agreed(app)
    validator = app.rulebook.validator(agreement.schema_version, "945")
    reader = app.rulebook.reader(agreement)
    assert validator is not None
    assert reader is not None
    parsed = validator.parse(a_set("945", ADVICE))
    assert briefly(parsed.findings) == []
    reading = reader.read(parsed.tree, Delimiters())
    assert reading.findings == []
    [document] = reading.documents
    assert "MAKER" in str(document)


def test_a_map_of_004010_is_another_one(app: App) -> None:
    here = app.rulebook.map_named("base-945", "005010")
    assert here is not None
    assert here is not app.rulebook.map_named("base-945", "004010")
    assert here is app.rulebook.map_named("base-945", "005010")


def test_what_was_read_is_written_as_a_set_of_005010(app: App) -> None:
    document_map = app.rulebook.map_named("base-945", "005010")
    validator = app.rulebook.validator("005010", "945")
    assert document_map is not None
    assert validator is not None
    advice = ADVICE.replace("MAN*GM*00123456789012345675~", "").replace("N1*MF*MAKER~", "")
    parsed = validator.parse(a_set("945", advice))
    [document] = document_map.read(parsed.tree, Delimiters()).documents
    writing = document_map.write(document, Delimiters())  # type: ignore[arg-type]  # JSON values, as read
    assert writing.findings == []
    written = "".join("*".join(segment) + "~" for segment in writing.segments)
    assert written == advice
