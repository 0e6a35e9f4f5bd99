"""It is known who wrote the change, so that nobody can have approved their own.

Asks: that every author, co-author and committer is somebody in the roster, under any of their
identities, and every agent among them has the human who answers for it.

Fails: only agents and services are known to have written it, and nobody answers for them.

Cannot tell: an author that nobody claims. It may be a second account of whoever approved.
"""

from pawl.changes.condition import Answer, Condition, Question, fails, holds, inconclusive
from pawl.governance.roster import Kind


def _judge(question: Question, _: object) -> Answer:
    authors = question.authors
    if authors.unknown:
        return inconclusive(
            f"Nobody in the roster claims {', '.join(authors.unknown[:5])}.",
            *authors.unknown[:20],
            hint="Add the identity to the person it belongs to.",
        )
    if not authors.people:
        return inconclusive(
            "Nobody is known to have written it.", hint="Hand over the authors of its commits."
        )
    humans = {each.id for each in question.known.values() if each.kind is Kind.HUMAN}
    if not authors.people & humans:
        return fails(
            "Only agents and services wrote it, and no human answers for them.",
            hint="Name a sponsor in the roster.",
        )
    return holds(f"{len(authors.people)} are known to have written it or to answer for it.")


CONDITION = Condition(claim="It is known who wrote it", judge=_judge)
