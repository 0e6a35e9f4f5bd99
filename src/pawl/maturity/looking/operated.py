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
    """Return all that was recorded of one kind, or the answer that it cannot be told.

    It must be complete for so many days back. `name` is the kind as facts call it.
    """
    operations = facts.operations
    if isinstance(operations, Absent):
        return cannot_tell(operations)
    found = part(operations)
    if found is None:
        return cannot_tell(
            f"No {name} are recorded; keep them here, or name them in the `covers` of an export."
        )
    since = operations.since(name)
    if since > days_before(facts.as_of, days):
        return cannot_tell(
            f"The {name} are complete since {since[:10]} only; {days:g} days are needed."
        )
    return found
