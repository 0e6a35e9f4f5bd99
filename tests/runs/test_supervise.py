"""A run is held to its limits, whatever happens in whatever phase."""

import itertools
from typing import cast

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.runs.told import STARTED, call, event, hear, price, request, result, running, stops

from pawl.runs import signals
from pawl.runs.agent import Exit, Launch
from pawl.runs.signals import Answer, Kill, Record, Terminate, Warn
from pawl.runs.spec import Limits, LoopPolicy, ToolPolicy, Unpriced
from pawl.runs.state import State
from pawl.runs.supervise import TRANSITIONS, Phase, begin, next_deadline, step
from pawl.telemetry.event import Attribution, Kind, Source
from pawl.telemetry.likeness import likeness

EXIT = Exit(code=0, signal=None)
INPUTS: dict[str, signals.Input] = {
    "started": signals.Started(1.0),
    "heard": signals.Heard(request(1, 5), 1.0),
    "output": signals.Output(10, 1.0),
    "stderr": signals.StderrOutput(10, 1.0),
    "tick": signals.Tick(1.0),
    "asked": signals.ToolAsked("Bash", b"{}", "call-1", 1.0),
    "interrupted": signals.Interrupted(2, 1.0),
    "exited": signals.ChildExited(EXIT, 1.0),
    "unspooled": signals.SpoolFailed("disk full", 1.0),
}


def _in(phase: Phase) -> State:
    spec = running().spec
    state = begin(spec, Launch(argv=spec.command), price, started=STARTED, now=0.0)
    way = {
        Phase.STARTING: (),
        Phase.RUNNING: ("started",),
        Phase.STOPPING: ("started", "interrupted"),
        Phase.KILLING: ("started", "interrupted", "interrupted"),
        Phase.ENDED: ("started", "exited"),
    }[phase]
    for name in way:
        step(state, INPUTS[name])
    assert state.phase is phase
    return state


# Each cell: the phase afterwards, and the kinds of action. `!` is Terminate, `k` Kill, `r` Record,
# `y` and `n` the answers to the hook.
CELLS = {
    Phase.STARTING: "running,  starting,r starting, starting, starting, starting,y ended, ended, "
    "stopping,r!",
    Phase.RUNNING: "running,  running,r running, running, running, running,y stopping,! ended, "
    "stopping,r!",
    Phase.STOPPING: "stopping, stopping,r stopping, stopping, stopping, stopping,n killing,k "
    "ended, stopping,",
    Phase.KILLING: "killing, killing,r killing, killing, killing, killing,n killing, ended, "
    "killing,",
    Phase.ENDED: "ended, ended,r ended, ended, ended, ended,n ended, ended, ended,",
}
TABLE = [
    (phase, name, *cell.split(","))
    for phase, cells in CELLS.items()
    for name, cell in zip(INPUTS, cells.split(), strict=True)
]


@pytest.mark.parametrize(("phase", "name", "after", "actions"), TABLE)
def test_every_input_in_every_phase(phase: Phase, name: str, after: str, actions: str) -> None:
    """Each pair of phase and input leads to the phase and the actions in the table."""
    state = _in(phase)
    letters = {Terminate: "!", Kill: "k", Record: "r", Warn: "w"}
    found = "".join(
        ("y" if action.allow else "n") if isinstance(action, Answer) else letters[type(action)]
        for action in step(state, INPUTS[name])
    )
    assert (state.phase.value, found) == (after, actions)


def test_table_names_a_handler_for_every_pair() -> None:
    """No pair of phase and input is forgotten."""
    assert set(TRANSITIONS) == set(itertools.product(Phase, map(type, INPUTS.values())))


def test_run_interrupted_before_its_process_came_up_is_ended() -> None:
    """A process that comes up after the interruption is terminated at once."""
    state = _in(Phase.STARTING)
    step(state, INPUTS["interrupted"])
    assert step(state, signals.Started(2.0)) == [Terminate(None)]


def test_wall_time_stops() -> None:
    """A run is stopped when its time is reached, and says by which limit."""
    state = running(Limits(wall_s=60))
    assert next_deadline(state) == 60
    assert step(state, signals.Tick(59.9)) == []
    assert stops(step(state, signals.Tick(60.0)))
    assert state.stop is not None
    assert (state.stop.limit, state.stop.value, state.stop.threshold) == ("wall", 60, 60)


