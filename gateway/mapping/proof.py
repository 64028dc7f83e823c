"""What is certain of a document before any is read: that what a map writes fits the model.

What a conversion gives is known, and so is what the model asks of a field; where the one is always
the other, no document needs to be looked at for it. A reader notes what it is not sure of, and only
then is the document checked as a whole.

Nothing is taken for granted: a rule of the model that is not named here is one that is not proven.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from gateway.mapping.document_shape import REMARKS, DocumentShape
from gateway.mapping.kinds import Fit, Gives
from gateway.mapping.plan import Json, JsonValue, ValueRule

_OF_OBJECTS = frozenset({"type", "properties", "required", "additionalProperties"})
_OF_LISTS = frozenset({"type", "items"})

_ANY_TEXT: Mapping[str, Json] = {"type": "string"}
_TEXT: Mapping[str, Json] = {"type": "string", "minLength": 1}
_DECIMAL: Mapping[str, Json] = {
    "type": "string",
    "format": "decimal",
    "pattern": r"^-?(0|[1-9][0-9]*)(\.[0-9]+)?$",
}
_DATE: Mapping[str, Json] = {
    "type": "string",
    "format": "date",
    "pattern": r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$",
}
_TIME: Mapping[str, Json] = {
    "type": "string",
    "format": "time-of-day",
    "pattern": r"^([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9](\.[0-9]{1,6})?)?$",
}
_COUNT: Mapping[str, Json] = {"type": "integer", "minimum": 0, "maximum": 10**18 - 1}


_FITTING: Mapping[Gives, tuple[Mapping[str, Json], ...]] = {
    Gives.ANY_TEXT: (_ANY_TEXT,),
    Gives.TEXT: (_ANY_TEXT, _TEXT),
    Gives.DECIMAL: (_ANY_TEXT, _TEXT, _DECIMAL),
    Gives.DATE: (_ANY_TEXT, _TEXT, _DATE),
    Gives.TIME: (_ANY_TEXT, _TEXT, _TIME),
    Gives.INTEGER: ({"type": "integer"},),
    Gives.BOOLEAN: ({"type": "boolean"},),
}


def fit(given: Gives, shape: DocumentShape) -> Fit:
    """Say whether a value of a kind fits a place of the model."""
    asked = _asked(shape)
    if asked in _FITTING[given]:
        return Fit.SURE
    return Fit.UNLESS_UNUSUAL if given is Gives.INTEGER and asked == _COUNT else Fit.UNSURE


def with_constants(
    rule: ValueRule, constants: Sequence[JsonValue], shape: DocumentShape
) -> ValueRule:
    """Return a rule that is sure only if the values that the map itself names fit as well."""
    if all(value is None or _constant_fits(value, shape) for value in constants):
        return rule
    return replace(rule, fits=Fit.UNSURE)


def _constant_fits(value: JsonValue, shape: DocumentShape) -> bool:
    """Say whether a value that the map itself names is certain to fit."""
    asked = _asked(shape)
    if isinstance(value, bool):
        return asked in _FITTING[Gives.BOOLEAN]
    return isinstance(value, str) and value != "" and asked in _FITTING[Gives.TEXT]


def takes_any_text(shape: DocumentShape) -> bool:
    """Say whether every text fits a place of the model, the empty one aside."""
    return _asked(shape) in _FITTING[Gives.TEXT]


def is_plain_object(shape: DocumentShape) -> bool:
    """Say whether an object is asked for its members only."""
    return shape.schema.get("type") == "object" and _OF_OBJECTS.issuperset(_asked(shape))


def is_plain_list(shape: DocumentShape) -> bool:
    """Say whether a list is asked for its entries only."""
    return shape.schema.get("type") == "array" and _OF_LISTS.issuperset(_asked(shape))


def keeps_leftovers(shape: DocumentShape) -> bool:
    """Say whether a document has a place for what no field takes."""
    return shape.member("unmapped") is not None


def _asked(shape: DocumentShape) -> Mapping[str, Json]:
    return {key: value for key, value in shape.schema.items() if key not in REMARKS}
