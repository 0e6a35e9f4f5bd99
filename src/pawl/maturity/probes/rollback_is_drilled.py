"""Going back to the version before is exercised, and its minutes are known.

Looks at the rollback drills of the last 180 days (two quarters, so that one missed quarter shows)
and at real rollbacks of production: changes that Pawl's ledger saw go back, from the trigger until
what stood before was read back, and deployments that name the one they undo.

What would fool it: a script nobody ran (only what happened counts); a drill that failed, was only
talked through or has no duration; a rollback that names a deployment which is not on record, such
as the revert of a page; a rollback that began and was never read back.

Yes: a drill succeeded within known minutes, or a real rollback did. No: drills or rollbacks are
recorded and none succeeded. Cannot tell: no drills, deployments or rollbacks are recorded.
"""

from pawl.maturity.evidence import Depth, Kind, Value
from pawl.maturity.facts import Absent, Facts
from pawl.maturity.facts.operations import Deploy, Operations
from pawl.maturity.facts.practice import Rollback
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


def _begun(facts: Facts) -> list[Rollback]:
    """Return the rollbacks of the window that Pawl's ledger saw begin."""
    practice = facts.practice
    found = () if isinstance(practice, Absent) else practice.rollbacks or ()
    return [each for each in found if within(each.at, facts.as_of, DRILL_DAYS)]


def judge(facts: Facts) -> Answer:
    """Judge drills first, then real rollbacks."""
    operations = operations_of(facts)
    begun = _begun(facts)
    if isinstance(operations, str):
        if not begun:
            return cannot_tell(operations)
        operations = Operations(source="", complete_since=facts.as_of)
    elif operations.drills is None and operations.deploys is None and not begun:
        return cannot_tell("Neither drills nor deployments were exported. Export them.")
    drills = [
        drill
        for drill in operations.drills or ()
        if drill.kind == "rollback" and within(drill.at, facts.as_of, DRILL_DAYS)
    ]
    timed = [drill for drill in drills if drill.succeeded and drill.minutes is not None]
    real = _real(operations, facts.as_of)
    back = [each for each in begun if each.minutes is not None]
    last = newest(
        [*(each.at for each in timed), *(each.at for each in real), *(each.at for each in back)]
    )
    inputs = [each.id for each in drills] + [each.id for each in real] + [each.id for each in begun]
    values: dict[str, Value] = {"drills": len(timed)}
    if last is None:
        if operations.drills is None and not begun:
            return cannot_tell("No drill was exported, and nothing was rolled back. Export drills.")
        tried = len(drills) + len(begun)
        said = f"No rollback succeeded within known minutes in {DRILL_DAYS} days."
        kind = Kind.DECISION if begun and not drills else Kind.INCIDENT
        told = f"{said} {tried} were tried." if tried else said
        return no(told, kind, values=values, inputs=inputs)
    values["days_since"] = whole_days(last, facts.as_of)
    lasted = [each.minutes for each in timed] + [each.minutes for each in back]
    minutes = middle(each for each in lasted if each is not None)
    if minutes is None:
        said = f"Production was rolled back {len(real)} times; how long it takes was not measured."
        return yes(said, Depth.RUNS, Kind.HOST, values=values, claimed_at=last, inputs=inputs)
    values["minutes"] = minutes
    said = f"{len(timed)} rollback drills succeeded, in {minutes:g} minutes at the median."
    if back:
        said = (
            f"{len(timed)} rollback drills and {len(back)} real rollbacks succeeded, in "
            f"{minutes:g} minutes at the median."
        )
    kinds = [*([Kind.INCIDENT] if timed else []), *([Kind.DECISION] if back else [])]
    return yes(said, Depth.BITES, *kinds, values=values, claimed_at=last, inputs=inputs)


PROBE = Probe(
    claim="Rolling back is exercised, and its minutes are known.",
    area="delivery",
    version=2,
    kinds=(Kind.INCIDENT, Kind.HOST, Kind.DECISION),
    depth=Depth.BITES,
    values={
        "minutes": "median minutes that a successful drill, or a recorded rollback, took",
        "drills": "rollback drills in 180 days that succeeded with a known duration",
        "days_since": "days since the last drill or real rollback",
    },
    remedy=Remedy("Roll production back on purpose once a quarter, and note the minutes.", 1.0),
    judge=judge,
)
