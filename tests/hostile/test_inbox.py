"""Bad files and good ones in one drop box: each bad one ends with a reason, no good one is lost."""

from __future__ import annotations

import gzip
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.hostile.instance import HostileInstance, hostile_instance
from tests.hostile.payloads import encoded, good, interchange, isa, order

QUIET = "unchanged for 0.06 seconds"
HALF = f"payload quarantined: no complete IEA segment at the end; {QUIET}"
EXPECTED_ISA = "expected X12, which starts with an ISA segment."
MEGABYTES_50 = 50 * 1024 * 1024


def _changed(number: int, *changes: tuple[str, str]) -> bytes:
    """Return a good interchange with some of its text replaced."""
    text = good(number).decode()
    for old, new in changes:
        assert old in text
        text = text.replace(old, new, 1)
    return text.encode("latin-1")


NO_X12 = {
    "empty.edi": (b"", f"payload quarantined: the file is empty; {QUIET}"),
    "binary.edi": (bytes(range(256)) * 40, f"{HALF}. No ISA segment was found in 10240 bytes."),
    "order.edi.gz": (
        gzip.compress(good(900), mtime=0),
        f"{HALF}. No ISA segment was found in {len(gzip.compress(good(900), mtime=0))} bytes.",
    ),
    "utf-16.edi": (
        good(901).decode().encode("utf-16"),
        f"{HALF}. The payload is UTF-16: expected ASCII, Latin-1 or UTF-8.",
    ),
    "orders.edifact": (
        b"UNB+UNOA:1+TIDEWATER+HARBORGOODS+260302:0915+7'UNZ+0+7'",
        f"{HALF}. The payload is EDIFACT: {EXPECTED_ISA}",
    ),
    "order.xml": (
        b'<?xml version="1.0"?><order/>',
        f"{HALF}. The payload looks like XML: {EXPECTED_ISA}",
    ),
    "order.json": (b'{"order": 1}', f"{HALF}. The payload looks like JSON: {EXPECTED_ISA}"),
    "isa-cut-off.edi": (
        good(902)[:70],
        f"{HALF}. The ISA segment at byte 0 cannot be read: expected 16 elements and a segment "
        "terminator in 106 bytes; the payload has 70 bytes from there.",
    ),
    "isa-in-half.edi": (
        good(903)[:70] + b"~IEA*1*000000903~",
        "payload quarantined: The ISA segment at byte 0 cannot be read: expected 16 elements and a "
        "segment terminator in 106 bytes; the payload has 87 bytes from there.",
    ),
    "without-iea.edi": (good(904)[:-17], HALF),
    "without-terminator.edi": (
        good(905)[:150] + b"A" * (MEGABYTES_50 - 150),
        HALF,
    ),
}
"""Files in which no interchange is, or none that is whole: what waits for a person, and why."""

NOT_OURS = {
    910: (
        encoded(interchange(910, [order("SO-910")], sender="TIDEWATRE")),
        "interchange quarantined: sender ZZ/TIDEWATRE is no partner of ours (did you mean partner "
        "'tidewater-supply', ZZ/TIDEWATER? the id is spelled differently)",
    ),
    911: (
        encoded(interchange(911, [order("SO-911")], sender="NORTHSTAR")),
        "interchange quarantined: sender is partner 'northstar-3pl', but it came through the "
        "folder of 'tidewater-supply'",
    ),
}
"""Interchanges from somebody else: they wait, and nobody is answered, for nobody asked us."""

