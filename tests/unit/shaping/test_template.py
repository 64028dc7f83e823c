"""Templates: each value escaped as XML, JSON or an address asks for; nothing without a bound."""

from __future__ import annotations

import pytest

from gateway.shaping import (
    JsonTemplate,
    NotCompiled,
    NotShaped,
    TextTemplate,
    UrlTemplate,
    XmlTemplate,
    budget,
    loads,
)

ORDER = loads(
    b'{"number":"A&B <7>","quote":"say \\"x\\"","price":"12.505","weight":1.10,"note":null,'
    b'"lines":[{"q":"2","p":"1.25"},{"q":"3","p":"0.10"}]}'
)
FACTS = {"partner": "harbor/1"}


def test_what_xml_prints_is_escaped() -> None:
    template = XmlTemplate('<o no="{{ document.number }}">{{ document.quote }}</o>')
    assert template.render(ORDER, FACTS) == b'<o no="A&amp;B &lt;7&gt;">say &#34;x&#34;</o>'


def test_what_json_prints_is_a_value_with_its_quotes() -> None:
    template = JsonTemplate(
        '{"no": {{ document.quote }}, "price": {{ document.price | number }}, '
        '"text": {{ document.number ~ "/" ~ facts.partner }}, "lines": {{ document.lines }}}'
    )
    assert template.render(ORDER, FACTS) == (
        b'{"no":"say \\"x\\"","price":12.505,"text":"A&B <7>/harbor/1",'
        b'"lines":[{"q":"2","p":"1.25"},{"q":"3","p":"0.10"}]}'
    )


def test_a_number_written_in_a_template_is_exact() -> None:
    template = JsonTemplate('{"a": {{ 0.1 }}, "b": {{ 0.1 + 0.2 }}, "c": {{ 7 }}}')
    assert template.render(ORDER, FACTS) == b'{"a":0.1,"b":0.3,"c":7}'


def test_a_number_in_a_text_is_odd_or_even_and_a_text_is_neither() -> None:
    template = TextTemplate(
        "{% for n in document %}{{ 'odd' if n is odd else 'even' if n is even }}"
        "{{ '!' if n is divisibleby 3 }} {% endfor %}"
    )
    assert template.render(["1", "2", 3], FACTS) == b"odd even odd! "
    # Python would make a text of this width.
    with pytest.raises(NotShaped, match=r"^line 1: '%99d' is no number$"):
        template.render(["%99d"], FACTS)


def test_what_an_address_prints_cannot_leave_its_place_in_it() -> None:
    template = UrlTemplate("https://erp.example/{{ facts.partner }}?no={{ document.number }}")
    expected = b"https://erp.example/harbor%2F1?no=A%26B%20%3C7%3E"
    assert template.render(ORDER, FACTS) == expected


@pytest.mark.parametrize("value", ["", ".", ".."])
def test_an_address_is_not_shortened_by_a_value(value: str) -> None:
    with pytest.raises(NotShaped, match=r"^line 1: '\.*' cannot stand in an address$"):
        UrlTemplate("https://erp.example/{{ document }}").render(value, {})


def test_loops_conditions_and_exact_sums() -> None:
    template = TextTemplate(
        "{% for line in document.lines %}\n"
        "{{ loop.index }}:{{ (line.q * line.p) | money }};"
        "{% if loop.last %}{{ document.price | money }} {{ document.lines | sum('p') }}{% endif %}"
        "{% endfor %}"
    )
    assert template.render(ORDER, FACTS) == b"1:2.50;2:0.30;12.51 1.35"


def test_a_field_that_may_be_missing_has_a_default_or_a_condition() -> None:
    template = TextTemplate(
        "{{ document.none | default('-') }}{{ document.note | default('none') }}"
        "{% if document.none is defined %}x{% endif %}"
    )
    assert template.render(ORDER, FACTS) == b"-none"


