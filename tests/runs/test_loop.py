"""Repetition with nothing new is a loop; repetition that brings something new is not."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.runs.told import call, result

from pawl.base.loading import load_yaml
from pawl.runs.loop import Detector, Loop, Rung, _alternating, find_loops
from pawl.runs.spec import LoopPolicy
from pawl.telemetry.event import Event

POLICY = LoopPolicy()
FOREVER = range(12)


def _found(events: list[Event], policy: LoopPolicy = POLICY) -> list[tuple[str, str, int]]:
    return [(loop.rung.value, loop.pattern, loop.count) for loop in find_loops(events, policy)]


def _answered(answers: list[str], **fields: str) -> list[Event]:
    """Return a call repeated, answered in turn by these results."""
    return [
        told
        for number, answer in enumerate(answers)
        for told in (call(number, **fields), result(number, answer))
    ]


def test_defaults_are_the_documented_thresholds() -> None:
    """The policy's numbers are those of the file that names their sources."""
    folder = Path(__file__).parents[2] / "src" / "pawl" / "runs"
    text = (folder / "loop_thresholds.yaml").read_text()
    told = load_yaml(text, dict[str, object], place="loop_thresholds.yaml")["thresholds"]
    assert told == {
        "identical_calls": POLICY.identical_calls,
        "identical_results": POLICY.identical_results,
        "identical_errors": POLICY.identical_errors,
        "alternations": POLICY.alternations,
    }


def test_identical_calls() -> None:
    """Five identical calls are a loop where no result is ever shown."""
    assert _found([call(n) for n in FOREVER]) == [
        ("warn", "identical-calls", 4),
        ("stop", "identical-calls", 5),
    ]


def test_identical_calls_with_old_results() -> None:
    """Five identical calls are a loop where the results only repeat what was seen."""
    assert _found(_answered(["a", "b"] * 6))[-1] == ("stop", "identical-calls", 5)


def test_identical_results() -> None:
    """Four identical calls with one result are a loop."""
    assert _found(_answered(["a"] * 12)) == [
        ("warn", "identical-results", 3),
        ("stop", "identical-results", 4),
    ]


def test_identical_errors() -> None:
    """Three identical failures are a loop."""
    events = [told for n in FOREVER for told in (call(n), result(n, "no", "error"))]
    assert _found(events) == [("warn", "identical-errors", 2), ("stop", "identical-errors", 3)]


def test_alternation() -> None:
    """Six calls in turn, with nothing new from either, are a loop."""
    events = [told for n in FOREVER for told in (call(n, "AB"[n % 2]), result(n, "ab"[n % 2]))]
    assert _found(events) == [("warn", "alternation", 5), ("stop", "alternation", 6)]


def test_alternation_with_progress_is_no_loop() -> None:
    """Editing and testing in turn is work, as long as one of the two brings something new."""
    events = [
        told
        for n in range(40)
        for told in (call(n, "AB"[n % 2]), result(n, "same" if n % 2 else str(n)))
    ]
    assert _found(events) == []


def test_other_arguments_are_other_calls() -> None:
    """A bulk edit calls one tool many times, and each call is another."""
    events = [told for n in range(40) for told in (call(n, "Edit", f"file{n}"), result(n, "done"))]
    assert _found(events) == []


def test_progress_starts_the_count_again() -> None:
    """A new result after three old ones begins a new repetition."""
    assert [r for r, _, _ in _found(_answered(["a", "a", "a", "b", "b", "b", "c"]))] == [
        "warn",
        "warn",
    ]


@pytest.mark.parametrize("glob", ["poll_*", "poll_status"])
def test_polling_tools_are_exempt(glob: str) -> None:
    """A tool that polls by design may answer the same for as long as it likes."""
    policy = LoopPolicy(exempt=(glob,))
    assert _found(_answered(["wait"] * 40, tool="poll_status"), policy) == []