def test_idle_time_starts_again_with_every_sign_of_life() -> None:
    """Output, errors, events and questions each put the idle limit off."""
    for sign in ("heard", "output", "stderr", "asked"):
        state = running(Limits(idle_s=5))
        step(state, signals.Tick(0.5))
        step(state, INPUTS[sign])
        assert next_deadline(state) == 6, sign
        assert step(state, signals.Tick(5.9)) == []
        assert stops(step(state, signals.Tick(6.0)))


def test_grace_then_kill_then_kill_again() -> None:
    """TERM comes first, KILL after the grace, and again while anything is left."""
    state = running(Limits(wall_s=10, grace_s=3))
    assert stops(step(state, signals.Tick(10.0)))
    assert next_deadline(state) == 13
    assert step(state, signals.Tick(12.9)) == []
    assert step(state, signals.Tick(13.0)) == [Kill()]
    assert next_deadline(state) == 14
    assert step(state, signals.Tick(14.0)) == [Kill()]
    step(state, signals.ChildExited(Exit(code=None, signal=9), 14.1))
    assert next_deadline(state) is None


@pytest.mark.parametrize("limit", ["turns", "tool_calls", "subagents"])
def test_counted_limits_allow_their_number_and_stop_the_next(limit: str) -> None:
    """N turns, calls or sub-agents are allowed; the one after them stops the run."""
    makers = {
        "turns": lambda n: request(n),
        "tool_calls": lambda n: call(n, arguments=str(n)),
        "subagents": lambda n: event(Kind.SUBAGENT_STARTED, f"s{n}", tool_call_id=f"s{n}"),
    }
    state = running(Limits(**{limit: 3}))
    told = [makers[limit](n) for n in range(4)]
    assert not stops(hear(state, *told[:3], *told[:3]))
    assert stops(hear(state, told[3]))
    assert state.stop is not None
    assert (state.stop.limit, state.stop.value, state.stop.threshold) == (limit, 4, 3)


def test_requests_that_look_alike_are_turns_of_their_own() -> None:
    """Where a product gives answers no id, what ties them to telemetry does not make them one."""
    state = running(Limits(turns=2))
    alike = likeness("codex", "s1", 10, 0, 0, 5, 0)
    told = [request(n, request_id=f"r{n}", message_id=alike) for n in range(3)]
    assert not stops(hear(state, *told[:2]))
    assert stops(hear(state, told[2]))


def test_turns_are_those_of_the_main_loop() -> None:
    """Responses of sub-agents are no turns, in the stream or in a transcript."""
    state = running(Limits(turns=1))
    side = request(3, attributes={"sidechain": "true"}, source=Source.TRANSCRIPT)
    assert not stops(hear(state, request(1), request(2, parent_id="call-9"), side))


@pytest.mark.parametrize(
    ("limits", "value"),
    [(Limits(tokens=100), 100), (Limits(usd_micros=100), 0.0001)],
)
def test_measured_limits_stop_when_reached(limits: Limits, value: float) -> None:
    """Tokens and dollars stop the run when they reach the ceiling; dollars are told in dollars."""
    state = running(limits)
    assert not stops(hear(state, request(1, 99)))
    assert stops(hear(state, request(2, 1)))
    assert state.stop is not None
    assert state.stop.value == value


def test_output_bytes_stop() -> None:
    """A flood on stdout ends the run."""
    state = running(Limits(output_bytes=100))
    assert step(state, signals.Output(99, 0.0)) == []
    assert stops(step(state, signals.Output(1, 0.0)))


@given(
    st.lists(st.integers(1, 50), max_size=30), st.integers(1, 400), st.sampled_from([True, False])
)
def test_overshoot_is_at_most_one_response(sizes: list[int], ceiling: int, usd: bool) -> None:
    """Whatever the responses, a run goes over a dollar or token limit by one response at most."""
    state = running(Limits(usd_micros=ceiling) if usd else Limits(tokens=ceiling))
    for number, size in enumerate(sizes):
        started = request(number, 1, final=False)
        if stops(hear(state, started)) or stops(hear(state, request(number, size, final=True))):
            break
    assert state.used.usd_micros < ceiling + max([*sizes, 1])
    assert (state.stop is not None) == (sum(sizes) >= ceiling or _partly(sizes) >= ceiling)


