"""What a partner may do against the rules of the envelope without a finding: named, default strict.

The reader reads all of these either way; a leniency only says that nobody needs to hear of it. What
becomes of faults that are reported is the agreement's severity, not a leniency.
"""

from __future__ import annotations

from dataclasses import dataclass

from gateway.x12.model import InterchangeHeader


@dataclass(frozen=True, slots=True)
class Leniency:
    """Deviations that are taken in silence; the default takes none."""

    collapsed_isa: bool = False
    """ISA elements may be unpadded or longer than their fixed widths."""
    missing_component_separator: bool = False
    """ISA16 may be absent; no composite can then be sent."""
    any_standards_identifier: bool = False
    """ISA11 may hold any character up to 00401, where the standard knows only `U`."""
    no_repetitions: bool = False
    """ISA11 separates nothing, whatever it holds: values may have that character."""
    short_control_number: bool = False
    """ISA13 may be shorter than nine digits, or filled up with blanks."""
    text_before_isa: bool = False
    """Lines before the first ISA, such as a mail header, are skipped."""
    blanks_before_segments: bool = False
    """Segments may be indented."""
    missing_last_terminator: bool = False
    """The terminator after IEA may be absent."""
    line_breaks_in_data: bool = False
    """CR and LF anywhere are no data: the payload was folded to fixed-length lines, such as of 80
    characters. Where the ISA itself is folded, they are no data in any case."""
    ebcdic: bool = False
    """The payload may be EBCDIC, in code page 037, as mainframes write it."""
    lowercase_segment_ids: bool = False
    """Segment ids may be written in lower case."""


STRICT = Leniency()


def strict(_header: InterchangeHeader) -> Leniency:
    """Take nothing in silence, whoever the sender is."""
    return STRICT
