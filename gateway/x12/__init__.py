"""X12 as bytes and as values: read, validate and write interchanges, without I/O.

    bytes ──reader──▶ interchange, groups, transaction sets ──validate──▶ tree of loops + findings
    bytes ◀──writer── transaction sets ◀──order── tree of loops

The only abbreviations are the standard's: isa and iea (interchange), gs and ge (functional group),
st and se (transaction set), ta1 (interchange acknowledgment).
"""
