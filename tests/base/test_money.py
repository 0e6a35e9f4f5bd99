"""Money is whole micro-USD."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pawl.base.errors import BadValue
from pawl.base.money import format_usd, micros_from_reported, parse_usd, usd


@given(st.integers(min_value=0, max_value=10**13))
def test_dollars_round_trip(micros: int) -> None:
    """Every amount survives being written as JSON dollars and as text."""
    assert micros_from_reported(usd(micros)) == micros
    assert parse_usd(f"{micros // 10**6}.{micros % 10**6:06}") == micros


@pytest.mark.parametrize("text", ["", "two", "-1", "nan", "inf", "0.0000001", "1e400"])
def test_an_amount_that_means_nothing_is_refused(text: str) -> None:
    """Text that is no amount, or finer than a micro-USD, names itself and the remedy."""
    with pytest.raises(BadValue, match="not an amount") as caught:
        parse_usd(text, place="--max-usd")
    assert caught.value.place == "--max-usd"
    assert caught.value.hint


@pytest.mark.parametrize(
    ("micros", "text"),
    [(0, "$0.00"), (1, "$0.0000"), (150, "$0.0002"), (999_900, "$0.9999"), (1_500_000, "$1.50"),
     (1_234_567_890_000, "$1,234,567.89"), (-2_000_000, "-$2.00")],
)  # fmt: skip
def test_amounts_read_well(micros: int, text: str) -> None:
    """People see cents from one dollar up and four digits below."""
    assert format_usd(micros) == text
