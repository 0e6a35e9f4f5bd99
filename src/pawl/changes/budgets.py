"""Error budgets of what a change touches, out of objectives and what was counted for them.

What is left is `1 - bad / ((1 - target) * all)`: one when nothing went wrong, zero when as much did
as the objective allows, below zero beyond that. It is of sums, so no order of events matters.
"""

from collections.abc import Iterable

import msgspec

from pawl.alerts.objectives import budget_left
from pawl.changes.facts import BudgetLeft
from pawl.changes.parts import COMPONENT
from pawl.governance.roster import covers


class Measured(msgspec.Struct, frozen=True, kw_only=True):
    """An objective and what was counted over its window; `good` is None where nobody can tell.

    `service` is a component such as `prompt/support`, or a scope such as `shop/search`.
    """

    objective: str
    service: str
    project: str | None
    target: float
    good: int | None
    bad: int = 0


def budgets_of(
    measured: Iterable[Measured], components: Iterable[str], scope: str
) -> tuple[BudgetLeft, ...] | None:
    """Return the budgets of the components of a change; None where one of them is not known.

    Where nothing was counted nothing of the budget is used.
    """
    touched = sorted(set(components))
    found = []
    for each in sorted(measured, key=lambda one: (one.objective, one.service)):
        own = [name for name in touched if _is_about(each, name, scope)]
        if own and each.good is None:
            return None
        left = budget_left(each.target, each.good or 0, each.bad)
        found += [
            BudgetLeft(component=name, objective=each.objective, left=1.0 if left is None else left)
            for name in own
        ]
    return tuple(found)


def _is_about(measured: Measured, component: str, scope: str) -> bool:
    """Say whether an objective is about a component: by its name, else by its scope."""
    if COMPONENT.fullmatch(measured.service):
        return measured.service == component
    named = [each for each in (measured.service, measured.project) if each]
    # A change without a scope may touch anything, and an objective that names nothing is about all.
    return not scope or not named or any(covers(each, scope) for each in named)