REJECTED = {
    920: (
        _changed(920, ("*TIDEWATER      *", "*TIDEWATER*")),
        ["interchange_widths_wrong: expected 15 characters"],
        "TA1*000000920*260302*0915*R*022",
    ),
    921: (
        encoded(interchange(921, [order("SO-921")], receiver="HARBOURGOODS")),
        [
            "receiver_unknown: receiver ZZ/HARBOURGOODS is not us (did you mean ZZ/HARBORGOODS? "
            "the id is spelled differently)"
        ],
        "TA1*000000921*260302*0915*R*009",
    ),
    922: (
        encoded(
            interchange(922, [["ST*214*0001", "B10*1*2*ABCD", "SE*3*0001"]], functional_id="QM")
        ),
        [
            "transaction_set_not_supported: no agreement with partner 'tidewater-supply' to "
            "receive 214"
        ],
        "TA1*000000922*260302*0915*A*000 AK1*QM*922 AK2*214*0001 AK5*R*1 AK9*R*1*1*0",
    ),
    923: (
        encoded(interchange(923, [["ST*846*0001", "SE*2*0001"]], functional_id="IB")),
        [
            "transaction_set_not_supported: no agreement with partner 'tidewater-supply' to "
            "receive 846"
        ],
        "TA1*000000923*260302*0915*A*000 AK1*IB*923 AK2*846*0001 AK5*R*1 AK9*R*1*1*0",
    ),
    924: (
        encoded(interchange(924, [order("SO-924")], version="005010")),
        [
            "transaction_set_not_supported: partner 'tidewater-supply' agreed on 940 in version "
            "004010, not 005010"
        ],
        "TA1*000000924*260302*0915*A*000 AK1*OW*924*005010 AK2*940*0001 AK5*R*1 AK9*R*1*1*0",
    ),
    925: (
        _changed(925, ("SE*7*", "SE*9*"), ("GE*1*", "GE*3*")),
        [
            "transaction_set_count_wrong: expected 1, the number of transaction sets received",
            "segment_count_wrong: expected 7, the number of segments from ST to SE",
        ],
        "TA1*000000925*260302*0915*A*000 AK1*OW*925 AK2*940*0001 AK5*R*4 AK9*R*3*1*0*5",
    ),
    926: (
        _changed(926, ("IEA*1*", "IEA*4*")),
        ["group_count_wrong: expected 1, the number of groups received"],
        "TA1*000000926*260302*0915*R*021",
    ),
    927: (
        _changed(927, ("SE*7*0001", "SE*7*0002"), ("GE*1*927", "GE*1*928")),
        [
            "group_control_numbers_differ: expected 927, as in GS06",
            "transaction_set_control_numbers_differ: expected 0001, as in ST02",
        ],
        "TA1*000000927*260302*0915*A*000 AK1*OW*927 AK2*940*0001 AK5*R*3 AK9*R*1*1*0*4",
    ),
    928: (
        _changed(928, ("IEA*1*000000928", "IEA*1*000000982")),
        ["interchange_control_numbers_differ: expected 000000928, as in ISA13"],
        "TA1*000000928*260302*0915*R*001",
    ),
    929: (
        encoded(interchange(929, [order("SO-929")], usage="X")),
        [
            "usage_indicator_invalid: expected P, T or I",
            "transaction_set_not_supported: partner 'tidewater-supply' agreed on 940 with usage "
            "P, T, not X",
        ],
        "TA1*000000929*260302*0915*R*020",
    ),
    930: (
        _changed(930, ("Corner", "Cor\0ner")),
        ["invalid_character: expected no control characters"],
        "TA1*000000930*260302*0915*A*000 AK1*OW*930 AK2*940*0001 AK3*N1*3**8 AK4*2*93*6 AK5*R*5 "
        "AK9*R*1*1*0",
    ),
    931: (
        _changed(931, ("SO-931", "A" * (MEGABYTES_50 - 1000))),
        [
            f"element_too_long: expected at most 1048576 bytes, found {MEGABYTES_50 - 1000 + 7}",
            "segment_empty: expected at least one element",
        ],
        "TA1*000000931*260302*0915*A*000 AK1*OW*931 AK2*940*0001 AK3*W05*2**8 AK4*1**5 AK5*R*5 "
        "AK9*R*1*1*0",
    ),
    932: (
        _changed(932, ("W05*N*SO-932", "ISA*00*SO-932")),
        [
            "segment_unknown: no segment of 004010 is known by this id",
            "mandatory_segment_missing: W05 is mandatory in 940",
        ],
        "TA1*000000932*260302*0915*A*000 AK1*OW*932 AK2*940*0001 AK3*ISA*2**1 AK3*W05*3**3 AK5*R*5 "
        "AK9*R*1*1*0",
    ),
    933: (
        encoded(interchange(933, [["ST*\nST", "SE*2*\nST"]])),
        [
            "transaction_set_id_invalid: expected three digits",
            "transaction_set_control_number_invalid: expected 4 to 9 characters",
            "transaction_set_control_numbers_differ: expected , as in ST02",
            "transaction_set_not_supported: no agreement with partner 'tidewater-supply' to "
            "receive \nST",
        ],
        "TA1*000000933*260302*0915*A*000 AK1*OW*933 AK2*ST?*0000 AK5*R*1*3*6*7 AK9*R*1*1*0",
    ),
}
"""Interchanges of a partner, in which nothing can be accepted: by number, what was found in the
set and around it, and what the partner is told."""

