"""What somebody owes about an incident by when: the next update, the postmortem."""

from datetime import timedelta

from pawl.base.times import format_time, parse_time
from pawl.incidents.incident import ONGOING, Incident, Milestone, State
from pawl.incidents.postmortem import required
from pawl.incidents.terms import Terms

_WRITING = frozenset({State.RESOLVED, State.POSTMORTEM})


def update_due_at(incident: Incident, terms: Terms) -> str | None:
    """Return when people are to be told next; None where nobody commands, or it no longer hurts.

    The first update is due as long after somebody took command as the others are apart.
    """
    if incident.state not in ONGOING or not incident.commander:
        return None
    if incident.next_update_at is not None:
        return incident.next_update_at
    since = incident.commanders[-1].since
    minutes = terms.rung(incident.severity).update_minutes
    return format_time(parse_time(since) + timedelta(minutes=minutes))


def postmortem_due_at(incident: Incident, terms: Terms) -> str | None:
    """Return when the postmortem is to be published; None where none is needed, or it is."""
    resolved = incident.recorded(Milestone.RESOLVED)
    if incident.state not in _WRITING or resolved is None or not required(incident, terms, None):
        return None
    days = terms.rung(incident.severity).postmortem_days
    return format_time(parse_time(resolved) + timedelta(days=days))
