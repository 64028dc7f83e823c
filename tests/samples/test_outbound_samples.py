"""Every document in `samples/outbound/<partner>` is fit to leave, as the X12 that lies beside it.

Beside `a.json`, which an ERP submits, lies `a.x12`, which the partner would get.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import orjson
import pytest

from gateway import resources
from gateway.app import App, open_instance
from gateway.cli.init import write_instance
from gateway.pipeline.outbound.keeping import Submission
from gateway.x12.reader import read_interchanges

FOLDER = resources.directory("samples") / "outbound"
SAMPLES = sorted(FOLDER.glob("*/*.json"))
NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[App]:
    home = tmp_path_factory.mktemp("outbound") / "instance"
    write_instance(home)
    with open_instance(home, clock=lambda: NOW, maps_too=False) as opened:
        yield opened


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda file: f"{file.parent.name}/{file.stem}")
def test_gives_the_x12_beside_it_and_reads_back(
    sample: Path, app: App, golden: Callable[[Path, bytes], None]
) -> None:
    document = orjson.loads(sample.read_bytes())
    draft, agreed = app.submissions.draft(Submission(document, sample.parent.name))
    assert draft.findings == ()
    golden(sample.with_suffix(".x12"), draft.content.replace(b"~", b"~\n"))
    [interchange] = read_interchanges(draft.content)
    [one] = interchange.groups[0].transaction_sets
    tree = agreed.validator.parse(one).tree
    assert list(agreed.document_map.read(tree, one.delimiters).documents) == [document]


def test_there_is_a_sample_for_the_demonstration() -> None:
    assert [file.parent.name for file in SAMPLES] == ["northstar-3pl"]
