"""Notices: at which share, once, and nothing below it afterwards."""

from tests.alerts.budget_made import USD, account

from pawl.alerts.budget_notice import due
from pawl.alerts.budget_numbers import numbers


def shares(spent: int, told: set[str] | None = None, **changes: object) -> list[tuple[str, int]]:
    """Return which notices are due when so many micro-USD of 10 USD are spent."""
    found = due([account(settled_micros=spent, **changes)], (80, 100), told or set())
    return [(each.notice.limit, each.notice.percent) for each in found]


def test_at_the_share_and_not_before() -> None:
    """One micro-dollar below tells nothing."""
    assert shares(8 * USD - 1) == []
    assert shares(8 * USD) == [("hard", 80)]
    assert shares(10 * USD) == [("hard", 100)]
    assert shares(0, limit_micros=0) == []


def test_soft_and_hard_each_tell_their_own() -> None:
    """A soft limit that is passed while the hard one is near."""
    assert shares(8 * USD, soft_micros=5 * USD) == [("soft", 100), ("hard", 80)]


def test_once() -> None:
    """What was told is not told again, nor is a lower share after a higher one."""
    (first,) = due([account(settled_micros=10 * USD)], (80, 100), set())
    assert shares(10 * USD, {first.notice.key}) == []
    assert shares(9 * USD, {first.notice.key}) == []
    (lower,) = due([account(settled_micros=8 * USD)], (80, 100), set())
    assert shares(10 * USD, {lower.notice.key}) == [("hard", 100)]


def test_a_raised_limit_is_told_of_anew() -> None:
    """80 % of the new limit is news although 100 % of the old one was told."""
    (first,) = due([account(settled_micros=10 * USD)], (80, 100), set())
    assert shares(10 * USD, {first.notice.key}, limit_micros=12 * USD) == [("hard", 80)]


def test_the_numbers_name_their_sources() -> None:
    """Every number of judgement says where it comes from."""
    told = numbers()
    judged = set(told.__struct_fields__) - {"schema", "as_of", "sources"}
    assert judged == set(told.sources)
    assert sorted(told.notice_percents) == [80, 100]
