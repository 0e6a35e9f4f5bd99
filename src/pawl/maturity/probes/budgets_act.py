"""A spent error budget changes what the team does.

Claims: when an objective's error budget is spent, a decision to slow or stop releases is recorded.

Looks at: exported objectives with their remaining budget; drills of kind `budget-burn` in 180 days.

Fooled by: a budget that is never spent (then only a simulated burn that led to the decision
proves anything), a decision dated in the future, an objective of 100 % (it has no budget).

Yes: at least one spent budget was acted on, or, with none spent, a simulated burn was. No:
budgets were spent and nothing was decided, or the simulation failed. Cannot tell: no export of
objectives, none tells its budget, or no budget was spent and no burn simulated.
"""

from pawl.maturity.evidence import Depth, Kind, Share
from pawl.maturity.facts import Absent, Facts
from pawl.maturity.facts.operations import Drill
from pawl.maturity.looking.operated import recorded
from pawl.maturity.looking.recent import newest, within
from pawl.maturity.probe import Answer, Probe, Remedy, cannot_tell, no, yes

SIMULATED_DAYS = 180
"""Days that a simulated burn counts: half a year, as for the use of runbooks."""


def _judge(facts: Facts) -> Answer:
    objectives = recorded(facts, lambda told: told.objectives, "objectives", 0)
    if isinstance(objectives, Answer):
        return objectives
    budgets = [each for each in objectives if each.budget_left is not None and 0 < each.target < 1]
    if not budgets:
        return cannot_tell("No exported objective tells what is left of its error budget.")
    spent = [each for each in budgets if each.budget_left is not None and each.budget_left <= 0]
    if not spent:
        return _simulated(facts, len(budgets))
    acted = [each for each in spent if each.acted_at is not None and each.acted_at <= facts.as_of]
    told = {
        "values": {"spent": len(spent), "acted": Share(len(acted), len(spent))},
        "claimed_at": newest(each.acted_at for each in acted),
        "inputs": sorted((each.service, each.name, each.acted_at or "") for each in spent),
    }
    reason = f"A decision followed {len(acted)} of {len(spent)} spent error budgets."
    if not acted:
        return no(reason, Kind.INCIDENT, **told)
    return yes(reason, Depth.BITES, Kind.INCIDENT, **told)


def _simulated(facts: Facts, budgets: int) -> Answer:
    """Answer from simulated burns, where no real one was."""
    drills = [
        each
        for each in _drills(facts)
        if each.kind == "budget-burn"
        and within(each.at, facts.as_of, SIMULATED_DAYS)
        and each.succeeded is not None
    ]
    if not drills:
        return cannot_tell(
            f"None of {budgets} error budgets was spent; simulate a burn to show what follows.",
            values={"spent": 0},
        )
    worked = [each for each in drills if each.succeeded]
    told = {
        "values": {"spent": 0, "acted": Share(len(worked), len(drills))},
        "claimed_at": newest(each.at for each in drills),
        "inputs": sorted(each.id for each in drills),
    }
    reason = f"No budget was spent; {len(worked)} of {len(drills)} simulated burns were acted on."
    if not worked:
        return no(reason, Kind.INCIDENT, **told)
    return yes(reason, Depth.BITES, Kind.INCIDENT, **told)


def _drills(facts: Facts) -> tuple[Drill, ...]:
    return () if isinstance(facts.operations, Absent) else facts.operations.drills or ()


PROBE = Probe(
    claim="Spent error budgets change what is done",
    area="reliability",
    version=1,
    kinds=(Kind.INCIDENT,),
    depth=Depth.BITES,
    values={
        "spent": "error budgets that are spent",
        "acted": "share of spent budgets, or of simulated burns, that a decision followed",
    },
    remedy=Remedy(
        "Write down who slows releases when a budget is spent, and simulate a burn once.", 1.0
    ),
    judge=_judge,
    awaits="incidents",
)
