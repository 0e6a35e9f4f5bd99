"""Incidents where there is no repository, and what people are told so that they find on."""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from tests.cli.incident_room import Commands, Room, alone


@pytest.fixture
def machine(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Commands:
    """Return a machine without a repository, at which somebody sits whom git knows."""
    alone(tmp_path, monkeypatch)
    monkeypatch.setenv("GIT_AUTHOR_EMAIL", "ann@example.com")
    return Commands(capsys)


@pytest.fixture
def room(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Iterator[Room]:
    """Return a room with a server."""
    with ExitStack() as stack:
        yield Room(tmp_path, monkeypatch, capsys, stack)


def test_what_was_declared_anywhere_is_shown_and_told_anywhere(machine: Commands) -> None:
    """Showing, noting and updating ask for no repository; what closing asks for cannot be told."""
    one = machine.told("incident", "declare", "It burns")["incident"]["id"]
    shown = machine.run("incident", "show")
    assert "It burns" in shown
    assert "cannot be told" in shown
    assert machine.told("incident", "show")["unmet"]
    machine.run("incident", "note", "it smells")
    assert "**Next update.**" in machine.run(
        *("incident", "update", "--facts", "fire", "--impact", "all", "--status", "water")
    )
    machine.run("incident", "timeline", one)
    machine.run("incident", "close", one, status=3)


def test_a_timeline_names_people_and_not_their_tokens(room: Room) -> None:
    """Who declared, commands and notes is who the roster says, in text and in JSON."""
    one = room.declared()
    room.as_("sue").run("incident", "accept")
    shown = room.run("incident", "show", one)
    assert "declared by ann" in shown
    assert "sue commands. — sue" in shown
    assert "token:" not in shown
    assert "token:" not in room.run("incident", "timeline", one, "--format", "markdown")
    entries = room.told("incident", "timeline", one)["entries"]
    assert [each.get("person") for each in entries if each["by"].startswith("token:")] == [
        "ann",
        "sue",
    ]


def test_whoever_is_too_early_is_told_what_comes_first(room: Room) -> None:
    """Mitigating needs a commander, and closing a postmortem: each names its command."""
    one = room.declared()
    room.run("incident", "mitigate", status=1)
    assert "`pawl incident accept`" in room.err
    room.as_("sue").run("incident", "accept")
    assert "responders: ann" in room.as_("ann").run("incident", "join")
    room.as_("sue").run("incident", "mitigate")
    said = room.run("incident", "resolve")
    assert f"pawl incident postmortem {one} --owner PERSON, then" in said.splitlines()[-1]
    room.run("incident", "close", one, status=1)
    assert "`pawl incident postmortem`" in room.err
