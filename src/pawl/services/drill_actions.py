"""What a drill found missing, as actions beside those of incidents: the run is their source.

Nobody was harmed, so such an action holds up no release. A drill is run by a role; its action is
owned by somebody who holds that role, and where nobody does none is opened.
"""

from collections.abc import Callable

from pawl.governance.priority import Domain
from pawl.governance.roster import holders
from pawl.incidents import acting
from pawl.incidents.action import Action, State, Work, action_id
from pawl.incidents.drill import Gap, Kind
from pawl.incidents.drill_run import DrillRun
from pawl.incidents.event import Refusal
from pawl.incidents.terms import Severity
from pawl.services.change_ground import actor_of
from pawl.services.change_terms import By
from pawl.services.incident_terms import IncidentSources
from pawl.store.records.incidents import IncidentRecords

_SEVERITY: Severity = 4
_DOMAIN = {
    Kind.POLICY_INCIDENT: Domain.SECURITY,
    Kind.COST_SPIKE: Domain.COST,
    Kind.QUALITY_REGRESSION: Domain.QUALITY,
    Kind.CHAOS: Domain.QUALITY,
}


def action_of_gap(
    records: IncidentRecords,
    sources: IncidentSources,
    run: DrillRun,
    gap: Gap,
    by: By,
    now: Callable[[], str],
) -> str:
    """Open an action for a gap and return its id; empty where nobody could own it.

    For the same gap of the same run there is one. Raises what reading the roster raises.
    """
    people = sources.people("")
    owner = next(iter(holders(people.roster, gap.owner, "", now())), "")
    if not owner:
        return ""
    with records.writing() as book:
        name = action_id(run.id, Work.RUNBOOK, gap.title)
        if book.action(name) is not None:
            return name
        at = now()
        new = Action(
            id=name,
            incident=run.id,
            component=gap.component,
            title=gap.title,
            owner=owner,
            due_at=gap.due_at,
            first_due_at=gap.due_at,
            work=Work.RUNBOOK,
            severity=_SEVERITY,
            domain=_DOMAIN[run.drill.kind],
            changed_at=at,
            opened_at=at,
            blocker=False,
            state=State.OPEN,
        )
        events = acting.opened(new, at, by=by.identity)
        if isinstance(events, Refusal):
            return ""
        return book.begin(Action, events[0], actor_of(by)).id