def test_call_between_polls_is_no_repetition() -> None:
    """A declared poll between two calls breaks their row: the agent is waiting for something."""
    events = []
    for n in range(20):
        tool = "poll" if n % 2 else "Read"
        events += [call(n, tool), result(n, "same")]
    assert _found(events, LoopPolicy(exempt=("poll",))) == []


def test_streams_are_apart() -> None:
    """What two sub-agents do at a time does not add up, and neither hides the other."""
    both = [
        told
        for n in range(6)
        for told in (
            call(n, parent_id="left" if n % 2 else "right"),
            result(n, parent_id="left" if n % 2 else "right"),
        )
    ]
    assert {loop.rung for loop in find_loops(both, POLICY)} == {Rung.WARN}


def test_off_and_warn() -> None:
    """`off` sees nothing; `warn` warns at the threshold and never stops."""
    repeated = _answered(["a"] * 12)
    assert _found(repeated, LoopPolicy(action="off")) == []
    assert _found(repeated, LoopPolicy(action="warn")) == [("warn", "identical-results", 4)]


def test_same_call_told_twice_counts_once() -> None:
    """The stream and the transcript tell of one call; repetition is of calls, not of tellings."""
    assert _found([call(n) for n in (0, 0, 1, 1, 2, 2)]) == []


def test_one_parallel_batch_is_no_loop_before_its_results() -> None:
    """Calls of one response wait for one another's results, which may all be new."""
    batch = [call(n, message_id="one") for n in range(10)]
    assert _found(batch) == []
    assert _found([*batch, *(result(n, str(n)) for n in reversed(range(10)))]) == []


def test_calls_left_without_a_result_count_once_the_model_went_on() -> None:
    """A response later, a call whose result nobody showed is a repetition like any other."""
    batches = [call(n, message_id=f"m{n}") for n in range(8)]
    assert ("stop", "identical-calls", 5) in _found([call(9, "X"), result(9), *batches])


def _names(loops: list[Loop]) -> list[str]:
    return [loop.event_id for loop in loops]


@given(st.data())
def test_no_false_alarm_on_progress(data: st.DataObject) -> None:
    """New results never alarm, however late and in whatever order they come within a response."""
    events: list[Event] = []
    number = 0
    for response in range(data.draw(st.integers(1, 12))):
        size = data.draw(st.integers(1, 6))
        batch = list(range(number, number + size))
        number += size
        tools = [data.draw(st.sampled_from("AB")) for _ in batch]
        events += [call(n, t, message_id=f"m{response}") for n, t in zip(batch, tools, strict=True)]
        events += [result(n, f"new{n}") for n in data.draw(st.permutations(batch))]
    assert find_loops(events, POLICY) == []


@given(st.lists(st.sampled_from("AB"), max_size=8), st.sampled_from(["A", "B"]))
def test_every_endless_repetition_is_stopped(before: list[str], tool: str) -> None:
    """Whatever came before, a call that repeats with one result is stopped by the fifth time."""
    start = [
        told for n, t in enumerate(before) for told in (call(n, t, "x" + str(n)), result(n, str(n)))
    ]
    again = [told for n in range(100, 105) for told in (call(n, tool), result(n))]
    assert Rung.STOP in {loop.rung for loop in find_loops([*start, *again], POLICY)}


@given(
    st.lists(
        st.tuples(st.integers(0, 90), st.sampled_from("abc"), st.sampled_from(["", "x", "y"])),
        max_size=150,
    ),
    st.integers(3, 8),
)
def test_the_index_of_calls_and_the_short_cut_say_what_all_calls_say(
    told: list[tuple[int, str, str]], least: int
) -> None:
    """Calls are found by id while they are looked at, and turns are counted from `least` on."""
    detector = Detector(LoopPolicy(exempt=("c",)))
    for number, tool, answer in told:
        detector.see(call(number, tool=tool) if not answer else result(number, answer))
        for stream in detector._streams.values():
            assert stream.named == {each.id: each for each in stream.calls}
            whole = _alternating(stream, 2)
            assert whole < least or _alternating(stream, least) == whole
