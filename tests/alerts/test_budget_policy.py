"""A tighter limit holds at once, a looser one needs a new reason, a fork only tightens."""

from tests.alerts.budget_made import USD, budget

from pawl.alerts.budget import Reserve, UnpricedSpend
from pawl.alerts.budget_period import Period
from pawl.alerts.budget_policy import Known, in_force, limit_at

OLD = budget(reason="first")


def known(**changes: object) -> dict[str, Known]:
    """Return the records of one budget of 10 USD."""
    return {OLD.key: Known(budget=OLD, **changes)}  # type: ignore[arg-type]


def test_a_new_budget_is_declared_and_an_unchanged_one_is_nothing_new() -> None:
    """Reading the same files again records nothing."""
    first = in_force([OLD], {}, ["team"])
    assert [change.kind for change in first.changes] == ["declared"]
    again = in_force([OLD], known(), ["team"])
    assert again.changes == ()
    assert again.known == (Known(budget=OLD),)


def test_a_lower_limit_holds_at_once() -> None:
    """Tightening needs no reason."""
    policy = in_force([budget(hard_micros=5 * USD)], known(), ["team"])
    assert policy.known[0].budget.hard_micros == 5 * USD
    assert [change.kind for change in policy.changes] == ["declared"]
    assert policy.warnings == ()


def test_a_higher_limit_without_a_new_reason_stays_where_it_was() -> None:
    """The reason of the last time does not count again."""
    for reason in ("", "first"):
        policy = in_force([budget(hard_micros=20 * USD, reason=reason)], known(), ["team"])
        assert policy.known[0].budget.hard_micros == 10 * USD
        assert policy.changes == ()
        assert "no new reason" in policy.warnings[0]


def test_a_higher_limit_with_a_new_reason_is_a_raise() -> None:
    """It holds, and the change says that it was raised."""
    policy = in_force([budget(hard_micros=20 * USD, reason="launch")], known(), ["team"])
    assert policy.known[0].budget.hard_micros == 20 * USD
    assert [change.kind for change in policy.changes] == ["raised"]


def test_every_way_to_allow_more_is_loosening() -> None:
    """No limit, unpriced models, another period: none of them slips through without a reason."""
    for looser in (
        budget(hard_micros=None, soft_micros=USD),
        budget(unpriced=UnpricedSpend.ALLOW),
        budget(period=Period.DAY),
    ):
        policy = in_force([looser], known(), ["team"])
        assert policy.known[0].budget.hard_micros == 10 * USD
        assert policy.known[0].budget.unpriced is UnpricedSpend.REFUSE
        assert policy.known[0].budget.period is Period.MONTH
        assert policy.warnings


def test_what_tightens_holds_although_something_else_loosens() -> None:
    """A file that does both gets the tighter half."""
    both = budget(hard_micros=20 * USD, soft_micros=2 * USD)
    policy = in_force([both], known(), ["team"])
    assert policy.known[0].budget.hard_micros == 10 * USD
    assert policy.known[0].budget.soft_micros == 2 * USD


def test_a_budget_that_left_its_file_is_withdrawn_and_comes_back_no_looser() -> None:
    """Taking it out and putting it back higher is a raise, too."""
    gone = in_force([], known(), ["team"])
    assert [change.kind for change in gone.changes] == ["withdrawn"]
    assert gone.known == ()
    back = in_force([budget(hard_micros=20 * USD)], known(withdrawn=True), ["team"])
    assert back.known[0].budget.hard_micros == 10 * USD
    assert not back.known[0].withdrawn


def test_budgets_of_other_sources_stay() -> None:
    """A file is the whole of its own source and of no other."""
    assert in_force([], known(), ["repo:x"]).known == (Known(budget=OLD),)


def test_a_forks_file_only_tightens_and_records_nothing() -> None:
    """Higher, gone, or reasoned away: the recorded limit holds; lower holds for this run."""
    only = {"tighten_only": ["team"]}
    higher = budget(hard_micros=99 * USD, reason="because", reserve=Reserve.LEFT)
    for declared, limit in (([higher], 10), ([], 10), ([budget(hard_micros=3 * USD)], 3)):
        policy = in_force(declared, known(), ["team"], **only)
        assert policy.known[0].budget.hard_micros == limit * USD
        assert policy.known[0].budget.reserve is Reserve.CAP
        assert policy.changes == ()
    new = in_force([budget(key="team/new")], {}, ["team"], **only)
    assert [each.budget.key for each in new.known] == ["team/new"]
    assert new.changes == ()


def test_a_raise_by_command_ends_by_itself() -> None:
    """Until its instant the higher limit holds, from then on the declared one."""
    raised = Known(budget=OLD, raised_micros=15 * USD, raised_until="2026-11-22T00:00:00.000000Z")
    assert limit_at(raised, "2026-11-21T23:59:59.999999Z") == 15 * USD
    assert limit_at(raised, "2026-11-22T00:00:00.000000Z") == 10 * USD
