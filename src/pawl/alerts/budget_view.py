"""Budgets as they are shown: one line for each budget, whose, and present period."""

from collections.abc import Iterable
from typing import Literal

import msgspec

from pawl.alerts.budget_account import Account, state_of
from pawl.alerts.budget_notice import Notice
from pawl.alerts.budget_period import TIMEZONE
from pawl.alerts.budget_policy import Known

STATES = ("spent", "full", "over soft", "near", "ok")
"""What needs a look first. `full`: spent together with what running runs hold."""


class BudgetLine(msgspec.Struct, frozen=True, kw_only=True):
    """One budget of one `who` in the present period. Money in micro-USD; None is no such limit.

    `spent` is the sum of `settled` (ended runs), `outside` (requests of no supervised run) and
    `held` (reservations of ended runs whose cost nobody knows). `unknown_runs` and
    `unpriced_requests` count what is in no sum, because it has no price.
    """

    budget: str
    name: str
    scope: str
    who: str
    period: str
    begins: str
    renews: str
    state: str
    soft_usd_micros: int | None
    hard_usd_micros: int | None
    spent_usd_micros: int
    settled_usd_micros: int
    outside_usd_micros: int
    held_usd_micros: int
    reserved_usd_micros: int
    left_usd_micros: int | None
    unknown_runs: int
    unpriced_requests: int
    raised_until: str | None = None

    @property
    def limit_usd_micros(self) -> int:
        """The limit a meter is drawn to: the hard one, else the soft one."""
        return (
            self.hard_usd_micros if self.hard_usd_micros is not None else self.soft_usd_micros or 0
        )

    @property
    def share(self) -> float:
        """What was spent of that limit; a limit of zero is used up."""
        limit = self.limit_usd_micros
        return self.spent_usd_micros / limit if limit else 1.0


class ObservedAt(msgspec.Struct, frozen=True, kw_only=True):
    """Until when an events store told of spend outside supervised runs."""

    store: str
    observed_at: str


class BudgetsView(msgspec.Struct, frozen=True, kw_only=True):
    """All budgets as `pawl.budgets/1` documents them, those that need a look first."""

    schema: Literal["pawl.budgets/1"] = "pawl.budgets/1"
    at: str
    timezone: str = TIMEZONE
    budgets: tuple[BudgetLine, ...]
    notices: tuple[Notice, ...] = ()
    observed: tuple[ObservedAt, ...] = ()
    warnings: tuple[str, ...] = ()


def lines(
    found: Iterable[tuple[Known, tuple[Account, ...]]], at: str, near_percent: int
) -> tuple[BudgetLine, ...]:
    """Return the lines of budgets, those that need a look first, then by name."""
    made = [
        _line(known, account, at, near_percent) for known, accounts in found for account in accounts
    ]
    return tuple(
        sorted(
            made, key=lambda line: (STATES.index(line.state), -line.share, line.budget, line.who)
        )
    )


def _line(known: Known, account: Account, at: str, near_percent: int) -> BudgetLine:
    raised = known.raised_until is not None and at < known.raised_until
    return BudgetLine(
        budget=account.budget,
        name=account.name,
        scope=account.scope,
        who=account.who,
        period=known.budget.period.value,
        begins=account.span.begin,
        renews=account.span.end,
        state=state_of(account, near_percent),
        soft_usd_micros=account.soft_micros,
        hard_usd_micros=account.limit_micros,
        spent_usd_micros=account.spent_micros,
        settled_usd_micros=account.settled_micros,
        outside_usd_micros=account.outside_micros,
        held_usd_micros=account.held_micros,
        reserved_usd_micros=account.reserved_micros,
        left_usd_micros=account.left_micros,
        unknown_runs=account.unknown_runs,
        unpriced_requests=account.unpriced_requests,
        raised_until=known.raised_until if raised else None,
    )
