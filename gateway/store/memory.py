"""The documents that maps recall, by business key: of several the last one before a moment."""

from __future__ import annotations

from collections.abc import Mapping

import orjson
import sqlalchemy as sa

from gateway.mapping.plan import Json
from gateway.mapping.recall import Asked
from gateway.pipeline.memory import InHand
from gateway.pipeline.records import kept
from gateway.store.tables import business_keys, documents


def earlier(connection: sa.Connection, asked: Asked, in_hand: InHand) -> Mapping[str, Json] | None:
    """Return the last document of a type with a business key that came before the one in hand."""
    query = (
        sa.select(documents.c.canonical)
        .join(business_keys, business_keys.c.document_id == documents.c.id)
        .where(
            business_keys.c.name == asked.key,
            business_keys.c.value == kept(asked.value),
            documents.c.document_type == asked.document,
            documents.c.usage == in_hand.usage,
            documents.c.received_at < in_hand.before,
            documents.c.canonical.is_not(None),
        )
        # One moment may have several: the order must not depend on who asks.
        .order_by(documents.c.received_at.desc(), documents.c.id.desc())
        .limit(1)
    )
    if asked.same_partner:
        query = query.where(documents.c.partner == in_hand.partner)
    content = connection.scalar(query)
    found: Mapping[str, Json] | None = orjson.loads(content) if content is not None else None
    return found
