"""Partners for tests, made as their files are read: every value is text."""

from __future__ import annotations

from gateway.partners import Agreement, Partner


def partner(**settings: object) -> Partner:
    """Return Northstar with what a test says differently."""
    sound: dict[str, object] = {
        "partner": "northstar",
        "name": "Northstar 3PL",
        "identities": [{"qualifier": "ZZ", "id": "NORTHSTAR"}],
        "agreements": [{"set": "945", "direction": "in", "map": "base-945"}],
    }
    return Partner.model_validate(sound | settings)


def agreement(**settings: object) -> Agreement:
    """Return the agreement on the 945 with what a test says differently."""
    sound: dict[str, object] = {"set": "945", "direction": "in", "map": "base-945"}
    return Agreement.model_validate(sound | settings)
