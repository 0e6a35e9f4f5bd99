"""A freeze over the change of clocks: it is as long as it says, whatever clocks on walls show."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from tests.changes.made_changes import decided, with_gates

from pawl.base.times import format_time
from pawl.changes.gate import Requirement

BERLIN = ZoneInfo("Europe/Berlin")


def stands(starts: str, ends: str, now: datetime) -> Requirement:
    """Return how the gate of freezes stands at a time."""
    window = {"starts": starts, "ends": ends, "why": "Clocks change."}
    policy = with_gates(freeze={"given": {"windows": [window]}})
    found = decided(policy=policy, now=format_time(now.astimezone(UTC)), moment="start")
    return next(each.requirement for each in found.gates if each.gate == "freeze")


@pytest.mark.parametrize(("day", "hours"), [("2027-03-28", 23), ("2027-10-31", 25)])
def test_a_frozen_day_is_the_whole_day(day: str, hours: int) -> None:
    """From midnight to midnight in Berlin; in spring an hour shorter, in autumn an hour longer."""
    start = datetime.fromisoformat(f"{day}T00:00:00").replace(tzinfo=BERLIN)
    end = datetime.fromisoformat(f"{day}T00:00:00").replace(tzinfo=BERLIN) + timedelta(days=1)
    assert end.astimezone(UTC) - start.astimezone(UTC) == timedelta(hours=hours)
    minute = timedelta(minutes=1)
    begun, over = start.astimezone(UTC), end.astimezone(UTC)
    wanted = {
        begun - minute: Requirement.SATISFIED,
        begun: Requirement.UNSATISFIED,
        over - minute: Requirement.UNSATISFIED,
        over: Requirement.SATISFIED,
    }
    assert {at: stands(start.isoformat(), end.isoformat(), at) for at in wanted} == wanted


def test_the_hour_that_comes_twice_is_told_apart() -> None:
    """Frozen for the second of the two hours after two o'clock, and free in the first."""
    first = datetime(2027, 10, 31, 2, 30, tzinfo=BERLIN)
    second = first.replace(fold=1)
    window = ("2027-10-31T02:00:00+01:00", "2027-10-31T03:00:00+01:00")
    assert stands(*window, first) is Requirement.SATISFIED
    assert stands(*window, second) is Requirement.UNSATISFIED
