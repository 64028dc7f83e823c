"""The map language: one declarative file per partner and transaction set, read in both directions.

    texts ─▶ grammar ─▶ resolve (extends, blocks) ─▶ planner (against schema and model) ─▶ plan
                                                              plan ─▶ layout ─▶ generated reader
                                                              plan ─▶ writer

Neither X12 nor the canonical models are imported: a tree and its grammar come through the protocols
of `gateway.mapping.ports`, the document's model as a JSON Schema.
"""
