"""What partners post, over HTTP and AS2: the promises of folders, as far as they mean something.

| in a folder | here |
|---|---|
| a file half written | a body that breaks off: nothing of it is kept |
| a file that vanishes | a caller who is gone before the answer: kept once, whoever heard of it |
| the same name, new content | the same file name is another payload; the same key is refused |
| deleting denied | nothing lies at the caller: there is nothing to delete, settle or release |
| a full disk | the store keeps nothing: the caller is asked to come again, and gets no receipt |
| a cut at each operation | the call breaks off at each of its parts, and is made again |
| a clock that is wrong | Date and signing time say anything |
| 10,000 files | many calls at once, each kept once; what is held at one moment is bounded |
| odd names | file names in any encoding of a header |
| two pollers | two servers on one store are posted the same at once |
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy.exc import OperationalError

from tests.as2_peers import NOW
from tests.conformance.posted_desks import KINDS, PostedDesk, posted_desk
from tests.conformance.wires import Cut
from tests.integration.world import wait_for

WHOLE = b"ISA*00*          *...~\nGS*OW~ST*940*0001~SE*2*0001~GE*1*1~IEA*1*000000001~\n"
OTHER = WHOLE.replace(b"000000001", b"000000002")
UNHEARD = [one for one in Cut if one is not Cut.ANSWER]


@pytest.fixture(params=KINDS)
def desk(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[PostedDesk]:
    with posted_desk(request.param, tmp_path) as opened:
        yield opened


def test_what_is_posted_is_durable_before_the_answer(desk: PostedDesk) -> None:
    assert desk.post(WHOLE) == "taken"
    [payload] = desk.payloads
    assert (payload.partner, payload.name) == ("them", "order.edi")
    assert desk.kept == [WHOLE]


@pytest.mark.parametrize("cut", UNHEARD, ids=[one.name.lower() for one in UNHEARD])
@pytest.mark.parametrize("chunked", [False, True], ids=["sized", "chunked"])
def test_a_call_that_breaks_off_leaves_nothing_and_may_be_made_again(
    desk: PostedDesk, cut: Cut, *, chunked: bool
) -> None:
    desk.wires[0].broken(desk.call(WHOLE, chunked=chunked), cut)
    assert desk.kept == []
    assert desk.store.desk.outbound.outgoing() == []
    assert desk.post(WHOLE) == "taken"
    assert desk.kept == [WHOLE]


def test_a_caller_who_is_gone_before_the_answer_is_kept_once(desk: PostedDesk) -> None:
    desk.wires[0].broken(desk.call(WHOLE), Cut.ANSWER)
    # A server may have seen that nobody waits before it had read all: then nothing is kept.
    assert desk.post(WHOLE) == "taken"
    wait_for(lambda: desk.kept == [WHOLE])
    assert desk.post(WHOLE, to=1) == "taken"
    assert desk.kept == [WHOLE]


def test_the_same_name_with_new_content_is_another_payload(desk: PostedDesk) -> None:
    assert desk.post(WHOLE, key="m1", name="order.edi") == "taken"
    assert desk.post(OTHER, key="m2", name="order.edi") == "taken"
    assert desk.kept == [WHOLE, OTHER]


def test_the_same_key_with_new_content_is_refused(desk: PostedDesk) -> None:
    assert desk.post(WHOLE) == "taken"
    assert desk.post(OTHER) == "refused"
    assert desk.kept == [WHOLE]
    assert desk.post(WHOLE) in ("taken", "refused"), "an MDN that was posted says what it said"
    assert desk.kept == [WHOLE]


def test_nothing_lies_at_the_caller_that_could_be_deleted_or_released(desk: PostedDesk) -> None:
    desk.post(WHOLE)
    [received] = desk.taken
    for _ in range(2):
        received.settle()
        received.release()
    assert desk.post(WHOLE) == "taken"
    assert desk.kept == [WHOLE]


@pytest.mark.parametrize("reason", ["database or disk is full", "server closed the connection"])
def test_where_the_store_is_full_the_caller_comes_again_and_gets_no_receipt(
    desk: PostedDesk, reason: str
) -> None:
    desk.fault = OperationalError("INSERT", {}, Exception(reason))
    answer = desk.wires[0].call(desk.call(WHOLE))
    assert desk.said(answer) == "again"
    assert int(answer.headers["retry-after"]) > 0
    assert (desk.kept, desk.store.desk.outbound.outgoing()) == ([], [])
    desk.fault = None
    assert desk.post(WHOLE) == "taken"
    assert desk.kept == [WHOLE]


@pytest.mark.parametrize("days", [-2000, -1, 1, 2000])
def test_a_clock_that_is_wrong_at_the_partner_changes_nothing(desk: PostedDesk, days: int) -> None:
    call = desk.call(WHOLE, at=NOW + timedelta(days=days))
    assert desk.said(desk.wires[0].call(call)) == "taken"
    [payload] = desk.payloads
    assert payload.received_at == NOW


def test_many_at_once_are_each_kept_once(desk: PostedDesk) -> None:
    contents = [WHOLE.replace(b"000000001", b"%09d" % number) for number in range(desk.many)]
    with ThreadPoolExecutor(8) as threads:
        said = threads.map(
            lambda one: desk.post(one[1], key=f"m{one[0]}", to=one[0] % 2), enumerate(contents)
        )
        assert Counter(said) == {"taken": desk.many}
    assert desk.kept == sorted(contents)


def test_what_is_held_at_one_moment_is_bounded(desk: PostedDesk) -> None:
    large = b"ISA" + b"x" * 90_000
    wire = desk.wires[0]

    def refused() -> bool:
        # Which of the three is one too many is not said: then it is tried anew.
        with wire.held(desk.call(large, key="m1")), wire.held(desk.call(large, key="m2")):
            return desk.post(large, key="m3") == "again"

    wait_for(refused)
    wait_for(lambda: desk.post(large, key="m4") == "taken")
    assert large in desk.kept


def test_the_same_to_two_servers_at_once_is_kept_once(desk: PostedDesk) -> None:
    with ThreadPoolExecutor(8) as threads:
        said = list(threads.map(lambda number: desk.post(WHOLE, to=number % 2), range(8)))
    assert Counter(said) == {"taken": 8}
    assert desk.kept == [WHOLE]


HTTP_NAMES = {
    'filename="two words.edi"': "two words.edi",
    "filename*=UTF-8''%e7%99%ba%e6%b3%a8%20%C3%BC.edi": "発注 ü.edi",
    "filename*=ISO-8859-1''%e4.edi": "ä.edi",
    'filename="../../etc/passwd"': "passwd",
    'filename="C:\\\\in\\\\order.edi"': "order.edi",
    "filename*=UTF-8''two%0Alines%00.edi": "two?lines?.edi",
    "filename=": "payload.x12",
    f"filename={'a' * 300}": "a" * 200,
}


@pytest.mark.parametrize("kind", ["http", "http-memory"])
@pytest.mark.parametrize(("header", "name"), HTTP_NAMES.items(), ids=range(len(HTTP_NAMES)))
def test_a_file_name_in_any_encoding_is_taken_and_shown_printable(
    tmp_path: Path, kind: str, header: str, name: str
) -> None:
    with posted_desk(kind, tmp_path) as desk:
        assert desk.post(WHOLE, name=header) == "taken"
        assert [one.name for one in desk.payloads] == [name]


AS2_NAMES = {
    "ünïcödé 発注.edi": "ünïcödé 発注.edi",
    "two words.edi": "two words.edi",
    "../../etc/passwd": "passwd",
    "C:\\in\\order.edi": "C:_in_order.edi",
    'a"b;c.edi': 'a"b;c.edi',
    "-rf *.edi": "-rf *.edi",
    "${env:HOME}.edi": "${env:HOME}.edi",
    "": "payload.x12",
    "a" * 300: "a" * 200,
}


@pytest.mark.parametrize("kind", ["as2", "as2-memory"])
@pytest.mark.parametrize(("given", "name"), AS2_NAMES.items(), ids=range(len(AS2_NAMES)))
def test_a_file_name_inside_a_message_is_taken_and_shown_printable(
    tmp_path: Path, kind: str, given: str, name: str
) -> None:
    with posted_desk(kind, tmp_path) as desk:
        assert desk.post(WHOLE, name=given) == "taken"
        assert [one.name for one in desk.payloads] == [name]
