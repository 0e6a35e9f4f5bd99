"""What an incident taught comes back as an eval case or a gate.

Claims: incidents left controls behind that judge what comes after them.

Looks at: incidents resolved in 180 days, the eval cases and gate updates that they name by the
digest of their content, and the runs of evals and gates that considered those.

Fooled by: an incident's id in a title (only a digest of content counts), the same case for many
incidents (it counts for the first), a case that never runs (with records of evals or gates it
must stand in one made after the incident).

Yes: at least one incident changed a control; `returned` says how many. When runs show the control
at work, the lesson paid; by the incident's word alone the content is there. No: none did. Cannot
tell: no record of incidents over 180 days, or none was resolved.
"""

import re

from pawl.base.patterns import regex
from pawl.maturity.evidence import Depth, Kind
from pawl.maturity.facts import Absent, Facts
from pawl.maturity.facts.operations import Incident
from pawl.maturity.facts.practice import GateDecision
from pawl.maturity.looking.operated import recorded
from pawl.maturity.looking.recent import newest, share_of, within
from pawl.maturity.probe import Answer, Probe, Remedy, cannot_tell, no, yes

LESSON_DAYS = 180
"""Days back: incidents are rare, and a lesson takes weeks to return."""
_DIGEST = regex(r"(?:^|[@:=#/])([0-9a-f]{40}|[0-9a-f]{64})$", re.IGNORECASE)


def _judge(facts: Facts) -> Answer:
    incidents = recorded(facts, lambda told: told.incidents, "incidents", LESSON_DAYS)
    if isinstance(incidents, Answer):
        return incidents
    resolved = [each for each in incidents if within(each.resolved_at, facts.as_of, LESSON_DAYS)]
    if not resolved:
        return cannot_tell(f"No incident was resolved in {LESSON_DAYS} days.")
    decisions = _decisions(facts)
    returned, named = _returned(resolved, decisions)
    told = {
        "values": {
            "returned": share_of(returned, len(resolved)),
            "incidents": len(resolved),
            "named": named,
        },
        "claimed_at": newest(each.resolved_at for each in resolved),
        "inputs": sorted([each.id, *_digests(each)] for each in resolved),
    }
    kinds = (Kind.INCIDENT,) if decisions is None else (Kind.INCIDENT, Kind.DECISION)
    reason = (
        f"{returned} of {len(resolved)} incidents of {LESSON_DAYS} days changed an eval case or a "
        f"gate{' by their own word' if decisions is None else ' that ran since'}."
    )
    if not returned:
        return no(reason, *kinds, **told)
    depth = Depth.SUBSTANTIVE if decisions is None else Depth.PAYS
    return yes(reason, depth, *kinds, **told)


def _digests(incident: Incident) -> list[str]:
    """Return the digests of content that an incident's controls are named by."""
    found = (_DIGEST.search(each) for each in (*incident.eval_cases, *incident.gate_updates))
    return sorted({match[1].lower() for match in found if match})


def _decisions(facts: Facts) -> tuple[GateDecision, ...] | None:
    """Return the runs of evals and gates, or None where nothing records them."""
    practice = facts.practice
    if isinstance(practice, Absent) or (practice.eval_runs is None and practice.gates is None):
        return None
    return (*(practice.eval_runs or ()), *(practice.gates or ()))


def _returned(
    incidents: list[Incident], decisions: tuple[GateDecision, ...] | None
) -> tuple[int, int]:
    """Return how many incidents changed a control of their own, and how many name one at all."""
    taken: set[str] = set()
    returned = named = 0
    for incident in sorted(incidents, key=lambda each: (each.opened_at, each.id)):
        digests = _digests(incident)
        named += bool(digests)
        own = [
            each
            for each in digests
            if each not in taken and (decisions is None or _ran(each, incident, decisions))
        ]
        returned += bool(own)
        taken.update(digests)
    return returned, named


def _ran(digest: str, incident: Incident, decisions: tuple[GateDecision, ...]) -> bool:
    return any(
        each.at >= incident.opened_at
        and any(considered.lower().endswith(digest) for considered in each.considers)
        for each in decisions
    )


PROBE = Probe(
    claim="Lessons return as controls",
    area="culture",
    version=1,
    kinds=(Kind.INCIDENT, Kind.DECISION),
    depth=Depth.PAYS,
    values={
        "returned": "share of resolved incidents with a control of their own that ran since",
        "incidents": "incidents resolved in the window",
        "named": "incidents that name a control by its digest",
    },
    remedy=Remedy(
        "Turn each incident into an eval case or a gate update with `pawl incident learn`.", 1.0
    ),
    judge=_judge,
    awaits="incidents",
)
