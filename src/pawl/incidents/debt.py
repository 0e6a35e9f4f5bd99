"""Operational debt: a root cause that was seen again, until it has stayed away for long enough.

A repeat is one when a human has confirmed it. The debt is paid with a regression case that holds
and a time without it; should it come back after that, the debt is open again. Where a repeat was
confirmed wrongly and is taken back, its incidents leave the debt, and with less than two of them
there was none.
"""

from collections.abc import Callable, Iterable, Mapping
from datetime import timedelta
from enum import StrEnum
from typing import Any

import msgspec

from pawl.base.canonical import digest
from pawl.base.times import format_time, parse_time
from pawl.changes import facts
from pawl.incidents.event import Answer, Happened, plain, refused
from pawl.incidents.terms import Terms


class State(StrEnum):
    """Where a debt stands."""

    OPEN = "open"
    PAID = "paid"
    WITHDRAWN = "withdrawn"
    """It never was one: what was confirmed was taken back."""


class OperationalDebt(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One debt: a root cause in a component, all incidents that had it, and what is done of it."""

    id: str
    root_cause_key: str
    component: str
    incidents: tuple[str, ...]
    last_seen_at: str
    changed_at: str
    state: State = State.OPEN
    version: int = 1
    owner: str = ""
    plan: str = ""
    regression_case: str = ""


class Seen(msgspec.Struct, frozen=True, kw_only=True, tag="seen"):
    """It was seen in another incident, which was declared at a time."""

    by: str
    incident: str
    at: str


class MakePlan(msgspec.Struct, frozen=True, kw_only=True, tag="plan"):
    """Say who pays it off and how."""

    by: str
    owner: str
    plan: str


class AddCase(msgspec.Struct, frozen=True, kw_only=True, tag="add-case"):
    """Name the eval case that fails when it comes back."""

    by: str
    case: str


class Pay(msgspec.Struct, frozen=True, kw_only=True, tag="pay"):
    """Call it paid, if it is."""

    by: str
    terms: Terms


class TakeBack(msgspec.Struct, frozen=True, kw_only=True, tag="take-back"):
    """Some of its incidents had another cause: no confirmed repeat holds them any longer.

    `last_seen_at` is when the last of those that stay was declared.
    """

    by: str
    reason: str
    incidents: tuple[str, ...]
    last_seen_at: str


Command = Seen | MakePlan | AddCase | Pay | TakeBack
COMMANDS: tuple[type[Command], ...] = (Seen, MakePlan, AddCase, Pay, TakeBack)


def debt_id(root_cause_key: str, component: str) -> str:
    """Return the id of the one debt that a root cause is in a component."""
    return f"debt_{digest([root_cause_key, component])[:26]}"


def owe(
    root_cause_key: str,
    component: str,
    incidents: tuple[str, ...],
    last_seen_at: str,
    now: str,
    *,
    by: str,
) -> Answer:
    """Return the event that a cause became a debt; it takes two incidents at least."""
    named = tuple(dict.fromkeys(incidents))
    if len(named) < 2 or not root_cause_key:
        return refused("no-repeat", "It takes a root cause and two incidents that had it.")
    debt = OperationalDebt(
        id=debt_id(root_cause_key, component),
        root_cause_key=root_cause_key,
        component=component,
        incidents=named,
        last_seen_at=last_seen_at,
        changed_at=now,
    )
    return (Happened(type="debt.owed", subject=debt.id, at=now, by=by, sets=plain(debt)),)


def decide(debt: OperationalDebt, command: Command, now: str) -> Answer:
    """Return what a command makes happen to a debt now, or every reason why it does not."""
    handler = TABLE.get((debt.state, type(command)))
    if handler is None:
        return refused("not-now", f"That does nothing while it is {debt.state}.")
    return handler(debt, command, max(now, debt.changed_at))


def debts_on(debts: Iterable[OperationalDebt]) -> tuple[facts.Debt, ...]:
    """Return the open debts as gates ask for them."""
    return tuple(
        facts.Debt(
            id=each.id,
            component=each.component,
            incidents=each.incidents,
            planned=bool(each.owner and each.plan),
        )
        for each in sorted(debts, key=lambda one: one.id)
        if each.state is State.OPEN
    )


def quiet_until(debt: OperationalDebt, terms: Terms) -> str:
    """Return the instant from which a debt that is not seen again may be called paid."""
    return format_time(parse_time(debt.last_seen_at) + timedelta(days=terms.debt_quiet_days))


def _seen(debt: OperationalDebt, command: Seen, now: str) -> Answer:
    if command.incident in debt.incidents:
        return ()
    # When one was seen that is none does not count.
    before = "" if debt.state is State.WITHDRAWN else debt.last_seen_at
    return _one(
        debt,
        "debt.seen-again",
        now,
        command.by,
        incidents=(*debt.incidents, command.incident),
        last_seen_at=max(before, command.at),
        state=State.OPEN,
        # A case that let it through is no regression case of it.
        regression_case="",
    )


def _plan(debt: OperationalDebt, command: MakePlan, now: str) -> Answer:
    if not command.owner.strip() or not command.plan.strip():
        return refused("no-plan", "A plan says who does what.")
    return _one(debt, "debt.planned", now, command.by, owner=command.owner, plan=command.plan)


def _add_case(debt: OperationalDebt, command: AddCase, now: str) -> Answer:
    if not command.case.strip():
        return refused("no-case", "It names no case.")
    if command.case == debt.regression_case:
        return ()
    return _one(debt, "debt.case-added", now, command.by, regression_case=command.case)


def _pay(debt: OperationalDebt, command: Pay, now: str) -> Answer:
    quiet = quiet_until(debt, command.terms)
    reasons = []
    if not debt.regression_case:
        reasons.append("No regression case would tell that it is back.")
    if now < quiet:
        reasons.append(
            f"It was last seen on {debt.last_seen_at[:10]}; {command.terms.debt_quiet_days:g} "
            f"quiet days end on {quiet[:10]}."
        )
    if reasons:
        return refused("not-paid", *reasons)
    return _one(debt, "debt.paid", now, command.by, state=State.PAID)


def _take_back(debt: OperationalDebt, command: TakeBack, now: str) -> Answer:
    if not command.reason.strip():
        return refused("no-reason", "It is not said why.")
    gone = set(command.incidents)
    kept = tuple(each for each in debt.incidents if each not in gone)
    if kept == debt.incidents:
        return ()
    if len(kept) > 1:
        sets: dict[str, Any] = {"incidents": kept, "last_seen_at": command.last_seen_at}
    else:
        # Whatever was planned was planned for what is none; a later one begins with nothing.
        sets = {
            "incidents": (),
            "state": State.WITHDRAWN,
            "owner": "",
            "plan": "",
            "regression_case": "",
        }
    told = {"incidents": list(command.incidents), "reason": command.reason}
    return _one(debt, "debt.taken-back", now, command.by, told, **sets)


def _one(
    debt: OperationalDebt,
    type: str,
    now: str,
    by: str,
    tells: Mapping[str, Any] | None = None,
    **sets: Any,
) -> tuple[Happened, ...]:
    told = dict(tells or {})
    return (Happened(type=type, subject=debt.id, at=now, by=by, sets=plain(sets), tells=told),)


Handler = Callable[[OperationalDebt, Any, str], Answer]
TABLE: Mapping[tuple[State, type[Command]], Handler] = {
    (State.OPEN, Seen): _seen,
    (State.PAID, Seen): _seen,
    (State.WITHDRAWN, Seen): _seen,
    (State.OPEN, TakeBack): _take_back,
    (State.PAID, TakeBack): _take_back,
    (State.OPEN, MakePlan): _plan,
    (State.OPEN, AddCase): _add_case,
    (State.OPEN, Pay): _pay,
}
"""What each command does in each state. A pair that is not here is refused."""
