"""The generated writers against the careful one: what they write, that writes without a finding."""

import copy

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from tests.properties.test_map_readers import ODD
from tests.properties.test_maps import (
    ALIKE,
    BACK,
    HIERARCHY,
    MADE,
    days,
    documents,
    levels,
    lookalikes,
    trees,
    words,
)
from tests.unit.mapping.little_sets import DELIMITERS, NOTICE, ORDER, compiled, model

AMOUNTS = compiled(
    """
fields:
  no: {at: W0502, required: true}
  kind: {at: W0501, as: boolean}
  day: {at: "G62[01=10].02", as: date(YYMMDD)}
  either: {first: [W0503, W0504, "N9[01=CN].02"]}
  city: {at: N1/N401, when: "no!=0"}
  known: {at: W0505, write_default: some}
  lines:
    in: LX/W01
    fields:
      no: {at: ../LX01, as: integer}
      qty: {at: W0101, as: decimal}
      price: {at: W0102, as: implied(2)}
      about: {at: W0106, when: "W0101=1|2"}
      ids: {pairs: W0104/05..06/07}
      texts: {each: G69, at: [01, 02], as: upper}
      marks: {each: "../MAN[01=GM]", at: ["02"]}
      refs: {each: "N9[01!=BM]", fields: {type: 01, value: 02}}
computed:
  CTT01: {count: LX}
  CTT02: {sum: LX/W01/W0101 * LX/W01/W0102, when: "kind"}
""",
    model(
        "no kind:bool day either city known "
        "lines[]{no:int qty price about ids[]{scheme value} texts[] marks[] refs[]{type value}}"
    ),
)
PLAIN_AMOUNTS = st.fixed_dictionaries(
    {"no": words},
    optional={
        "kind": st.booleans(),
        "day": days,
        "either": words,
        "city": words,
        "known": words,
        "lines": st.lists(
            st.fixed_dictionaries(
                {"no": st.integers(0, 3)},
                optional={
                    "qty": st.sampled_from(["1", "2", "0.5", "12"]),
                    "price": st.sampled_from(["1", "0.25"]),
                    "about": words,
                    "texts": st.lists(words.map(str.upper), min_size=1, max_size=5),
                    "marks": st.lists(words, min_size=1, max_size=3),
                },
            ),
            max_size=4,
        ),
    },
)
MAPS = {
    "plain": (MADE, ORDER, documents),
    "back": (BACK, ORDER, documents),
    "odd": (ODD, ORDER, st.nothing()),  # what it reads is written without care mostly
    "alike": (ALIKE, ORDER, lookalikes),
    "amounts": (AMOUNTS, ORDER, PLAIN_AMOUNTS),
    "HL": (HIERARCHY, NOTICE, levels),
}

odd_values = st.one_of(
    st.sampled_from(
        [None, "", "0", "1", 0, 1, 5, -3, True, False, 1.5, [], {}, [""], ["a", 1], {"a": "b"}]
    ),
    st.sampled_from(["BM", "ST", "A>B", "a*b", "~", "x\n", "\xff", "12.50", "2026-02-29", "CN"]),
    st.text(max_size=3),
)


@pytest.mark.parametrize(("made", "shape", "plain"), MAPS.values(), ids=list(MAPS))
@given(data=st.data())
@settings(max_examples=200, deadline=None, phases=[Phase.generate])  # many draws shrink slowly
def test_a_generated_writer_writes_what_the_careful_one_writes(made, shape, plain, data) -> None:
    received = trees(shape).map(lambda tree: made.read(tree, DELIMITERS).document)
    document = copy.deepcopy(data.draw(st.one_of(plain, plain, received)))
    if data.draw(st.booleans()):
        document.pop("unmapped", None)
    for _ in range(data.draw(st.integers(0, 3))):
        change(document, data.draw)
    written = made.write_fast(document, DELIMITERS)
    if written is None:
        return
    careful = made.write_carefully(document, DELIMITERS)
    assert list(careful.findings) == []
    assert written == careful.segments


def change(document, draw) -> None:
    """Change a document in one place: a value, a member, an entry, or their order."""
    places = list(values_of(document))
    if not places:
        return
    holder, key = draw(st.sampled_from(places))
    kind = draw(st.integers(0, 4))
    if kind == 0 or (kind == 1 and isinstance(holder, list)):
        # Copied: what is changed later must not change what the next example draws.
        holder[key] = copy.deepcopy(draw(odd_values))
    elif kind == 1:
        holder[draw(st.sampled_from(["no", "ids", "lines", "refs", "stranger", "to"]))] = holder[
            key
        ]
    elif kind == 2:
        del holder[key]
    elif kind == 3:
        other, name = draw(st.sampled_from(places))
        if (other, name) != (holder, key) and (isinstance(other, dict) or name < len(other)):
            other[name] = copy.deepcopy(holder[key])
    elif isinstance(holder, list):
        holder.insert(0, copy.deepcopy(holder[key]))


def values_of(value):
    """Yield every place in a document that holds a value: what it is in, and its name or number."""
    names = list(value) if isinstance(value, dict) else range(len(value))
    for name in names:
        yield value, name
        if isinstance(value[name], dict | list):
            yield from values_of(value[name])
