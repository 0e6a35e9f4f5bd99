"""A session drawn: one bar a thing, in its place, with honest durations."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from pawl.services.time_axis import TimeAxis
from pawl.services.waterfall import Bar, waterfall
from pawl.telemetry.event import Event, Kind, Source


def at(second: float) -> str:
    """Return an instant some seconds into the session."""
    whole = int(second)
    return f"2026-11-21T10:{whole // 60:02d}:{whole % 60:02d}.{round(second % 1 * 1e6):06d}Z"


def told(kind: Kind, second: float, **fields: object) -> Event:
    """Return an event of the one session."""
    named: dict[str, object] = {"source": Source.TRANSCRIPT, "agent": "claude-code"}
    named |= {"id": f"{kind}-{second}-{len(fields)}-{fields.get('source', '')}"}
    named |= {"kind": kind, "time": at(second), "session_id": "s"}
    return Event(**(named | fields))  # type: ignore[arg-type]


def span(second: float, name: str, own: str, parent: str = "", **fields: object) -> Event:
    """Return a span."""
    attributes = {"name": name, "trace_id": "t" * 32, "span_id": own}
    attributes |= {"parent_span_id": parent} if parent else {}
    fields = {"id": own, "source": Source.TELEMETRY, "duration_ms": 1000} | fields
    return told(Kind.SPAN, second, attributes=attributes, **fields)


def by_title(bars: tuple[Bar, ...]) -> dict[str, Bar]:
    """Return the bars by what they are called."""
    return {bar.title: bar for bar in bars}


def test_nothing_told_is_nothing_drawn() -> None:
    """A session without events has no bars and lasted no time."""
    assert waterfall([]).bars == ()
    assert waterfall([told(Kind.SESSION, 1)]).bars == ()


def test_a_request_of_a_transcript_is_a_point() -> None:
    """Nobody told how long it took, so nothing is drawn as if somebody had."""
    drawn = waterfall([told(Kind.REQUEST, 3, message_id="m", model="opus", input=1, output=2)])
    (bar,) = drawn.bars
    assert (bar.kind, bar.duration_ms, bar.width, bar.tokens) == ("request", None, 0.0, 3)
    assert drawn.untimed == 1


def test_a_request_told_twice_is_one_bar_with_the_told_duration() -> None:
    """Telemetry knows the request's id, the transcript both ids: they meet in one bar, which
    begins its duration before the answer ended."""
    drawn = waterfall(
        [
            told(Kind.TOOL_CALL, 0, tool="Read", tool_call_id="c"),
            told(Kind.REQUEST, 5, message_id="m", request_id="r", model="opus", output=2),
            told(Kind.REQUEST, 5, source=Source.TELEMETRY, request_id="r", duration_ms=2000),
        ]
    )
    request = next(bar for bar in drawn.bars if bar.kind == "request")
    assert len(drawn.bars) == 2
    assert (request.start_s, request.duration_ms, request.model) == (3.0, 2000, "opus")


def test_a_tool_without_a_told_duration_is_inferred_and_says_so() -> None:
    """The time from the call to its result is drawn, marked as inferred."""
    call = told(Kind.TOOL_CALL, 1, tool="Bash", tool_call_id="c")
    result = told(Kind.TOOL_RESULT, 3.5, tool="Bash", tool_call_id="c", outcome="error")
    (bar,) = waterfall([call, result]).bars
    assert (bar.duration_ms, bar.inferred, bar.failed) == (2500, True, True)


def test_a_told_tool_duration_goes_before_the_gap_between_call_and_result() -> None:
    """What the sender measured is taken, and ends where the result was told."""
    call = told(Kind.TOOL_CALL, 0, tool="Bash", tool_call_id="c")
    result = told(Kind.TOOL_RESULT, 9, tool_call_id="c", duration_ms=1000, outcome="ok")
    (bar,) = waterfall([call, result]).bars
    assert (bar.title, bar.start_s, bar.duration_ms, bar.inferred) == ("Bash", 0.0, 1000, False)
    assert waterfall([call, result]).lasted_s == 1.0


def test_a_call_without_a_result_has_no_duration() -> None:
    """A tool that never answered is a point, not a bar without end."""
    (bar,) = waterfall([told(Kind.TOOL_CALL, 1, tool="Bash", tool_call_id="c")]).bars
    assert bar.duration_ms is None
    assert not bar.inferred


def test_spans_stand_for_the_requests_and_tools_they_tell_of() -> None:
    """With spans there is one bar a request and a call, in the tree that the sender told."""
    drawn = waterfall(
        [
            span(0, "interaction", "root", duration_ms=9000),
            span(1, "llm_request", "a", "root", request_id="r", duration_ms=2000),
            told(Kind.REQUEST, 3, message_id="m", request_id="r", model="opus", cost_micros=7),
            span(4, "tool", "b", "root", tool="Bash", tool_call_id="c", duration_ms=3000),
            span(5, "tool.execution", "d", "b", tool="Bash", tool_call_id="c"),
            told(Kind.TOOL_CALL, 4, tool="Bash", tool_call_id="c"),
            told(Kind.TOOL_RESULT, 7, tool="Bash", tool_call_id="c", duration_ms=2900),
        ]
    )
    assert [(bar.title, bar.kind, bar.depth) for bar in drawn.bars] == [
        ("interaction", "span", 0),
        ("opus", "request", 1),
        ("Bash", "tool", 1),
        ("tool.execution", "span", 2),
    ]
    assert by_title(drawn.bars)["opus"].cost_micros == 7
    assert drawn.traces == ("t" * 32,)


def test_what_a_sub_agent_did_stands_under_its_call() -> None:
    """Facts with a parent call are one step in; under a span, when a span is the call."""
    agent = told(Kind.TOOL_CALL, 1, tool="Task", tool_call_id="t")
    inner = told(Kind.TOOL_CALL, 2, tool="Grep", tool_call_id="g", parent_id="t")
    asked = told(Kind.REQUEST, 3, message_id="m", model="haiku", parent_id="t")
    bars = by_title(waterfall([agent, inner, asked]).bars)
    assert (bars["Task"].depth, bars["Grep"].depth, bars["haiku"].depth) == (0, 1, 1)
    bars = by_title(waterfall([span(1, "tool", "x", tool="Task", tool_call_id="t"), inner]).bars)
    assert bars["Grep"].depth == 1


def test_what_went_wrong_is_told_once_with_its_reason() -> None:
    """Errors, refusals and limits are points that say why."""
    wrong = told(Kind.ERROR, 2, request_id="r", attributes={"status": "529", "error": "busy"})
    again = told(Kind.ERROR, 2, request_id="r", source=Source.TELEMETRY)
    denied = told(Kind.TOOL_DENIED, 3, tool="Bash", tool_call_id="c")
    bars = waterfall([wrong, again, denied]).bars
    assert [(bar.kind, bar.failed) for bar in bars] == [("error", True), ("denied", True)]
    assert bars[0].detail == "HTTP 529 · busy"


def test_spans_that_point_in_a_circle_are_all_drawn() -> None:
    """A hostile tree without a root loses nothing and ends."""
    drawn = waterfall([span(0, "a", "1", "2"), span(1, "b", "2", "1"), span(2, "c", "3", "3")])
    assert sorted(bar.title for bar in drawn.bars) == ["a", "b", "c"]


def test_a_night_between_two_turns_is_cut_out_of_the_drawing() -> None:
    """Ten minutes of nothing do not press two seconds of work into a hair."""
    first = told(Kind.TOOL_RESULT, 1, tool="A", tool_call_id="1", duration_ms=1000)
    second = told(Kind.TOOL_RESULT, 601, tool="B", tool_call_id="2", duration_ms=1000)
    drawn = waterfall([first, second])
    bars = by_title(drawn.bars)
    assert drawn.gaps == 1
    assert drawn.idle_s > 590
    assert bars["A"].width > 0.4
    assert bars["B"].start_s == 600.0


PERIODS = st.lists(
    st.tuples(st.floats(0, 1e5), st.floats(0, 1e4)).map(lambda pair: (pair[0], sum(pair))),
    min_size=1,
    max_size=20,
)


@given(PERIODS)
def test_the_axis_keeps_the_order_of_time_within_the_drawing(
    periods: list[tuple[float, float]],
) -> None:
    """Whatever is cut out, earlier stands left of later, and all of it inside."""
    axis = TimeAxis(periods)
    places = [axis.at(instant) for instant in sorted({t for pair in periods for t in pair})]
    assert all(0.0 <= place <= 1.0 for place in places)
    assert all(b >= a - 1e-9 for a, b in pairwise(places))
