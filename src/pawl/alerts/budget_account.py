"""What is spent, reserved and left of a budget in one period."""

from collections.abc import Iterable

import msgspec

from pawl.alerts.budget import Budget, Owner, UnpricedSpend, whose
from pawl.alerts.budget_period import Span


class Spend(msgspec.Struct, frozen=True, kw_only=True):
    """What one owner spent in a span, in micro-USD.

    `settled` are ended runs, `outside` are requests of no run that counts by itself, `reserved`
    are the caps of running ones. `held` are the reservations of ended runs whose cost is not
    known, `unknown` counts those runs, `unpriced` counts requests outside that have no price.
    """

    owner: Owner
    settled: int = 0
    outside: int = 0
    reserved: int = 0
    held: int = 0
    unknown: int = 0
    unpriced: int = 0


class Account(msgspec.Struct, frozen=True, kw_only=True):
    """One budget of one `who` in one period; money in micro-USD.

    `limit_micros` is the hard limit in force, a raise included; `soft_micros` the soft one.
    """

    budget: str
    name: str
    scope: str
    who: str
    span: Span
    soft_micros: int | None
    limit_micros: int | None
    settled_micros: int = 0
    outside_micros: int = 0
    held_micros: int = 0
    reserved_micros: int = 0
    unknown_runs: int = 0
    unpriced_requests: int = 0

    @property
    def spent_micros(self) -> int:
        """What counts as spent: settled runs, spend outside runs, and what unknown runs held."""
        return self.settled_micros + self.outside_micros + self.held_micros

    @property
    def left_micros(self) -> int | None:
        """What a new run may reserve, never below zero; None without a hard limit."""
        if self.limit_micros is None:
            return None
        return max(0, self.limit_micros - self.spent_micros - self.reserved_micros)


def state_of(account: Account, near_percent: int) -> str:
    """Return `spent`, `full` (spent together with what is reserved), `over soft`, `near` or `ok`.

    Near is `near_percent` of the nearest limit.
    """
    hard, soft, spent = account.limit_micros, account.soft_micros, account.spent_micros
    if hard is not None and spent >= hard:
        return "spent"
    if hard is not None and spent + account.reserved_micros >= hard:
        return "full"
    if soft is not None and spent >= soft:
        return "over soft"
    nearest = min((limit for limit in (hard, soft) if limit is not None), default=None)
    if nearest is not None and 100 * spent >= near_percent * nearest:
        return "near"
    return "ok"


def accounts(
    budget: Budget,
    span: Span,
    limit_micros: int | None,
    spends: Iterable[Spend],
    *,
    at_least: Iterable[str] = (),
) -> dict[str, Account]:
    """Return the accounts of a budget by `who`; those in `at_least` even where nothing is spent.

    `limit_micros` is the hard limit in force. What a run of several models cost counts for each
    of them, since a run's record tells one sum.
    """
    sums: dict[str, list[int]] = {who: [0] * 6 for who in at_least}
    if not budget.each:
        sums.setdefault(_only(budget), [0] * 6)
    for spend in spends:
        held = spend.held if budget.unpriced is UnpricedSpend.REFUSE else 0
        amounts = (
            spend.settled, spend.outside, held, spend.reserved, spend.unknown, spend.unpriced,
        )  # fmt: skip
        for who in whose(budget, spend.owner):
            sums[who] = [a + b for a, b in zip(sums.get(who, [0] * 6), amounts, strict=True)]
    return {
        who: Account(
            budget=budget.key,
            name=budget.name,
            scope=budget.scope.value,
            who=who,
            span=span,
            soft_micros=budget.soft_micros,
            limit_micros=limit_micros,
            settled_micros=total[0],
            outside_micros=total[1],
            held_micros=total[2],
            reserved_micros=total[3],
            unknown_runs=total[4],
            unpriced_requests=total[5],
        )
        for who, total in sorted(sums.items())
    }


def _only(budget: Budget) -> str:
    """Return the one `who` of a budget that names it: a person's own name, not an alias."""
    names = {who for whos in budget.identities.values() for who in whos}
    return min(names) if names else budget.of or budget.scope.value
