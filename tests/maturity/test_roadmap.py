"""The roadmap: each gap a dated goal, most risk removed per effort first, nobody's fault."""

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.maturity.judged import assessed, criterion, model, record
from tests.maturity.test_invariants import batches, models
from tests.maturity.test_why_not import REMEDIES, needs

from pawl.base.errors import BadValue
from pawl.base.finding import Outcome
from pawl.maturity.evidence import Record
from pawl.maturity.model import Model, Need, Threshold
from pawl.maturity.planning import PLAN_WEEKS, spend
from pawl.maturity.roadmap import UNASSIGNED, Roadmap, roadmap

FAIL = Outcome.FAIL


def planned(asked: Model, *records: Record, capacity: float = 5.0, **told: Any) -> Roadmap:
    """Return the roadmap of an assessment of these records."""
    found = assessed(asked, *records)
    return roadmap(found, [asked], remedies=REMEDIES, capacity=capacity, **told)


def test_most_risk_removed_per_day_comes_first() -> None:
    """Five points for half a day stand before five points for three, and those before one."""
    asked = model(
        criterion("little", needs=needs("p1"), risk=1),
        criterion("dear", needs=needs("p1", "p0"), risk=5),
        criterion("cheap", needs=needs("cheap"), risk=5),
    )
    road = planned(asked)
    assert [goal.id for goal in road.goals] == ["cheap", "dear", "little"]
    assert [goal.per_day for goal in road.goals] == [10.0, 1.25, None]


def test_work_on_one_probe_is_paid_for_by_the_first_goal() -> None:
    """The second goal of a probe costs nothing more and says who pays."""
    asked = model(criterion("c", risk=5), criterion("d", risk=1))
    first, second = planned(asked, record(outcome=FAIL)).goals
    assert (first.days, second.days) == (1.0, 0.0)
    assert second.tasks[0].shared_with == "c"
    assert second.due == first.due


def test_dates_follow_from_the_assessment_and_the_capacity() -> None:
    """Six person-days at two a week end with the third week from the day of the assessment."""
    asked = model(criterion("c", needs=needs("p1", "p0")), criterion("d", needs=needs("asked")))
    road = planned(asked, capacity=2.0)
    assert [(goal.id, goal.starts, goal.due) for goal in road.goals] == [
        ("d", "2026-11-21", "2026-11-27"),
        ("c", "2026-11-21", "2026-12-11"),
    ]
    assert [
        [(part.goal, part.days, part.done) for part in week.work] for week in road.weeks[:3]
    ] == [
        [("d", 1.0, True), ("c", 1.0, False)],
        [("c", 2.0, False)],
        [("c", 1.0, True)],
    ]
    assert road.weeks[2].spare_days == 1.0
    assert len(road.weeks) == PLAN_WEEKS
    assert road.weeks[0].proves == ("d",)


def test_what_must_hold_is_proved_later_than_it_is_done() -> None:
    """A goal that must be seen to hold for four weeks is proved four weeks after its work."""
    (goal,) = planned(model(criterion(hold_for="28d"))).goals
    assert (goal.due, goal.proved_on) == ("2026-11-27", "2026-12-25")


def test_what_only_waits_starts_today() -> None:
    """Nothing is to be done, so no week of work stands before the waiting."""
    (goal,) = planned(model(criterion(hold_for="10d")), record(days=4), record(days=0)).goals
    assert (goal.days, goal.due, goal.proved_on) == (0.0, "2026-11-21", "2026-11-27")


def test_an_owner_is_a_role_and_nobody_by_default() -> None:
    """The nearest name given counts: criterion, model and dimension, dimension, model."""
    asked = model(criterion("c"), criterion("d"), criterion("e", dimension="two"))
    nobody = planned(asked)
    assert {goal.owner for goal in nobody.goals} == {UNASSIGNED}
    owners = {"c": "platform", "eng.one": "leads", "eng": "office"}
    found = {goal.id: goal.owner for goal in planned(asked, owners=owners).goals}
    assert found == {"c": "platform", "d": "leads", "e": "office"}


