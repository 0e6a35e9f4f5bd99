"""Nobody hands out a role on nothing but their own yes.

Asks: of a change that edits who holds which role, the roles it newly gives: for each, somebody
whose approval counts besides whoever gives it and whoever gets it.

Fails: the only approval is by whoever gives a role, or gets one.

Cannot tell: it is not known which roles it gives, or one names nobody who gives it.
"""

from pawl.changes.approval import yes_of
from pawl.changes.condition import (
    Answer,
    Condition,
    Question,
    fails,
    holds,
    inconclusive,
    not_applicable,
)
from pawl.governance.raci import Work, accountable

ROSTER = "policy/.pawl/roster.yaml"
"""The component that says who holds which role."""


def _judge(question: Question, _: object) -> Answer:
    if ROSTER not in question.components:
        return not_applicable("It gives nobody a role.")
    grants = question.facts.grants
    if grants is None:
        return inconclusive(
            "Which roles it gives is not known.", hint="Hand over the roster before and after."
        )
    nameless = sorted({f"{each.role} for {each.person}" for each in grants if not each.granted_by})
    if nameless:
        return inconclusive(
            f"It does not say who gives {', '.join(nameless[:5])}.",
            hint="Fill in `granted_by` with the id of whoever gives the role.",
        )
    approvers = yes_of(question.answers)
    alone = sorted(
        {
            f"{each.role} for {each.person} by {each.granted_by}"
            for each in grants
            if not approvers - {each.granted_by, each.person}
        }
    )
    if alone:
        scope = question.change.manifest.scope
        return fails(
            f"Nobody else approved {', '.join(alone[:5])}.",
            hint="Ask somebody who neither gives the role nor gets it.",
            asks=(accountable(question.snapshot.policy.raci, Work.POLICY, scope),),
        )
    return holds(f"{len(grants)} roles are given, each approved by somebody else as well.")


CONDITION = Condition(claim="Nobody hands out a role alone", judge=_judge)
