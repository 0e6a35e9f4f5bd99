"""What transcripts tell of what was said: gathered where somebody asked, with the same events."""

from pathlib import Path

import pytest
from tests.telemetry.formats.lines import FIXTURES

from pawl.app import transcript_formats
from pawl.telemetry.content import Content, Gathered, TellsContents
from pawl.telemetry.event import Event
from pawl.telemetry.format import Depth, Format

FORMATS = {form.agent: form for form in transcript_formats()}
CASES = {
    "claude-code": ("claude/subagents-foreground", "*.jsonl"),
    "codex": ("codex/tools-json", "*.jsonl"),
    "gemini-cli": ("gemini/tools-json", "*.jsonl"),
}


def fed(form: Format, path: Path, *, asked: bool) -> tuple[list[Event], list[Content]]:
    """Return the events and texts of a recorded file."""
    reader = form.open(str(path), Depth(everything=True), None)
    gathered = Gathered(65_536)
    assert isinstance(reader, TellsContents)
    assert reader.contents is None
    if asked:
        reader.contents = gathered
    return reader.feed(path.read_bytes()), gathered.take()


@pytest.mark.parametrize("agent", CASES)
def test_the_events_are_the_same_and_the_texts_are_beside_them(agent: str) -> None:
    """Prompts, answers, arguments and results are all told; ids are those of events, but for
    prompts, of which no event tells."""
    case, pattern = CASES[agent]
    roles: set[str] = set()
    for path in sorted((FIXTURES / case / "transcripts").rglob(pattern)):
        plain, nothing = fed(FORMATS[agent], path, asked=False)
        events, texts = fed(FORMATS[agent], path, asked=True)
        assert events == plain
        assert nothing == []
        known = {event.id for event in events}
        for text in texts:
            assert text.text
            assert text.time
            assert text.session_id
            assert text.event_id in known or text.role == "prompt"
        pairs = [(text.event_id, text.role) for text in texts]
        assert len(pairs) == len(set(pairs)) or agent == "gemini-cli"
        roles |= {text.role.value for text in texts}
    assert roles == {"prompt", "answer", "arguments", "result"}


def test_opencode_tells_them_too() -> None:
    """From its export: what was asked, and what tools gave back."""
    texts = []
    for path in sorted(FIXTURES.joinpath("opencode").rglob("*.json")):
        if b'"ses_' in path.read_bytes()[:400]:
            texts += fed(FORMATS["opencode"], path, asked=True)[1]
    assert {"prompt", "answer", "arguments", "result"} == {text.role.value for text in texts}


def test_what_the_program_says_in_a_persons_name_is_no_prompt() -> None:
    """Codex writes its surroundings as if the person had; they are in tags."""
    paths = FIXTURES.joinpath("codex/tools-json/transcripts").rglob("*.jsonl")
    texts = [text for path in paths for text in fed(FORMATS["codex"], path, asked=True)[1]]
    prompts = [text.text for text in texts if text.role == "prompt"]
    assert prompts
    assert not any("<environment_context>" in prompt for prompt in prompts)
