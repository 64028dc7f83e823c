"""The keys of a field that change the document after reading, and undo it before writing."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

Text = Annotated[str, Field(min_length=1)]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


class WrapSpec(_Part):
    """A text that is longer than its place: cut on write, put together again on read."""

    width: int = Field(ge=1, description="Characters that fit in one place.")
    into: Text | None = Field(
        None,
        description="List of texts of the same object that takes what is over; left out, further "
        "entries of the list that the field is in.",
    )


class TailSpec(_Part):
    """The value of another field, in the same element after a separator."""

    after: Text = Field(description="What stands between, such as `-`.")
    field: Text = Field(description="Field of the same object that has what stands after it.")


class ScaleSpec(_Part):
    """A quantity in packs that the document has in units."""

    by: Text = Field(description="Field that says how many are in one, such as `packing.pack`.")
    unit: Text = Field(description="Field of the same object that has the unit.")
    packs: Text = Field(description="The unit that the partner counts in, such as case.")
    units: Text = Field(description="The unit that the document counts in, such as each.")
    prices: list[Text] = Field(
        default_factory=list, description="Fields that are for one pack, and become for one unit."
    )


class MinusSpec(_Part):
    """A minus that another field says as well, and which one side only writes."""

    x12: Text | None = Field(
        None, description="Where this holds, X12 has the minus; the document has none."
    )
    document: Text | None = Field(
        None, description="Where this holds, the document has the minus; X12 has none."
    )


class RecallSpec(_Part):
    """A value that an earlier document with the same business key had."""

    document: Text = Field(description="Type of the earlier document, such as order.")
    by: Text = Field(
        description="Field that has the key: of the same object, or `/name` of the document."
    )
    key: Text | None = Field(
        None, description="Name of the earlier document's business key, if not that of `by`."
    )
    field: Text = Field(description="What is taken: `department`, or `parties.0.name`.")
    partner: Literal["same", "any"] = Field(
        "same", description="Whether the earlier document is one with the same partner."
    )
    required: bool = Field(False, description="Nothing found is a finding that refuses.")
    default: str | None = Field(None, description="The value where nothing is found.")