@pytest.mark.parametrize(
    ("source", "line", "message"),
    [
        ("\n{{ 1 | default(2, true) }}", 2, "the filter 'default' takes [instead] in its brackets"),
        ("{{ 'a' | lookup }}", 1, "the filter 'lookup' takes table, [default] in its brackets"),
        ("{{ 'a' | upper(by=1) }}", 1, "the filter 'upper' takes nothing in its brackets"),
        ("\n{{ x }", 2, "unexpected '}'"),
        ("{{ x | shout }}", 1, "No filter named 'shout'."),
        ("\n{{ document.x | monney }}", 2, "No filter named 'monney'. (did you mean 'money'?)"),
        (
            "{% if document.x is odder %}{% endif %}",
            1,
            "No test named 'odder'. (did you mean 'odd'?)",
        ),
        ("\n\n{{ document.items() }}", 3, "a template takes no call"),
        ("{% include 'x' %}", 1, "a template takes no include"),
        ("{% import 'x' as y %}", 1, "a template takes no import"),
        ("{% extends 'x' %}", 1, "a template takes no template"),
        ("{% macro x() %}{% endmacro %}", 1, "a template takes no macro"),
        ("\n{{ nope }}", 2, "there is no 'nope'; a template sees 'document' and 'facts'"),
        (
            "{% for a in [1] %}{{ a }}{% endfor %}\n{% if documnt.x %}{% endif %}",
            2,
            "there is no 'documnt' (did you mean 'document'?); "
            "a template sees 'document' and 'facts'",
        ),
        ("{{ 9 ** 9 }}", 1, "a template takes no power"),
        ("{% for a in b recursive %}{% endfor %}", 1, "a template takes no recursive loop"),
        ("{% set x %}a{% endset %}", 1, "a template takes no block of text in a variable"),
        ("{{ " + "(" * 50 + "1" + "+1)" * 50 + " }}", 1, "operations are nested more than 40 deep"),
    ],
)
def test_a_wrong_template_is_found_at_its_line(source: str, line: int, message: str) -> None:
    with pytest.raises(NotCompiled) as fault:
        TextTemplate(source)
    assert (str(fault.value), fault.value.line) == (message, line)


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("\n{{ document.nope }}", "line 2: there is no field 'nope' here (did you mean 'note'?)"),
        ("{{ document.away }}", "line 1: there is no field 'away' here"),
        ("{{ document.__class__ }}", "line 1: there is no field '__class__' here"),
        ("{{ ''.__class__ }}", "line 1: there is no '__class__' in what is not there or no object"),
        ("{{ document.lines }}", "line 1: a list is no text"),
        ("{{ document.away | money }}", "line 1: there is no field 'away' here"),
        ("{{ document.number | money }}", "line 1: 'A&B <7>' is no number"),
        ("{{ 'a' * 1000000000 }}", "line 1: 'a' is no number"),
        ("{{ document.price | pad_left(100000) }}",
         "line 1: width is a whole number from 0 to 999, not 100000"),
    ],
)  # fmt: skip
def test_what_does_not_go_through_names_the_line(source: str, message: str) -> None:
    with pytest.raises(NotShaped) as fault:
        TextTemplate(source).render(ORDER, FACTS)
    assert str(fault.value) == message


def test_text_that_doubles_is_stopped() -> None:
    source = "{% set a = 'x' %}" + "{% set a = a ~ a %}" * 60 + "{{ a }}"
    with pytest.raises(NotShaped, match="the text is longer than 1000000 characters"):
        TextTemplate(source).render(ORDER, FACTS)


def test_output_is_bounded_however_many_loops_make_it() -> None:
    lines = [{"text": "x" * 1000}] * 1000
    loop = "{% for a in document %}{% for b in document %}{{ b.text }}{% endfor %}{% endfor %}"
    with pytest.raises(NotShaped, match="it becomes more than 52428800 characters"):
        TextTemplate(loop).render(lines, FACTS)


TOO_MANY = "it takes more than 50000 steps: loops within loops, or over long lists"


