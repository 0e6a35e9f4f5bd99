"""Whoever is accountable for the work has approved exactly this content.

Asks: for each kind of work the change touches, `quorum` different people who hold its accountable
role today and whose approval counts: of this digest, base and policy, not taken back, not too old,
from a source that is believed, and by nobody who wrote any of it.

Fails: too few have, or somebody accountable said no.

Cannot tell: never. What nobody recorded was not given.
"""

import msgspec

from pawl.changes.approval import no_of, yes_of
from pawl.changes.condition import Answer, Condition, Question, fails, holds
from pawl.governance.raci import accountable
from pawl.governance.roster import holds as holds_role


class Arguments(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How many people of each accountable role must have approved."""

    quorum: int = 1


def _judge(question: Question, arguments: Arguments) -> Answer:
    snapshot = question.snapshot
    scope = snapshot.change.manifest.scope
    quorum = max(1, arguments.quorum)
    yes, no = yes_of(question.answers), no_of(question.answers)
    stale = [f"{each.approval}: {each.reason}" for each in question.answers if not each.counts]
    roles = {
        accountable(snapshot.policy.raci, work, scope): work for work in sorted(question.works)
    }
    missing = []
    for role, work in sorted(roles.items()):
        held = {
            person
            for person in yes | no
            if holds_role(snapshot.roster, person, role, scope, question.now)
        }
        if held & no:
            return fails(
                f"{', '.join(sorted(held & no))}, {role}, said no.",
                hint="Answer the reason given and edit the change.",
                asks=(role,),
            )
        if len(held & yes) < quorum:
            missing.append((role, f"{work} has {len(held & yes)} of {quorum} from {role}"))
    if missing:
        aside = f" Not counted: {' '.join(stale[:5])}" if stale else ""
        return fails(
            f"{'; '.join(text for _, text in missing)}.{aside}",
            hint="Ask somebody of that role who did not write it.",
            asks=tuple(role for role, _ in missing),
        )
    cites = [each.approval for each in question.answers if each.counts and each.person in yes]
    return holds(f"Approved by {', '.join(sorted(roles))}.", *cites)


CONDITION = Condition(
    claim="Whoever is accountable has approved exactly this",
    judge=_judge,
    arguments=Arguments,
    stricter={"quorum": "more"},
)
"""Its answer never rests on evidence: approvals are records of their own."""
