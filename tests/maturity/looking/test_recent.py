"""Windows and small shares."""

from hypothesis import given
from hypothesis import strategies as st

from pawl.maturity.evidence import Share
from pawl.maturity.looking.recent import (
    FEW,
    days_before,
    days_between,
    newest,
    share_of,
    whole_days,
    within,
)

AS_OF = "2026-11-21T00:00:00.000000Z"


def test_a_window_ends_at_the_facts_time() -> None:
    """What lies ninety days back is within, a second more is not, and the future never is."""
    assert days_before(AS_OF, 90) == "2026-08-23T00:00:00.000000Z"
    assert within("2026-08-23T00:00:00.000000Z", AS_OF)
    assert not within("2026-08-22T23:59:59.000000Z", AS_OF)
    assert not within("2026-11-21T00:00:01.000000Z", AS_OF)
    assert not within(None, AS_OF)


def test_ages_are_whole_days_and_never_negative() -> None:
    """A claim from the future is no days old."""
    assert whole_days("2026-11-18T12:00:00Z", AS_OF) == 2
    assert whole_days("2026-12-18T12:00:00Z", AS_OF) == 0


def test_few_things_are_a_sample() -> None:
    """Below ten things, or a part of them, a share is judged by its interval."""
    assert share_of(9, 9) == Share(9, 9, census=False)
    assert share_of(FEW, FEW) == Share(10, 10, census=True)
    assert share_of(99, 99, whole=False) == Share(99, 99, census=False)


def test_the_newest_of_nothing_is_nothing() -> None:
    """Unknown times are passed over."""
    assert newest([None, "2026-01-01", "2025-01-01"]) == "2026-01-01"
    assert newest([None]) is None


@given(st.integers(0, 3650))
def test_going_back_and_counting_agree(days: int) -> None:
    """So many days before is so many days between."""
    assert days_between(days_before(AS_OF, days), AS_OF) == days
