"""What a partner asks beyond the standard: an overlay on a schema, and rules about whole sets.

    Schema × Guide ──overlay──▶ Schema       what a place may hold: compiled like any other schema
                   └─────────▶ rules         what depends on qualifiers, and balances: asked after

A set without a guide is validated by its schema alone, and nothing here is asked.
"""
