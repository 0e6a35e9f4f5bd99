"""An alert fires before users notice.

Claims: incidents are announced by an alert, before they begin for users, and alerts are right.

Looks at: recorded incidents and alerts of 90 days. An alert announces an incident that it names
when it fired at most a day before the incident was opened, and no user reported it.

Fooled by: an alert that is always on (it would precede every incident: one that fired more than a
day before announces nothing, and `precision`, the share of alerts that belong to an incident,
falls with each idle one), alerts linked afterwards (their firing time decides; of
Pawl's own only the incident counts that the firing itself declared).

Yes: at least one incident was announced; `first` says how many of all. No: none was. Cannot tell:
no record of incidents and alerts for 90 days, or no incident.
"""

from collections.abc import Sequence

from pawl.maturity.evidence import Depth, Kind
from pawl.maturity.facts import Facts
from pawl.maturity.facts.operations import Alert, Incident
from pawl.maturity.looking.operated import recorded
from pawl.maturity.looking.recent import WINDOW_DAYS, days_between, newest, share_of, within
from pawl.maturity.probe import Answer, Probe, Remedy, cannot_tell, no, yes

AHEAD_DAYS = 1
"""Days that an alert may be ahead of the incident it announces; our judgement."""


def _judge(facts: Facts) -> Answer:
    incidents = recorded(facts, lambda told: told.incidents, "incidents", WINDOW_DAYS)
    if isinstance(incidents, Answer):
        return incidents
    alerts = recorded(facts, lambda told: told.alerts, "alerts", WINDOW_DAYS)
    if isinstance(alerts, Answer):
        return alerts
    recent = [each for each in incidents if within(each.opened_at, facts.as_of)]
    if not recent:
        return cannot_tell(f"No incident in {WINDOW_DAYS} days: nothing was to be announced.")
    known = {each.id for each in incidents}
    fired = [each for each in alerts if within(each.at, facts.as_of)]
    by_incident: dict[str, list[Alert]] = {}
    for each in alerts:
        if each.incident:
            by_incident.setdefault(each.incident, []).append(each)
    first = [each for each in recent if _announced(each, by_incident.get(each.id, ()))]
    right = [each for each in fired if each.incident in known]
    told = {
        "values": {
            "first": share_of(len(first), len(recent)),
            "precision": share_of(len(right), len(fired)),
        },
        "claimed_at": newest(each.opened_at for each in recent),
        "inputs": [sorted(each.id for each in recent), len(fired)],
    }
    reason = (
        f"An alert announced {len(first)} of {len(recent)} incidents, and {len(right)} of "
        f"{len(fired)} alerts in {WINDOW_DAYS} days belonged to one."
    )
    if not first:
        return no(reason, Kind.INCIDENT, **told)
    return yes(reason, Depth.PAYS, Kind.INCIDENT, **told)


def _announced(incident: Incident, alerts: Sequence[Alert]) -> bool:
    if incident.reported_by_user:
        return False
    return any(
        each.at <= incident.opened_at and days_between(each.at, incident.opened_at) <= AHEAD_DAYS
        for each in alerts
    )


PROBE = Probe(
    claim="Alerts come before users notice",
    area="reliability",
    version=1,
    kinds=(Kind.INCIDENT,),
    depth=Depth.PAYS,
    values={
        "first": "share of incidents that an alert announced before a user did",
        "precision": "share of alerts in 90 days that belong to an incident",
    },
    remedy=Remedy(
        "Alert on the burn rate of objectives, and remove alerts that announced nothing.", 3.0
    ),
    judge=_judge,
    awaits="alerts",
)
