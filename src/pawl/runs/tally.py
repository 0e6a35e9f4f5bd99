"""Count what a run does, each thing once, whoever tells of it and however often."""

from pawl.runs.state import State
from pawl.telemetry.event import Event, Kind, Source
from pawl.telemetry.likeness import answer_of

MAX_IDS = 100_000
"""Ids of calls and responses remembered; later ones are counted each time they are told."""
MAX_TOOLS = 1_000
"""Names of tools counted apart; further ones are counted together."""

_CALLS = (Kind.TOOL_CALL, Kind.TOOL_RESULT, Kind.SUBAGENT_STARTED)


def is_repetition(state: State, event: Event) -> bool:
    """Whether an event tells of nothing new.

    A forked session's file begins with its parent's lines, and a transcript may tell of the
    calls that the stream tells of, under ids of its own.
    """
    if event.kind in _CALLS and event.source not in state.launch.calls_sources:
        return True
    # Transcripts tell the time to the millisecond.
    return event.source is Source.TRANSCRIPT and event.time[:23] < state.launched[:23]


def count(state: State, event: Event) -> None:
    """Count what an event tells: turns, calls, sub-agents, tokens and dollars."""
    if event.kind is Kind.REQUEST:
        if (
            event.source is state.launch.turns_source
            and not event.of_subagent
            and event.attributes.get("again") != "true"
        ):
            _remember(state.responses, answer_of(event) or event.id)
            state.used.turns = len(state.responses)
    elif event.kind is Kind.TOOL_CALL:
        count_call(state, event)
    elif event.kind is Kind.SUBAGENT_STARTED:
        count_subagent(state, event.tool_call_id or event.id)
    if event.kind in (Kind.REQUEST, Kind.TOTAL) and state.meter.see(event):
        state.metered = state.meter.metered()
        state.used.tokens = state.metered.usage.total
        state.used.usd_micros = state.metered.micros


def count_call(state: State, event: Event) -> None:
    """Count a tool call, unless one with its id is counted already."""
    if _remember(state.calls, event.tool_call_id or event.id):
        tool = event.tool or "(unknown)"
        if tool not in state.tool_calls and len(state.tool_calls) >= MAX_TOOLS:
            tool = "(other)"
        state.tool_calls[tool] = state.tool_calls.get(tool, 0) + 1
        state.used.tool_calls += 1


def count_subagent(state: State, identity: str) -> None:
    """Count a sub-agent, by the id of the call that started it."""
    if _remember(state.subagents, identity):
        state.used.subagents += 1


def _remember(seen: set[str], identity: str) -> bool:
    """Return whether an id is new; a full memory takes every id for new."""
    if identity in seen:
        return False
    if len(seen) < MAX_IDS:
        seen.add(identity)
    return True
