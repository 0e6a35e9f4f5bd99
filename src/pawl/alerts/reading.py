"""What a rule reads off the telemetry at one instant: it holds, it is clear, or it cannot tell.

Every reading is about one scope and one threshold, and brings the rows it was made of, so that a
notice leads to evidence. Above a threshold is bad for every rule; a rule about something that
ought to be high reads off what is missing of it.
"""

from enum import StrEnum
from typing import Literal

import msgspec

Scope = tuple[tuple[str, str], ...]
"""Whom a reading is about: sorted pairs such as `(("model", "m"), ("project", "shop"))`."""

ROWS = 20
"""Rows of evidence that one reading brings at most."""


class Condition(StrEnum):
    """What a rule can say. NO_DATA is a condition of its own: it is neither bad nor fine."""

    HOLDS = "holds"
    CLEAR = "clear"
    NO_DATA = "no_data"


class Level(StrEnum):
    """How soon somebody should look; each level of a rule has a threshold of its own."""

    WARNING = "warning"
    CRITICAL = "critical"


class Row(msgspec.Struct, frozen=True, array_like=True, order=True):
    """One piece of evidence, as a page links it: the id of an event, request, run or session."""

    kind: Literal["event", "request", "run", "session"]
    id: str


class Reading(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """What one rule says about one scope at one instant.

    `value` is None when there is none; `clear_below` is where a firing alert may resolve, and None
    means the threshold itself. `signature` tells one cause from another for the noise filter:
    the same trouble has the same signature whenever it comes back. `at` is a canonical time.
    """

    rule: str
    level: Level
    scope: Scope
    condition: Condition
    at: str
    summary: str
    value: float | None = None
    threshold: float | None = None
    clear_below: float | None = None
    unit: str = ""
    cause: str = ""
    rows: tuple[Row, ...] = ()
    signature: str = ""

    @property
    def key(self) -> tuple[str, Level, Scope]:
        """What an alert is told apart by."""
        return (self.rule, self.level, self.scope)


NAME_MAX = 200
"""Characters of a name in a scope; longer ones come from hostile events and are cut."""


def scope_of(**names: str | None) -> Scope:
    """Return the scope of these names, sorted; an unknown name is left out.

    `scope_of(project="shop", model=None)` is `(("project", "shop"),)`.
    """
    return tuple(
        sorted((key, value[:NAME_MAX]) for key, value in names.items() if value is not None)
    )


def scope_text(scope: Scope) -> str:
    """Return a scope for people: `project shop, model m`; the empty scope is everything."""
    return ", ".join(f"{key} {value}" for key, value in scope) or "everything"
