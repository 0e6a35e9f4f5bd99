"""What people read about a run."""

import msgspec
import pytest

from pawl.render.run import ending, record_page, runs_table, timeline_text
from pawl.runs.agent import AgentError
from pawl.runs.record import Outcome, RunCost, RunLine, RunRecord, Stop
from pawl.telemetry.event import Event, Kind, Source
from pawl.telemetry.usage import Usage

RECORD = RunRecord(
    run_id="run_a",
    agent="claude-code",
    agent_version="2.1.329",
    outcome=Outcome.SUCCEEDED,
    started_at="2026-11-21T00:00:00.000000Z",
    duration_ms=61_000,
    turns=3,
    usage=Usage(input=1200, output=34),
    cost=RunCost(usd=0.1234, basis="priced"),
    tool_calls={"Bash": 2},
)


def test_a_run_that_went_well_is_quiet() -> None:
    """Nothing is said on stderr when there is nothing to do."""
    assert ending(RECORD) == ""


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        (
            {"outcome": Outcome.STOPPED, "stop": Stop(limit="usd", value=2.1, threshold=2)},
            "stopped: $2.10 spent, $2.00 allowed",
        ),
        (
            {
                "outcome": Outcome.STOPPED,
                "stop": Stop(limit="loop", value=5, threshold=5, detail="Bash was called again"),
            },
            "stopped: Bash was called again",
        ),
        (
            {
                "outcome": Outcome.AGENT_FAILED,
                "error": AgentError(class_="transient", message="overloaded."),
            },
            "the agent failed: overloaded",
        ),
        ({"outcome": Outcome.INTERRUPTED, "signal": 15}, "interrupted by signal 15"),
    ],
)
def test_every_other_ending_says_why(changes: dict[str, object], said: str) -> None:
    """One line with the reason and the run's id."""
    text = ending(msgspec.structs.replace(RECORD, **changes))
    assert text == f"pawl: {said}. Run run_a.\n"


def test_control_characters_do_not_reach_the_terminal() -> None:
    """What an agent prints may try to move the cursor; here it cannot."""
    error = AgentError(class_="permanent", message="\x1b[2Jgone\x07")
    record = msgspec.structs.replace(
        RECORD, outcome=Outcome.AGENT_FAILED, error=error, stderr_tail="\x1b]0;title\x07\n"
    )
    for text in (ending(record), record_page(record)):
        assert "\x1b" not in text
        assert "\x07" not in text


def test_the_page_of_a_run_tells_what_is_unknown() -> None:
    """Tokens and money that nobody told are unknown, not zero."""
    silent = msgspec.structs.replace(RECORD, usage=None, cost=RunCost(usd=None, basis="unpriced"))
    page = record_page(silent)
    assert "tokens      unknown" in page
    assert "cost        unknown (unpriced)" in page
    assert "1 m 1 s" in page
    assert "1,200 input" in record_page(RECORD)


def test_a_list_marks_what_is_unknown() -> None:
    """A running run has no outcome, and no tokens yet."""
    line = RunLine(
        run_id="run_a",
        agent="codex",
        outcome=None,
        stop_limit=None,
        started_at="2026-11-21T00:00:00.000000Z",
        ended_at=None,
        project=None,
        branch=None,
        developer=None,
        session_id=None,
        turns=None,
        usage=None,
        cost=RunCost(usd=None, basis="unpriced"),
    )
    table = runs_table((line,))
    assert "running" in table
    assert table.count("?") == 4


def test_a_timeline_is_one_line_an_event() -> None:
    """Time of day, kind, and what is known; the rest is counted."""
    event = Event(
        id="e",
        time="2026-11-21T01:02:03.456000Z",
        kind=Kind.TOOL_CALL,
        source=Source.RUN,
        agent="codex",
        tool="shell",
    )
    assert timeline_text((event,), 3) == "01:02:03.456  tool_call        shell\nand 2 more\n"


def test_a_request_told_of_thrice_is_one_line() -> None:
    """The start, the content and the end of a response are one request, at its final count."""
    told = [
        Event(
            id=f"e{number}",
            time=f"2026-11-21T01:02:0{number}.000000Z",
            kind=Kind.REQUEST,
            source=Source.RUN,
            agent="claude-code",
            model="claude-opus-5-5",
            message_id="msg_1",
            input=1_200,
            output=output,
            cost_micros=5_000,
            attributes={"arguments_digest": "ab12", "again": "true"},
        )
        for number, output in enumerate([1, 1, 40])
    ]
    shown = timeline_text(tuple(told), 3)
    assert shown == (
        "01:02:02.000  request          claude-opus-5-5  1,200 tokens in, 40 out  $0.0050  "
        "again=true\n"
    )