def test_a_goal_names_its_indicator_and_what_is_wanted() -> None:
    """Thresholds are told in words beside the indicator; without one the statement stands."""
    need = Need(probe="asked", where={"x": Threshold(at_least=0.9)})
    asked = model(
        criterion("c", needs={"n": need}, indicator="Share of x"), criterion("d", statement="So.")
    )
    by_id = {goal.id: goal for goal in planned(asked).goals}
    assert by_id["c"].indicator == "Share of x"
    assert by_id["c"].wanted == ("asked: x at least 0.9",)
    assert by_id["d"].indicator == "So."


def test_only_the_next_level_unless_a_target_is_set() -> None:
    """Further levels are planned when asked for, after those that they stand on."""
    asked = model(criterion("c", risk=1), criterion("d", level=3, needs=needs("cheap"), risk=5))
    assert [goal.id for goal in planned(asked).goals] == ["c"]
    road = planned(asked, targets={"eng.one": 3})
    assert [goal.id for goal in road.goals] == ["c", "d"]


@pytest.mark.parametrize("targets", [{"eng.one": 9}, {"eng.nine": 2}, {"one": 2}])
def test_a_target_of_nothing_is_refused(targets: dict[str, int]) -> None:
    """A level or dimension that the model does not have is named."""
    with pytest.raises(BadValue):
        planned(model(criterion()), targets=targets)


@pytest.mark.parametrize("capacity", [0.0, -1.0, float("nan"), float("inf")])
def test_a_senseless_capacity_is_refused(capacity: float) -> None:
    """Nothing is planned with no time, or with all the time in the world."""
    with pytest.raises(BadValue, match="capacity"):
        planned(model(criterion()), capacity=capacity)


def test_beyond_ten_years_no_date_is_written() -> None:
    """With a thousandth of a day a week, a goal of five days has no due day, and is still there."""
    (goal,) = planned(model(criterion(needs=needs("dear"))), capacity=0.001).goals
    assert (goal.due, goal.proved_on) == (None, None)
    assert goal.days == 5.0


def test_undeclared_effort_is_told_and_comes_last() -> None:
    """A goal whose probe declares no effort says so and stands behind those that do."""
    asked = model(criterion("strange", needs=needs("strange"), risk=5), criterion("c", risk=1))
    first, second = planned(asked).goals
    assert (first.id, second.id, second.uncounted) == ("c", "strange", ("strange",))


@given(models, batches, st.floats(0.25, 20))
@settings(max_examples=120)
def test_the_plan_spends_what_the_goals_cost_and_no_week_more_than_it_has(
    asked: Model, records: list[Record], capacity: float
) -> None:
    """Each blocking criterion is a goal; days add up; no week is overfull; dates are in order."""
    made = assessed(asked, *records)
    road = planned(asked, *records, capacity=capacity)
    wanted = {name for one in made.models[0].dimensions for name in one.blocking}
    named = {goal.id for goal in road.goals}
    verdicts = {each.id: each.verdict for one in made.models[0].dimensions for each in one.criteria}
    assert {name for name in wanted if verdicts[name] != "not_applicable"} <= named
    assert len(named) == len(road.goals)
    for week in road.weeks:
        assert sum(part.days for part in week.work) <= capacity + 1e-6
    spent = sum(part.days for week in road.weeks for part in week.work)
    assert spent <= road.days + 1e-6
    start, end = date(2026, 11, 21), date(2026, 11, 21) + timedelta(days=7 * PLAN_WEEKS - 1)
    if all(goal.due and goal.due <= end.isoformat() for goal in road.goals):
        assert spent == pytest.approx(road.days)
    dues = [goal.due for goal in road.goals if goal.due and goal.tasks]
    assert dues == sorted(dues)
    for goal in road.goals:
        if goal.starts and goal.due and goal.proved_on:
            assert start.isoformat() <= goal.starts <= goal.due <= goal.proved_on


@given(st.lists(st.floats(0, 40), max_size=12), st.floats(0.1, 10))
def test_work_is_spent_in_order_and_completely(efforts: list[float], capacity: float) -> None:
    """Each effort gets exactly its days, in weeks that do not run backwards."""
    found = spend(efforts, capacity)
    last = 0
    for effort, spent in zip(efforts, found, strict=True):
        if spent is None:
            assert sum(efforts) > 500 * capacity
            continue
        assert sum(days for _, days in spent.weeks) == pytest.approx(effort, abs=1e-6)
        assert spent.first >= last
        last = spent.last
