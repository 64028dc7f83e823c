"""Maps both ways on anything: documents come back, sets come back, and nothing raises."""

import json
import string

from hypothesis import example, given, settings
from hypothesis import strategies as st

from gateway.mapping.conversions import conversion
from gateway.mapping.values import canonical_decimal
from tests.unit.mapping.little_sets import (
    DELIMITERS,
    NOTICE,
    ORDER,
    Loop,
    Node,
    Segment,
    compiled,
    lines,
    model,
    plain,
    tree,
)

MAP = """
fields:
  no: {at: W0502, required: true}
  status: {at: W0501, table: st}
  day: {at: "G62[01=10].02", as: date, with: {03: Z}}
  code: SV101-2
  to: {in: "N1[01=ST]", fields: {name: N102, lines: {each: N3, at: [01, 02]}, city: N401,
       ids: {each: ., fields: {scheme: N103, value: N104}}}}
  parties: {in: "N1[01!=ST]", fields: {role: N101, name: N102}}
  bol: "N9[01=BM].02"
  refs: {each: "N9[01!=BM]", fields: {type: {at: N901}, value: N902}}
  lines:
    in: LX/W01
    fields:
      no: {at: ../LX01, as: integer, required: true}
      qty: {at: W0101, as: decimal}
      ids: {pairs: W0104/05..06/07}
      sku: {pairs: W0104/05..06/07, qualifier: VN|SK}
      lots: {each: "N9[01=LT]", fields: {lot: 02, qty: {at: 03, as: implied(2)}}}
tables: {st: {N: new, F: cancel}}
unmapped: UNMAPPED
"""
MODEL = model(
    "no status day code to{name lines[] city ids[]{scheme value}} parties[]{role name} bol "
    "refs[]{type value} lines[]{no:int qty ids[]{scheme value} sku lots[]{lot qty}}"
)
MADE = compiled(MAP.replace("UNMAPPED", "keep"), MODEL)
BACK = compiled(MAP.replace("UNMAPPED", "write_back"), MODEL)

words = st.text(string.ascii_letters + string.digits + " .-/", min_size=1, max_size=8)
decimals = st.decimals(-9999, 9999, places=2).map(lambda number: canonical_decimal(f"{number:f}"))
days = st.dates().map(lambda day: f"{day.year:04d}-{day:%m-%d}")


def some(**members):
    """Make objects with any of the members, at least one."""
    return st.fixed_dictionaries({}, optional=members).filter(bool)


pair = st.fixed_dictionaries({"scheme": st.sampled_from(["UP", "EN"]), "value": words})
line = st.fixed_dictionaries(
    {"no": st.integers(1, 9999)},
    optional={
        "qty": decimals,
        "ids": st.lists(pair, min_size=1, max_size=2),
        "lots": st.lists(
            st.fixed_dictionaries({"lot": words}, optional={"qty": decimals}),
            min_size=1,
            max_size=3,
        ),
    },
)
documents = st.fixed_dictionaries(
    {"no": words},
    optional={
        "status": st.sampled_from(["new", "cancel"]),
        "day": days,
        "code": words,
        "to": some(
            name=words,
            lines=st.lists(words, min_size=1, max_size=5),
            city=words,
            ids=st.lists(some(scheme=words, value=words), min_size=1, max_size=1),
        ),
        "parties": st.lists(
            st.fixed_dictionaries({"role": st.just("BY")}, optional={"name": words}), min_size=1
        ),
        "bol": words,
        "refs": st.lists(
            st.fixed_dictionaries({"type": st.just("ZZ")}, optional={"value": words}), min_size=1
        ),
        "lines": st.lists(line, min_size=1, max_size=4),
    },
)


@given(documents)
@settings(max_examples=200, deadline=None)
def test_a_document_written_and_read_is_the_document(document) -> None:
    writing = MADE.write(document, DELIMITERS)
    assert writing.findings == []
    reading = MADE.read(writing.tree, DELIMITERS)
    assert plain(reading.document) == document
    assert reading.findings == []


lookalikes = st.fixed_dictionaries(
    {"no": words},
    optional={
        "to": st.fixed_dictionaries({"name": words}),
        "parties": st.lists(
            st.fixed_dictionaries({"role": st.sampled_from(["BY", "ST"])}), min_size=1, max_size=3
        ),
        "bol": words,
        "refs": st.lists(
            st.fixed_dictionaries({"type": st.sampled_from(["ZZ", "BM", "CN"]), "value": words}),
            min_size=1, max_size=4,
        ),
        "second": words,
    },
)  # fmt: skip
ALIKE = compiled(
    """
fields:
  no: W0502
  parties: {in: N1, fields: {role: N101, name: N102}}
  to: {in: "N1[01=ST]", fields: {name: N102}}
  refs: {each: N9, fields: {type: N901, value: N902}}
  bol: "N9[01=BM].02"
  second: "N9[01=CN][#2].02"
""",
    model("no to{name} parties[]{role name} bol second refs[]{type value}"),
)


