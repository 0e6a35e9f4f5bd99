"""What Pawl recorded of agents at work, or why it cannot be told.

A part of the records that does not exist yet is unknown, never none. Where nothing is recorded
because recording began within the window, nobody can tell either.
"""

from collections.abc import Callable
from typing import TypeVar

from pawl.maturity.facts import Absent, Facts
from pawl.maturity.facts.practice import Practice
from pawl.maturity.looking.recent import WINDOW_DAYS, days_before
from pawl.maturity.probe import Answer, cannot_tell

T = TypeVar("T")
MAX_UNPRICED = 0.1
"""Share of requests without a price above which no cost is known well enough to act on."""


def of_agents(facts: Facts) -> Practice | Absent:
    """Return what Pawl recorded of agents at work, or why it cannot be told."""
    practice = facts.practice
    if isinstance(practice, Absent) or practice.agents_recorded:
        return practice
    return Absent(
        "Pawl has recorded changes on this machine, and no agent at work.",
        "Run agents with `pawl run`, or read their transcripts with `pawl import`.",
    )


def practice_of(facts: Facts) -> Practice | Answer:
    """Return what Pawl recorded of agents at work, or the answer that it cannot be told."""
    practice = of_agents(facts)
    return cannot_tell(practice) if isinstance(practice, Absent) else practice


def told(facts: Facts, part: Callable[[Practice], T | None], name: str) -> T | Answer:
    """Return one part of the records, or the answer that there are none; `name` is plural."""
    practice = facts.practice
    if isinstance(practice, Absent):
        return cannot_tell(practice)
    found = part(practice)
    if found is None:
        return cannot_tell(f"Pawl has no records of {name} yet; assess again once it has.")
    return found


def began_lately(practice: Practice, facts: Facts) -> Answer | None:
    """Return the answer that nothing is known, where recording began within the window."""
    if practice.complete_since <= days_before(facts.as_of, WINDOW_DAYS):
        return None
    return cannot_tell(
        f"Nothing was recorded, but recording began on {practice.complete_since[:10]} only; "
        f"{WINDOW_DAYS} days are needed to tell."
    )


def sessions_of(practice: Practice) -> int:
    """Return the sessions of all agents."""
    return sum(each.sessions for each in practice.agents)


def is_well_priced(practice: Practice) -> bool:
    """Say whether costs are known well enough to act on: unknown is not zero."""
    return practice.unpriced_requests <= MAX_UNPRICED * practice.requests
