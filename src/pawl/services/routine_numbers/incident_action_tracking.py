"""Incident action tracking: the indicators beside all that is still to do, on one page.

Open actions, the debt and postmortems that are waiting are those of the weekly review of incidents.
"""

from collections.abc import Iterator

from pawl.base.durations import format_duration
from pawl.incidents.metrics import IncidentFigures
from pawl.incidents.weekly import DebtOwed, PaperDue, WeeklyReview
from pawl.services.routine_looks import Looks, RoutineNumbers, Window
from pawl.services.routine_table import Figure, Part, number, part, share, short

NONE_HERE = "This place keeps no incidents."


def _parts(look: Looks, window: Window) -> tuple[Part, ...]:
    if look.incidents is None:
        return tuple(
            Part(title=title, unknown=NONE_HERE)
            for title in ("Indicators", "Open actions", "Operational debt", "Postmortems")
        )
    review = look.incidents.weekly_review(window.now)
    told = look.incidents.figures(window.since, window.until)
    figures = (
        *_of_incidents(told.incidents),
        share("Actions done in time", told.actions.completed_in_time),
        number("Actions carried over", told.actions.carried_over),
        share("Actions done in time this quarter", review.quarter.completed_in_time),
    )
    return (
        part("Indicators", {}, (), figures=figures),
        part("Open actions", _ACTIONS, _actions(review), output="actions"),
        part("Operational debt", _DEBTS, map(_debt, review.debts)),
        part("Postmortems", _PAPERS, map(_paper, review.papers)),
    )


def _actions(review: WeeklyReview) -> Iterator[dict[str, str]]:
    for each in review.actions:
        yield {
            "due": short(each.due_at),
            "late": "overdue" if each.id in review.overdue else "",
            "title": each.title,
            "owner": each.owner,
            "state": each.state.value,
            "blocks": each.component if each.blocker else "nothing",
            "incident": each.incident,
        }


def _debt(owed: DebtOwed) -> dict[str, str]:
    debt = owed.debt
    return {
        "cause": debt.root_cause_key[:17],
        "component": debt.component,
        "times": str(len(debt.incidents)),
        "owner": debt.owner or "nobody",
        "case": debt.regression_case or "none",
        "seen": short(debt.last_seen_at),
        "lacks": ", ".join(owed.lacks),
    }


def _paper(paper: PaperDue) -> dict[str, str]:
    return {
        "due": short(paper.due_at),
        "late": "overdue" if paper.overdue else "",
        "incident": paper.incident,
        "title": paper.title,
        "owner": paper.owner or "nobody",
    }


def _of_incidents(told: IncidentFigures) -> tuple[Figure, ...]:
    pairs = tuple(
        Figure(
            name=each.id.replace("-", " "),
            value="-" if each.times.median_s is None else format_duration(each.times.median_s),
            note=f"median of {each.times.ended}, {each.times.running} not ended",
        )
        for each in told.pairs
    )
    return (
        number("Incidents", told.incidents),
        share("Commander in time", told.commander_in_time),
        share("Repeats", told.repeats),
        *pairs,
    )


_ACTIONS = {
    "due": "Due", "late": "", "title": "Action", "owner": "Owner", "state": "State",
    "blocks": "Blocks", "incident": "Incident",
}  # fmt: skip
_DEBTS = {
    "cause": "Root cause", "component": "Component", "times": "Seen", "owner": "Owner",
    "case": "Regression case", "seen": "Last seen", "lacks": "Lacks",
}  # fmt: skip
_PAPERS = {"due": "Due", "late": "", "incident": "Incident", "title": "Title", "owner": "Owner"}
NUMBERS = RoutineNumbers(parts=_parts)
