"""Operational debt as its page shows it: each cause that came back, its plan, what it waits for."""

from collections.abc import Iterable, Mapping

import msgspec

from pawl.base.times import seconds_between
from pawl.incidents.debt import OperationalDebt, State, quiet_until
from pawl.incidents.root_cause import RootCause
from pawl.incidents.terms import Terms


class DebtLine(msgspec.Struct, frozen=True, kw_only=True):
    """One debt with the titles of its incidents. `lacks` is what it takes to call it paid.

    `quiet_share` is how much of the quiet time has passed, from 0 to 1.
    """

    debt: OperationalDebt
    incidents: tuple[tuple[str, str], ...]
    cause: RootCause | None
    quiet_until: str
    quiet_share: float
    lacks: tuple[str, ...]

    @property
    def planned(self) -> bool:
        """Whether somebody pays it off, and how."""
        return bool(self.debt.owner and self.debt.plan)


class DebtsView(msgspec.Struct, frozen=True, kw_only=True):
    """All debts: the open ones first, those without a plan before the others."""

    open: tuple[DebtLine, ...]
    paid: tuple[DebtLine, ...]
    quiet_days: float


def debts_view(
    debts: Iterable[OperationalDebt],
    titles: Mapping[str, str],
    causes: Mapping[str, RootCause],
    terms: Terms,
    now: str,
) -> DebtsView:
    """Return all debts; `titles` are of incidents by id, `causes` of root causes by their key."""
    lines = [_line(each, titles, causes, terms, now) for each in debts]
    lines.sort(key=lambda line: (line.planned, line.debt.last_seen_at, line.debt.id))
    return DebtsView(
        open=tuple(each for each in lines if each.debt.state is State.OPEN),
        paid=tuple(each for each in lines if each.debt.state is State.PAID),
        quiet_days=terms.debt_quiet_days,
    )


def _line(
    debt: OperationalDebt,
    titles: Mapping[str, str],
    causes: Mapping[str, RootCause],
    terms: Terms,
    now: str,
) -> DebtLine:
    until = quiet_until(debt, terms)
    whole = seconds_between(debt.last_seen_at, until)
    gone = seconds_between(debt.last_seen_at, now) / whole if whole else 1.0
    lacks = []
    if not (debt.owner and debt.plan):
        lacks.append("a plan: who does what")
    if not debt.regression_case:
        lacks.append("a regression case that fails when it comes back")
    if now < until:
        lacks.append(f"{terms.debt_quiet_days:g} days without it, until {until[:10]}")
    return DebtLine(
        debt=debt,
        incidents=tuple((each, titles.get(each, "")) for each in debt.incidents),
        cause=causes.get(debt.root_cause_key),
        quiet_until=until,
        quiet_share=min(1.0, max(0.0, gone)),
        lacks=tuple(lacks) if debt.state is State.OPEN else (),
    )
