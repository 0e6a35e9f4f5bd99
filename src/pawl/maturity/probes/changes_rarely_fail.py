"""Few deployments fail, cause an incident or have to be rolled back.

Looks at production's deployments of a quarter that ended seven days ago, so that incidents have
had time to be traced. A deployment failed when it says so, when an incident names it as its cause,
or when a later deployment undoes it.

What would fool it: calling a deployment a success and rolling it back (that counts as failed), or
leaving outcomes unknown (above a tenth nobody can tell). Incidents that name no deployment cannot
be counted here; the user-reported share beside this figure shows them.

Yes: failures were counted, and at most half failed. The answer goes as deep as an outcome when the
quarter before was counted too and this one is no worse. No: more than half failed. Cannot tell:
deployments or incidents are not on record.
"""

from pawl.maturity.evidence import Depth, Kind
from pawl.maturity.facts import Facts
from pawl.maturity.facts.operations import Deploy, Operations
from pawl.maturity.looking.recent import FEW, WINDOW_DAYS, days_before, share_of
from pawl.maturity.looking.windows import deploys_of, mostly_known, operations_of, reaches
from pawl.maturity.probe import Answer, Probe, Remedy, cannot_tell, no, yes

TRIAGE_DAYS = 7
"""Days until an incident is traced to its cause; the same lag that reclassification is given."""


def failed(deploys: tuple[Deploy, ...], operations: Operations) -> list[Deploy]:
    """Return the deployments that failed, caused an incident or were undone."""
    causes = {incident.caused_by_deploy for incident in operations.incidents or ()}
    undone = {deploy.rollback_of for deploy in operations.deploys or ()}
    bad = causes | undone
    return [deploy for deploy in deploys if deploy.outcome == "failed" or deploy.id in bad]


def judge(facts: Facts) -> Answer:
    """Count failed deployments, and compare with the quarter before."""
    operations = operations_of(facts)
    if isinstance(operations, str):
        return cannot_tell(operations)
    if operations.deploys is None or operations.incidents is None:
        return cannot_tell("Deployments and incidents must both be exported to be joined.")
    deploys = tuple(
        deploy
        for deploy in deploys_of(operations, facts.as_of, WINDOW_DAYS, TRIAGE_DAYS)
        if deploy.rollback_of is None
    )
    if not deploys:
        return cannot_tell("No deployment is old enough to be judged.")
    bad = failed(deploys, operations)
    known = [deploy for deploy in deploys if deploy.outcome != "unknown" or deploy in bad]
    if not mostly_known(known, deploys):
        unknown = len(deploys) - len(known)
        return cannot_tell(f"How {unknown} of {len(deploys)} deployments ended is not known.")
    end = days_before(facts.as_of, TRIAGE_DAYS)
    share = share_of(len(bad), len(known), whole=reaches(operations.complete_since, end))
    told = {
        "values": {"failed": share},
        "claimed_at": deploys[-1].at,
        "inputs": [deploy.id for deploy in deploys],
    }
    kinds = (Kind.HOST, Kind.INCIDENT)
    said = f"{len(bad)} of {len(known)} deployments failed, caused an incident or were undone."
    if len(bad) * 2 > len(known):
        return no(said, *kinds, **told)
    earlier = deploys_of(operations, facts.as_of, WINDOW_DAYS, TRIAGE_DAYS + WINDOW_DAYS)
    before = failed(earlier, operations)
    counted = min(len(earlier), len(known)) >= FEW and operations.complete_since <= days_before(
        facts.as_of, TRIAGE_DAYS + 2 * WINDOW_DAYS
    )
    no_worse = counted and len(bad) * len(earlier) <= len(before) * len(known)
    return yes(said, Depth.PAYS if no_worse else Depth.RUNS, *kinds, **told)


PROBE = Probe(
    claim="Few deployments fail.",
    area="delivery",
    version=1,
    kinds=(Kind.HOST, Kind.INCIDENT),
    depth=Depth.PAYS,
    values={"failed": "share of production's deployments of a quarter that failed"},
    remedy=Remedy("Test what failed last, deploy smaller changes, watch the first minutes.", 5.0),
    judge=judge,
)
