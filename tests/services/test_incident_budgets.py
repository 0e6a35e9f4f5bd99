"""An incident's share of four weeks' error budget: of sums, and unknown where nobody measured."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.incidents.made_incidents import at, declared
from tests.services.made_incident_desk import SUE, MadeIncidents, made_incidents, refused

from pawl.alerts.objectives import Objective, budget_left
from pawl.app.incident_budgets import used_here
from pawl.incidents.incident import Incident, Milestone, Stamp
from pawl.services.incident_budgets import budget_used, share_used, span_of
from pawl.store.events.objective_days import ObjectiveDay

DAY = 86_400
PROMISE = Objective(
    name="runs-succeed", service="shop", target=0.9, window_s=7.0 * DAY, indicator="run-success"
)


class Event(NamedTuple):
    """One thing that was counted."""

    at: str
    good: bool


class Counted:
    """Events that an objective counts, in the order in which they came in."""

    def __init__(self, events: Iterable[Event]) -> None:
        self.events = tuple(events)

    def objective_days(self, indicator: str, since: str, until: str, **_: Any) -> Any:
        found: dict[str, list[int]] = {}
        for each in self.events:
            if since <= each.at < until:
                found.setdefault(each.at[:10], [0, 0])[not each.good] += 1
        return tuple(ObjectiveDay(day=day, good=g, bad=b) for day, (g, b) in found.items())

    def active_days(self, since: str, until: str, project: str | None) -> tuple[str, ...]:
        return ()


def lasted(begin_s: float, end_s: float, **other: Any) -> Incident:
    """Return an incident that began and was mitigated at some seconds."""
    stamps = {
        Milestone.STARTED: Stamp(at=at(begin_s), recorded_at=at(end_s)),
        Milestone.DECLARED: Stamp(at=at(end_s), recorded_at=at(end_s)),
        Milestone.MITIGATED: Stamp(at=at(end_s), recorded_at=at(end_s)),
    }
    return msgspec.structs.replace(declared(), milestones=stamps, **other)


MANY = [Event(at(-DAY * day), True) for day in range(1, 10)] * 11
BAD = [Event(at(60), False), Event(at(120), False)]


def test_the_share_is_what_failed_within_over_what_four_weeks_allow() -> None:
    """Two failures in it, of 101 events of which ten may fail; one of before is not its own."""
    events = Counted([*MANY, *BAD])
    assert budget_used(events, [PROMISE], lasted(0, 180), at(DAY)) == pytest.approx(2 / 10.1)
    earlier = Counted([*MANY, *BAD, Event(at(-DAY), False)])
    assert budget_used(earlier, [PROMISE], lasted(0, 180), at(DAY)) == pytest.approx(2 / 10.2)


def test_where_nothing_measures_it_nobody_can_tell(tmp_path: Path) -> None:
    """No events, no objective of its own, none that is measured here, nothing counted."""
    one = lasted(0, 180, scope="shop")
    elsewhere = msgspec.structs.replace(PROMISE, service="bank", project="bank")
    foreign = msgspec.structs.replace(PROMISE, indicator="", problem="elsewhere")
    events = Counted([*MANY, *BAD])
    assert budget_used(None, [PROMISE], one, at(DAY)) is None
    assert budget_used(events, [], one, at(DAY)) is None
    assert budget_used(events, [elsewhere, foreign], one, at(DAY)) is None
    assert budget_used(Counted([]), [PROMISE], one, at(DAY)) is None
    assert used_here(tmp_path, one) is None


def test_nobody_makes_it_less_by_saying_less() -> None:
    """Without a scope it is about all, a start claimed late begins with what is known otherwise."""
    events = Counted([*MANY, *BAD])
    strict = msgspec.structs.replace(PROMISE, target=0.99, service="bank")
    assert budget_used(events, [PROMISE, strict], lasted(0, 180), at(DAY)) == pytest.approx(
        2 / 1.01
    )
    late = msgspec.structs.replace(
        declared(now=at(0)),
        milestones={
            **declared(now=at(0)).milestones,
            Milestone.STARTED: Stamp(at=at(170), recorded_at=at(180)),
        },
    )
    assert span_of(late, at(300)) == (at(0), at(300))


_events = st.lists(
    st.tuples(st.integers(-27 * DAY, 3599), st.booleans()).map(lambda e: Event(at(e[0]), e[1])),
    min_size=1,
    max_size=50,
)


@given(_events, st.floats(0.01, 0.999), st.randoms(), st.integers(-20 * DAY, 3000))
def test_the_budget_is_of_sums(events: list[Event], target: float, chance: Any, cut: int) -> None:
    """Remaining is `1 - bad/((1-t)*valid)`, in whatever order events came (I31).

    What two incidents used that follow each other and cover the whole is exactly what is gone.
    """
    promise = msgspec.structs.replace(PROMISE, target=target)
    mixed = list(events)
    chance.shuffle(mixed)
    whole = lasted(-27 * DAY, 3600)
    used = budget_used(Counted(events), [promise], whole, at(DAY))
    assert used == budget_used(Counted(mixed), [promise], whole, at(DAY))
    bad = sum(not each.good for each in events)
    left = budget_left(target, len(events) - bad, bad)
    assert used is not None
    assert left is not None
    assert 1 - used == pytest.approx(left)
    within = sum(not each.good and each.at < at(cut) for each in events)
    first = share_used(target, len(events) - bad, bad, within)
    second = share_used(target, len(events) - bad, bad, bad - within)
    assert first is not None
    assert second is not None
    assert first + second == pytest.approx(used)


@pytest.fixture
def made(tmp_path: Path) -> Any:
    """A desk whose incidents used half of a budget."""
    found = made_incidents(tmp_path, budget_used=lambda incident: 0.5)
    yield found
    found.engine.dispose()


def test_who_used_much_of_a_budget_owes_a_postmortem(made: MadeIncidents) -> None:
    """However little the severity says: both the answer and the refusal name the share."""
    one = made.resolved(severity=4)
    assert "50%" in " ".join(made.desk.unmet(one.id))
    why = refused(made.desk.close(one.id, SUE), "not-done")
    assert "50%" in " ".join(why.reasons)