GOOD_NAMES = {
    1: b"a-first.edi",
    2: b"-rf",
    3: b"with\nnewline.edi",
    4: b"n" * 250 + b".edi",
    5: b"\xff\xfe.edi",
    6: "Lücke ☃.edi".encode(),
    7: b"[bold]red[red].edi",
    8: b"z-last.edi",
}
"""Sound interchanges under names that a shell, a terminal or a database might stumble over."""


def _drop_what_is_no_file(inbox: Path, outside: Path) -> None:
    outside.write_bytes(good(990))
    (inbox / "folder.edi").mkdir()
    os.mkfifo(inbox / "pipe.edi")
    (inbox / "outside.edi").symlink_to(outside)
    (inbox / "dangling.edi").symlink_to("nowhere")


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Iterator[HostileInstance]:
    """An instance after everything above went through it in one run."""
    folder = tmp_path_factory.mktemp("hostile")
    with hostile_instance(folder / "instance") as instance:
        inbox = instance.inbox
        for name, (content, _) in NO_X12.items():
            (inbox / name).write_bytes(content)
        for number, (content, _) in NOT_OURS.items():
            (inbox / f"{number}.edi").write_bytes(content)
        for number, (content, _, _) in REJECTED.items():
            (inbox / f"{number}.edi").write_bytes(content)
        for number, name in GOOD_NAMES.items():
            (inbox / os.fsdecode(name)).write_bytes(good(number))
        with (inbox / "too-large.edi").open("wb") as file:
            file.write(good(906))
            file.truncate(MEGABYTES_50 + 1)
        (inbox / "two.edi").write_bytes(good(940)[:-35] + good(941))
        (inbox / "glued.edi").write_bytes(good(949)[:-48] + good(950))
        sets = [
            order(f"SO-942-{i}", set_number=f"{i:04d}", quantity="twelve" if i == 3 else "12")
            for i in range(1, 7)
        ]
        (inbox / "six.edi").write_bytes(encoded(interchange(942, sets)))
        (inbox / "same-1.edi").write_bytes(good(943))
        (inbox / "same-2.edi").write_bytes(good(943))
        (inbox / "used-1.edi").write_bytes(good(944))
        (inbox / "used-2.edi").write_bytes(_changed(944, ("SO-944", "SO-BAD")))
        (inbox / "isa-in-data.edi").write_bytes(_changed(945, ("Mercantile", "ISA 00")))
        (inbox / "latin-1.edi").write_bytes(_changed(946, ("Corner", "Caf\xe9")))
        (inbox / "utf-8.edi").write_bytes(_changed(947, ("Corner", "CafÃ©")))
        (inbox / "nothing-in-it.edi").write_bytes(encoded([isa(948), "IEA*0*000000948"]))
        _drop_what_is_no_file(inbox, folder / "outside.edi")
        instance.run_once()
        yield instance


def test_the_program_ends_well_and_without_a_traceback(hostile: HostileInstance) -> None:
    assert hostile.exit_code == 0
    assert "Traceback" not in hostile.remarks
    assert "[error" not in hostile.remarks


def test_every_good_document_is_delivered_once(hostile: HostileInstance) -> None:
    alone = [*GOOD_NAMES, 941, 943, 944, 945, 946, 947, 950]
    of_six = [f"SO-942-{i}" for i in (1, 2, 4, 5, 6)]
    assert hostile.delivered() == sorted([*(f"SO-{number}" for number in alone), *of_six])
    assert hostile.erp.repeats == 0


def test_nothing_is_left_claimed_or_in_the_inbox(hostile: HostileInstance) -> None:
    assert hostile.claimed() == []
    left = {path.name for path in hostile.inbox.iterdir() if not path.name.startswith(".")}
    assert left == {"folder.edi", "pipe.edi", "outside.edi", "dangling.edi"}


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("folder.edi", "not a regular file, which is never taken"),
        ("pipe.edi", "not a regular file, which is never taken"),
        ("outside.edi", "a symbolic link, which is never taken"),
        ("dangling.edi", "a symbolic link, which is never taken"),
    ],
)
def test_what_is_no_file_is_left_where_it_is_and_named(
    hostile: HostileInstance, name: str, reason: str
) -> None:
    assert f"left for later: tidewater-supply/{name}: {reason}\n" in hostile.remarks


