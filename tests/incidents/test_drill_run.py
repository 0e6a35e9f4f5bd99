"""A run of a drill: what each command does in each state, and that replay gives the same value."""

import msgspec
import pytest
from tests.incidents.test_drill import DRILL

from pawl.incidents.drill import Measured, Outcome
from pawl.incidents.drill_run import (
    COMMANDS,
    MAX_NOTES,
    TABLE,
    Abort,
    Command,
    DrillRun,
    Finish,
    Note,
    OpenedAction,
    Start,
    State,
    decide,
    plan,
    was_left,
)
from pawl.incidents.event import Happened, Refusal, after, made

NOW = "2026-11-22T09:00:00.000000Z"
LATER = "2026-11-22T09:00:10.000000Z"
BY = "git:ann@example.com"
BAD = {"lost": Measured(value=2), "after_return_s": Measured(value=None, why="it never came")}


def made_run(*commands: Command) -> DrillRun:
    """Return a run after some commands."""
    (first,) = plan("drl_1", DRILL, NOW, by=BY)
    run = made(first, DrillRun)
    for command in commands:
        run = told(run, command)
    return run


def told(run: DrillRun, command: Command, now: str = LATER) -> DrillRun:
    """Return a run after a command that does something."""
    events = decide(run, command, now)
    assert not isinstance(events, Refusal), events
    for each in events:
        run = after(run, each)
    return run


RUNS = {
    State.PLANNED: made_run(),
    State.RUNNING: made_run(Start(by=BY)),
    State.FINISHED: made_run(Start(by=BY), Finish(by=BY, measured=BAD)),
    State.ABORTED: made_run(Start(by=BY), Abort(by=BY, why="Too long.")),
}
GIVEN: dict[type[Command], Command] = {
    Start: Start(by=BY),
    Finish: Finish(by=BY, measured={}),
    Abort: Abort(by=BY, why="Enough."),
    OpenedAction: OpenedAction(by=BY, expectation="none-lost", action="act_1"),
}


@pytest.mark.parametrize("state", State)
@pytest.mark.parametrize("command", COMMANDS)
def test_every_pair_of_state_and_command_does_what_the_table_says(
    state: State, command: type[Command]
) -> None:
    """What is in the table happens; everything else is refused with the state."""
    run = RUNS[state]
    assert run.state is state
    answer = decide(run, GIVEN[command], LATER)
    if (state, command) in TABLE:
        assert not isinstance(answer, Refusal)
        assert all(isinstance(each, Happened) for each in answer)
    else:
        assert isinstance(answer, Refusal)
        assert state in answer.reasons[0]


def test_a_finished_run_has_results_score_verdict_and_gaps() -> None:
    """Both expectations are gaps here: one unmet, one that nobody could tell."""
    run = RUNS[State.FINISHED]
    assert [each.outcome for each in run.results] == [Outcome.NOT_MET, Outcome.CANNOT_TELL]
    assert run.results[1].why == "it never came"
    assert run.verdict is Outcome.NOT_MET
    assert run.score is not None
    assert run.score.share == 0
    assert [each.due_at[:10] for each in run.gaps] == ["2026-12-06"] * 2
    assert run.lasted_s == 0


def test_an_aborted_run_proves_nothing_whatever_was_measured() -> None:
    """Even where all was met until then, nobody can tell, and it leaves no gap."""
    good = {"lost": Measured(value=0), "after_return_s": Measured(value=1)}
    run = made_run(Start(by=BY), Abort(by=BY, why="Ctrl-C", measured=good))
    assert run.verdict is Outcome.CANNOT_TELL
    assert [each.outcome for each in run.results] == [Outcome.MET] * 2
    assert run.gaps == ()
    assert isinstance(decide(RUNS[State.RUNNING], Abort(by=BY, why=" "), LATER), Refusal)


def test_an_action_is_noted_once_and_only_for_a_gap() -> None:
    """Told twice is told once; what met its bound has no gap to open one for."""
    run = RUNS[State.FINISHED]
    opened = OpenedAction(by=BY, expectation="none-lost", action="act_1")
    once = told(run, opened)
    assert [each.action for each in once.gaps] == ["act_1", ""]
    assert decide(once, opened, LATER) == ()
    unknown = OpenedAction(by=BY, expectation="none", action="act_1")
    assert isinstance(decide(run, unknown, LATER), Refusal)


def test_a_clock_that_goes_back_makes_no_earlier_time() -> None:
    """The end of a run is never before what was recorded of it."""
    run = told(RUNS[State.RUNNING], Finish(by=BY, measured={}), "2020-01-01T00:00:00.000000Z")
    assert run.ended_at == LATER


def test_a_long_timeline_keeps_its_beginning_and_its_end() -> None:
    """What is left out is counted."""
    notes = tuple(Note(after_s=n, text=f"line {n}" * 200) for n in range(2 * MAX_NOTES))
    run = told(RUNS[State.RUNNING], Finish(by=BY, measured={}, notes=notes))
    assert len(run.notes) == MAX_NOTES + 1
    assert run.notes[0].after_s == 0
    assert run.notes[-1].after_s == 2 * MAX_NOTES - 1
    assert "500 lines left out" in run.notes[MAX_NOTES // 2].text
    assert max(len(each.text) for each in run.notes) <= 500


def test_a_run_whose_process_died_is_seen_by_its_time() -> None:
    """Not while it may still go on, and never once it has ended."""
    running = RUNS[State.RUNNING]
    assert not was_left(running, "2026-11-22T09:01:10.000000Z")
    assert was_left(running, "2026-11-22T09:02:11.000000Z")
    assert not was_left(RUNS[State.FINISHED], "2030-01-01T00:00:00.000000Z")


def test_a_replay_from_json_gives_the_same_value() -> None:
    """Events are JSON all through."""
    run, events = None, [*plan("drl_1", DRILL, NOW, by=BY)]
    current = made(events[0], DrillRun)
    for command in (Start(by=BY), Finish(by=BY, measured=BAD, notes=(Note(after_s=1, text="a"),))):
        answer = decide(current, command, LATER)
        assert not isinstance(answer, Refusal)
        for each in answer:
            events.append(each)
            current = after(current, each)
    for event in msgspec.json.decode(msgspec.json.encode(events), type=list[Happened]):
        run = made(event, DrillRun) if run is None else after(run, event)
    assert run == current
