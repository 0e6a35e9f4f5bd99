"""Production is deployed to regularly.

Counts production's successful deployments of the last 90 days, or of the time on record when that
is shorter, at least 28 days.

What would fool it: deploying the same commit again and again. Each commit counts once, and a
rollback counts for nothing.

Yes: there were deployments; `per_week` says how many. No: there was none. Cannot tell: deployments
are not on record.
"""

from pawl.maturity.evidence import Depth, Kind
from pawl.maturity.facts import Facts
from pawl.maturity.facts.operations import Deploy
from pawl.maturity.looking.recent import WINDOW_DAYS, days_between
from pawl.maturity.looking.windows import deploys_of, operations_of
from pawl.maturity.probe import Answer, Probe, Remedy, cannot_tell, no, yes


def distinct(deploys: tuple[Deploy, ...]) -> list[Deploy]:
    """Return the deployments that brought something new: successful, no rollback, once a commit."""
    seen: set[str] = set()
    found = []
    for deploy in deploys:
        key = deploy.commit or deploy.id
        if deploy.outcome != "failed" and deploy.rollback_of is None and key not in seen:
            seen.add(key)
            found.append(deploy)
    return found


def judge(facts: Facts) -> Answer:
    """Count deployments a week."""
    operations = operations_of(facts)
    if isinstance(operations, str):
        return cannot_tell(operations)
    if operations.deploys is None:
        return cannot_tell("Deployments were not exported. Export them with their commit.")
    deploys = deploys_of(operations, facts.as_of)
    counted = distinct(deploys)
    days = min(WINDOW_DAYS, days_between(operations.complete_since, facts.as_of))
    values = {"deploys": len(counted), "per_week": round(len(counted) * 7 / days, 2)}
    inputs = [deploy.id for deploy in deploys]
    if not counted:
        said = f"Nothing new was deployed to production in {days:.0f} days."
        return no(said, Kind.HOST, values=values, inputs=inputs)
    return yes(
        f"{len(counted)} deployments in {days:.0f} days brought something new to production.",
        Depth.RUNS,
        Kind.HOST,
        values=values,
        claimed_at=counted[-1].at,
        inputs=inputs,
    )


PROBE = Probe(
    claim="Production is deployed to regularly.",
    area="delivery",
    version=1,
    kinds=(Kind.HOST,),
    depth=Depth.RUNS,
    values={
        "per_week": "deployments a week that brought a new commit to production",
        "deploys": "such deployments in the window",
    },
    remedy=Remedy("Deploy smaller changes as they are merged.", 5.0),
    judge=judge,
)
