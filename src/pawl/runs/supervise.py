"""Hold a run to its limits: the state machine behind `pawl run`.

    state = begin(spec, launch, price, started=..., now=...)
    actions = step(state, input)         # changes the state; carry the actions out in order
    deadline = next_deadline(state)      # send a Tick then, at the latest

Deterministic: the same specification and the same inputs give the same actions, so a recorded
run can be played again. `TRANSITIONS` names a handler for every pair of phase and input:

    starting -> running -> stopping (TERM sent, grace runs) -> killing (KILL sent) -> ended

Once ended, the shell sweeps what is left of the process tree, drains stdout and transcripts
(usage heard then still counts), and hands the state to `outcome.assemble`.
"""

from collections.abc import Callable

from pawl.runs import signals, tally, testimony, toolpolicy
from pawl.runs.agent import Launch
from pawl.runs.limits import Used, exceeded, stop
from pawl.runs.loop import Rung
from pawl.runs.meter import Price
from pawl.runs.record import Stop
from pawl.runs.signals import Action, Answer, Kill, Record, Terminate, Warn
from pawl.runs.spec import RunSpec, Unpriced
from pawl.runs.state import Phase, State
from pawl.telemetry.event import Event, Kind, Source

__all__ = ["TRANSITIONS", "Phase", "State", "begin", "next_deadline", "step"]

KILL_AGAIN_S = 1.0
"""Seconds until KILL is sent once more, to what was born meanwhile."""


def begin(spec: RunSpec, launch: Launch, price: Price, *, started: str, now: float) -> State:
    """Return the state of a run about to start; `started` is the canonical time of `now`."""
    return State(spec, launch, price, started, now)


def step(state: State, heard: signals.Input) -> list[Action]:
    """Take one input and return what to do about it, in order."""
    state.now = max(state.now, heard.now)
    return TRANSITIONS[state.phase, type(heard)](state, heard)


def next_deadline(state: State) -> float | None:
    """Return the monotonic second by which a Tick is due, or None when no timer runs."""
    if state.phase is Phase.RUNNING:
        limits = state.spec.limits
        timers = [] if limits.wall_s is None else [state.began + limits.wall_s]
        if limits.idle_s is not None:
            timers.append(state.heard + limits.idle_s)
        return min(timers, default=None)
    return state.kill_at


# -- handlers: one for each thing that can happen, named after what it does ----------------------


def _start(state: State, heard: signals.Started) -> list[Action]:
    state.phase = Phase.RUNNING
    state.began = state.heard = state.now
    return []


def _observe(state: State, heard: signals.Heard) -> list[Action]:
    """Count and keep an event, and end nothing: the run is ending or has ended.

    A forbidden tool still makes the run a stopped one. Whether its last lines are read before or
    after its exit is chance, and what a run came to must not depend on that.
    """
    event = heard.event
    if tally.is_repetition(state, event):
        return []
    tally.count(state, event)
    found: list[Action] = []
    if event.kind is Kind.TOOL_CALL or event.kind is Kind.TOOL_RESULT:
        found = _watch_policy(state, event)
    if state.phase is Phase.ENDED and state.stop is None:
        state.overshoot = exceeded(state.spec.limits, _measured_only(state.used))
    return [Record(testimony.attributed(state, event)), *found]


def _hear(state: State, heard: signals.Heard) -> list[Action]:
    event = heard.event
    if tally.is_repetition(state, event):
        return []
    state.heard = state.now
    actions: list[Action] = [Record(testimony.attributed(state, event))]
    known = set(state.metered.unpriced)
    tally.count(state, event)
    if event.kind is Kind.TOOL_CALL or event.kind is Kind.TOOL_RESULT:
        actions += _watch_policy(state, event)
        actions += _watch_loops(state, event)
    actions += _watch_prices(state, known)
    return actions + _watch_limits(state)


def _read(state: State, heard: signals.Output) -> list[Action]:
    state.heard = state.now
    state.used.output_bytes += heard.count
    return _watch_limits(state)


def _count_output(state: State, heard: signals.Output) -> list[Action]:
    state.used.output_bytes += heard.count
    return []


def _stay_awake(state: State, heard: signals.StderrOutput) -> list[Action]:
    state.heard = state.now
    return _watch_limits(state)


def _look_at_clock(state: State, heard: signals.Tick) -> list[Action]:
    return _watch_limits(state)


