"""Failure is exercised on purpose, as an experiment.

Claims: a fault was injected within the last quarter, with a hypothesis, a rule to abort and a
result.

Looks at: recorded drills of kind `chaos` in 92 days. A complete one names the injected fault.

Fooled by: a tabletop exercise logged as a drill (nothing was injected: it names no fault), a drill
without hypothesis, rule to abort or result (counted, not complete).

Yes: at least one drill is complete; `complete` says how many of all. No: there was none, or none
is complete. Cannot tell: no record of drills for 92 days.
"""

from pawl.maturity.evidence import Depth, Kind, Share
from pawl.maturity.facts import Facts
from pawl.maturity.facts.operations import Drill
from pawl.maturity.looking.operated import recorded
from pawl.maturity.looking.recent import newest, whole_days, within
from pawl.maturity.probe import Answer, Probe, Remedy, no, yes
from pawl.parsing.phrases import is_placeholder

QUARTER_DAYS = 92
"""The longest quarter: drills are quarterly by their definition."""


def _judge(facts: Facts) -> Answer:
    drills = recorded(facts, lambda told: told.drills, "drills", QUARTER_DAYS)
    if isinstance(drills, Answer):
        return drills
    chaos = [
        each
        for each in drills
        if each.kind == "chaos" and within(each.at, facts.as_of, QUARTER_DAYS)
    ]
    complete = [each for each in chaos if _is_complete(each)]
    share = Share(len(complete), len(chaos))
    last = newest(each.at for each in complete)
    inputs = sorted(each.id for each in chaos)
    reason = f"{share.hits} of {share.of} chaos drills in {QUARTER_DAYS} days are complete"
    if last is None:
        values = {"drills": len(chaos), "complete": share}
        return no(f"{reason}.", Kind.INCIDENT, values=values, inputs=inputs)
    days = whole_days(last, facts.as_of)
    return yes(
        f"{reason}, the last {days} days ago.",
        Depth.RUNS,
        Kind.INCIDENT,
        values={"drills": len(chaos), "complete": share, "days_since": days},
        claimed_at=last,
        inputs=inputs,
    )


def _is_complete(drill: Drill) -> bool:
    injected = bool(drill.fault) and not (
        "-" not in (drill.fault or "") and is_placeholder(drill.fault or "")
    )
    return bool(injected and drill.hypothesis and drill.abort_rule and drill.succeeded is not None)


PROBE = Probe(
    claim="Chaos is drilled",
    area="reliability",
    version=1,
    kinds=(Kind.INCIDENT,),
    depth=Depth.RUNS,
    values={
        "drills": "chaos drills in 92 days",
        "complete": "share of them with fault, hypothesis, rule to abort and result",
        "days_since": "days since the newest complete one",
    },
    remedy=Remedy(
        "Inject one fault a quarter: write hypothesis and rule to abort, keep the result.", 2.0
    ),
    judge=_judge,
    awaits="incidents",
)
