"""Synthetic valid interchanges for benchmarks and tests: 940, 945, 856 and 810 from a seed.

About 96 segments and 2.5 KB each on average, companies and products invented. The same seed gives
the same bytes.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator

Segments = list[list[str]]

COMPANIES = ("NORTHSTAR WAREHOUSING", "BLUEBIRD RETAIL", "HARBOUR FOODS", "PINEWOOD TOYS INC")
STREETS = ("12 HARBOUR ROAD", "4400 INDUSTRIAL PARKWAY", "7 MILL LANE", "950 SOUTH DOCK STREET")
CITIES = (("RENO", "NV", "89501"), ("TACOMA", "WA", "98402"), ("DAYTON", "OH", "45402"))
GOODS = ("OAK SHELF 80 CM", "TOMATO SOUP 12X400G", "BLUE KITE", "STEEL BOLT M8 BOX OF 50")
UNITS = ("EA", "CA", "CT", "PC")
FUNCTIONAL_IDS = {"940": "OW", "945": "SW", "856": "SH", "810": "IN"}


def number(chance: random.Random, digits: int) -> str:
    """Return a number of so many digits that does not start with zero."""
    return str(chance.randrange(10 ** (digits - 1), 10**digits))


def day(chance: random.Random) -> str:
    """Return a day as CCYYMMDD."""
    return f"2026{chance.randrange(1, 13):02d}{chance.randrange(1, 29):02d}"


def party(chance: random.Random, qualifier: str) -> Segments:
    """Return the segments of a name and address."""
    city, state, postal = chance.choice(CITIES)
    return [
        ["N1", qualifier, chance.choice(COMPANIES), "92", number(chance, 6)],
        ["N3", chance.choice(STREETS)],
        ["N4", city, state, postal, "US"],
    ]


def product(chance: random.Random) -> list[str]:
    """Return the elements that name a product twice: by its UPC, and by the vendor's number."""
    return ["UP", number(chance, 12), "VN", f"SKU-{number(chance, 5)}"]


def total(body: Segments, tag: str, position: int) -> str:
    """Return the sum of one element of all segments of an id."""
    return str(sum(int(segment[position]) for segment in body if segment[0] == tag))


def shipping_order(chance: random.Random) -> Segments:
    """Return the body of a 940."""
    body = [["W05", "N", number(chance, 8), "PO" + number(chance, 7)]]
    body += party(chance, "ST") + party(chance, "SF")
    body += [["N9", "CO", number(chance, 9)], ["N9", "DP", number(chance, 3)]]
    body += [["G62", "10", day(chance)], ["G62", "02", day(chance)]]
    body += [["NTE", "DEL", "CALL BEFORE DELIVERY"], ["W66", "PP", "M", "", "", "UPSN"]]
    lines = chance.randrange(8, 39)
    for line in range(1, lines + 1):
        body += [
            ["LX", str(line)],
            [
                "W01",
                number(chance, 2),
                chance.choice(UNITS),
                "",
                "UP",
                number(chance, 12),
                "VN",
                f"SKU-{number(chance, 5)}",
            ],
            ["G69", chance.choice(GOODS)],
            ["N9", "LI", str(line)],
        ]
    body.append(["W76", total(body, "W01", 1), number(chance, 4), "LB"])
    return body


def shipping_advice(chance: random.Random) -> Segments:
    """Return the body of a 945."""
    body = [["W06", "N", number(chance, 8), day(chance), number(chance, 9), "", number(chance, 7)]]
    body += party(chance, "ST") + party(chance, "SF")
    body += [["N9", "BM", number(chance, 10)], ["N9", "CN", number(chance, 10)]]
    body += [["G62", "11", day(chance)], ["W27", "M", "UPSN", "UPS GROUND", "PP"]]
    for line in range(1, chance.randrange(8, 39)):
        quantity = number(chance, 2)
        body += [
            ["LX", str(line)],
            ["MAN", "GM", "00" + number(chance, 18)],
            [
                "W12",
                "CC",
                quantity,
                quantity,
                "0",
                "EA",
                number(chance, 12),
                "VN",
                f"SKU-{number(chance, 5)}",
            ],
            ["G69", chance.choice(GOODS)],
        ]
    body.append(["W03", total(body, "W12", 2), number(chance, 4) + ".5", "LB"])
    return body


