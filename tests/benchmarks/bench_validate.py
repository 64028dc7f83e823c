"""Reading and validating against the split floor, on a thousand synthetic interchanges.

Run by `make bench`, or alone: `python -m tests.benchmarks.bench_validate`.

The figures drift with the machine; the ratios to the floor do so less.
"""

from __future__ import annotations

from collections.abc import Sequence

from gateway.resources import schema_text
from gateway.x12.library import SchemaLibrary
from gateway.x12.model import TransactionSet
from gateway.x12.reader import read
from gateway.x12.validate import Validator
from tests.benchmarks.documents import BODIES, interchanges
from tests.benchmarks.timing import best, split_floor

COUNT = 1000


def transaction_sets(payloads: Sequence[bytes]) -> list[TransactionSet]:
    """Read every set of every payload."""
    return [
        event
        for payload in payloads
        for event in read(payload)
        if isinstance(event, TransactionSet)
    ]


def read_all(payloads: Sequence[bytes]) -> None:
    """Read everything and keep nothing, as the pipeline does."""
    for payload in payloads:
        for _ in read(payload):
            pass


def main() -> None:
    """Print the figures."""
    payloads = list(interchanges(COUNT))
    validators = validators_of_packaged_schemas()
    good = transaction_sets(payloads)
    bad_elements = transaction_sets([spoil_elements(payload) for payload in payloads])
    bad_structure = transaction_sets([spoil_structure(payload) for payload in payloads])

    def validate(transaction_sets: Sequence[TransactionSet]) -> int:
        return sum(
            bool(validators[transaction_set.set_id].parse(transaction_set).findings)
            for transaction_set in transaction_sets
        )

    assert validate(good) == 0
    assert validate(bad_elements) == validate(bad_structure) == COUNT
    floor = best(lambda: split_floor(payloads))
    valid = best(lambda: validate(good))
    figures = {
        "split floor": floor,
        "read": best(lambda: read_all(payloads)),
        "validate, valid": valid,
        "split + validate, valid (bar 6, aim 5)": floor + valid,
        "validate, each with bad elements": best(lambda: validate(bad_elements)),
        "validate, each with bad structure": best(lambda: validate(bad_structure)),
    }
    segments = sum(len(transaction_set.segments) for transaction_set in good) / COUNT
    size = sum(map(len, payloads)) / COUNT
    print(f"{COUNT} interchanges, {segments:.0f} segments and {size:.0f} bytes each on average")
    for name, seconds in figures.items():
        each = seconds / COUNT
        print(f"{name:42} {each * 1e6:7.1f} us {1 / each:9,.0f}/s {seconds / floor:6.2f} x floor")


def validators_of_packaged_schemas() -> dict[str, Validator]:
    """Compile the schemas of the sets that the generator writes."""
    library = SchemaLibrary(schema_text)
    schemas = {set_id: library.get("004010", set_id) for set_id in BODIES}
    return {set_id: Validator(schema) for set_id, schema in schemas.items() if schema}


def spoil_elements(payload: bytes) -> bytes:
    """Break two elements: a qualifier that is too long and a country that is too short."""
    return payload.replace(b"*ST*", b"*SHIPTO*", 1).replace(b"*US~", b"*U~", 1)


def spoil_structure(payload: bytes) -> bytes:
    """Break the order: the first N3 of each set loses its N1 to an unknown segment."""
    return payload.replace(b"~N1*ST*", b"~ZZ*ST*", 1)


if __name__ == "__main__":
    main()