def _partly(sizes: list[int]) -> int:
    """Return the most that is known at any moment: a partial response tells of one token."""
    return max([0, *itertools.accumulate(sizes)])


def test_model_without_price_warns_once_or_stops() -> None:
    """Under a dollar limit a model without a price is told once, or stops the run if so asked."""
    state = running(Limits(usd_micros=10))
    actions = hear(state, request(1, 5, "odd"), request(2, 5, "odd"))
    assert len([action for action in actions if isinstance(action, Warn)]) == 1
    assert not stops(actions)
    strict = running(Limits(usd_micros=10), unpriced=Unpriced.STOP)
    assert stops(hear(strict, request(1, 5, "odd")))
    assert not stops(hear(running(), request(1, 5, "odd")))


HOOKED = Launch(
    argv=("claude",), refuses_tools=True, subagent_tools=("Agent",), free_tools=("Answer",)
)


def _ask(state: State, tool: str, number: int = 1) -> list[signals.Action]:
    return step(state, signals.ToolAsked(tool, b'{"a": 1}', f"call-{number}", 0.0))


def test_hook_refuses_a_tool_outside_the_policy_and_the_run_goes_on() -> None:
    """A refused call is recorded with its reason; refusing it was enough."""
    state = running(launch=HOOKED, tools=ToolPolicy(allow=("Read", "mcp__*")))
    actions = _ask(state, "Bash")
    assert isinstance(actions[0], Answer)
    assert not actions[0].allow
    denied = [action.event for action in actions if isinstance(action, Record)]
    assert [told.kind for told in denied] == [Kind.TOOL_DENIED]
    assert not stops(hear(state, call(1, "Bash"), result(1, outcome="error")))
    assert cast(Answer, _ask(state, "mcp__db__read", 2)[0]).allow
    assert cast(Answer, _ask(state, "Answer", 3)[0]).allow


def test_call_that_ran_although_the_hook_should_refuse_it_stops_the_run() -> None:
    """Where hooks are switched off behind our back, the forbidden call's result gives it away."""
    state = running(launch=HOOKED, tools=ToolPolicy(deny=("Bash",)))
    assert not stops(hear(state, call(1, "Bash")))
    assert stops(hear(state, result(1)))
    assert state.stop is not None
    assert state.stop.limit == "tool"


@pytest.mark.parametrize(("unexpected", "stopped"), [("stop", True), ("record", False)])
def test_call_that_cannot_be_refused_is_recorded_and_stops_by_policy(
    unexpected: str, stopped: bool
) -> None:
    """Without a hook a forbidden call is recorded, and stops the run unless only to be noted."""
    state = running(tools=ToolPolicy(deny=("Bash",), unexpected=unexpected))
    actions = hear(state, call(1, "Bash"))
    assert Kind.TOOL_DENIED in [a.event.kind for a in actions if isinstance(a, Record)]
    assert bool(stops(actions)) is stopped


@pytest.mark.parametrize("heard_before_exit", [0, 1, 2])
def test_forbidden_tool_makes_a_stopped_run_whenever_its_lines_are_read(
    heard_before_exit: int,
) -> None:
    """An agent quicker than its supervisor does not get away with a forbidden call."""
    told = [signals.Heard(call(1, "Bash"), 0.0), signals.Heard(result(1), 0.0)]
    told.insert(heard_before_exit, cast(signals.Heard, signals.ChildExited(EXIT, 0.0)))
    state = running(launch=HOOKED, tools=ToolPolicy(deny=("Bash",)))
    actions = [action for one in told for action in step(state, one)]
    assert state.stop is not None
    assert state.stop.limit == "tool"
    kinds = [action.event.kind for action in actions if isinstance(action, Record)]
    assert kinds.count(Kind.LIMIT) == 1
    assert kinds.count(Kind.TOOL_DENIED) == 1


