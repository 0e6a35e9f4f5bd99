"""Budgets, owners and spends with what a test does not care about filled in."""

from typing import Any

import msgspec

from pawl.alerts.budget import Budget, Owner, Scope
from pawl.alerts.budget_account import Account, Spend
from pawl.alerts.budget_period import Span

USD = 1_000_000
NOVEMBER = Span("2026-11-01T00:00:00.000000Z", "2026-12-01T00:00:00.000000Z", "2026-11")


def budget(**changes: Any) -> Budget:
    """Return a hard budget of the organisation, 10 USD a month."""
    made = Budget(
        key="team/all",
        source="team",
        name="all",
        scope=Scope.ORGANISATION,
        hard_micros=10 * USD,
    )
    return msgspec.structs.replace(made, **changes)


def account(**changes: Any) -> Account:
    """Return the untouched account of that budget in November."""
    made = Account(
        budget="team/all",
        name="all",
        scope="organisation",
        who="organisation",
        span=NOVEMBER,
        soft_micros=None,
        limit_micros=10 * USD,
    )
    return msgspec.structs.replace(made, **changes)


def spend(**changes: Any) -> Spend:
    """Return a spend of nothing by ada on the shop."""
    owner = Owner(project="shop", developer="ada", agent="claude-code", models=("m",))
    return msgspec.structs.replace(Spend(owner=owner), **changes)
