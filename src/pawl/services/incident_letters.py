"""What people are told of an incident: who is paged, and that nobody came in time.

A message is of one incident, at one of its versions: its id is a digest of those, so the same thing
told twice is one message. Routes see it as an alert of the rule `incident`, whose scope holds the
incident and who is meant.
"""

from pawl.alerts.alert import Alert, Notice, NoticeKind
from pawl.alerts.budget_letter import UNROUTED, Mailing
from pawl.alerts.policy import Policy, Route
from pawl.alerts.reading import Level, scope_of
from pawl.alerts.routing import Due, routed
from pawl.alerts.state import State as AlertState
from pawl.base.canonical import digest
from pawl.incidents.event import Happened
from pawl.incidents.incident import Happening, Incident

RULE = "incident"
"""What routes match for all that is told of incidents."""
_WORDS = {
    Happening.PAGED: "asks for somebody who commands.",
    Happening.BREACHED: "has nobody who commands, and the promise of a commander is broken.",
    Happening.UPDATED: "has an update.",
    Happening.RESOLVED: "is resolved.",
}
_CRITICAL = frozenset({Happening.PAGED, Happening.BREACHED})


def letters_of(
    incident: Incident, happened: Happened, mailing: Mailing, now: str
) -> tuple[Notice, ...]:
    """Return the messages that an event makes, one for each channel that is told.

    `incident` is as it is after the event.
    """
    words = next((text for kind, text in _WORDS.items() if kind == happened.type), None)
    if words is None:
        return ()
    scope = {"incident": incident.id, "severity": str(incident.severity)}
    if incident.scope:
        scope["scope"] = incident.scope
    if happened.tells.get("person"):
        scope["person"] = str(happened.tells["person"])
    if happened.tells.get("role"):
        scope["roles"] = str(happened.tells["role"])
    alert = Alert(
        rule=RULE,
        level=Level.CRITICAL if happened.type in _CRITICAL else Level.WARNING,
        scope=scope_of(**scope),
        state=AlertState.FIRING,
        since=now,
        fired_at=now,
        looked_at=now,
        summary=f"SEV{incident.severity} {incident.title[:200]} ({incident.id}) {words}",
        cause=str(happened.tells.get("status", ""))[:1000],
    )
    told = digest([RULE, incident.id, incident.version, happened.type])[:32]
    due = Due(alert, NoticeKind.FIRING, told, f"Take command: pawl incident accept {incident.id}")
    if mailing.channels:
        letters = routed((due,), now, mailing.policy)
        return tuple(each for each in letters if each.route in mailing.channels)
    if not mailing.shared:
        return ()
    # A machine without channels leaves it to a server that has some.
    return routed((due,), now, Policy(routes=(Route(to=(UNROUTED,), rules=(RULE,)),)))
