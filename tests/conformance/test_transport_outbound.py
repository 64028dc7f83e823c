"""The same promises from every outbound transport that keeps payloads under names."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from threading import Thread

import pytest

from gateway.errors import Permanent
from gateway.pipeline.ports import Consignment, Outbound, Receipt
from gateway.transports import memory
from gateway.transports.directory import outbound as directory
from tests.conformance.far_boxes import far_box

ACK = Consignment(b"ISA*...~IEA*1*000000007~", "997-000000007.edi", "ack:7", "interchange:7")


@pytest.fixture(
    params=["directory", "memory", "far-memory", "far-memory-objects", "sftp", "ftps", "s3"]
)
def outbound(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Outbound]:
    with ExitStack() as stack:
        made: Outbound = memory.Outbound()
        if request.param == "directory":
            made = directory.Outbound(tmp_path / "out")
        elif request.param != "memory":
            kind = request.param.removeprefix("far-")
            made = stack.enter_context(far_box(kind, tmp_path)).outbound()
        made.connect()
        yield made
        made.close()


def test_a_delivery_says_where_it_lies(outbound: Outbound) -> None:
    receipt = outbound.deliver(ACK)
    assert receipt.reference.endswith("997-000000007.edi")
    assert not receipt.repeated


def test_the_same_delivery_again_is_a_success_that_says_so(outbound: Outbound) -> None:
    first = outbound.deliver(ACK)
    assert outbound.deliver(ACK) == replace(first, repeated=True)


def test_another_content_under_the_same_name_is_refused(outbound: Outbound) -> None:
    outbound.deliver(ACK)
    with pytest.raises(Permanent, match=r"exists with other content: it is not overwritten$"):
        outbound.deliver(replace(ACK, content=b"other"))
    assert outbound.deliver(ACK).repeated, "the first is still there"


def test_many_at_once_write_one_file(outbound: Outbound) -> None:
    receipts: list[Receipt] = []
    threads = [Thread(target=lambda: receipts.append(outbound.deliver(ACK))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(receipt.repeated for receipt in receipts) == [False] + [True] * 7
