"""The life of a payload: ports, transition table, stages, engine."""
