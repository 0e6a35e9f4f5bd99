"""An incident as far as breaking glass asks."""

from pawl.governance.exceptions import Emergency
from pawl.incidents.incident import ONGOING, Incident, Milestone


def as_emergency(incident: Incident) -> Emergency:
    """Return what exceptions are judged on. Glass is broken for what still goes on.

    So it is over when it is resolved, and not only when its last action is verified. Whoever took
    command without a proof of who they are breaks none.
    """
    over = None
    if incident.state not in ONGOING:
        over = incident.recorded(Milestone.RESOLVED) or incident.ended_at
    return Emergency(
        id=incident.id,
        severity=incident.severity,
        declared_at=incident.recorded(Milestone.DECLARED) or incident.changed_at,
        closed_at=over,
        commanders=incident.commanders[:-1] if incident.unproved else incident.commanders,
    )