def test_hook_refuses_the_call_that_passes_a_ceiling() -> None:
    """The call after the last one allowed is refused before it happens, and the run stops."""
    state = running(Limits(tool_calls=1), HOOKED)
    assert cast(Answer, _ask(state, "Read", 1)[0]).allow
    hear(state, call(1, "Read"))
    actions = _ask(state, "Read", 2)
    assert not cast(Answer, actions[0]).allow
    assert stops(actions)
    agents = running(Limits(subagents=0), HOOKED)
    assert not cast(Answer, _ask(agents, "Agent")[0]).allow


def test_same_call_asked_and_streamed_and_followed_counts_once() -> None:
    """The hook, the stream and the transcript tell of one call; it is one call."""
    state = running(Limits(tool_calls=1), HOOKED)
    _ask(state, "Read", 1)
    hear(state, call(1, "Read"), call(1, "Read", source=Source.TRANSCRIPT))
    assert state.tool_calls == {"Read": 1}
    assert state.stop is None


def test_calls_are_counted_from_the_sources_that_are_believed() -> None:
    """Where a transcript names calls by ids of its own, only the stream's calls are counted."""
    launch = Launch(argv=("codex",), calls_sources=(Source.RUN,))
    state = running(launch=launch)
    assert hear(state, call(1, source=Source.TRANSCRIPT)) == []
    hear(state, call(2))
    assert state.used.tool_calls == 1


def test_hook_questions_of_parallel_subagents_are_no_loop() -> None:
    """The hook does not tell whose call it is, so repetition is looked for in the stream alone."""
    state = running(launch=HOOKED)
    for number in range(10):
        assert cast(Answer, _ask(state, "Read", number)[0]).allow
    assert state.stop is None


def test_loop_warns_then_stops() -> None:
    """One repetition before the threshold the user is warned; at it the run is stopped."""
    state = running(loops=LoopPolicy(identical_results=4))
    repeated = [told for n in range(4) for told in (call(n), result(n))]
    early = hear(state, *repeated[:6])
    assert [type(action) for action in early if not isinstance(action, Record)] == [Warn]
    late = hear(state, *repeated[6:])
    assert stops(late)
    assert Kind.LOOP in [a.event.kind for a in late if isinstance(a, Record)]
    assert state.stop is not None
    assert (state.stop.limit, state.stop.value, state.stop.threshold) == ("loop", 4, 4)


def test_lines_copied_from_a_parent_session_are_not_of_this_run() -> None:
    """A forked session's file begins with older lines, which are neither counted nor kept."""
    state = running()
    old = request(1, 50, source=Source.TRANSCRIPT, time="2026-11-20T00:00:00.000000Z")
    assert hear(state, old) == []
    assert not state.metered.known


def test_events_say_whose_run_they_are_of() -> None:
    """What is kept carries the run and the attribution of the launch, and keeps its own."""
    state = running(attribution=Attribution(project="shop", branch="main"))
    actions = hear(state, request(1, branch="topic"))
    kept = [action.event for action in actions if isinstance(action, Record)]
    assert [(e.run_id, e.project, e.branch) for e in kept] == [("run_1", "shop", "topic")]


def test_usage_heard_after_the_end_still_counts_and_going_over_is_noted() -> None:
    """What a transcript tells last is billed; a limit passed by it is noted, not enforced."""
    state = running(Limits(tokens=10))
    step(state, signals.ChildExited(EXIT, 1.0))
    assert not stops(hear(state, request(1, 50)))
    assert state.metered.usage.output == 50
    assert state.overshoot is not None


SOME = st.sampled_from(
    [*INPUTS.values(), *(signals.Heard(call(n), 2.0) for n in range(3))]
    + [signals.Heard(result(n), 2.0) for n in range(3)]
)


@given(st.lists(SOME, max_size=25))
def test_replay_gives_the_same_actions(heard: list[signals.Input]) -> None:
    """The same inputs give the same actions, TERM is sent once, and an ended run stays so."""
    told = []
    for _ in range(2):
        state = begin(
            running(Limits(turns=2, tokens=9)).spec,
            Launch(argv=("claude",)),
            price,
            started=STARTED,
            now=0.0,
        )
        actions = [action for each in heard for action in step(state, each)]
        told.append(actions)
        assert len(stops(actions)) <= 2
        assert len([a for a in stops(actions) if a.reason is not None]) <= 1
    assert told[0] == told[1]
