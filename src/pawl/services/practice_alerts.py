"""What the records of alerts tell an assessment: which fired, who acted, what they announced.

A firing belongs to the incident that it declared, or that was open when it told of it; both are
recorded by Pawl at that moment. A link that somebody made afterwards says nothing about what
announced an incident, and counts for none.
"""

from pawl.alerts.reading import Level
from pawl.incidents.incident import Incident, Milestone
from pawl.maturity.facts.operations import Alert
from pawl.services.alert_incidents import firing_key
from pawl.store.records.alert_history import Firing, begun, firings
from pawl.store.records.command_keys import command_key
from pawl.store.records.connection import Engine
from pawl.store.records.incident_history import History


def alerts_told(
    engine: Engine, history: History, since: str, until: str, project: str | None
) -> tuple[str, tuple[Alert, ...]] | None:
    """Return since when alerts are recorded, and those of a project; None before any was.

    What is said of everybody, or of nobody in particular, is said of each project.
    """
    first = begun(engine)
    if first is None or first >= until:
        return None
    incidents = {each.id: each for each in history.incidents}
    found = firings(
        engine,
        since,
        until,
        lambda alert: command_key("incident.declare", "", firing_key(alert)),
    )
    return first, tuple(
        _alert(each, _survivor(incidents, each.incident))
        for each in found
        if project is None or dict(each.alert.scope).get("project", project) == project
    )


def _alert(firing: Firing, incident: Incident | None) -> Alert:
    """Return one firing. A page is what is critical, or was grave enough for an incident.

    Somebody acted who said what they did, or took command of the incident and proved who they are.
    """
    answered = (
        incident is not None
        and incident.recorded(Milestone.ACCEPTED) is not None
        and not incident.unproved
    )
    return Alert(
        rule=firing.alert.rule,
        at=firing.at,
        resolved_at=firing.resolved_at,
        page=firing.alert.level is Level.CRITICAL or incident is not None,
        acted=firing.acted or answered,
        incident=None if incident is None else incident.id,
    )


def _survivor(incidents: dict[str, Incident], identity: str) -> Incident | None:
    """Return the incident that one was merged into, in the end; there is no circle."""
    found = incidents.get(identity)
    while found is not None and found.merged_into:
        found = incidents.get(found.merged_into)
    return found
