"""Rolling back needs no hands, and a drill or a real failure proved it.

Claims: within the last 90 days something triggered a rollback, a pipeline or Pawl executed it, and
what stood before was back.

Looks at: changes that Pawl's ledger saw go back: one that Pawl began by itself, on a verdict, and
that was read back, proves all three. And rollback drills and deployments in the operations export.
There the trigger is the fault or gate
that the drill names, the execution a pipeline's deployment that rolls back another one within two
hours of the drill, the recovery the drill's success and its minutes.

Fooled by: a rollback of configuration only (what was rolled back must be a deployment of a commit),
a rollback by hand (its actor is no pipeline), a drill at a table (another kind), a drill that names
no trigger or no minutes, a rollback that a person commanded, one that was never read back, an
experiment that ran its time (it was to go back).

Yes: a drill or a recorded rollback succeeded; deeper when trigger and execution are proved too.
`minutes` is the longest of those counted. No: none, or none succeeded. Cannot tell: neither an
export of drills for 90 days nor a recorded rollback.
"""

from pawl.maturity.evidence import Depth, Kind, Value
from pawl.maturity.facts import Absent, Facts
from pawl.maturity.facts.operations import Deploy, Drill
from pawl.maturity.facts.practice import Rollback
from pawl.maturity.looking.operated import recorded
from pawl.maturity.looking.recent import WINDOW_DAYS, days_between, newest, within
from pawl.maturity.probe import Answer, Probe, Remedy, no, yes

NEAR_HOURS = 2
"""Hours between a drill and the deployment that belongs to it: longer than a rollback may take."""


def _judge(facts: Facts) -> Answer:
    begun = _begun(facts)
    drills = recorded(facts, lambda operations: operations.drills, "drills", WINDOW_DAYS)
    if isinstance(drills, Answer):
        if not begun:
            return drills
        drills = ()
    recent = [each for each in drills if each.kind == "rollback" and within(each.at, facts.as_of)]
    worked = [each for each in recent if each.succeeded and each.minutes is not None]
    deploys = () if isinstance(facts.operations, Absent) else facts.operations.deploys or ()
    back = [each for each in begun if each.minutes is not None]
    proved: list[Drill | Rollback] = [
        *(each for each in worked if _triggered(each) and _executed(each, deploys)),
        *(each for each in back if each.automatic),
    ]
    values: dict[str, Value] = {"drills": len(proved)}
    counted: list[Drill | Rollback] = proved or [*worked, *back]
    seen: list[Drill | Rollback] = [*recent, *begun]
    if counted:
        values["minutes"] = max(each.minutes or 0.0 for each in counted)
    details = {
        "values": values,
        "claimed_at": newest(each.at for each in seen),
        "inputs": sorted(each.id for each in seen),
    }
    reason = (
        f"{len(proved)} of {len(recent) + len(begun)} rollbacks and rollback drills of "
        f"{WINDOW_DAYS} days prove trigger, execution without hands and recovery."
    )
    kinds = [*([Kind.INCIDENT] if recent or not begun else []), *([Kind.DECISION] if begun else [])]
    if not counted:
        return no(reason, *kinds, **details)
    return yes(reason, Depth.BITES if proved else Depth.RUNS, *kinds, **details)


def _begun(facts: Facts) -> list[Rollback]:
    """Return the rollbacks of the window that Pawl's ledger saw begin."""
    practice = facts.practice
    found = () if isinstance(practice, Absent) else practice.rollbacks or ()
    return [each for each in found if within(each.at, facts.as_of)]


def _triggered(drill: Drill) -> bool:
    return bool((drill.fault or drill.gate or "").strip())


def _executed(drill: Drill, deploys: tuple[Deploy, ...]) -> bool:
    """Say whether a pipeline rolled back a deployment of a commit near the drill."""
    commits = {each.id for each in deploys if each.commit}
    return any(
        each.rollback_of in commits
        and each.actor == "pipeline"
        and each.outcome != "failed"
        and abs(days_between(drill.at, each.at)) * 24 <= NEAR_HOURS
        for each in deploys
        if each.rollback_of is not None
    )


PROBE = Probe(
    claim="Rollback is automatic",
    area="operations",
    version=2,
    kinds=(Kind.INCIDENT, Kind.DECISION),
    depth=Depth.BITES,
    values={
        "drills": "rollbacks and drills that prove trigger, execution without hands and recovery",
        "minutes": "minutes that the longest of them took",
    },
    remedy=Remedy(
        "Let a failing check start the rollback, exercise it, and record fault, minutes and the "
        "deployment.",
        3.0,
    ),
    judge=_judge,
    awaits="incidents",
)
