"""May a run start, and with what cap: the decision on all budgets that apply to it.

    spent in the period + reserved by runs that are running + this run's cap <= hard limit

must hold for each budget. Whoever calls this holds the lock under which the sums were taken.
"""

from collections.abc import Sequence

import msgspec

from pawl.alerts.budget import Budget, Reserve, UnpricedSpend
from pawl.alerts.budget_account import Account
from pawl.base.money import format_usd


class Granted(msgspec.Struct, frozen=True, kw_only=True):
    """The run may start and is held to `micros`. `lowered` is the budget that lowered its cap."""

    micros: int
    lowered: str | None = None
    accounts: tuple[Account, ...] = ()


class Declined(msgspec.Struct, frozen=True, kw_only=True):
    """The run may not start. `code`: `spent`, `too-much`, `no-cap` or `unpriced`."""

    code: str
    account: Account
    message: str
    hint: str
    accounts: tuple[Account, ...] = ()


Held = Sequence[tuple[Budget, Account]]
"""Budgets with a hard limit that apply to a run, each with its account."""


def decide(cap: int | None, held: Held, *, unpriced_model: str | None = None) -> Granted | Declined:
    """Decide on a run with a cap of its own in micro-USD, or None for a run without one.

    `unpriced_model` is the model it names, where that has no price.
    """
    told = tuple(account for _, account in held)
    for budget, account in held:
        if unpriced_model is not None and budget.unpriced is UnpricedSpend.REFUSE:
            return _declined("unpriced", account, unpriced_model, told)
        if account.left_micros == 0:
            return _declined("spent", account, "", told)
    wanted = _wanted(cap, held)
    if wanted is None:
        account = next(each for budget, each in held if budget.reserve is Reserve.CAP)
        return _declined("no-cap", account, "", told)
    lowered = None
    for budget, account in held:
        left = account.left_micros
        if budget.reserve is Reserve.LEFT and left is not None and wanted > left:
            wanted, lowered = left, budget.key
    for _, account in held:
        left = account.left_micros
        if left is not None and wanted > left:
            return _declined("too-much", account, format_usd(wanted), told)
    return Granted(micros=wanted, lowered=lowered, accounts=told)


def _wanted(cap: int | None, held: Held) -> int | None:
    """Return what a run asks for; without a cap the least that a budget declares for such runs."""
    if cap is not None:
        return cap
    declared = [budget.run_micros for budget, _ in held if budget.run_micros is not None]
    if declared:
        return min(declared)
    if all(budget.reserve is Reserve.LEFT for budget, _ in held):
        return min(account.left_micros or 0 for _, account in held)
    return None


def _declined(code: str, account: Account, what: str, told: tuple[Account, ...]) -> Declined:
    limit, left = account.limit_micros or 0, account.left_micros or 0
    told_left = (
        f"{subject_of(account)} has {format_usd(left)} left of {format_usd(limit)}:"
        f" {format_usd(account.spent_micros)} spent,"
        f" {format_usd(account.reserved_micros)} reserved by running runs."
        f" It renews at {account.span.end[:10]} 00:00 UTC."
    )
    hints = {
        "spent": "Wait for it to renew, or have it raised: pawl budgets raise.",
        "too-much": f"Ask for less with --max-usd, at most {format_usd(left)}, or wait for running"
        " runs to end.",
        "no-cap": "Give the run a cap with --max-usd, or the budget a run_usd for runs without"
        " one.",
        "unpriced": 'Give the model a price in prices.yaml, or declare unpriced = "allow".',
    }
    first = {
        "spent": "Nothing is left for this run.",
        "too-much": f"This run would reserve {what}.",
        "no-cap": "This run names no cap, so nothing can be reserved for it.",
        "unpriced": f"The model {what} has no price, so its cost could not be held to the limit.",
    }
    return Declined(
        code=code,
        account=account,
        message=f"{first[code]} {told_left}",
        hint=hints[code],
        accounts=told,
    )


def subject_of(account: Account) -> str:
    """Return which budget, whose, of which period: for the beginning of a sentence."""
    whose = account.scope if account.scope == account.who else f"{account.scope} {account.who}"
    return f"The budget {account.name} ({whose}, {account.span.label})"
