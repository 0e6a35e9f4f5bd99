"""The standard itself was verified again, with new evidence.

Claims: within 90 days a formal assessment judged the standard again, on evidence that is new.

Looks at: Pawl's own records of assessments: the last one's date, and how many of its records no
earlier assessment had, by their ids.

Fooled by: a new date on the old content (a record's id is the digest of what it says, so that the
same content brings no new id), an assessment dated in the future (not counted).

Yes: it was, with at least one new record. No: never, longer ago, or on nothing new. Cannot tell:
Pawl's records are missing, or do not tell what was new.
"""

from pawl.maturity.evidence import Depth, Kind
from pawl.maturity.facts import Facts
from pawl.maturity.looking.practised import began_lately, practice_of
from pawl.maturity.looking.recent import WINDOW_DAYS, whole_days
from pawl.maturity.probe import Answer, Probe, Remedy, cannot_tell, no, yes


def _judge(facts: Facts) -> Answer:
    practice = practice_of(facts)
    if isinstance(practice, Answer):
        return practice
    at, new = practice.reverified_at, practice.reverified_new_evidence
    if at is None or at > facts.as_of:
        return began_lately(practice, facts) or no(
            "The standard was never verified again.", Kind.DECISION
        )
    if new is None:
        return cannot_tell("Pawl's records do not tell what was new in the last assessment.")
    days = whole_days(at, facts.as_of)
    details = {
        "values": {"days_since": days, "new_evidence": new},
        "claimed_at": at,
        "inputs": (at, new),
    }
    reason = f"The standard was verified {days} days ago, with {new} new pieces of evidence."
    if new < 1 or days > WINDOW_DAYS:
        return no(reason, Kind.DECISION, **details)
    return yes(reason, Depth.RUNS, Kind.DECISION, **details)


PROBE = Probe(
    claim="The standard is verified again",
    area="operations",
    version=1,
    kinds=(Kind.DECISION,),
    depth=Depth.RUNS,
    values={
        "days_since": "days since the last formal assessment",
        "new_evidence": "records of it that no earlier assessment had",
    },
    remedy=Remedy("Gather evidence anew and assess formally, once a quarter.", 1.0),
    judge=_judge,
)