@pytest.mark.parametrize("name", NO_X12)
def test_what_holds_no_whole_interchange_waits_with_the_reason(
    hostile: HostileInstance, name: str
) -> None:
    assert hostile.waiting[name] == NO_X12[name][1]


def test_a_file_over_the_limit_waits_unread(hostile: HostileInstance) -> None:
    assert hostile.waiting["too-large.edi"] == (
        f"payload quarantined: larger than the limit of 52428800 bytes: 52428801; {QUIET}"
    )


@pytest.mark.parametrize("number", NOT_OURS)
def test_what_somebody_else_sent_waits_with_the_reason_and_nobody_is_answered(
    hostile: HostileInstance, number: int
) -> None:
    assert hostile.waiting[f"{number:09d}"] == NOT_OURS[number][1]
    assert hostile.answers(number) == []


@pytest.mark.parametrize("number", REJECTED)
def test_what_cannot_be_accepted_is_answered_with_what_was_found(
    hostile: HostileInstance, number: int
) -> None:
    file, (_, found, said) = f"{number}.edi", REJECTED[number]
    assert hostile.answers(number) == [said]
    assert hostile.findings(file) == found
    assert hostile.verdicts(file) == ["rejected none sent"]


def test_nothing_else_waits(hostile: HostileInstance) -> None:
    others = {f"{number:09d}" for number in (*NOT_OURS, 944)}
    assert set(hostile.waiting) == {*NO_X12, "too-large.edi", *others}


@pytest.mark.parametrize(("file", "number"), [("two.edi", 940), ("glued.edi", 949)])
def test_a_broken_interchange_does_not_cost_the_one_behind_it(
    hostile: HostileInstance, file: str, number: int
) -> None:
    assert hostile.verdicts(file) == ["rejected none sent", "accepted delivered sent"]
    assert hostile.answers(number) == [f"TA1*{number:09d}*260302*0915*R*023"]
    assert hostile.answers(number + 1) == [
        f"TA1*{number + 1:09d}*260302*0915*A*000 AK1*OW*{number + 1} AK2*940*0001 AK5*A AK9*A*1*1*1"
    ]


def test_a_bad_set_does_not_cost_the_others_of_its_group(hostile: HostileInstance) -> None:
    taken, refused = "accepted delivered sent", "rejected none sent"
    assert hostile.verdicts("six.edi") == [taken, taken, refused, taken, taken, taken]
    assert hostile.answers(942) == [
        "TA1*000000942*260302*0915*A*000 AK1*OW*942 AK2*940*0001 AK5*A AK2*940*0002 AK5*A "
        "AK2*940*0003 AK3*W01*5**8 AK4*1*330*6*twelve AK3*W76*6**8 AK4*1*330*6*twelve AK5*R*5 "
        "AK2*940*0004 AK5*A AK2*940*0005 AK5*A AK2*940*0006 AK5*A AK9*P*6*6*5"
    ]


def test_the_same_bytes_again_are_acknowledged_again_with_the_same_bytes(
    hostile: HostileInstance,
) -> None:
    first, again = hostile.answer_bytes(943)
    assert first == again
    assert hostile.delivered().count("SO-943") == 1


def test_a_number_that_was_used_for_other_bytes_is_held(hostile: HostileInstance) -> None:
    said = hostile.waiting["000000944"]
    assert said.startswith("interchange held: control number 000000944 was used before by ")
    assert said.endswith(", with other content")
    assert len(hostile.answers(944)) == 1


@pytest.mark.parametrize(
    ("file", "name"),
    [
        ("isa-in-data.edi", "Corner ISA 00"),
        ("latin-1.edi", "Caf\xe9 Mercantile"),
        ("utf-8.edi", "Caf\xe9 Mercantile"),
    ],
)
def test_unusual_text_arrives_as_it_was_meant(
    hostile: HostileInstance, file: str, name: str
) -> None:
    assert hostile.verdicts(file) == ["accepted delivered sent"]
    (document,) = hostile.documents(file)
    assert hostile.party_names(str(document["id"])) == [name]


def test_an_interchange_with_nothing_in_it_is_acknowledged(hostile: HostileInstance) -> None:
    assert hostile.answers(948) == ["TA1*000000948*260302*0915*A*000"]
