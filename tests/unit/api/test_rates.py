"""The bucket of a token: empties by calls, fills steadily, and says what is left."""

from gateway.api.rates import Rate, Rates


def test_a_bucket_empties_by_calls_and_fills_with_time() -> None:
    now = 100.0
    rates = Rates(Rate(calls=2, burst=3), now=lambda: now)
    assert [rates.take("erp").allowed for _ in range(4)] == [True, True, True, False]
    now += 0.5
    assert [rates.take("erp").allowed for _ in range(2)] == [True, False]
    now += 1000
    assert [rates.take("erp").allowed for _ in range(4)] == [True, True, True, False]


def test_one_token_takes_nothing_from_another() -> None:
    rates = Rates(Rate(calls=1, burst=1), now=lambda: 0.0)
    assert [rates.take(name).allowed for name in ("erp", "erp", "wms")] == [True, False, True]


def test_answers_say_what_is_left_and_when_to_come_again() -> None:
    rates = Rates(Rate(calls=0.2, burst=2), now=lambda: 0.0)
    assert rates.take("erp").headers == {
        "RateLimit-Policy": '"token";q=2;w=10',
        "RateLimit": '"token";r=1;t=5',
    }
    rates.take("erp")
    assert rates.take("erp").headers == {
        "RateLimit-Policy": '"token";q=2;w=10',
        "RateLimit": '"token";r=0;t=10',
        "Retry-After": "5",
    }
