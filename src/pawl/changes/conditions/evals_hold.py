"""The agent still behaves: evals of this very content pass, also on past failures.

Asks: evidence of the kind `evals`, and in it every set that the gate names under `sets`, such as
`recurrence`, the cases that incidents left behind. A set that the change names by its digest must
be the one that judged.

Fails: an eval says no; of the same content that stays so, however often it is run again.

Cannot tell: no eval ran on this content and base, none came to a verdict, or a set is missing.
"""

from typing import Any

import msgspec

from pawl.changes.condition import Answer, Condition, Question, inconclusive
from pawl.changes.verdict import Verdict
from pawl.changes.weighing import weigh


class Arguments(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The sets that must have been run, besides whatever else was."""

    sets: tuple[str, ...] = ()


def _judge(question: Question, arguments: Arguments) -> Answer:
    answer = weigh(question, "the evals")
    if answer.verdict is not Verdict.PASS:
        return answer
    declared = question.change.manifest.eval_sets
    judged: dict[str, set[object]] = {}
    for piece in question.evidence:
        if piece.id in answer.cites:
            for name, digest in _sets(piece.payload).items():
                judged.setdefault(name, set()).add(digest)
    missing = sorted({*arguments.sets} - judged.keys())
    if missing:
        return inconclusive(
            f"No verdict is on {', '.join(missing)}.",
            *answer.cites,
            hint="Run these sets too, and name them with their digests in the evidence.",
        )
    other = sorted(name for name, digest in declared.items() if digest not in judged.get(name, ()))
    if other:
        return inconclusive(
            f"The change names another version of {', '.join(other)} than the one that judged.",
            *answer.cites,
            hint="Run the sets that the change names.",
        )
    return answer


def _sets(payload: dict[str, Any]) -> dict[str, object]:
    found = payload.get("sets")
    return {str(name): digest for name, digest in found.items()} if isinstance(found, dict) else {}


CONDITION = Condition(
    claim="The evals hold, also on past failures",
    judge=_judge,
    arguments=Arguments,
    evidence="evals",
)
