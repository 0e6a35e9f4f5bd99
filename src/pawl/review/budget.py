"""What the next part of a review may spend of what is left for all of them.

What one part did not use is shared by those after it. A run whose cost nobody knows counts as
having used all that it was allowed: unknown is not nothing.
"""

import msgspec


class Budget(msgspec.Struct, frozen=True, kw_only=True):
    """What a whole review may use; None is no limit. `least_*` is what a part is begun with."""

    usd_micros: int | None
    seconds: float | None
    least_micros: int
    least_seconds: float


class Used(msgspec.Struct, frozen=True):
    """What the parts before used."""

    micros: int = 0
    seconds: float = 0.0


class Allowance(msgspec.Struct, frozen=True):
    """What one part may use. `reason` says why it may not begin, or is empty."""

    usd_micros: int | None = None
    seconds: float | None = None
    reason: str = ""


def allowance(budget: Budget, used: Used, parts_left: int) -> Allowance:
    """Return what the next of `parts_left` parts may use: an equal share, or the least there is."""
    micros = seconds = None
    if budget.usd_micros is not None:
        left = budget.usd_micros - used.micros
        # A budget that is small from the start is still one part's.
        if left <= 0 or left < min(budget.least_micros, budget.usd_micros):
            return Allowance(reason="the budget of the review is used up")
        micros = max(left // parts_left, min(budget.least_micros, left))
    if budget.seconds is not None:
        time_left = budget.seconds - used.seconds
        if time_left <= 0 or time_left < min(budget.least_seconds, budget.seconds):
            return Allowance(reason="the time of the review is used up")
        seconds = max(time_left / parts_left, min(budget.least_seconds, time_left))
    return Allowance(micros, seconds)