def _judge_call(state: State, heard: signals.ToolAsked) -> list[Action]:
    """Answer the hook: by the policy, then by the ceilings this call would pass.

    Loops are seen in the stream, which tells the sub-agent that a call belongs to.
    """
    state.heard = state.now
    call = Event(
        id=f"{state.spec.run_id}:asked:{heard.call_id}",
        time=testimony.now_text(state),
        kind=Kind.TOOL_CALL,
        source=Source.RUN,
        agent=state.spec.agent,
        parent_id=heard.parent_id,
        tool=heard.tool,
        tool_call_id=heard.call_id,
    )
    tally.count_call(state, call)
    if heard.tool in state.launch.subagent_tools:
        tally.count_subagent(state, heard.call_id)
    decision = toolpolicy.decide(state.spec.tools, heard.tool, state.launch.free_tools)
    actions: list[Action] = []
    if not decision.allowed:
        actions.append(Record(testimony.denied(state, call, decision.reason)))
    actions += _watch_limits(state)
    state.forbidden.pop(heard.call_id, None)
    if not decision.allowed:
        return [Answer(heard.call_id, False, decision.reason), *actions]
    if state.stop is not None:
        return [Answer(heard.call_id, False, f"The run is stopped: {_told(state.stop)}"), *actions]
    return [Answer(heard.call_id, True), *actions]


def _deny(state: State, heard: signals.ToolAsked) -> list[Action]:
    return [Answer(heard.call_id, False, "The run is being stopped.")]


def _begin_interrupting(state: State, heard: signals.Interrupted) -> list[Action]:
    state.interrupted = heard.signal
    return _terminate(state, None)


def _never_start(state: State, heard: signals.Interrupted) -> list[Action]:
    state.interrupted = heard.signal
    state.phase = Phase.ENDED
    return []


def _hasten(state: State, heard: signals.Interrupted) -> list[Action]:
    if state.interrupted is None and state.stop is None:
        state.interrupted = heard.signal
    return _kill(state)


def _give_up_waiting(state: State, heard: signals.Tick) -> list[Action]:
    if state.kill_at is None or state.now < state.kill_at:
        return []
    return _kill(state)


def _end(state: State, heard: signals.ChildExited) -> list[Action]:
    state.exit = heard.exit
    state.phase = Phase.ENDED
    state.kill_at = None
    state.used.wall_s = state.now - state.began
    return []


def _end_started_too_late(state: State, heard: signals.Started) -> list[Action]:
    """The process came up although the run was interrupted before: end it."""
    if state.exit is not None:
        return []
    return _terminate(state, None)


def _stop_unrecorded(state: State, heard: signals.SpoolFailed) -> list[Action]:
    return _stop(state, Stop(limit="spool", value=0, threshold=0, detail=heard.message))


def _ignore(state: State, heard: signals.Input) -> list[Action]:
    return []


# -- what a handler looks at --------------------------------------------------------------------


def _watch_policy(state: State, event: Event) -> list[Action]:
    """Find calls outside the policy that were not, or could not be, refused beforehand."""
    policy = state.spec.tools
    if not toolpolicy.restricts(policy):
        return []
    call_id = event.tool_call_id or event.id
    if event.kind is Kind.TOOL_RESULT:
        reason = state.forbidden.pop(call_id, None)
        if reason is None or event.outcome != "ok":
            return []
        return _unexpected(state, event, f"{reason} It ran although the hook should refuse it.")
    decision = toolpolicy.decide(policy, event.tool or "", state.launch.free_tools)
    if decision.allowed:
        return []
    if not state.launch.refuses_tools:
        return _unexpected(state, event, decision.reason)
    if len(state.forbidden) < tally.MAX_IDS:
        state.forbidden[call_id] = decision.reason
    return []


def _unexpected(state: State, event: Event, reason: str) -> list[Action]:
    noted = Record(testimony.denied(state, event, reason, "unexpected"))
    if state.spec.tools.unexpected == "stop":
        reached = Stop(limit="tool", value=1, threshold=0, detail=reason)
        if state.phase is Phase.ENDED and state.stop is None:
            state.stop = reached
            return [noted, Record(testimony.limit(state, reached))]
        return [noted, *_stop(state, reached)]
    return [noted, _warn(state, reason)]


