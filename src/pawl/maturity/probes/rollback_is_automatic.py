"""Rolling back needs no hands, and a drill proved it.

Claims: in a drill of the last 90 days something triggered a rollback, a pipeline executed it, and
the service recovered.

Looks at: rollback drills and deployments in the operations export. The trigger is the fault or gate
that the drill names, the execution a pipeline's deployment that rolls back another one within two
hours of the drill, the recovery the drill's success and its minutes.

Fooled by: a rollback of configuration only (what was rolled back must be a deployment of a commit),
a rollback by hand (its actor is no pipeline), a drill at a table (another kind), a drill that names
no trigger or no minutes.

Yes: a drill succeeded; deeper when trigger and execution are proved too. `minutes` is the longest
of the drills counted. No: no drill, or none succeeded. Cannot tell: no export of drills for 90
days.
"""

from pawl.maturity.evidence import Depth, Kind, Value
from pawl.maturity.facts import Absent, Facts
from pawl.maturity.facts.operations import Deploy, Drill
from pawl.maturity.looking.operated import recorded
from pawl.maturity.looking.recent import WINDOW_DAYS, days_between, newest, within
from pawl.maturity.probe import Answer, Probe, Remedy, no, yes

NEAR_HOURS = 2
"""Hours between a drill and the deployment that belongs to it: longer than a rollback may take."""


def _judge(facts: Facts) -> Answer:
    drills = recorded(facts, lambda operations: operations.drills, "drills", WINDOW_DAYS)
    if isinstance(drills, Answer):
        return drills
    recent = [each for each in drills if each.kind == "rollback" and within(each.at, facts.as_of)]
    worked = [each for each in recent if each.succeeded and each.minutes is not None]
    assert not isinstance(facts.operations, Absent)
    deploys = facts.operations.deploys or ()
    proved = [each for each in worked if _triggered(each) and _executed(each, deploys)]
    values: dict[str, Value] = {"drills": len(proved)}
    counted = proved or worked
    if counted:
        values["minutes"] = max(each.minutes or 0.0 for each in counted)
    details = {
        "values": values,
        "claimed_at": newest(each.at for each in recent),
        "inputs": sorted(each.id for each in recent),
    }
    reason = (
        f"{len(proved)} of {len(recent)} rollback drills of {WINDOW_DAYS} days prove trigger, "
        "execution by a pipeline and recovery."
    )
    if not worked:
        return no(reason, Kind.INCIDENT, **details)
    return yes(reason, Depth.BITES if proved else Depth.RUNS, Kind.INCIDENT, **details)


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
    version=1,
    kinds=(Kind.INCIDENT,),
    depth=Depth.BITES,
    values={
        "drills": "drills that prove trigger, execution by a pipeline and recovery",
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