@pytest.mark.parametrize(
    ("source", "line"),
    [
        ("\n{% for a in document %}{% for b in document %}{% endfor %}{% endfor %}", 2),
        ("{% for a in document %}{% for b in document if b.no %}{% endfor %}\n{% endfor %}", 1),
        ("{% for a in document %}\n{% set s = document | sum('n') %}{% endfor %}", 2),
        ("{% for a in document %}\n{% if a in document %}{% endif %}{% endfor %}", 2),
        ("{% for a in document %}\n{% if a is in document %}{% endif %}{% endfor %}", 2),
        ("{% for a in document %}\n{% set s = document[1:] %}{% endfor %}", 2),
        ("{% for a in document %}\n{% set s = document | json | length %}{% endfor %}", 2),
        ("{% for a in document %}"
         "{% for b in document | selectattr('n') %}{% endfor %}{% endfor %}", 1),
        ("{% for a in document %}{% for b in a.long %}{% endfor %}{% endfor %}", 1),
        ("\n{% for a in document %}{% for b in [1,2,3,4,5,6,7,8,9] %}"
         "{% set t = a.long | upper %}{% endfor %}{% endfor %}", 2),
        ("\n{% for a in document %}{% for b in [1,2,3,4,5,6,7,8,9] %}"
         "{% set t = a.long ~ 'x' %}{% endfor %}{% endfor %}", 2),
        ("{% for a in [0,1,2,3,4,5,6,7,8,9] %}" * 8 + "{% endfor %}" * 8, 1),
    ],
)  # fmt: skip
def test_steps_are_bounded_however_little_they_print(
    source: str, line: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(budget, "MAX_STEPS", 50_000)
    lines = [{"n": 1, "no": False, "long": "x" * 20_000}] * 400
    with pytest.raises(NotShaped) as fault:
        TextTemplate(source, "shapes/order.xml.j2").render(lines, FACTS)
    assert str(fault.value) == f"shapes/order.xml.j2, line {line}: {TOO_MANY}"


def test_each_document_has_all_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(budget, "MAX_STEPS", 30_000)
    template = TextTemplate(
        "{% for line in document %}{{ loop.index if loop.last }}"
        "{% for other in document[:40] if other.n == 2 %}{% endfor %}{% endfor %}"
    )
    lines = [{"n": 1}] * 150
    assert [template.render(lines, FACTS) for _ in range(3)] == [b"150"] * 3


@pytest.mark.parametrize(
    "deep",
    ["({} ~ 'b')", "({} == 1)", "({} | upper)", "({} in ['a'])", "({} is in ['a'])", "[{}][0:]"],
)
def test_what_is_nested_as_deeply_as_it_may_be_compiles(deep: str) -> None:
    source, depth = "'a'", 0
    refused = ""
    while not refused:
        source, depth = deep.format(source), depth + 1
        try:
            TextTemplate("{{ " + source + " }}")
        except NotCompiled as fault:
            refused = str(fault)
    assert refused == "operations are nested more than 40 deep"
    assert depth > 15


def test_what_is_no_xml_or_json_in_the_end_is_not_sent() -> None:
    with pytest.raises(NotShaped) as fault:
        XmlTemplate("<a>\n</b>").render(ORDER, FACTS)
    assert str(fault.value) == (
        "what the template made is no XML: line 2: Opening and ending tag mismatch: a line 1 and b"
    )
    with pytest.raises(NotShaped) as fault:
        XmlTemplate("<a>{{ document }}</a>").render("\x01", FACTS)
    assert str(fault.value) == (
        "what the template made is no XML: line 1: PCDATA invalid Char value 1"
    )
    with pytest.raises(NotShaped) as fault:
        JsonTemplate('{"a":\n"{{ document.quote }}"}').render(ORDER, FACTS)
    assert str(fault.value) == (
        "what the template made is no JSON: line 2: Expecting ',' delimiter: "
        r"""""▶say \"x\"""}; what {{ }} prints has its quotes already"""
    )


@pytest.mark.parametrize("kind", [TextTemplate, XmlTemplate])
def test_half_a_character_that_an_answer_held_is_refused_with_its_line(
    kind: type[TextTemplate],
) -> None:
    answer = loads(b'{"id":"\\ud800"}')
    with pytest.raises(NotShaped) as fault:
        kind("<a>\n{{ document.id }}</a>").render(answer, FACTS)
    assert str(fault.value) == "line 2 of what it becomes holds half a character"
