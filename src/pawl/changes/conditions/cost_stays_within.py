"""The change does not make runs dearer than may be.

Asks: evidence of the kind `cost` whose payload says by which `share` runs became dearer, 0.2 for a
fifth, measured on this content against its base.

Fails: by more than `share_max`, whatever the evidence itself calls that.

Cannot tell: nobody measured, or what was measured does not say by how much.
"""

import msgspec

from pawl.changes.condition import Answer, Condition, Question, fails, holds, inconclusive
from pawl.changes.verdict import CONCLUSIVE, Verdict
from pawl.changes.weighing import weigh


class Arguments(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """By how much runs may become dearer, as a share."""

    share_max: float = 0.2


def _judge(question: Question, arguments: Arguments) -> Answer:
    answer = weigh(question, "the cost")
    if answer.verdict is not Verdict.PASS:
        return answer
    most = arguments.share_max
    # A pass is the producer's word; the number is looked at by the gate's own limit.
    told = [
        (piece.id, piece.payload.get("share"))
        for piece in question.evidence
        if piece.verdict in CONCLUSIVE
    ]
    numbers = [
        (identity, share)
        for identity, share in told
        if isinstance(share, int | float) and not isinstance(share, bool)
    ]
    over = [(identity, share) for identity, share in numbers if not share <= most]
    if over:
        worst = max(share for _, share in over)
        return fails(
            f"Runs become {worst:.0%} dearer; {most:.0%} may be.", *(each for each, _ in over)
        )
    if len(numbers) < len(told):
        return inconclusive("What was measured does not say by how much.", *answer.cites)
    dearest = max(share for _, share in numbers)
    return holds(f"Runs become {dearest:+.0%} dearer; {most:.0%} may be.", *answer.cites)


CONDITION = Condition(
    claim="It does not make runs dearer than may be",
    judge=_judge,
    arguments=Arguments,
    evidence="cost",
    stricter={"share_max": "less"},
)
