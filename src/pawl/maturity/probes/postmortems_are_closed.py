"""Grave incidents end with a cause, owned and dated actions, and proof that they were done.

Claims: incidents of severity 1 and 2 are closed with a postmortem, a root-cause key and actions
that have an owner, a due date and evidence.

Looks at: recorded incidents opened between 180 and 14 days ago; younger ones have time.

Fooled by: a postmortem closed without a commit, change or eval case to show for it ("done" is not
evidence), actions closed as won't-do (an incident of which nothing was done is not closed),
severity lowered afterwards (such an incident still counts), actions done in the future.

Yes: at least one grave incident is closed; `closed` says how many of all. No: none is. Cannot
tell: no record of incidents for 180 days, or no grave incident in them.
"""

from pawl.base.patterns import regex
from pawl.maturity.evidence import Depth, Kind, Share
from pawl.maturity.facts import Facts
from pawl.maturity.facts.operations import Action, Incident
from pawl.maturity.looking.operated import recorded
from pawl.maturity.looking.recent import days_before, newest
from pawl.maturity.probe import Answer, Probe, Remedy, cannot_tell, no, yes

LOOK_BACK_DAYS = 180
"""Days of incidents that are looked at: two quarters, since grave ones are few."""
TIME_TO_CLOSE_DAYS = 14
"""Days in which an incident need not be closed yet; our judgement."""
GRAVE = 2
"""The lesser of the two severities of which the definition wants every postmortem closed."""

_EVIDENCE = regex(
    r"(?i)\b[0-9a-f]{7,64}\b|https?://\S{4}|(?:^|[\s(!])[#!]\d+\b|\w/\S*\w#\d+|\b(?:eval|case|gate|run|pr|mr)[-_:]\w"
    r"|[\w-]+/[\w./-]+\w|\b[A-Z][A-Z0-9]+-\d+\b"
)
"""A commit, an address, a change request, an eval case, a path or a ticket."""


def _judge(facts: Facts) -> Answer:
    incidents = recorded(facts, lambda told: told.incidents, "incidents", LOOK_BACK_DAYS)
    if isinstance(incidents, Answer):
        return incidents
    start = days_before(facts.as_of, LOOK_BACK_DAYS)
    end = days_before(facts.as_of, TIME_TO_CLOSE_DAYS)
    grave = [each for each in incidents if _was_grave(each) and start <= each.opened_at <= end]
    if not grave:
        return cannot_tell(
            f"No incident of severity 1 or 2 between {LOOK_BACK_DAYS} and {TIME_TO_CLOSE_DAYS} "
            "days ago."
        )
    lacking = sorted((each.id, what) for each in grave if (what := _lacks(each, facts.as_of)))
    closed = len(grave) - len(lacking)
    reason = f"{closed} of {len(grave)} grave incidents are closed with proof"
    if lacking:
        reason += f"; {lacking[0][0]} has {lacking[0][1]}"
    told = {
        "values": {"closed": Share(closed, len(grave))},
        "claimed_at": newest(
            each.postmortem_at for each in grave if (each.postmortem_at or "") <= facts.as_of
        ),
        "inputs": sorted(each.id for each in grave),
    }
    if not closed:
        return no(f"{reason}.", Kind.INCIDENT, **told)
    return yes(f"{reason}.", Depth.RUNS, Kind.INCIDENT, **told)


def _was_grave(incident: Incident) -> bool:
    # By how much a severity was lowered is not told; that it was, keeps the incident here.
    return incident.severity <= GRAVE or incident.severity_lowered_at is not None


def _lacks(incident: Incident, as_of: str) -> str | None:
    """Return what an incident lacks to be closed, or None."""
    if incident.postmortem_at is None or incident.postmortem_at > as_of:
        return "no postmortem"
    if not (incident.root_cause or "").strip():
        return "no root-cause key"
    if not incident.actions:
        return "no action"
    if not all(each.owned and each.due for each in incident.actions):
        return "an action without owner or due date"
    meant = [each for each in incident.actions if each.closed_as != "wont-do"]
    if not meant:
        return "only actions that were dropped"
    proved = bool(incident.eval_cases or incident.gate_updates)
    if not all(_is_done(each, as_of, proved) for each in meant):
        return "an action that is not done with evidence"
    return None


def _is_done(action: Action, as_of: str, proved: bool) -> bool:
    if action.done_at is None or action.done_at > as_of:
        return False
    return proved or _EVIDENCE.search(action.evidence or "") is not None


PROBE = Probe(
    claim="Postmortems are closed with proof",
    area="reliability",
    version=1,
    kinds=(Kind.INCIDENT,),
    depth=Depth.RUNS,
    values={"closed": "share of grave incidents with cause, owned actions and evidence"},
    remedy=Remedy(
        "Give each grave incident a root-cause key and actions with owner, due date and, when "
        "done, the commit or eval case that shows it.",
        2.0,
    ),
    judge=_judge,
    awaits="incidents",
)
