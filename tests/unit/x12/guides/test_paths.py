"""The places that a guide names, and what is said where there is no such place."""

from __future__ import annotations

import pytest

from gateway.x12.guides.paths import PathFault, matches, read_path, resolve
from tests.x12_sets import a_set, schema_of, validator_of

BODY = (
    "W05*N*SO-1~N1*ST*Store*92*1~N4*Duluth*MN~N1*SF*Us*93*2~N9*CN*1~N9*BM*2~"
    "LX*1~W01*1*EA**VN*A~N9*LT*L1~W01*2*EA**VN*B~N9*PC*X~LX*2~W01*3*EA**VN*C~N9*LT*L2~W76*6~"
)


def _found(path: str) -> list[list[str]]:
    """Return the segments that a path names, loop by loop."""
    read = read_path(path)
    place = resolve(read, schema_of("940").root, "940")
    tree = validator_of("940").parse(a_set("940", BODY)).tree
    return [["*".join(one) for one in match.segments] for match in matches(read, place, tree)]


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("W05", [["W05*N*SO-1"]]),
        ("W0502", [["W05*N*SO-1"]]),
        ("N1*ST", [["N1*ST*Store*92*1"]]),
        ("N1*ST/N104", [["N1*ST*Store*92*1"]]),
        ("N104", [["N1*ST*Store*92*1", "N1*SF*Us*93*2"]]),
        ("N1*ST/N4", [["N4*Duluth*MN"]]),
        ("N1*SF/N4", [[]]),
        ("N1*ST|SF", [["N1*ST*Store*92*1", "N1*SF*Us*93*2"]]),
        ("N1***93", [["N1*SF*Us*93*2"]]),
        ("N9*BM/N902", [["N9*BM*2"]]),
        ("LX/W01/N9*LT", [["N9*LT*L1"], [], ["N9*LT*L2"]]),
        ("LX*2/W01", [["W01*3*EA**VN*C"]]),
        ("LX/W01*2/W0105", [["W01*2*EA**VN*B"], []]),
        ("G62", [[]]),
    ],
)
def test_a_path_names_segments_by_where_they_stand(path: str, expected: list[list[str]]) -> None:
    assert _found(path) == expected


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("w05", "'w05': 'w05' is no segment or element; expected a place such as W0502, "
         "N1*ST/N104 or LX/W12/N9*LT"),
        ("N1*ST/", "'N1*ST/': '' is no segment or element; expected a place such as W0502, "
         "N1*ST/N104 or LX/W12/N9*LT"),
        ("W0500", "'W0500': positions count from 01"),
    ],
)  # fmt: skip
def test_what_is_no_path_is_told(path: str, message: str) -> None:
    with pytest.raises(PathFault) as fault:
        read_path(path)
    assert str(fault.value) == message


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("W0599", "W05 has 7 elements, there is no 99"),
        ("W0502-1", "W0502 is no composite, it has no components"),
        ("W08", "940 has no segment W08 (did you mean 'W09'?)"),
        ("W01", "the top of 940 has no W01; expected LX/W01"),
        ("LX/W05", "loop LX of 940 has no W05; expected W05"),
        ("W05/N9", "W05 is a segment of the top of 940, not a loop: nothing stands in it"),
        ("LX/LX", "LX starts the loop; leave out the last '/LX'"),
        ("W05****************X", "W05 has 7 elements, there is no 16"),
    ],
)
def test_a_place_that_the_set_does_not_have_is_told(path: str, message: str) -> None:
    with pytest.raises(PathFault) as fault:
        resolve(read_path(path), schema_of("940").root, "940")
    assert str(fault.value) == message


def test_a_component_is_a_place() -> None:
    place = resolve(read_path("POC/POC05-1"), schema_of("860").root, "860")
    assert place.component is not None
    assert place.component.number == "355"
    with pytest.raises(PathFault, match=r"^C001 has 15 components, there is no 16$"):
        resolve(read_path("POC/POC05-16"), schema_of("860").root, "860")


def test_a_value_that_a_closed_list_does_not_have_can_never_stand_there() -> None:
    with pytest.raises(PathFault, match=r"^SAC01 has no code 'X'$"):
        resolve(read_path("SAC*X"), schema_of("810").root, "810")
