"""Notices: a share of a limit was spent, told once for each budget, whose, period and share."""

from collections.abc import Collection, Iterable
from typing import NamedTuple

import msgspec

from pawl.alerts.budget_account import Account
from pawl.alerts.budget_reserve import subject_of
from pawl.base.money import format_usd


class Notice(msgspec.Struct, frozen=True, kw_only=True):
    """A share of one limit was reached. `limit` is `soft` or `hard`; money in micro-USD."""

    budget: str
    who: str
    period: str
    limit: str
    percent: int
    spent_micros: int
    limit_micros: int
    text: str

    @property
    def key(self) -> str:
        """What makes it one notice: it is told once. A limit that was raised is another one."""
        return f"{self.limit_key}|{self.percent}"

    @property
    def limit_key(self) -> str:
        """The limit it is about, of one `who` in one period."""
        return f"{self.budget}|{self.who}|{self.period}|{self.limit}|{self.limit_micros}"


class Due(NamedTuple):
    """A notice that is to be told, with the account that it is about."""

    account: Account
    notice: Notice


def due(
    found: Iterable[Account], percents: Iterable[int], told: Collection[str]
) -> tuple[Due, ...]:
    """Return the notices that accounts call for: of each limit the highest share reached.

    `told` are keys of notices. A share below one that was told is not told after it.
    """
    shares = sorted(percents, reverse=True)
    notices = []
    for account in found:
        for limit, amount in (("soft", account.soft_micros), ("hard", account.limit_micros)):
            if amount is None or account.spent_micros == 0:
                continue
            reached = (p for p in shares if 100 * account.spent_micros >= p * amount)
            highest = next(reached, None)
            if highest is None:
                continue
            notice = _notice(account, limit, amount, highest)
            later = {f"{notice.limit_key}|{p}" for p in shares if p >= highest}
            if later.isdisjoint(told):
                notices.append(Due(account, notice))
    return tuple(notices)


def _notice(account: Account, limit: str, amount: int, percent: int) -> Notice:
    return Notice(
        budget=account.budget,
        who=account.who,
        period=account.span.begin,
        limit=limit,
        percent=percent,
        spent_micros=account.spent_micros,
        limit_micros=amount,
        text=f"{subject_of(account)} has spent {format_usd(account.spent_micros)}:"
        f" {percent} % of its {limit} limit of {format_usd(amount)} is reached.",
    )
