"""Ceilings of a run: which one was hit, with its value and threshold.

Counted things (turns, tool calls, sub-agents) may reach their ceiling, and the next one is over.
Measured things (dollars, tokens, bytes, seconds) are over when they reach it. A model answers as
a whole before its tokens are known, so dollars and tokens overshoot by at most one response for
each conversation that is answering at the time.
"""

import msgspec

from pawl.base.money import usd
from pawl.runs.record import Stop
from pawl.runs.spec import Limits


class Used(msgspec.Struct, kw_only=True):
    """What a run has used so far, in the units of `Limits`."""

    usd_micros: int = 0
    tokens: int = 0
    turns: int = 0
    tool_calls: int = 0
    subagents: int = 0
    output_bytes: int = 0
    wall_s: float = 0.0
    idle_s: float = 0.0


COUNTED = ("turns", "tool_calls", "subagents")
MEASURED = ("usd_micros", "tokens", "output_bytes", "wall_s", "idle_s")
NEED_EVENTS = ("turns", "tool_calls", "subagents", "tokens", "usd_micros")
"""Limits that only an agent whose output or transcript Pawl reads can be held to."""

_NAMES = {"usd_micros": "usd", "wall_s": "wall", "idle_s": "idle"}
FLAGS = {
    "usd_micros": "--max-usd",
    "tokens": "--max-tokens",
    "turns": "--max-turns",
    "tool_calls": "--max-tool-calls",
    "subagents": "--max-subagents",
    "output_bytes": "--max-output",
    "wall_s": "--timeout",
    "idle_s": "--idle",
}
"""The flag of `pawl run` that sets each limit, for messages."""


def exceeded(limits: Limits, used: Used) -> Stop | None:
    """Return the first limit that is over, in a fixed order, or None."""
    for field in COUNTED:
        ceiling = getattr(limits, field)
        if ceiling is not None and getattr(used, field) > ceiling:
            return stop(field, getattr(used, field), ceiling)
    for field in MEASURED:
        ceiling = getattr(limits, field)
        if ceiling is not None and getattr(used, field) >= ceiling:
            return stop(field, getattr(used, field), ceiling)
    return None


def stop(field: str, value: float, threshold: float, detail: str = "") -> Stop:
    """Return the stop of one limit; money is told in dollars, everything else as it is."""
    if field == "usd_micros":
        value, threshold = usd(int(value)), usd(int(threshold))
    return Stop(limit=_NAMES.get(field, field), value=value, threshold=threshold, detail=detail)


def asked_of_events(limits: Limits) -> tuple[str, ...]:
    """Return the flags of the limits asked for that need the agent's events."""
    return tuple(FLAGS[field] for field in NEED_EVENTS if getattr(limits, field) is not None)
