"""Runs every benchmark of this folder, or those that are named: `make bench`.

`python -m tests.benchmarks as2 sftp` runs two of them.
"""

from __future__ import annotations

import importlib
import sys
from pathlib import Path


def main() -> None:
    """Run each module whose name starts with `bench_`, in the order of their names."""
    there = sorted(file.stem for file in Path(__file__).parent.glob("bench_*.py"))
    wanted = [f"bench_{name}" for name in sys.argv[1:]] or there
    if unknown := [name for name in wanted if name not in there]:
        known = ", ".join(name.removeprefix("bench_") for name in there)
        sys.exit(f"there is no {', '.join(unknown)}; expected some of: {known}")
    for name in wanted:
        print(f"\n{name}")
        importlib.import_module(f"tests.benchmarks.{name}").main()


if __name__ == "__main__":
    main()
