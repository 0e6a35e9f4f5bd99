"""Instants sort as text."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pawl.base.errors import BadValue
from pawl.base.times import (
    canonical_time,
    format_time,
    parse_time,
    seconds_between,
    time_from_ms,
)

instants = st.datetimes(
    min_value=datetime(1990, 1, 1),
    max_value=datetime(2100, 1, 1),
    timezones=st.sampled_from([UTC, timezone(timedelta(hours=5, minutes=30))]),
)


@given(instants, instants)
def test_canonical_text_sorts_as_time(one: datetime, other: datetime) -> None:
    """Whatever the offset, text order is time order, and the round trip is exact."""
    assert (format_time(one) < format_time(other)) == (one < other)
    assert parse_time(format_time(one)) == one


@given(instants)
def test_milliseconds_take_the_quick_path_to_the_same_text(moment: datetime) -> None:
    """The usual transcript form gives what the general path gives."""
    whole = moment.astimezone(UTC).replace(microsecond=moment.microsecond // 1000 * 1000)
    text = whole.strftime("%Y-%m-%dT%H:%M:%S.") + f"{whole.microsecond // 1000:03}Z"
    assert canonical_time(text) == format_time(whole)


@given(st.text(max_size=30))
def test_any_text_is_an_instant_or_refused(text: str) -> None:
    """Hostile text ends in ValueError and in nothing else."""
    try:
        assert len(canonical_time(text)) == 27
    except ValueError:
        with pytest.raises(BadValue):
            parse_time(text)


@pytest.mark.parametrize("text", ["2026-11-21T99:47:11.924Z", "2026-13-21T03:47:11.924Z"])
def test_an_impossible_instant_is_refused(text: str) -> None:
    """The quick path checks the calendar and the clock."""
    with pytest.raises(ValueError):
        canonical_time(text)


def test_conversions_agree() -> None:
    """Milliseconds since the epoch and differences come out in seconds."""
    assert time_from_ms(1_795_232_831_458) == "2026-11-21T03:47:11.458000Z"
    assert seconds_between("2026-11-21T00:00:00Z", "2026-11-21T00:01:30.5Z") == 90.5


def test_ancient_times_stay_as_they_are() -> None:
    """The first year there is has four digits, so it sorts before all others, twice over."""
    ancient = "0001-01-01T00:00:00.000000Z"
    assert canonical_time(ancient) == ancient
    assert canonical_time(canonical_time("0999-12-31")) < canonical_time("1000-01-01")
