"""What a drill found missing, as actions at the desk of incidents: the drill is their source."""

from pawl.incidents.action import Work
from pawl.incidents.drill import Gap
from pawl.incidents.drill_run import DrillRun
from pawl.incidents.event import Refusal
from pawl.incidents.terms import Severity
from pawl.services.change_terms import By
from pawl.services.incidents import IncidentDesk

_SEVERITY: Severity = 3
"""Nobody was harmed: it was an exercise."""


def action_of_gap(desk: IncidentDesk, run: DrillRun, gap: Gap, by: By) -> str:
    """Open an action for a gap and return its id; empty where that is refused.

    It blocks no release: what a drill finds is work to plan, and an incident is yet to come.
    """
    told = desk.open_action(
        run.id,
        gap.title,
        gap.owner,
        gap.due_at,
        Work.RUNBOOK,
        gap.component,
        by,
        blocker=False,
        severity=_SEVERITY,
        key=f"{run.id}|{gap.expectation}",
    )
    return "" if isinstance(told, Refusal) else told.id
