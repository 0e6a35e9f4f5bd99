"""What agents print of what was said: gathered where somebody asked, with the same events."""

import pytest
from tests.runs.agents.recordings import AGENTS, RECORDINGS, spec, step, world

from pawl.telemetry.content import Content, Gathered, TellsContents
from pawl.telemetry.event import Event

NOW = "2026-11-21T12:00:00.000000Z"
CASES = ("claude/tools-stream", "codex/tools-json", "gemini/tools-stream", "opencode/tools-json")


def heard(case: str, *, asked: bool) -> tuple[list[Event], list[Content]]:
    """Return the events and texts of a recorded stream."""
    told = step(case, 1)
    agent = AGENTS[told.family]
    launched = spec(told.command, agent.product)
    reader = agent.reader(launched, agent.prepare(launched, world()))
    gathered = Gathered(65_536)
    assert isinstance(reader, TellsContents)
    assert reader.contents is None
    if asked:
        reader.contents = gathered
    stdout = next((RECORDINGS / case).glob("*stdout.jsonl"))
    events = [
        event for line in stdout.read_bytes().splitlines() for event in reader.feed(line, NOW)
    ]
    return events, gathered.take()


@pytest.mark.parametrize("case", CASES)
def test_the_events_are_the_same_and_the_texts_are_beside_them(case: str) -> None:
    """Answers, arguments and results, each of an event of its kind."""
    plain, nothing = heard(case, asked=False)
    events, texts = heard(case, asked=True)
    assert (events, nothing) == (plain, [])
    kinds = {event.id: event.kind.value for event in events}
    found = {(kinds[text.event_id], text.role.value) for text in texts}
    assert found == {("message", "answer"), ("tool_call", "arguments"), ("tool_result", "result")}
    assert all(text.text and text.session_id for text in texts)
