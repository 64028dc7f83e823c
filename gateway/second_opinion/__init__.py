"""A second engine's opinion of transaction sets: pyx12 judges by our schema, or by maps of its own.

    SetSchema × guide ──maps──▶ pyx12's map files ──engine──▶ Fault   ┐
                                                                       ├─compare─▶ Comparison
    SetSchema × guide ──gateway.x12.validate────────────────▶ Finding ┘               │
                                                                                    known
                                                             which engine is right, and why

Nothing of this is asked on the way of a payload through the pipeline: it is for people who doubt a
verdict, and for the tests that hold both engines against each other. pyx12 is imported by `engine`
alone, and by nobody who did not ask for it.
"""
