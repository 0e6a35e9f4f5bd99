"""How many deployments only mend what an earlier one broke is known.

Looks at production's deployments of the last 90 days that say whether they are unplanned repairs.
A rollback is rework whatever it says.

What would fool it: leaving the mark away. When more than a tenth of the deployments do not say,
nobody can tell.

Yes: the share is known and at most half. The answer goes as deep as an outcome when the quarter
before was counted too and this one is no worse. No: more than half is rework. Cannot tell:
deployments are not on record, or do not say.
"""

from pawl.maturity.evidence import Depth, Kind
from pawl.maturity.facts import Facts
from pawl.maturity.facts.operations import Deploy
from pawl.maturity.looking.recent import FEW, WINDOW_DAYS, days_before, share_of
from pawl.maturity.looking.windows import deploys_of, mostly_known, operations_of, reaches
from pawl.maturity.probe import Answer, Probe, Remedy, cannot_tell, no, yes


def told(deploys: tuple[Deploy, ...]) -> tuple[list[Deploy], list[Deploy]]:
    """Return the deployments that say what they are, and those that are rework."""
    known = [each for each in deploys if each.rework is not None or each.rollback_of is not None]
    return known, [each for each in known if each.rework or each.rollback_of is not None]


def judge(facts: Facts) -> Answer:
    """Count rework, and compare with the quarter before."""
    operations = operations_of(facts)
    if isinstance(operations, str):
        return cannot_tell(operations)
    deploys = deploys_of(operations, facts.as_of)
    if not deploys:
        return cannot_tell("No deployment is recorded in the window. Export deployments.")
    known, rework = told(deploys)
    if not mostly_known(known, deploys):
        silent = len(deploys) - len(known)
        return cannot_tell(
            f"{silent} of {len(deploys)} deployments do not say whether they are rework. Mark them."
        )
    whole = len(known) == len(deploys) and reaches(operations.complete_since, facts.as_of)
    share = share_of(len(rework), len(known), whole=whole)
    answer = {
        "values": {"rework": share},
        "claimed_at": deploys[-1].at,
        "inputs": [deploy.id for deploy in deploys],
    }
    said = f"{len(rework)} of {len(known)} deployments only mended an earlier one."
    if len(rework) * 2 > len(known):
        return no(said, Kind.HOST, **answer)
    earlier, before = told(deploys_of(operations, facts.as_of, WINDOW_DAYS, WINDOW_DAYS))
    counted = min(len(earlier), len(known)) >= FEW and operations.complete_since <= days_before(
        facts.as_of, 2 * WINDOW_DAYS
    )
    no_worse = counted and len(rework) * len(earlier) <= len(before) * len(known)
    return yes(said, Depth.PAYS if no_worse else Depth.RUNS, Kind.HOST, **answer)


PROBE = Probe(
    claim="How much rework is deployed is known.",
    area="delivery",
    version=1,
    kinds=(Kind.HOST,),
    depth=Depth.PAYS,
    values={"rework": "share of production's deployments in 90 days that are unplanned repairs"},
    remedy=Remedy("Mark each deployment as planned or as a repair when it is recorded.", 0.5),
    judge=judge,
)