def ship_notice(chance: random.Random) -> Segments:
    """Return the body of an 856: shipment, order, cartons with items."""
    body = [["BSN", "00", number(chance, 9), day(chance), "1430", "0001"], ["HL", "1", "", "S"]]
    body += [["TD1", "CTN25", number(chance, 2), "", "", "", "G", number(chance, 3), "LB"]]
    body += [["TD5", "B", "2", "UPSN", "M"], ["REF", "BM", number(chance, 10)]]
    body += [["DTM", "011", day(chance)], *party(chance, "ST"), *party(chance, "SF")]
    body += [["HL", "2", "1", "O"], ["PRF", "PO" + number(chance, 7), "", "", day(chance)]]
    for carton in range(chance.randrange(6, 20)):
        level = 3 + 2 * carton
        body += [
            ["HL", str(level), "2", "P"],
            ["MAN", "GM", "00" + number(chance, 18)],
            ["HL", str(level + 1), str(level), "I"],
            ["LIN", str(carton + 1), *product(chance)],
            ["SN1", "", number(chance, 2), chance.choice(UNITS)],
            ["PID", "F", "", "", "", chance.choice(GOODS)],
        ]
    body.append(["CTT", str(sum(segment[0] == "HL" for segment in body))])
    return body


def invoice(chance: random.Random) -> Segments:
    """Return the body of an 810."""
    body = [["BIG", day(chance), number(chance, 8), day(chance), "PO" + number(chance, 7)]]
    body += [["REF", "DP", number(chance, 3)], *party(chance, "ST"), *party(chance, "RI")]
    body += [["ITD", "01", "3", "2", "", "10", "", "30"], ["DTM", "011", day(chance)]]
    lines = chance.randrange(15, 60)
    for line in range(1, lines):
        price = f"{chance.randrange(1, 99)}.{chance.randrange(10, 99)}"
        body += [
            [
                "IT1",
                str(line),
                number(chance, 2),
                chance.choice(UNITS),
                price,
                "",
                "UP",
                number(chance, 12),
            ],
            ["PID", "F", "", "", "", chance.choice(GOODS)],
        ]
    body += [["TDS", number(chance, 6)], ["SAC", "C", "D240", "", "", number(chance, 4)]]
    body.append(["CTT", str(lines - 1)])
    return body


BODIES: dict[str, Callable[[random.Random], Segments]] = {
    "940": shipping_order,
    "945": shipping_advice,
    "856": ship_notice,
    "810": invoice,
}


def transaction_set(chance: random.Random, set_id: str) -> Segments:
    """Return a whole set, ST to SE."""
    body = BODIES[set_id](chance)
    return [["ST", set_id, "0001"], *body, ["SE", str(len(body) + 2), "0001"]]


def interchange(chance: random.Random, set_id: str, control_number: int) -> bytes:
    """Return one interchange that carries one set."""
    parties = ["ZZ", f"{'NORTHSTAR':<15}", "ZZ", f"{'GATEWAY':<15}"]
    numbers = f"{control_number:09d}", str(control_number)
    isa = ["00", " " * 10, "00", " " * 10, *parties, "260115", "1200", "U", "00401", numbers[0]]
    gs = [FUNCTIONAL_IDS[set_id], "NORTHSTAR", "GATEWAY", "20260115", "1200", numbers[1]]
    segments = [
        ["ISA", *isa, "0", "P", ">"],
        ["GS", *gs, "X", "004010"],
        *transaction_set(chance, set_id),
        ["GE", "1", numbers[1]],
        ["IEA", "1", numbers[0]],
    ]
    return b"".join("*".join(segment).encode("ascii") + b"~" for segment in segments)


def interchanges(count: int, seed: int = 940) -> Iterator[bytes]:
    """Yield so many interchanges, the four sets in turn."""
    chance = random.Random(seed)
    sets = list(BODIES)
    for index in range(1, count + 1):
        yield interchange(chance, sets[index % len(sets)], index)
