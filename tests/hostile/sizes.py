"""Payloads of any size that no partner sends, each of them a kind of too much."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

_PARTIES = f"ZZ*{'NORTHSTAR':<15}*ZZ*{'GATEWAY':<15}"
_ORDER_LINE = "LX*1~W01*10*EA**UP*123456789012~G69*OAK SHELF~"


def _isa(number: int = 1) -> str:
    return f"ISA*00*{'':10}*00*{'':10}*{_PARTIES}*260115*1200*U*00401*{number:09d}*0*P*>~"


def _group(functional_id: str, sets: Iterable[str], count: int, number: int = 1) -> str:
    head = f"GS*{functional_id}*NORTHSTAR*GATEWAY*20260115*1200*{number}*X*004010~"
    return f"{head}{''.join(sets)}GE*{count}*{number}~"


def _set(set_id: str, body: str, number: int = 1) -> str:
    count = body.count("~") + 2
    return f"ST*{set_id}*{number:04d}~{body}SE*{count}*{number:04d}~"


def _interchange(*groups: str, number: int = 1) -> str:
    return f"{_isa(number)}{''.join(groups)}IEA*{len(groups)}*{number:09d}~"


def _order(lines: str, head: str = "W05*N*1234~N1*ST*CORNER MERCANTILE*92*10~") -> str:
    return _interchange(_group("OW", [_set("940", f"{head}{lines}W76*10~")], 1))


def _notice(levels: Iterable[str]) -> str:
    body = "BSN*00*100*20260115*1200*0001~" + "".join(levels) + "CTT*1~"
    return _interchange(_group("SH", [_set("856", body)], 1))


def segments(size: int) -> str:
    """Return one order of so many lines."""
    return _order(_ORDER_LINE * size)


def deep(size: int) -> str:
    """Return a ship notice in which each level stands in the one before it."""
    return _notice(
        f"HL*{number}*{number - 1 or ''}*{'SOPI'[(number - 1) % 4]}~"
        for number in range(1, size + 1)
    )


def siblings(size: int) -> str:
    """Return a ship notice of so many items in one order."""
    items = (f"HL*{number}*2*I~LIN*1*UP*123456789012~SN1**1*EA~" for number in range(3, size + 3))
    return _notice(["HL*1**S~HL*2*1*O~PRF*PO1~", *items])


def orphans(size: int) -> str:
    """Return a ship notice of so many levels that stand in none."""
    return _notice(f"HL*{number}**S~" for number in range(1, size + 1))


def sets(size: int) -> str:
    """Return one group of so many orders."""
    body = f"W05*N*1234~N1*ST*CORNER MERCANTILE*92*10~{_ORDER_LINE}W76*10~"
    return _interchange(
        _group("OW", (_set("940", body, number) for number in range(1, size + 1)), size)
    )


def bad_sets(size: int) -> str:
    """Return one group of so many orders, none of which is an order."""
    body = f"W05*?*1234~QQ*1~N1*ST*X*92*1~{_ORDER_LINE}W76*10~"
    return _interchange(
        _group("OW", (_set("940", body, number) for number in range(1, size + 1)), size)
    )


def bad_segments(size: int) -> str:
    """Return an order of which each line is wrong, in its elements."""
    return _order("LX*ABC~W01*X*EA**UP*1~" * size)


def strays(size: int) -> str:
    """Return an order full of segments that nobody knows."""
    return _order("".join(f"QQ{number % 10}*1~" for number in range(size)))


def disorder(size: int) -> str:
    """Return an order whose lines come the wrong way round."""
    return _order("G69*OAK SHELF~W01*10*EA**UP*123456789012~LX*1~N1*ST*X~" * size)


def bounded_loops(size: int) -> str:
    """Return an order full of beginnings and ends of loops."""
    return _order("LS*A~" * size + "LE*B~" * size)


def too_many(size: int) -> str:
    """Return an order with a loop far beyond its maximum."""
    return _order("N1*ST*CORNER MERCANTILE*92*10~" * size)


def wide(size: int) -> str:
    """Return an order with a segment of so many elements."""
    return _order(f"N9*{'*'.join(['A'] * size)}~")


def repetitions(size: int) -> str:
    """Return an advice with an element that is repeated too often."""
    body = f"BGN*00*1*20260115~N1*ST*X*92*1~OTI*TR*IV*{'^'.join(['A'] * size)}~"
    text = _interchange(_group("AG", [_set("824", body)], 1))
    return text.replace("*U*00401*", "*^*00501*").replace("X*004010~", "X*005010~")


def one_element(size: int) -> str:
    """Return an order with an element of so many bytes."""
    return _order("", head=f"W05*N*1234~N1*ST*{'X' * size}*92*1~")


def groups(size: int) -> str:
    """Return an interchange of so many groups."""
    one = _set("940", "W05*N*1234~")
    return _interchange(*(_group("OW", [one], 1, number) for number in range(1, size + 1)))


def many_interchanges(size: int) -> str:
    """Return a payload of so many interchanges."""
    one = _group("OW", [_set("940", "W05*N*1234~")], 1)
    return "".join(_interchange(one, number=number) for number in range(1, size + 1))


def terminators(size: int) -> str:
    """Return an order of nothing but terminators."""
    return _order("~" * size)


KINDS: Mapping[str, Callable[[int], str]] = {
    one.__name__: one
    for one in (
        *(segments, deep, siblings, orphans, sets, bad_sets, bad_segments, strays, disorder),
        *(bounded_loops, too_many, wide, repetitions, one_element, groups, many_interchanges),
        terminators,
    )
}


def hostile(kind: str, size: int) -> bytes:
    """Return a payload of a kind and a size."""
    return KINDS[kind](size).encode("ascii")
