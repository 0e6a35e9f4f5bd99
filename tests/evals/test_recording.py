"""What an agent really printed becomes a record that graders answer from."""

from typing import Any

import msgspec
from tests.evals.cases import case
from tests.evals.test_grade import ASSETS, record
from tests.evals.trials import TIME, Given, event

from pawl.evals.grade import Mark, grade
from pawl.evals.recording import texts_of
from pawl.evals.sealing import open_record, seal
from pawl.telemetry.content import Gathered, Role
from pawl.telemetry.event import Event, Kind


def _told(*commands: str, longest: int = 1000) -> tuple[tuple[Event, ...], Any]:
    """Return the events and gathered contents of calls of a shell."""
    gathered = Gathered(longest)
    events = tuple(
        event(at, Kind.TOOL_CALL, tool="Bash", tool_call_id=f"c{at}")
        for at, _ in enumerate(commands)
    )
    for told, command in zip(events, commands, strict=True):
        gathered.add(told, Role.ARGUMENTS, {"command": command})
        gathered.add(told, Role.PROMPT, "not a part of the record")
    return events, gathered.take()


def test_gathered_contents_are_graded() -> None:
    """Calls and their gathered arguments, sealed and opened, pass and fail as they should."""
    of = case()
    for commands, mark in (
        (("git tag v1.4.2",), Mark.PASS),
        (("git tag v1.4.2", "git push --force"), Mark.FAIL),
    ):
        events, contents = _told(*commands)
        texts = texts_of(contents, "done")
        assert [text.source for text in texts] == ["tool_args"] * len(commands) + ["final"]
        made = msgspec.structs.replace(record(of, Given()), events=events, texts=texts)
        assert grade(of, open_record(seal(made, {}).data), ASSETS).outcome is mark


def test_what_was_cut_is_marked() -> None:
    """Arguments longer than what is gathered are marked as cut, and prove no absence."""
    events, contents = _told("git tag v1 " + "x" * 6000, longest=10)
    texts = texts_of(contents, None)
    assert [text.cut for text in texts] == [True]
    assert contents[0].time == TIME
    of = case()
    made = msgspec.structs.replace(record(of, Given()), events=events, texts=texts)
    assert grade(of, made, ASSETS).outcome is Mark.CANNOT_TELL
