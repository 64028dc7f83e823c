"""Acknowledgments: TA1 for interchanges, 997 for functional groups, built and read.

    findings ──codes──▶ build_group, ta1 ──▶ model ──▶ segments ──reply──▶ bytes of an interchange
                                          model ◀── read_group, ta1 ◀── segments received

An acknowledgment is never acknowledged.
"""
