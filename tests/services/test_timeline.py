"""A run's events fold into turns: each request once, each tool call with its result."""

from hypothesis import given, settings
from hypothesis import strategies as st

from pawl.services.timeline import timeline
from pawl.telemetry.event import Event, Kind, Source
from pawl.telemetry.likeness import usage_likeness
from pawl.telemetry.usage import Usage

START = "2026-11-21T09:00:00.000000Z"


def at(second: int) -> str:
    """Return an instant so many seconds after the start."""
    return f"2026-11-21T09:{second // 60:02d}:{second % 60:02d}.000000Z"


def request(id: str, second: int, source: Source = Source.TRANSCRIPT, **fields: object) -> Event:
    """Return a request event."""
    values: dict[str, object] = {"message_id": id, "input": 10, "output": 5, "final": True}
    return Event(
        id=f"{id}{source}{second}{fields}",
        time=at(second),
        kind=Kind.REQUEST,
        source=source,
        agent="claude-code",
        **{**values, **fields},  # type: ignore[arg-type]
    )


def tool(kind: Kind, call: str, second: int, **fields: object) -> Event:
    """Return an event of a tool call."""
    return Event(
        id=f"{kind}{call}",
        time=at(second),
        kind=kind,
        source=Source.RUN,
        agent="claude-code",
        tool_call_id=call,
        **fields,  # type: ignore[arg-type]
    )


def test_a_request_told_by_two_sources_is_one_turn() -> None:
    """Two sources of one request make one turn that names both."""
    told = timeline([request("m1", 1), request("m1", 2, Source.RUN)], START)
    assert [turn.number for turn in told.turns] == [1]
    assert told.turns[0].sources == ("run", "transcript")
    assert told.turns[0].agrees


def test_final_counts_outrank_partial_ones() -> None:
    """The counts at the end of the response are shown, whoever told the beginning."""
    partial = request("m1", 1, Source.RUN, output=1, final=False)
    told = timeline([partial, request("m1", 2, output=90)], START)
    assert told.turns[0].usage is not None
    assert told.turns[0].usage.output == 90
    assert told.turns[0].agrees


def test_sources_that_differ_are_shown() -> None:
    """Two final tellings with other tokens disagree; the transcript is believed."""
    told = timeline([request("m1", 1, Source.RUN, output=7), request("m1", 1)], START)
    assert not told.turns[0].agrees
    assert told.turns[0].usage is not None
    assert told.turns[0].usage.output == 5
    assert [(s.source, s.disagrees) for s in told.sources] == [("transcript", 0), ("run", 1)]


def test_a_tool_call_and_its_result_are_one_step() -> None:
    """The step has the call's name, the result's outcome and the time between them."""
    events = [
        request("m1", 1),
        tool(Kind.TOOL_CALL, "t1", 2, tool="Bash"),
        tool(Kind.TOOL_RESULT, "t1", 5, outcome="error"),
    ]
    (step,) = timeline(events, START).turns[0].steps
    assert (step.title, step.outcome, step.duration_ms) == ("Bash", "error", 3000)


def test_a_tool_call_stands_after_the_response_it_is_in() -> None:
    """Events of one instant are ordered by what causes what, not by their ids."""
    call = tool(Kind.TOOL_CALL, "a", 1, tool="Read")
    told = timeline([call, request("m1", 1)], START)
    assert [step.title for step in told.turns[0].steps] == ["Read"]


def test_a_result_without_a_call_is_still_shown() -> None:
    """A result whose call nobody told of is a step of its own."""
    told = timeline([tool(Kind.TOOL_RESULT, "t9", 1, outcome="ok")], START)
    assert [step.kind for step in told.turns[0].steps] == ["tool_result"]


def test_messages_that_the_stream_told_are_not_told_again() -> None:
    """Where the stream and the transcript both tell of messages, the stream's are shown."""
    messages = [
        Event(
            id=f"{source}{size}",
            time=at(2),
            kind=Kind.MESSAGE,
            source=source,
            agent="claude-code",
            attributes={"characters": size},
        )
        for source in (Source.RUN, Source.TRANSCRIPT)
        for size in ("10", "20")
    ]
    titles = ["message of 10 characters", "message of 20 characters"]
    for told in (messages, messages[2:]):
        steps = timeline([request("m1", 1), *told], START).turns[0].steps
        assert [step.title for step in steps] == titles


def test_nothing_told_is_no_turn() -> None:
    """A run without events has no turns."""
    assert timeline([], START).turns == ()


_KINDS = st.sampled_from([Kind.REQUEST, Kind.TOOL_CALL, Kind.TOOL_RESULT, Kind.ERROR, Kind.MESSAGE])


@given(st.lists(st.tuples(_KINDS, st.integers(0, 3), st.integers(0, 50)), max_size=25))
@settings(max_examples=60)
def test_every_request_is_one_turn_whatever_the_order(facts: list[tuple[Kind, int, int]]) -> None:
    """The number of turns is that of distinct requests, and no call is shown twice."""
    events = [
        request(f"m{name}", second) if kind is Kind.REQUEST else tool(kind, f"t{name}", second)
        for kind, name, second in facts
    ]
    told = timeline(events, START)
    names = {event.message_id for event in events if event.kind is Kind.REQUEST}
    assert sum(turn.number > 0 for turn in told.turns) == len(names)
    calls = [step for turn in told.turns for step in turn.steps if step.kind == Kind.TOOL_CALL]
    assert len(calls) == len({e.tool_call_id for e in events if e.kind is Kind.TOOL_CALL})


def test_a_request_that_telemetry_names_otherwise_is_one_turn() -> None:
    """Telemetry knows the request, the run its message; a transcript knows that they are one."""
    told = timeline(
        [
            request("m1", 1, Source.RUN),
            request("m1", 1, request_id="r1"),
            request("m1", 2, Source.TELEMETRY, message_id=None, request_id="r1"),
        ],
        START,
    )
    assert [turn.request for turn in told.turns] == ["m1"]
    assert told.turns[0].sources == ("run", "telemetry", "transcript")


def test_a_request_that_telemetry_cannot_name_is_one_turn() -> None:
    """It goes by session and counts, and is shown by the name the transcript gives it."""
    alike = usage_likeness("codex", "s1", Usage(10, 0, 0, 0, 5))
    told = timeline(
        [
            request("x", 1, message_id=alike, request_id="resp_1"),
            request("x", 2, Source.TELEMETRY, message_id=alike),
        ],
        START,
    )
    assert [turn.request for turn in told.turns] == ["resp_1"]
    assert told.turns[0].sources == ("telemetry", "transcript")


def test_measurements_and_spans_are_no_steps() -> None:
    """They have pages of their own; between the steps they would only repeat them."""
    told = timeline([tool(kind, "c1", 1) for kind in (Kind.METRIC, Kind.SPAN)], START)
    assert [step for turn in told.turns for step in turn.steps] == []
