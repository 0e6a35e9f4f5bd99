"""What channels are told when a share of a budget is reached, and which channels are.

A message is of one budget, whose, period and share: its id is the digest of those, so it is the
same however often it is sent. Routes see it as an alert of the rule `budget` whose scope holds
the budget's key and whose it is.
"""

from collections.abc import Iterable

import msgspec

from pawl.alerts.alert import Alert, Invitation, Notice, NoticeKind, Told
from pawl.alerts.budget_account import Account
from pawl.alerts.budget_notice import Notice as Reached
from pawl.alerts.policy import Policy, Route
from pawl.alerts.reading import Level, Row, Scope, scope_of
from pawl.alerts.routing import Due, addressed, routed
from pawl.alerts.state import State
from pawl.base.canonical import digest
from pawl.base.money import MICROS_PER_USD, format_usd

RULE = "budget"
"""What routes match for all that is told of budgets."""
UNROUTED = ""
"""The channel of what a machine without channels leaves to a server that has some."""


class Mailing(msgspec.Struct, frozen=True, kw_only=True):
    """Whom this machine tells of budgets.

    `policy` has the routes, `channels` the names of those that exist. `shared` says that the
    records are not this machine's alone, so without a channel here a message is kept for others.
    """

    policy: Policy = Policy()
    channels: tuple[str, ...] = ()
    shared: bool = False

    def letters(
        self, account: Account, reached: Reached, run_id: str | None, now: str
    ) -> tuple[Notice, ...]:
        """Return the messages of a share that was reached, one for each channel that is told."""
        due = _due(account, reached, run_id, now)
        if self.channels:
            return self._routed(due, now)
        if not self.shared:
            return ()
        return routed((due,), now, Policy(routes=(Route(to=(UNROUTED,), rules=(RULE,)),)))

    def forwarded(self, notice: Notice) -> tuple[Notice, ...]:
        """Return a message that a machine without channels left, as the channels here are told."""
        found: list[Notice] = []
        for told in notice.alerts:
            due = _again(told)
            letters = self._routed(due, notice.at)
            found += addressed(letters, due.alert, self.policy, notice.invites, notice.text)
        return tuple(found)

    def told(
        self, due: Due, now: str, *, text: str = "", invites: Invitation | None = None
    ) -> tuple[Notice, ...]:
        """Return the messages of one thing, for the channels here or for a server that has some."""
        if self.channels:
            return addressed(self._routed(due, now), due.alert, self.policy, invites, text)
        if not self.shared:
            return ()
        rule = due.alert.rule
        left = routed((due,), now, Policy(routes=(Route(to=(UNROUTED,), rules=(rule,)),)))
        return tuple(msgspec.structs.replace(each, text=text, invites=invites) for each in left)

    def _routed(self, due: Due, now: str) -> tuple[Notice, ...]:
        letters = routed((due,), now, self.policy)
        return tuple(letter for letter in letters if letter.route in self.channels)


def scope_of_account(budget: str, scope: str, who: str) -> Scope:
    """Return what a route's `scope` is matched with: the budget's key, and whose it is."""
    return scope_of(**({RULE: budget} if who == scope else {RULE: budget, scope: who}))


def account_id(scope: Scope) -> str:
    """Return what names a budget and whose on its page, the same for ever."""
    return "b-" + digest([RULE, [list(pair) for pair in scope]])[:20]


def _due(account: Account, reached: Reached, run_id: str | None, now: str) -> Due:
    alert = Alert(
        rule=RULE,
        level=Level.CRITICAL if reached.percent >= 100 else Level.WARNING,
        scope=scope_of_account(account.budget, account.scope, account.who),
        state=State.FIRING,
        since=now,
        fired_at=now,
        looked_at=now,
        value=reached.spent_micros / MICROS_PER_USD,
        threshold=reached.limit_micros * reached.percent / (100 * MICROS_PER_USD),
        unit="USD",
        summary=f"{reached.text} It renews at {account.span.end[:10]} 00:00 UTC.",
        cause=_made_of(account),
        rows=() if run_id is None else (Row("run", run_id),),
    )
    return Due(alert, NoticeKind.FIRING, digest([RULE, reached.key])[:32], _response(reached))


def _made_of(account: Account) -> str:
    parts: Iterable[tuple[int, str]] = (
        (account.settled_micros, "by runs that ended"),
        (account.outside_micros, "outside of runs"),
        (account.held_micros, "held for runs of unknown cost"),
        (account.reserved_micros, "more reserved by running runs"),
    )
    return ", ".join(f"{format_usd(micros)} {what}" for micros, what in parts if micros)


def _response(reached: Reached) -> str:
    if reached.limit == "soft":
        return "Look at what spends it. A soft limit refuses nothing."
    name = reached.budget.rpartition("/")[2]
    held = "do not start" if reached.percent >= 100 else "will not start once it is spent"
    return (
        f"Look at what spends it. Runs that it applies to {held}, until it renews or is raised:"
        f" pawl budgets raise {name} --usd … --reason …"
    )


def _again(told: Told) -> Due:
    alert = Alert(
        rule=told.rule,
        level=told.level,
        scope=told.scope,
        state=told.state,
        since=told.since,
        fired_at=told.since,
        looked_at=told.since,
        value=told.value,
        threshold=told.threshold,
        unit=told.unit,
        summary=told.summary,
        cause=told.cause,
        rows=told.rows,
    )
    return Due(alert, NoticeKind.FIRING, told.notice_id, told.response)
