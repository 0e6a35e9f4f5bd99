"""Events for the store's tests: a small world in which everything collides."""

from typing import Any

from hypothesis import strategies as st

from pawl.base.times import time_from_ms
from pawl.telemetry.event import Event, Kind, Source

START_MS = 1_763_683_100_000  # ten minutes before midnight, UTC, so that days and hours turn

_OF_TOOLS = (Kind.TOOL_CALL, Kind.TOOL_RESULT, Kind.TOOL_DENIED)


def at(minute: int) -> str:
    return time_from_ms(START_MS + minute * 60_000)


def event(name: str, **fields: Any) -> Event:
    known: dict[str, Any] = {
        "id": name,
        "time": at(0),
        "kind": Kind.REQUEST,
        "source": Source.TRANSCRIPT,
        "agent": "claude-code",
    }
    return Event(**(known | fields))


def maybe(*values: Any) -> st.SearchStrategy[Any]:
    return st.sampled_from([None, *values])


@st.composite
def requests(draw: st.DrawFn) -> Event:
    tells = draw(st.booleans())
    tokens = {
        name: draw(maybe(0, 5, 7))
        for name in ("cache_read", "cache_write_5m", "cache_write_1h", "reasoning", "web_searches")
    }
    usage = {"input": draw(maybe(1, 2)), "output": draw(st.sampled_from([0, 3, 9])), **tokens}
    marks = {"sidechain": draw(maybe("true")), "copied": draw(maybe("true"))}
    return event(
        f"q{draw(st.integers(0, 40))}",
        time=at(draw(st.integers(0, 200))),
        source=draw(st.sampled_from(Source)),
        agent=draw(st.sampled_from(["claude-code", "codex"])),
        run_id=draw(maybe("run_1", "run_2")),
        session_id=draw(maybe("s1", "s2", "s3")),
        request_id=draw(maybe("r1", "r2", "r3", "m1")),
        message_id=draw(maybe("m1", "m2", "m3")),
        model=draw(maybe("m-1", "m-2", "")),
        project=draw(maybe("p1", "p2", "")),
        repo=draw(maybe("o/r")),
        branch=draw(maybe("main")),
        developer=draw(maybe("ada", "bob")),
        machine=draw(maybe("laptop")),
        final=draw(maybe(True, False)),
        reported_micros=draw(maybe(11)),
        duration_ms=draw(maybe(0, 1200)),
        parent_id=draw(maybe("t1")),
        attributes={name: value for name, value in marks.items() if value},
        **(usage if tells else {}),
    )


@st.composite
def others(draw: st.DrawFn) -> Event:
    kind = draw(
        st.sampled_from(
            [
                *(Kind.RUN_STARTED, Kind.RUN_ENDED, Kind.TOOL_CALL, Kind.TOOL_RESULT, Kind.ERROR),
                *(Kind.TOOL_DENIED, Kind.SPAN, Kind.REFUSAL),
            ]
        )
    )
    run = draw(st.sampled_from(["run_1", "run_2"]))
    of_run = kind in (Kind.RUN_STARTED, Kind.RUN_ENDED)
    number = run if of_run else draw(st.integers(0, 20))
    return event(
        f"{kind}-{number}",
        time=at(draw(st.integers(0, 200))),
        kind=kind,
        source=Source.RUN if of_run else draw(st.sampled_from(Source)),
        run_id=run if of_run else draw(maybe("run_1", "run_2")),
        session_id=draw(maybe("s1", "s2", "s3")),
        project=draw(maybe("p1", "p2")),
        repo=draw(maybe("o/r")),
        request_id=draw(maybe("r1")) if kind in (Kind.ERROR, Kind.REFUSAL) else None,
        model=draw(maybe("m-1", "m-2")) if kind in (Kind.ERROR, Kind.REFUSAL) else None,
        tool=draw(st.sampled_from(["Bash", "Edit"])) if kind in _OF_TOOLS else None,
        tool_call_id=draw(maybe("t1", "t2", "item_1")),
        outcome=draw(maybe("ok", "error")),
        duration_ms=draw(maybe(0, 800)),
        attributes={"turns": "3"} if kind is Kind.RUN_ENDED else {},
    )


def distinct(events: list[Event]) -> list[Event]:
    """Keep one event an id: an id is one fact, whatever file it stands in."""
    return list({each.id: each for each in events}.values())
