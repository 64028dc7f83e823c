"""Loading and compiling an instance of 100 partners with 10 maps each: at first, later, on reload.

Run by `make bench`, or alone: `python -m tests.benchmarks.bench_maps_load`.

Each start is a process of its own, and what it reports is its own processor time without imports.
The bar is for all that comes before documents: every file is read and validated, every map planned
and checked against its schema and its document's model, and the reader and the writer of every map
made, as if all were used at once. (A gateway makes them at a map's first document, and later starts
plan only maps whose text, base or tables are not what they were.) After that each map reads its
first set, and writes what it read.

Every overlay has codes of its own in two tables that many fields use; three of ten change a field
too. So there are eight different maps but for what their tables say, and these have code of their
own. In the second instance no two maps of two partners are alike, each has its own code, and there
is nothing to share; it is measured for ten partners and told for all.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

from gateway.cli.init import write_instance

PARTNERS = 100
SETS = ("940", "945", "856", "810", "850", "855", "940", "945", "856", "810")
BAR = 2.0
"""Seconds."""

SAMPLE = 10
"""Partners whose code is made where each has its own."""

PROGRAM = """
import random, resource, sys, time
from pathlib import Path
from gateway import config
from gateway.app.collecting import rare_collections
from gateway.config.check_maps import REMEMBERED
from gateway.config.schemas import packaged_schemas
from gateway.x12.model import Delimiters
from gateway.x12.validate import Validator
from tests.benchmarks.bench_maps_load import PARTNERS, SAMPLE, SETS
from tests.benchmarks.documents import BODIES, transaction_set
from tests.x12_sets import of_segments, random_set
RARE = rare_collections()  # as in a running gateway
home, what = Path(sys.argv[1]), sys.argv[2]
def told(what, seconds, more):
    print(f"{what:36} {seconds:6.2f} s  {more}", flush=True)
def loaded(what):
    start, maps, plans = time.process_time(), REMEMBERED.compilations, REMEMBERED.structures
    instance = config.load(home, checked_before=True)
    seconds = time.process_time() - start
    maps, plans = REMEMBERED.compilations - maps, REMEMBERED.structures - plans
    told(what, seconds, f"{maps:5,} maps checked, {plans:5,} planned")
    return instance, seconds
def code_of(instance, partners):
    start = time.process_time()
    for partner in range(partners):
        for index in range(len(SETS)):
            made = instance.compiled_map(f"p{partner:03}-{index}")
            made._read_row, made._agree, made._write_fast, made._kept
    return time.process_time() - start
def first_documents(instance):
    chance, trees = random.Random(940), {}
    for set_id in dict.fromkeys(SETS):
        drawn = transaction_set if set_id in BODIES else random_set
        segments = drawn(chance, set_id)
        one = of_segments(segments) if set_id in BODIES else segments
        trees[set_id] = Validator(packaged_schemas().get("004010", set_id)).parse(one).tree
    start = time.process_time()
    for partner in range(PARTNERS):
        for index, set_id in enumerate(SETS):
            made = instance.compiled_map(f"p{partner:03}-{index}")
            for document in made.read(trees[set_id], Delimiters()).documents:
                made.write(document, Delimiters())
    return time.process_time() - start
if what == "later":
    for index, set_id in enumerate(SETS):
        (home / "maps" / "p050" / f"{index}.map.yaml").write_text(
            f"map: p050-{index}\\nextends: base-{set_id}\\n"
            "fields: {parties: {fields: {role: {table: dock}}}}\\n"
        )
    loaded("later start, ten maps changed")
    loaded("reload, nothing changed")
    changed = home / "maps" / "p042" / "3.map.yaml"
    changed.write_text(changed.read_text() + "note: another one\\n")
    loaded("reload, one map changed")
    table = home / "tables" / "dock.table.yaml"
    table.write_text("table: dock\\ncodes: {A: north, B: south}\\n")
    loaded("reload, a table that ten maps name")
else:
    instance, seconds = loaded("first start")
    RARE.__enter__()
    if what == "alike":
        made = code_of(instance, PARTNERS)
        told("code of all maps, both directions", made, "")
        told("loaded and compiled", seconds + made, "bar 2 s")
        told("the first document of each map", first_documents(instance), "read and written")
    else:
        each = code_of(instance, SAMPLE) / (SAMPLE * len(SETS))
        told("code of one map, both directions", each, "the mean of these maps")
        told("loaded and compiled", seconds + PARTNERS * len(SETS) * each, "reckoned")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{'peak memory':36} {peak:6.0f} MB")
"""

ALIKE = """# how partner {number} deviates
map: p{number:03}-{index}
extends: base-{set_id}
{changed}tables:
  unit:
    codes: {{CS: case, P{number}: pack_of_{number}}}
    write: {{case: CS}}
  party_role:
    codes: {{CN: ship_to, Q{number}: depot_{number}}}
    write: {{ship_to: CN}}
"""


def write_many(home: Path, *, alike: bool) -> None:
    """Write an instance with so many maps."""
    write_instance(home)
    (home / "tables").mkdir(exist_ok=True)
    (home / "tables" / "dock.table.yaml").write_text("table: dock\ncodes: {A: north}\n")
    for number in range(PARTNERS):
        folder = home / "maps" / f"p{number:03}"
        folder.mkdir(parents=True)
        (home / "partners" / f"p{number:03}.yaml").write_text(partner(number))
        for index, set_id in enumerate(SETS):
            changed = "fields:\n  references: ~drop\n" if index % 4 == 1 else ""
            if not alike:
                party = "HL[03=S]/N1" if set_id == "856" else "N1"
                changed += f'ignore: ["{party}[01={number * 10 + index:03}]"]\n'
            text = ALIKE.format(number=number, index=index, set_id=set_id, changed=changed)
            (folder / f"{index}.map.yaml").write_text(text)


def partner(number: int) -> str:
    """Return a partner with agreements on six sets that come and on four that go."""
    agreements = "".join(
        f'  - {{set: "{set_id}", direction: {"in" if index < 6 else "out"}, '
        f"map: p{number:03}-{index}}}\n"
        for index, set_id in enumerate(SETS)
    )
    return (
        f"partner: p{number:03}\nname: Partner {number}\nowner: desk@ours.example\n"
        f"identities: [{{qualifier: ZZ, id: PARTNER{number:03}}}]\nagreements:\n{agreements}"
    )


def run(home: Path, what: str) -> None:
    """Run one start, and print its figures."""
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, str(home), what], check=True, capture_output=True, text=True
    )
    print(done.stdout, end="")


def main() -> None:
    """Print the figures."""
    with tempfile.TemporaryDirectory() as folder:
        for what, told in (
            ("alike", "partners with codes of their own"),
            ("apart", "no two maps alike"),
        ):
            home = Path(folder, what)
            write_many(home, alike=what == "alike")
            (home / "state").mkdir(exist_ok=True)
            print(f"{PARTNERS} partners with {len(SETS)} maps each, {told}")
            run(home, what)
            if what == "alike":
                run(home, "later")


if __name__ == "__main__":
    main()