def _watch_loops(state: State, event: Event) -> list[Action]:
    loop = state.detector.see(event)
    if loop is None:
        return []
    actions: list[Action] = [Record(testimony.loop(state, loop))]
    if loop.rung is Rung.WARN:
        return [*actions, _warn(state, f"The agent may be stuck: {loop.text}.")]
    reached = Stop(limit="loop", value=loop.count, threshold=loop.threshold, detail=loop.text)
    return actions + _stop(state, reached)


def _watch_prices(state: State, known: set[str]) -> list[Action]:
    """Say once that a model has no price; under a dollar limit, stop if so told."""
    limit = state.spec.limits.usd_micros
    fresh = [model for model in state.metered.unpriced if model not in known]
    if limit is None or not fresh:
        return []
    names = ", ".join(model or "(unknown)" for model in fresh)
    text = f"No price is known for {names}: its tokens do not count towards the dollar limit."
    if state.spec.unpriced is Unpriced.STOP:
        return _stop(state, stop("usd_micros", state.used.usd_micros, limit, text))
    return [_warn(state, text)]


def _watch_limits(state: State) -> list[Action]:
    if state.phase is not Phase.RUNNING and state.phase is not Phase.STARTING:
        return []
    if state.phase is Phase.RUNNING:
        state.used.wall_s = state.now - state.began
        state.used.idle_s = state.now - state.heard
    reached = exceeded(state.spec.limits, state.used)
    return [] if reached is None else _stop(state, reached)


def _measured_only(used: Used) -> Used:
    """Return what counts as going over unnoticed: not the time, which ended with the run."""
    return Used(usd_micros=used.usd_micros, tokens=used.tokens, output_bytes=used.output_bytes)


# -- what a handler does ------------------------------------------------------------------------


def _stop(state: State, reason: Stop) -> list[Action]:
    if state.stop is not None or state.phase not in (Phase.STARTING, Phase.RUNNING):
        return []
    state.stop = reason
    return [Record(testimony.limit(state, reason)), *_terminate(state, reason)]


def _terminate(state: State, reason: Stop | None) -> list[Action]:
    state.phase = Phase.STOPPING
    state.kill_at = state.now + state.spec.limits.grace_s
    return [Terminate(reason)]


def _kill(state: State) -> list[Action]:
    state.phase = Phase.KILLING
    state.kill_at = state.now + KILL_AGAIN_S
    return [Kill()]


def _warn(state: State, text: str) -> Warn:
    if len(state.warnings) < 100:
        state.warnings.append(text)
    return Warn(text)


def _told(reason: Stop) -> str:
    detail = f" {reason.detail}" if reason.detail else ""
    value, threshold = testimony.number(reason.value), testimony.number(reason.threshold)
    return f"{reason.limit} {value} of {threshold}.{detail}"


# -- the table ----------------------------------------------------------------------------------

Handler = Callable[[State, signals.Input], list[Action]]


def _table() -> dict[tuple[Phase, type], Handler]:
    inputs: tuple[type, ...] = (
        signals.Started,
        signals.Heard,
        signals.Output,
        signals.StderrOutput,
        signals.Tick,
        signals.ToolAsked,
        signals.Interrupted,
        signals.ChildExited,
        signals.SpoolFailed,
    )
    ending = (_observe, _count_output, _ignore)
    rows: dict[Phase, tuple[Callable[..., list[Action]], ...]] = {
        Phase.STARTING: (
            _start, _hear, _read, _stay_awake, _ignore, _judge_call, _never_start, _end,
            _stop_unrecorded,
        ),
        Phase.RUNNING: (
            _ignore, _hear, _read, _stay_awake, _look_at_clock, _judge_call, _begin_interrupting,
            _end, _stop_unrecorded,
        ),
        Phase.STOPPING: (_ignore, *ending, _give_up_waiting, _deny, _hasten, _end, _ignore),
        Phase.KILLING: (_ignore, *ending, _give_up_waiting, _deny, _ignore, _end, _ignore),
        Phase.ENDED: (_end_started_too_late, *ending, _ignore, _deny, _ignore, _ignore, _ignore),
    }  # fmt: skip
    return {
        (phase, heard): handler
        for phase, handlers in rows.items()
        for heard, handler in zip(inputs, handlers, strict=True)
    }


TRANSITIONS = _table()
