"""What a weekly review looks at, on one page: the figures beside the work that is still to do."""

from collections.abc import Iterable
from typing import Literal

import msgspec

from pawl.incidents.action import DONE, Action, is_overdue
from pawl.incidents.debt import OperationalDebt, quiet_until
from pawl.incidents.debt import State as DebtState
from pawl.incidents.drafting import due_at
from pawl.incidents.incident import ONGOING, OVER, Incident
from pawl.incidents.incident import State as IncidentState
from pawl.incidents.metrics import ActionFigures, IncidentFigures
from pawl.incidents.postmortem import Postmortem, required
from pawl.incidents.postmortem import State as Paper
from pawl.incidents.terms import Terms


class PaperDue(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A postmortem that is asked for and not published; `owner` is empty where nobody has begun."""

    incident: str
    title: str
    due_at: str
    owner: str
    overdue: bool


class DebtOwed(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An open debt, from when on it may be paid, and what it still lacks for that."""

    debt: OperationalDebt
    quiet_until: str
    lacks: tuple[str, ...]


class WeeklyReview(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The page. Figures are of `since` to `at`, those of actions of the quarter so far."""

    schema: Literal["pawl.weekly-review/1"] = "pawl.weekly-review/1"
    since: str
    at: str
    figures: IncidentFigures
    before: IncidentFigures
    quarter: ActionFigures
    ongoing: tuple[str, ...]
    actions: tuple[Action, ...]
    overdue: tuple[str, ...]
    debts: tuple[DebtOwed, ...]
    papers: tuple[PaperDue, ...]


def weekly_review(
    incidents: Iterable[Incident],
    actions: Iterable[Action],
    debts: Iterable[OperationalDebt],
    papers: Iterable[Postmortem],
    *,
    figures: IncidentFigures,
    before: IncidentFigures,
    quarter: ActionFigures,
    terms: Terms,
    now: str,
) -> WeeklyReview:
    """Return the page as of now. `incidents` are at least all that are not over."""
    written = {each.incident: each for each in papers}
    living = [each for each in incidents if each.state not in OVER]
    left = sorted(
        (each for each in actions if each.state not in DONE), key=lambda one: (one.due_at, one.id)
    )
    owed = sorted(
        (each for each in debts if each.state is DebtState.OPEN),
        key=lambda one: (one.last_seen_at, one.id),
    )
    return WeeklyReview(
        since=figures.since,
        at=now,
        figures=figures,
        before=before,
        quarter=quarter,
        ongoing=tuple(sorted(each.id for each in living if each.state in ONGOING)),
        actions=tuple(left),
        overdue=tuple(each.id for each in left if is_overdue(each, now)),
        debts=tuple(_owed(each, living, terms, now) for each in owed),
        papers=_papers(living, written, terms, now),
    )


def _papers(
    living: Iterable[Incident], written: dict[str, Postmortem], terms: Terms, now: str
) -> tuple[PaperDue, ...]:
    found = []
    for each in living:
        due = due_at(each, terms)
        paper = written.get(each.id)
        if due is None or (paper is not None and paper.state is Paper.PUBLISHED):
            continue
        if each.state is IncidentState.POSTMORTEM or required(each, terms, None):
            found.append(
                PaperDue(
                    incident=each.id,
                    title=each.title,
                    due_at=due,
                    owner=paper.owner if paper else "",
                    overdue=due <= now,
                )
            )
    return tuple(sorted(found, key=lambda one: (one.due_at, one.incident)))


def _owed(debt: OperationalDebt, living: Iterable[Incident], terms: Terms, now: str) -> DebtOwed:
    own = [each for each in living if each.id in debt.incidents]
    until = quiet_until(debt, terms, own)
    lacks = []
    if not (debt.owner and debt.plan):
        lacks.append("a plan with an owner")
    if not debt.regression_case:
        lacks.append("a regression case")
    if any(each.state in ONGOING for each in own):
        lacks.append("the end of what goes on")
    elif now < until:
        lacks.append(f"quiet until {until[:10]}")
    return DebtOwed(debt=debt, quiet_until=until, lacks=tuple(lacks))
