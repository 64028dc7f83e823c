"""Identifiers that are derived from what they identify."""

from __future__ import annotations

from uuid import NAMESPACE_OID, uuid5

from hypothesis import given
from hypothesis import strategies as st

from gateway.clock import derived_id


@given(st.lists(st.text(), max_size=4))
def test_a_derived_id_is_the_version_5_uuid_of_its_parts(parts: list[str]) -> None:
    assert derived_id(*parts) == str(uuid5(NAMESPACE_OID, "\x1f".join(parts)))
