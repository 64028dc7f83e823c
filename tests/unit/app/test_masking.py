"""Whatever a transport says or raises, no secret is in it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from gateway.app.masking import Masked
from gateway.errors import Permanent, Refused, Transient
from gateway.pipeline.ports import Consignment, Exchange, Receipt
from gateway.secrets import Mask
from gateway.shaping import NotShaped

WHAT = Consignment(b"{}", "a.json", "key", "correlation")


class Telling:
    """Says the secret in every way that there is."""

    def __init__(self, raises: Exception | None = None) -> None:
        self.raises = raises

    def connect(self) -> None:
        raise Permanent("no such file: s3cret")

    def deliver(self, consignment: Consignment) -> Receipt:
        headers = {"X-Said": "s3cret", "Authorization": "something else"}
        consignment.tell(
            Exchange("POST /s3cret", b"a s3cret", headers, "no s3cret", headers, b"s3cret")
        )
        if self.raises is not None:
            raise self.raises
        return Receipt("s3cret", keys=(("order", "s3cret"),))

    def close(self) -> None:
        """Do nothing."""


def test_what_is_told_and_returned_is_masked() -> None:
    told: list[Exchange] = []
    masked = Masked(Telling(), Mask(["s3cret"]))
    assert masked.deliver(replace(WHAT, tell=told.append)) == Receipt(
        "***", keys=(("order", "***"),)
    )
    headers = {"X-Said": "***", "Authorization": "***"}
    assert told == [Exchange("POST /***", b"a ***", headers, "no ***", headers, b"***")]
    with pytest.raises(Permanent, match=r"^no such file: \*\*\*$"):
        masked.connect()


@pytest.mark.parametrize(
    ("raised", "kind", "words"),
    [
        (Transient("s3cret!", retry_after=7), Transient, "***!"),
        (Permanent("s3cret!"), Permanent, "***!"),
        (Refused("s3cret!"), Refused, "***!"),
        (NotShaped("s3cret!"), NotShaped, "***!"),
        (ValueError("s3cret!"), RuntimeError, "ValueError: ***!"),
        (ValueError("harmless"), ValueError, "harmless"),
    ],
)
def test_what_is_raised_is_masked_and_has_no_cause(
    raised: Exception, kind: type[Exception], words: str
) -> None:
    with pytest.raises(kind) as why:
        Masked(Telling(raised), Mask(["s3cret"])).deliver(WHAT)
    assert type(why.value) is kind
    assert str(why.value) == words
    assert why.value.__cause__ is None
    assert getattr(why.value, "retry_after", 7) == 7


@pytest.mark.parametrize(
    "written",
    ['a&b<c/"d', "a%26b%3Cc%2F%22d", 'a&amp;b&lt;c/"d', 'a&b<c/\\"d', "YSZiPGMvImQ"],
)
def test_a_secret_is_found_however_it_is_written(written: str) -> None:
    masked = Mask(['a&b<c/"d']).text(f"before {written} after")
    assert "***" in masked
    assert "b<c" not in masked


def test_what_is_too_short_to_be_a_secret_is_left() -> None:
    assert Mask(["abc", "", "wxyz"]).text("abc wxyz") == "abc ***"
    assert repr(Mask(["wxyz"])) == "Mask(...)"
