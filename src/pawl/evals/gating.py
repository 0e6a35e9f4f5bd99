"""What of a case's assertions gates: the expression, refused where advice alone would decide it."""

from collections.abc import Sequence
from itertools import product
from typing import Protocol

from pawl.evals.assertion import graders
from pawl.evals.passing import BadExpression, Expression, evaluate, ids, parse

MAX_ADVICE = 6
"""Advisory assertions that an expression may speak of; each doubles the work of this check."""


class Gating(Protocol):
    """What is asked of an assertion here; read and graded ones both have it."""

    @property
    def id(self) -> str:
        """Its id in the expression."""
        ...

    @property
    def grader(self) -> str:
        """The id of its grader; empty where that is unknown."""
        ...

    @property
    def optional(self) -> bool:
        """Whether it is no part of `all`."""
        ...


def gate_of(pass_when: str, assertions: Sequence[Gating]) -> Expression:
    """Return what must hold of a case's assertions.

    Raises BadExpression: an id stands twice, nothing gates, or a judge alone could force a pass or
    a failure, whatever the other assertions say.
    """
    names = [each.id for each in assertions]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise BadExpression(f"Two assertions have the id {twice!r}.")
    if pass_when.strip() == "all":
        names = [each.id for each in assertions if not each.optional]
        if not names:
            raise BadExpression(
                "Every assertion is optional, so nothing can fail.",
                hint="Make one of them not optional, or write `pass_when`.",
            )
    expression = parse(pass_when, names)
    advice = sorted(
        each.id for each in assertions if _advisory(each) and each.id in ids(expression)
    )
    if len(advice) > MAX_ADVICE:
        raise BadExpression(f"The expression speaks of more than {MAX_ADVICE} judges.")
    for values in product((True, False), repeat=len(advice)):
        forced = evaluate(expression, dict(zip(advice, values, strict=True)))
        if advice and forced is not None:
            raise BadExpression(
                f"{' and '.join(advice)} alone could decide, and a judge never gates alone.",
                hint="Join it by `or` to a part of an `and`, or leave it out of `pass_when`.",
            )
    return expression


def _advisory(assertion: Gating) -> bool:
    grader = graders().get(assertion.grader.replace("-", "_"))
    return grader is not None and grader.advisory
