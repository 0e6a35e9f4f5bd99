"""Ask of budgets, raise one, and tell them what was spent outside supervised runs."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import suppress
from datetime import timedelta
from typing import TYPE_CHECKING

from pawl.alerts.budget_letter import Mailing
from pawl.alerts.budget_notice import Notice
from pawl.alerts.budget_numbers import Numbers
from pawl.alerts.budget_period import Period, span_at
from pawl.alerts.budget_view import BudgetsView, ObservedAt, lines
from pawl.alerts.delivery import numbers as delivery_numbers
from pawl.base.errors import BadFile, BadValue
from pawl.base.times import format_time, parse_time
from pawl.governance.ledger import Actor
from pawl.services.budget_files import Read
from pawl.store.records.budgets import BudgetRecords
from pawl.store.records.outbox import OutboxRecords
from pawl.store.records.spend import SpendRecords
from pawl.telemetry.spent import Observed

if TYPE_CHECKING:
    from pawl.store.records.engine import Engine

Spend = Callable[[str], Iterable[Observed]]
"""A canonical time → what every owner spent since, as an events store saw it."""


class Desk:
    """The budgets of the records.

    `read` gives what the files declare now, `mailing` which channels are told of notices.
    """

    def __init__(
        self,
        engine: Engine,
        read: Callable[[], Read],
        numbers: Numbers,
        actor: Actor,
        now: Callable[[], str],
        mailing: Callable[[], Mailing] = Mailing,
    ) -> None:
        self._engine = engine
        self._budgets = BudgetRecords(engine)
        self._spend = SpendRecords(engine)
        self._read = read
        self._numbers = numbers
        self._actor = actor
        self._now = now
        self._mailing = mailing
        self._next: str | None = None

    def close(self) -> None:
        """Give the records back; for whoever opened them for this desk alone."""
        self._engine.dispose()

    def load(self) -> tuple[str, ...]:
        """Bring the records in line with the files; return warnings. Raises BadFile."""
        read = self._read()
        return self._budgets.load(read.files(), self._actor, self._now()).warnings

    def any(self) -> bool:
        """Whether any budget is in force."""
        return self._budgets.any()

    def view(
        self,
        warnings: Iterable[str] = (),
        *,
        scope: str | None = None,
        state: str | None = None,
    ) -> BudgetsView:
        """Return the budgets in force with what is spent, reserved and left of them.

        Those of one scope and in one state, where they are given.
        """
        now = self._now()
        found = [(each.known, each.accounts) for each in self._budgets.standing(now)]
        return BudgetsView(
            at=now,
            budgets=tuple(
                line
                for line in lines(found, now, min(self._numbers.notice_percents))
                if scope in (None, line.scope) and state in (None, line.state)
            ),
            notices=self.notices(),
            observed=tuple(
                ObservedAt(store=each.store, observed_at=each.observed_at)
                for each in self._spend.looked()
            ),
            warnings=tuple(warnings),
        )

    def notices(self, since: str | None = None) -> tuple[Notice, ...]:
        """Return the notices of periods that began at `since` or later, oldest first.

        Without a time: those of the month and the week it is.
        """
        return self._budgets.notices(since or _earliest(self._now()))

    def raise_limit(self, name: str, micros: int, reason: str, until: str | None) -> str:
        """Raise a hard limit; return the instant at which the raise ends. Raises BadValue."""
        known = self._budgets.raise_limit(
            name, micros, reason, self._actor, self._now(), until=until
        )
        return known.raised_until or ""

    def keep_up(self, spend: Spend, store: str, *, was: str | None = None) -> tuple[Notice, ...]:
        """Load the files and observe, unless both were done a moment ago; for a server's rounds.

        A file that does not load leaves the budgets as they are; `pawl budgets` names the fault.
        What was told of the same events under the name `was` goes when they are told anew.
        """
        now = self._now()
        if self._next is not None and now < self._next:
            return ()
        pause = timedelta(seconds=self._numbers.observe_every_s)
        self._next = format_time(parse_time(now) + pause)
        with suppress(BadFile, BadValue):
            if self._read().sources:
                self.load()
        self.forward()
        return self.observe(spend, store, was=was)

    def forward(self) -> int:
        """Hand what machines without channels left to the channels here; return how many."""
        whom = self._mailing()
        if not (whom.shared and whom.channels):
            return 0
        keep_s = delivery_numbers().keep_sent_s
        return OutboxRecords(self._engine).forward(whom.forwarded, self._now(), keep_s)

    def observe(self, spend: Spend, store: str, *, was: str | None = None) -> tuple[Notice, ...]:
        """Tell the records what an events store saw, and return what is newly due because of it.

        Does nothing where there are no budgets.
        """
        now = self._now()
        if not self._budgets.any():
            return ()
        since = _earliest(now)
        self._spend.observe(store, since[:10], spend(since), now, was=was)
        return self._budgets.notice(self._numbers.notice_percents, now, mailing=self._mailing)


def _earliest(now: str) -> str:
    """Return the beginning of the oldest period that is still going on."""
    return min(span_at(period, now).begin for period in Period)
