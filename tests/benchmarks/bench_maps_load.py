"""Loading an instance of 100 partners with 10 maps each: at first, at every later start, on reload.

Run by `make bench`, or alone: `python -m tests.benchmarks.bench_maps_load`.

Each start is a process of its own, and what it reports is its own processor time without imports.
The first one reads, validates, plans and checks every map against its schema and its document's
model: nothing that is wrong with a map is found later. Later ones do so for those whose text, base
or tables are not what they were. What is left to the first document of a map is the Python code of
its reader and of its writer, which is another way to say a plan; it is measured for the ten maps of
each of ten partners, and told for all.

Every overlay has codes of its own in two tables that many fields use; three of ten change a field,
too, and so have a reader and a writer that no other map has.

Measured on 2 cores shared with six others at work, before overlays shared their plans and since:
first start 24 s and 2.4 s (1.4 s where partners have the same codes), `gateway check` 23 s and 3 s.
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
"""Partners whose maps are compiled."""

PROGRAM = """
import sys, time
from pathlib import Path
from gateway import config
from gateway.config.check_maps import REMEMBERED
home, what, sample, maps = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
def told(what, seconds, more):
    print(f"{what:34} {seconds:6.2f} s, {more}")
def loaded(what):
    start, before = time.process_time(), REMEMBERED.compilations
    instance = config.load(home, checked_before=True)
    seconds = time.process_time() - start
    told(what, seconds, f"{REMEMBERED.compilations - before:5,} maps planned")
    return instance, seconds
def ready(instance, partner, index):
    made = instance.compiled_map(f"p{partner:03}-{index}")
    return made._read_row, made._agree, made._write_fast, made._kept
instance, seconds = loaded(what)
if what.startswith("first"):
    start = time.process_time()
    for partner in range(sample):
        for index in range(maps):
            ready(instance, partner, index)
    each = (time.process_time() - start) / (sample * maps)
    told("code, at each map's first document", each, "the mean of these maps")
    told("both, were all maps used at once", seconds + 100 * maps * each, "reckoned")
else:
    changed = home / "maps" / "p042" / "3.map.yaml"
    changed.write_text(changed.read_text() + "note: another one\\n")
    loaded("reload, one file changed")
    loaded("reload, nothing changed")
"""


def write_many(home: Path) -> None:
    """Write an instance with so many maps."""
    write_instance(home)
    for number in range(PARTNERS):
        folder = home / "maps" / f"p{number:03}"
        folder.mkdir(parents=True)
        for index, set_id in enumerate(SETS):
            changed = "fields:\n  references: ~drop\n" if index % 4 == 1 else ""
            (folder / f"{index}.map.yaml").write_text(
                f"# how partner {number} deviates\n"
                f"map: p{number:03}-{index}\n"
                f"extends: base-{set_id}\n"
                f"{changed}"
                "tables:\n"
                "  unit:\n"
                f"    codes: {{CS: case, P{number}: pack_of_{number}}}\n"
                "    write: {case: CS}\n"
                "  party_role:\n"
                f"    codes: {{CN: ship_to, Q{number}: depot_{number}}}\n"
                "    write: {ship_to: CN}\n"
            )


def main() -> None:
    """Print the figures."""
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder, "edi")
        write_many(home)
        (home / "state").mkdir(exist_ok=True)
        print(f"{PARTNERS} partners with {len(SETS)} maps each (bar {BAR} s)")
        for what in ("first start, all maps checked", "later start, nothing changed"):
            done = subprocess.run(
                [sys.executable, "-c", PROGRAM, str(home), what, str(SAMPLE), str(len(SETS))],
                check=True,
                capture_output=True,
                text=True,
            )
            print(done.stdout, end="")


if __name__ == "__main__":
    main()
