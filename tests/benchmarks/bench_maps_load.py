"""Loading an instance of 100 partners with 10 maps each: at first, at every later start, on reload.

Run by `make bench`, or alone: `python -m tests.benchmarks.bench_maps_load`.

Each start is a process of its own, and what it reports is its own processor time without imports.
The first one holds every map against its schema; later ones those whose text, base or tables are
not what they were. `compile` is what a map costs when it is first used.
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

PROGRAM = """
import sys, time
from pathlib import Path
from gateway import config
from gateway.config.check_maps import REMEMBERED
home = Path(sys.argv[1])
def loaded(what):
    start, before = time.process_time(), REMEMBERED.compilations
    instance = config.load(home, checked_before=True)
    seconds, made = time.process_time() - start, REMEMBERED.compilations - before
    print(f"{what:34} {seconds:6.2f} s, {made:5,} maps compiled")
    return instance
instance = loaded(sys.argv[2])
if sys.argv[2].startswith("later"):
    changed = home / "maps" / "p042" / "3.map.yaml"
    start = time.process_time()
    instance.compiled_map("p041-3")
    print(f"{'compile one, at its first use':34} {time.process_time() - start:6.2f} s")
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
            (folder / f"{index}.map.yaml").write_text(
                f"# how partner {number} deviates\n"
                f"map: p{number:03}-{index}\n"
                f"extends: base-{set_id}\n"
                "tables:\n"
                "  unit:\n"
                "    codes: {CS: case, CT: carton}\n"
                "    write: {case: CS, carton: CT}\n"
                "  party_role:\n"
                "    codes: {CN: ship_to}\n"
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
                [sys.executable, "-c", PROGRAM, str(home), what],
                check=True,
                capture_output=True,
                text=True,
            )
            print(done.stdout, end="")


if __name__ == "__main__":
    main()
