"""What was rolled back once comes back only with a new approval.

Asks: whether any part of the change, by its digest, was rolled back before. If so, for each kind
of work somebody accountable who approved after that, whatever the risk.

Fails: nobody has.

Cannot tell: it is not known what was rolled back.
"""

from pawl.changes.approval import yes_of
from pawl.changes.condition import Answer, Condition, Question, fails, holds, inconclusive
from pawl.changes.quarantine import quarantined
from pawl.governance.raci import accountable
from pawl.governance.roster import holds as holds_role


def _judge(question: Question, _: object) -> Answer:
    known = question.facts.quarantine
    if known is None:
        return inconclusive("It is not known what was rolled back.")
    found = quarantined(question.change.manifest, known)
    if not found:
        return holds("None of it was ever rolled back.")
    snapshot = question.snapshot
    scope = question.change.manifest.scope
    yes = yes_of(question.answers)
    # Answers from before the rollback do not count any more, so every yes here is a new one.
    roles = {accountable(snapshot.policy.raci, work, scope) for work in question.works}
    missing = sorted(
        role
        for role in roles
        if not any(holds_role(snapshot.roster, who, role, scope, question.now) for who in yes)
    )
    if missing:
        return fails(
            f"{', '.join(sorted(found)[:5])} was rolled back on {max(found.values())[:16]}Z.",
            hint="Somebody accountable approves it anew, knowing why.",
            asks=tuple(missing),
        )
    return holds(f"{len(found)} parts were rolled back and approved anew.")


CONDITION = Condition(claim="What was rolled back is approved anew", judge=_judge)