@given(lookalikes)
@settings(max_examples=300, deadline=None)
def test_an_entry_that_looks_like_a_field_comes_back_or_is_a_finding(document) -> None:
    writing = ALIKE.write(document, DELIMITERS)
    again = plain(ALIKE.read(writing.tree, DELIMITERS).document)
    alone = "second" in document and not any(
        entry["type"] == "CN" for entry in document.get("refs", ())
    )
    assert (again == document) is not (bool(writing.findings) or alone)


elements = st.lists(
    st.one_of(st.just(""), words, st.sampled_from(["ST", "BM", "LT", "10", "N", "A>B>C"])),
    max_size=9,
)


@st.composite
def trees(draw, shape=ORDER, depth=0):
    """Draw any tree of a shape, with any text in it and more than its positions."""
    node = Node()
    if shape.trigger:
        node.segments[shape.trigger] = [[shape.trigger, *draw(elements)]]
    for part in shape.content:
        if isinstance(part, Segment) and part.tag != shape.trigger and draw(st.booleans()):
            rows = draw(st.lists(elements, min_size=1, max_size=3))
            node.segments[part.tag] = [[part.tag, *row] for row in rows]
        elif isinstance(part, Loop) and draw(st.booleans()):
            node.loops[part.trigger] = draw(
                st.lists(trees(part, depth + 1), min_size=1, max_size=3)
            )
    return node


@given(trees())
# A loop whose entries would have taken its number, without any entry.
@example(Node(loops={"LX": [Node(segments={"LX": [["LX", "5"]]})]}))
@settings(max_examples=150, deadline=None)
def test_any_tree_gives_a_document_and_findings_and_loses_no_value(node) -> None:
    reading = MADE.read(node, DELIMITERS)
    told = json.dumps(reading.document)
    fixed = {"ST", "BM", "LT", "10", "Z"}
    for text in "\n".join(lines(node)).split("\n"):
        tag, *values = text.split("*")
        if tag in ("ST", "SE"):
            continue
        for value in values:
            for part in value.split(">"):
                known = part in fixed or json.dumps(part)[1:-1] in told
                assert known or _converted(part, told), (text, part)


def _converted(text: str, told: str) -> bool:
    """Say whether a number or a code stands in the document in its own spelling."""
    if text in ("N", "F"):
        return True
    try:
        return canonical_decimal(text) in told or str(conversion("implied(2)").read(text)) in told
    except ValueError:
        return False


@given(documents)
@settings(max_examples=100, deadline=None)
def test_a_set_read_and_written_is_the_set(document) -> None:
    text = "~".join(lines(BACK.write(document, DELIMITERS).tree))
    extended = text + "~NTE*GEN*note" if "LX" not in text else text
    node = tree(extended)
    again = BACK.write(BACK.read(node, DELIMITERS).document, DELIMITERS)
    assert lines(again.tree) == lines(node)
    assert again.findings == []


HIERARCHY = compiled(
    """
fields:
  id: BSN02
  orders:
    level: S/O
    fields:
      po: PRF01
      packs: {level: P, fields: {sscc: MAN02, items: {level: I, fields: {sku: LIN03}}}}
      items: {level: I, fields: {sku: LIN03, packs: {level: P, fields: {sscc: MAN02}}}}
""",
    model("id orders[]{po packs[]{sscc items[]{sku}} items[]{sku packs[]{sscc}}}"),
    NOTICE,
)
item = st.fixed_dictionaries({"sku": words})
pack = st.fixed_dictionaries({"sscc": words})
order = st.fixed_dictionaries(
    {"po": words},
    optional={
        "packs": st.lists(
            st.fixed_dictionaries(
                {"sscc": words}, optional={"items": st.lists(item, min_size=1, max_size=3)}
            ),
            min_size=1,
            max_size=3,
        ),
        "items": st.lists(
            st.fixed_dictionaries(
                {"sku": words}, optional={"packs": st.lists(pack, min_size=1, max_size=3)}
            ),
            min_size=1,
            max_size=3,
        ),
    },
)


levels = st.fixed_dictionaries({"id": words, "orders": st.lists(order, min_size=1, max_size=3)})


@given(levels)
@settings(max_examples=100, deadline=None)
def test_a_tree_of_levels_written_and_read_is_the_tree(document) -> None:
    writing = HIERARCHY.write(document, DELIMITERS)
    reading = HIERARCHY.read(writing.tree, DELIMITERS)
    assert plain(reading.document) == document
    assert reading.findings == []


@given(trees(NOTICE))
@settings(max_examples=100, deadline=None)
def test_any_row_of_levels_is_read_without_an_exception(node) -> None:
    document = HIERARCHY.read(node, DELIMITERS).document
    assert HIERARCHY.write(document, DELIMITERS).tree is not None


anything = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), words, st.text(max_size=5)),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(
            st.sampled_from(["no", "lines", "to", "ids", "refs", "qty", "unmapped"]), inner
        ),
    ),
    max_leaves=12,
)


@given(
    st.dictionaries(
        st.sampled_from(["no", "lines", "to", "refs", "parties", "day", "unmapped"]), anything
    )
)
@settings(max_examples=200, deadline=None)
def test_any_document_is_written_or_gives_findings(document) -> None:
    text = "".join("".join(lines(BACK.write(document, DELIMITERS).tree)))
    assert "~" not in text
