"""Somebody is in command of an incident within five minutes.

Claims: an incident has a commander five minutes after it was opened, who acknowledged.

Looks at: every recorded incident of 90 days; the time from opening to the commander.

Fooled by: a default assignee that the tracker fills in (only an acknowledged command counts), a
commander named before the incident began (not counted), severities (all count: who commands is
decided before anybody knows how grave it is).

Yes: at least one incident had a commander in time; `within` says how many of all. No: none had.
Cannot tell: no record of incidents for 90 days, none happened, or more than a tenth of them does
not tell whether the commander acknowledged.
"""

from pawl.base.times import seconds_between
from pawl.maturity.evidence import Depth, Kind, Share
from pawl.maturity.facts import Facts
from pawl.maturity.facts.operations import Incident
from pawl.maturity.looking.operated import recorded
from pawl.maturity.looking.recent import WINDOW_DAYS, newest, within
from pawl.maturity.probe import Answer, Probe, Remedy, cannot_tell, no, yes

COMMAND_SECONDS = 300
"""Five minutes: "The incident commander is designated within 5 minutes of the incident starting",
the rule of the operating model that this part follows."""
UNKNOWN_SHARE = 0.1
"""Share of incidents that may leave open whether the commander acknowledged; our judgement."""


def _judge(facts: Facts) -> Answer:
    incidents = recorded(facts, lambda told: told.incidents, "incidents", WINDOW_DAYS)
    if isinstance(incidents, Answer):
        return incidents
    recent = [each for each in incidents if within(each.opened_at, facts.as_of)]
    if not recent:
        return cannot_tell(f"No incident in {WINDOW_DAYS} days; drill one.")
    known = [each for each in recent if not _is_open(each)]
    unknown = len(recent) - len(known)
    if unknown > UNKNOWN_SHARE * len(recent):
        return cannot_tell(
            f"{unknown} of {len(recent)} incidents do not tell whether their commander "
            "acknowledged.",
            values={"incidents": len(recent)},
        )
    quick = [each for each in known if _is_quick(each, facts.as_of)]
    told = {
        "values": {"within": Share(len(quick), len(known)), "incidents": len(recent)},
        "claimed_at": newest(each.commander_at for each in quick),
        "inputs": sorted(each.id for each in recent),
    }
    reason = (
        f"{len(quick)} of {len(known)} incidents had a commander who acknowledged within "
        f"{COMMAND_SECONDS // 60} minutes."
    )
    if not quick:
        return no(reason, Kind.INCIDENT, **told)
    return yes(reason, Depth.RUNS, Kind.INCIDENT, **told)


def _is_open(incident: Incident) -> bool:
    """Say whether it is left open if the commander named acknowledged."""
    return incident.commander_at is not None and incident.commander_acknowledged is None


def _is_quick(incident: Incident, as_of: str) -> bool:
    at = incident.commander_at
    if at is None or at > as_of or not incident.commander_acknowledged:
        return False
    return 0 <= seconds_between(incident.opened_at, at) <= COMMAND_SECONDS


PROBE = Probe(
    claim="Incidents get a commander within five minutes",
    area="reliability",
    version=1,
    kinds=(Kind.INCIDENT,),
    depth=Depth.RUNS,
    values={
        "within": "share of incidents whose commander acknowledged within five minutes",
        "incidents": "incidents in 90 days",
    },
    remedy=Remedy(
        "Page a commander by rotation when an incident opens, and escalate unanswered.", 1.0
    ),
    judge=_judge,
    awaits="incidents",
)
