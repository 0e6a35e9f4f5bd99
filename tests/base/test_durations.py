"""Durations as people write them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pawl.base.durations import format_duration, parse_duration
from pawl.base.errors import BadValue


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("90", 90), ("90s", 90), ("10m", 600), ("1h30m", 5400), ("1.5h", 5400), ("250ms", 0.25),
     ("7d", 604_800), ("1w", 604_800)],
)  # fmt: skip
def test_durations_mean_seconds(text: str, seconds: float) -> None:
    """A bare number is seconds; units add up."""
    assert parse_duration(text) == pytest.approx(seconds)


@pytest.mark.parametrize("text", ["", "soon", "0", "-5s", "5 parsecs", "10mm", "1e999", "nan"])
def test_nonsense_is_refused(text: str) -> None:
    """What is no positive duration is refused with an example."""
    with pytest.raises(BadValue, match="not a duration"):
        parse_duration(text)


@given(st.text(max_size=20))
def test_any_text_is_a_duration_or_refused(text: str) -> None:
    """No text makes the parser fail in another way."""
    try:
        assert parse_duration(text) > 0
    except BadValue:
        pass


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0.42, "0.4 s"), (12.4, "12 s"), (200, "3 m 20 s"), (7500, "2 h 5 m"), (90_000, "1 d 1 h")],
)
def test_durations_read_well(seconds: float, text: str) -> None:
    """People see two units at most."""
    assert format_duration(seconds) == text
