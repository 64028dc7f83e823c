"""Segments in the schema's order, from any tree."""

from __future__ import annotations

import pytest

from gateway.errors import LocalProtocolError
from gateway.x12.model import Loop
from gateway.x12.order import segments_in_order
from tests.x12_sets import schema_of


def a_loop(*segments: list[str]) -> Loop:
    loop = Loop()
    for segment in segments:
        loop.segments.setdefault(segment[0], []).append(segment)
    return loop


def test_segments_and_loops_come_in_the_schemas_order_whatever_order_they_were_set_in() -> None:
    tree = a_loop(["W76", "5"], ["N9", "CO", "1"], ["N9", "DP", "2"], ["W05", "N", "1"])
    line = a_loop(["LX", "1"])
    line.loops["W01"] = [a_loop(["G69", "TEA"], ["W01", "5", "EA"])]
    tree.loops = {"LX": [line], "N1": [a_loop(["N3", "ROAD"], ["N1", "ST", "SHOP"])]}
    assert segments_in_order(schema_of("940"), tree) == [
        ["W05", "N", "1"],
        ["N1", "ST", "SHOP"],
        ["N3", "ROAD"],
        ["N9", "CO", "1"],
        ["N9", "DP", "2"],
        ["LX", "1"],
        ["W01", "5", "EA"],
        ["G69", "TEA"],
        ["W76", "5"],
    ]


def test_a_segment_without_a_place_is_refused_and_not_lost() -> None:
    with pytest.raises(LocalProtocolError, match=r"^segment BEG has no place in 940$"):
        segments_in_order(schema_of("940"), a_loop(["BEG", "00"]))


def test_a_loop_without_a_place_is_refused_and_not_lost() -> None:
    tree = Loop()
    tree.loops["LX"] = [a_loop(["LX", "1"])]
    tree.loops["LX"][0].loops["PO1"] = [a_loop(["PO1", "1"])]
    message = "^a loop that starts with PO1 has no place in loop 0300 of 940$"
    with pytest.raises(LocalProtocolError, match=message):
        segments_in_order(schema_of("940"), tree)
