"""What operation recorded within a window, or why it cannot be told.

An export that begins within the window is not used: whoever begins it chooses what is left out.
"""

from collections.abc import Callable
from typing import TypeVar

from pawl.maturity.facts import Absent, Facts
from pawl.maturity.facts.operations import Operations
from pawl.maturity.looking.recent import days_before
from pawl.maturity.probe import Answer, cannot_tell

T = TypeVar("T")


def recorded(
    facts: Facts,
    part: Callable[[Operations], tuple[T, ...] | None],
    name: str,
    days: float,
) -> tuple[T, ...] | Answer:
    """Return all that was exported of one kind, or the answer that it cannot be told.

    The export must be complete for so many days back. `name` is the kind in the plural.
    """
    operations = facts.operations
    if isinstance(operations, Absent):
        return cannot_tell(operations)
    found = part(operations)
    if found is None:
        return cannot_tell(f"The operations export holds no {name}; name them in its `covers`.")
    if operations.complete_since > days_before(facts.as_of, days):
        since = operations.complete_since[:10]
        return cannot_tell(
            f"The operations export is complete since {since} only; {days:g} days are needed."
        )
    return found
