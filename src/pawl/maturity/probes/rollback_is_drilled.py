"""Going back to the version before is exercised, and its minutes are known.

Looks at the rollback drills of the last 180 days (two quarters, so that one missed quarter shows)
and at real rollbacks of production: deployments that name the one they undo.

What would fool it: a script nobody ran (only what happened counts); a drill that failed, was only
talked through or has no duration; a rollback that names a deployment which is not on record, such
as the revert of a page.

Yes: a drill succeeded within known minutes, or a real rollback did. No: drills are recorded and
none is of a rollback that succeeded. Cannot tell: no drills or deployments are recorded.
"""

from pawl.maturity.evidence import Depth, Kind, Value
from pawl.maturity.facts import Facts
from pawl.maturity.facts.operations import Deploy, Operations
from pawl.maturity.looking.recent import newest, whole_days, within
from pawl.maturity.looking.windows import deploys_of, middle, operations_of
from pawl.maturity.probe import Answer, Probe, Remedy, cannot_tell, no, yes

DRILL_DAYS = 180
"""Two quarters, in each of which a drill is due."""


def _real(operations: Operations, as_of: str) -> list[Deploy]:
    deploys = deploys_of(operations, as_of, DRILL_DAYS)
    known = {deploy.id for deploy in operations.deploys or ()}
    return [
        deploy
        for deploy in deploys
        if deploy.rollback_of in known and deploy.outcome == "succeeded"
    ]


def judge(facts: Facts) -> Answer:
    """Judge drills first, then real rollbacks."""
    operations = operations_of(facts)
    if isinstance(operations, str):
        return cannot_tell(operations)
    if operations.drills is None and operations.deploys is None:
        return cannot_tell("Neither drills nor deployments were exported. Export them.")
    drills = [
        drill
        for drill in operations.drills or ()
        if drill.kind == "rollback" and within(drill.at, facts.as_of, DRILL_DAYS)
    ]
    timed = [drill for drill in drills if drill.succeeded and drill.minutes is not None]
    real = _real(operations, facts.as_of)
    last = newest([*(drill.at for drill in timed), *(deploy.at for deploy in real)])
    inputs = [*(drill.id for drill in drills), *(deploy.id for deploy in real)]
    values: dict[str, Value] = {"drills": len(timed)}
    if last is None:
        if operations.drills is None:
            return cannot_tell("No drill was exported, and nothing was rolled back. Export drills.")
        tried = f" {len(drills)} were tried." if drills else ""
        said = f"No rollback succeeded within known minutes in {DRILL_DAYS} days.{tried}"
        return no(said, Kind.INCIDENT, values=values, inputs=inputs)
    values["days_since"] = whole_days(last, facts.as_of)
    minutes = middle(drill.minutes for drill in timed if drill.minutes is not None)
    if minutes is None:
        said = f"Production was rolled back {len(real)} times; how long it takes was not measured."
        return yes(said, Depth.RUNS, Kind.HOST, values=values, claimed_at=last, inputs=inputs)
    values["minutes"] = minutes
    said = f"{len(timed)} rollback drills succeeded, in {minutes:g} minutes at the median."
    return yes(said, Depth.BITES, Kind.INCIDENT, values=values, claimed_at=last, inputs=inputs)


PROBE = Probe(
    claim="Rolling back is exercised, and its minutes are known.",
    area="delivery",
    version=1,
    kinds=(Kind.INCIDENT, Kind.HOST),
    depth=Depth.BITES,
    values={
        "minutes": "median minutes that a successful rollback drill took",
        "drills": "rollback drills in 180 days that succeeded with a known duration",
        "days_since": "days since the last drill or real rollback",
    },
    remedy=Remedy("Roll production back on purpose once a quarter, and note the minutes.", 1.0),
    judge=judge,
)
