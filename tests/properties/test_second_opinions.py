"""Both engines over every sample and mutants of every set: each difference is of a known class.

docs/second-opinion.md lists the classes and says which engine is right; its table is made here.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

from gateway import config, resources
from gateway.cli.examine import ExaminedSet, Examiner
from gateway.cli.init import write_instance
from gateway.cli.second_opinions import Compared, SecondOpinions
from gateway.config import Instance
from gateway.second_opinion.faults import Kind
from gateway.second_opinion.known import KNOWN, UNKNOWN, Right
from gateway.x12.envelope import FUNCTIONAL_IDS
from gateway.x12.guides.validator import GuidedValidator
from gateway.x12.model import Segment
from tests.properties.test_validation import MUTATIONS, Mutation
from tests.unit.second_opinion.cases import CASES, shown
from tests.x12_sets import EVERY_SET, random_set

PAGE = Path(__file__).parents[2] / "docs" / "second-opinion.md"
BEGIN, END = "<!-- table: begin -->\n", "<!-- table: end -->\n"
MUTANTS = 34
"""Of each set in each version: more than 1,000 altogether."""
ROOT = resources.directory("samples").parent


def swap_two_segments(chance: random.Random, segments: list[Segment]) -> None:
    if len(segments) > 4:
        first, second = chance.sample(range(1, len(segments) - 1), 2)
        segments[first], segments[second] = segments[second], segments[first]


def spoil_a_code_or_day(chance: random.Random, segments: list[Segment]) -> None:
    if len(segments) < 3:
        return
    segment = chance.choice(segments[1:-1])
    at = chance.randrange(1, len(segment)) if len(segment) > 1 else 0
    if at and segment[at]:
        segment[at] = chance.choice(("ZQX", "20261399", "9", "Q" * 81, segment[at][:-1]))


CHANGES: tuple[Mutation, ...] = (*MUTATIONS, swap_two_segments, spoil_a_code_or_day)


def mutants() -> Iterator[bytes]:
    """Yield interchanges of one set: a valid one, then the same with one to three changes."""
    for version, set_id in EVERY_SET:
        chance = random.Random(f"second opinion of {set_id} {version}")
        drawn = min((random_set(chance, set_id, version).segments for _ in range(10)), key=len)
        for number in range(MUTANTS):
            segments = [list(segment) for segment in drawn]
            for _ in range(chance.choice((1, 1, 2, 3)) if number else 0):
                chance.choice(CHANGES)(chance, segments)
            # One in ten keeps the count that it had.
            if segments[-1][0] == "SE" and chance.random() < 0.9:
                segments[-1] = ["SE", str(len(segments)), "0001"]
            yield interchange(version, segments)


def interchange(version: str, segments: list[Segment]) -> bytes:
    """Return an interchange with one set in it."""
    isa11, isa12 = ("U", "00401") if version < "005" else ("^", "00501")
    head = (
        f"ISA*00*{' ' * 10}*00*{' ' * 10}*ZZ*{'A':15}*ZZ*{'B':15}*260105*1200*{isa11}*{isa12}"
        "*000000001*0*P*>~"
    )
    group = f"GS*{FUNCTIONAL_IDS[segments[0][1]]}*A*B*20260105*1200*1*X*{version}~"
    body = "".join("*".join(segment) + "~" for segment in segments)
    return f"{head}{group}{body}GE*1*1~IEA*1*000000001~".encode("latin-1", "replace")


def samples() -> Iterator[bytes]:
    """Yield every X12 file of the tree."""
    files = [*(ROOT / "samples").rglob("*.edi"), *(ROOT / "tests").rglob("*.edi")]
    yield from (file.read_bytes() for file in sorted(files))


def compared(payloads: Iterator[bytes], instance: Instance | None = None) -> Iterator[Compared]:
    """Ask both engines about every set."""
    examiner = Examiner(instance)
    seconds = SecondOpinions(examiner)
    for payload in payloads:
        for one in examiner.interchanges(payload):
            for group in one.groups:
                yield from map(seconds.compared, group.sets)


def test_both_engines_agree_on_every_sample_and_mutant_but_for_known_differences() -> None:
    agreed: Counter[Kind] = Counter()
    sets, unknown, undecided = 0, [], []
    for one in (*compared(samples()), *compared(mutants())):
        sets += not one.opinion.unasked
        agreed.update(pair.our_kind for pair in one.agreed if pair.our_kind is not None)
        unknown += [told(one) for each in one.differences if each.known is UNKNOWN]
        both = all(each.known.right is Right.BOTH for each in one.differences)
        if one.differences and both and not (refuses(one.examined) and one.opinion.faults):
            undecided.append(told(one))
    assert unknown == []
    assert undecided == [], "a difference in which both refuse, and one engine does not"
    assert sets > 1_200
    # Proof that they are asked the same, and mean the same by their answers.
    assert set(Kind) - set(agreed) <= NEVER_AGREED


NEVER_AGREED = {
    Kind.CONTROL_NUMBER,
    Kind.EXCLUSIVE,
    Kind.FORM,
    Kind.NOT_USED,
    Kind.SEGMENT_NOT_USED,
    Kind.RELATION,
    Kind.BROKEN,
}
"""What the mutants hold none of, or one engine alone can say; the cases of classes do."""


def test_both_engines_agree_on_the_samples_by_the_guides_of_the_partners(tmp_path: Path) -> None:
    home = tmp_path / "home"
    write_instance(home)
    partners = (file for file in sorted((ROOT / "samples").glob("*-*/*.edi")))
    payloads = (file.read_bytes() for file in partners)
    found = list(compared(payloads, config.load(home, maps_too=False)))
    guided = [one for one in found if isinstance(one.examined.validator, GuidedValidator)]
    assert len(guided) >= 5
    assert [told(one) for one in found for each in one.differences if each.known is UNKNOWN] == []


def refuses(one: ExaminedSet) -> bool:
    return bool(one.findings)


def told(one: Compared) -> str:
    """Return a set and what both engines say of it, for whoever has to decide who is right."""
    received = one.examined.reading.transaction_set
    lines = ["*".join(segment) for segment in received.segments]
    ours = [f"ours {f.code} {f.location.segment_position} {f.location.reference}"
            for f in one.examined.reading.all_findings]  # fmt: skip
    theirs = [f"pyx12 {f.kind} {f.position} {f.reference} {f.message}" for f in one.opinion.faults]
    classes = [f"{each.pair.position} {each.known.name}" for each in one.differences]
    return "\n".join((*lines, *ours, *theirs, *classes))


def test_the_table_of_differences_is_current(golden: Callable[[Path, bytes], None]) -> None:
    rows = ["| class | right | difference | why | for example |", "|---|---|---|---|---|"]
    rows += [
        f"| `{one.name}` | {one.right} | {one.difference} | {one.because} "
        f"| {shown(CASES[one.name])} |"
        for one in KNOWN
    ]
    before, _, rest = PAGE.read_text(encoding="utf-8").partition(BEGIN)
    _, _, after = rest.partition(END)
    table = "\n".join(rows)
    golden(PAGE, f"{before}{BEGIN}\n{table}\n\n{END}{after}".encode())
