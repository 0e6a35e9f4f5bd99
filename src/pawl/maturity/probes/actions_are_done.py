"""Actions that incidents left behind are done, with proof, when they were due.

Claims: improvement actions that fell due were done on time.

Looks at: actions of incidents of the last 365 days that fell due in 90 days, or have no due day.

Fooled by: closing an action as won't-do (that is not done), done without evidence, done late, an
action without a due day (nobody can be late, so nobody is on time), the same evidence for several
actions (it proves the first).

Yes: at least one was done on time with proof; `done` says how many, `overdue` how many are open
past their day. No: none was. Cannot tell: no record of incidents over 90 days, or no action fell
due.
"""

from pawl.maturity.evidence import Depth, Kind
from pawl.maturity.facts import Facts
from pawl.maturity.facts.operations import Action
from pawl.maturity.looking.operated import recorded
from pawl.maturity.looking.recent import WINDOW_DAYS, newest, share_of, within
from pawl.maturity.probe import Answer, Probe, Remedy, cannot_tell, no, yes

MEMORY_DAYS = 365
"""Days back in which an incident's actions are still looked for."""


def _judge(facts: Facts) -> Answer:
    incidents = recorded(facts, lambda told: told.incidents, "incidents", WINDOW_DAYS)
    if isinstance(incidents, Answer):
        return incidents
    actions = [
        action
        for incident in incidents
        if within(incident.opened_at, facts.as_of, MEMORY_DAYS)
        for action in incident.actions
    ]
    overdue = [each for each in actions if _is_overdue(each, facts.as_of)]
    # What has been open since before the window weighs as much as what came due within it.
    weighed = [
        each
        for each in actions
        if each.due is None or within(each.due, facts.as_of) or _is_overdue(each, facts.as_of)
    ]
    if not weighed:
        return cannot_tell(f"No action of an incident fell due in {WINDOW_DAYS} days.")
    done = _done(weighed)
    wont = sum(each.closed_as == "wont-do" for each in weighed)
    told = {
        "values": {
            "done": share_of(done, len(weighed)),
            "overdue": len(overdue),
            "undated": sum(each.due is None for each in weighed),
            "wont_do": wont,
        },
        "claimed_at": newest(each.done_at for each in weighed),
        "inputs": sorted([each.id, each.evidence or ""] for each in weighed),
    }
    reason = (
        f"{done} of {len(weighed)} actions were done on time with proof, {len(overdue)} are "
        f"overdue, {wont} were closed undone."
    )
    if not done:
        return no(reason, Kind.INCIDENT, **told)
    return yes(reason, Depth.RUNS, Kind.INCIDENT, **told)


def _is_overdue(action: Action, as_of: str) -> bool:
    is_open = action.done_at is None and action.closed_as is None
    return is_open and action.due is not None and action.due <= as_of


def _done(actions: list[Action]) -> int:
    """Count actions done on time, each with evidence of its own."""
    evidence: set[str] = set()
    for action in sorted(actions, key=lambda each: (each.done_at or "", each.id)):
        if action.closed_as == "wont-do" or not action.done_at or not action.due:
            continue
        if action.done_at <= action.due and action.evidence:
            evidence.add(action.evidence)
    return len(evidence)


PROBE = Probe(
    claim="Actions are done",
    area="culture",
    version=1,
    kinds=(Kind.INCIDENT,),
    depth=Depth.RUNS,
    values={
        "done": "share of actions that fell due and were done on time with evidence of their own",
        "overdue": "actions open past their due day",
        "undated": "actions without a due day",
        "wont_do": "actions closed undone",
    },
    remedy=Remedy("Give each action an owner and a day, and block releases on what is late.", 2.0),
    judge=_judge,
    awaits="incidents",
)
