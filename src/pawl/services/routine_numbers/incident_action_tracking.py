"""Incident action tracking: the indicators beside the open actions and the debt, on one page."""

from pawl.base.durations import format_duration
from pawl.incidents import action
from pawl.incidents.metrics import IncidentFigures
from pawl.services.routine_looks import Looks, RoutineNumbers, Window
from pawl.services.routine_table import Figure, Part, number, part, share, short

NONE_HERE = "This place keeps no incidents."
_DONE = (action.State.VERIFIED, action.State.WONT_DO)


def _parts(look: Looks, window: Window) -> tuple[Part, ...]:
    if look.incidents is None:
        return tuple(
            Part(title=title, unknown=NONE_HERE)
            for title in ("Indicators", "Open actions", "Operational debt")
        )
    actions = look.incidents.actions()
    told = look.incidents.figures(window.since, window.until)
    figures = (
        *_of_incidents(told.incidents),
        share("Actions done in time", told.actions.completed_in_time),
        number("Actions carried over", told.actions.carried_over),
    )
    waiting = sorted(
        (each for each in actions if each.state not in _DONE),
        key=lambda each: (each.due_at, each.id),
    )
    rows = (
        {
            "due": short(each.due_at),
            "late": "overdue" if action.is_overdue(each, window.now) else "",
            "title": each.title,
            "owner": each.owner,
            "state": each.state.value,
            "blocks": each.component if each.blocker else "nothing",
            "incident": each.incident,
        }
        for each in waiting
    )
    owed = (
        {
            "cause": each.root_cause_key[:17],
            "component": each.component,
            "times": str(len(each.incidents)),
            "owner": each.owner or "nobody",
            "case": each.regression_case or "none",
            "seen": short(each.last_seen_at),
        }
        for each in look.debts()
    )
    return (
        part("Indicators", {}, (), figures=figures),
        part("Open actions", _ACTIONS, rows, output="actions"),
        part("Operational debt", _DEBTS, owed),
    )


def _of_incidents(told: IncidentFigures) -> tuple[Figure, ...]:
    pairs = tuple(
        Figure(
            name=each.id.replace("-", " ").capitalize(),
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
    "case": "Regression case", "seen": "Last seen",
}  # fmt: skip
NUMBERS = RoutineNumbers(parts=_parts)
