"""An incident as far as breaking glass asks."""

import msgspec

from pawl.governance.exceptions import Emergency
from pawl.governance.raci import Work, accountable
from pawl.governance.roster import holds
from pawl.incidents.incident import ONGOING, Incident, Milestone
from pawl.incidents.people import People


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


def trusted(emergency: Emergency, people: People, scope: str) -> Emergency:
    """Return an emergency with only those commanders who answered for incidents of a scope.

    Anybody may take command and must be able to; setting a gate aside takes a role besides, which
    was granted before.
    """
    role = accountable(people.raci, Work.INCIDENT, scope)
    commanders = tuple(
        each
        for each in emergency.commanders
        if holds(people.roster, each.person, role, scope, each.since)
    )
    return msgspec.structs.replace(emergency, commanders=commanders)
