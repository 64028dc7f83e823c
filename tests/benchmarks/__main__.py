"""Runs every benchmark of this folder: `make bench`."""

from __future__ import annotations

import importlib
from pathlib import Path


def main() -> None:
    """Run each module whose name starts with `bench_`, in the order of their names."""
    for file in sorted(Path(__file__).parent.glob("bench_*.py")):
        print(f"\n{file.stem}")
        importlib.import_module(f"tests.benchmarks.{file.stem}").main()


if __name__ == "__main__":
    main()
