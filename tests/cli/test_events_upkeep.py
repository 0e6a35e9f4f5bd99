"""`pawl events forget` and `pawl events drop`, as a person calls them."""

import json
from pathlib import Path

import msgspec
import pytest
from click.testing import CliRunner
from tests.store.events.made_events import event

from pawl.cli.main import pawl
from pawl.store.contents import Contents
from pawl.store.spool import SpoolWriter
from pawl.telemetry.content import Content, Role
from pawl.world.clock import now


def filled(folder: Path) -> None:
    with SpoolWriter(folder / "spool", "w") as writer:
        for number, day in enumerate(("2026-09-30", "2026-10-01", "2026-11-01")):
            writer.append(
                [
                    event(
                        f"q{number}",
                        time=f"{day}T10:00:00.000000Z",
                        request_id=f"r{number}",
                        model="claude-sonnet-4-5",
                        input=10,
                        output=1,
                        developer="ada",
                    )
                ]
            )
        writer.commit()


def ask(folder: Path, *words: str, text: str | None = None) -> tuple[int, str, str]:
    done = CliRunner().invoke(
        pawl, ["--data", str(folder), *words], input=text, standalone_mode=False
    )
    if done.exception is not None:
        raise done.exception
    return done.return_value, done.stdout, done.stderr


def test_a_person_is_forgotten_and_the_total_stays(tmp_path: Path) -> None:
    """The report counts what changed; asked again nothing holds the name any more."""
    filled(tmp_path)
    words = ("events", "forget", "--actor", "Ada", "--reason", "asked", "--yes", "--json")
    status, out, _ = ask(tmp_path, *words)
    report = json.loads(out)
    assert (status, report["schema"], report["events"]) == (0, "pawl.forgotten/1", 3)
    bill = json.loads(ask(tmp_path, "cost", "--by", "developer", "--json")[1])
    assert [row["developer"] for row in bill["rows"]] == ["forgotten"]
    assert bill["total"]["requests"] == 3
    assert ask(tmp_path, *words)[0] == 1


def test_nothing_is_erased_without_a_yes(tmp_path: Path) -> None:
    """Who says no, or nothing, keeps everything."""
    import click

    filled(tmp_path)
    with pytest.raises(click.Abort):
        ask(tmp_path, "events", "forget", "--actor", "ada", "--reason", "x", text="n\n")
    with pytest.raises(click.Abort):
        ask(tmp_path, "events", "drop", "--before", "2026-11", text="")
    bill = json.loads(ask(tmp_path, "cost", "--by", "developer", "--json")[1])
    assert [row["developer"] for row in bill["rows"]] == ["ada"]


def test_old_months_are_dropped(tmp_path: Path) -> None:
    """What is before the month goes; what is no month is refused."""
    from pawl.base.errors import BadValue

    filled(tmp_path)
    status, out, _ = ask(tmp_path, "events", "drop", "--before", "2026-11", "--yes", "--json")
    assert (status, msgspec.json.decode(out)["events"]) == (0, 2)
    with pytest.raises(BadValue):
        ask(tmp_path, "events", "drop", "--before", "2026-13", "--yes")


@pytest.mark.parametrize("name", ["", "  ", "Forgotten"])
def test_nobody_is_called_that(tmp_path: Path, name: str) -> None:
    """An empty name, or the word for everybody who was forgotten, is refused."""
    from pawl.base.errors import BadValue

    with pytest.raises(BadValue):
        ask(tmp_path, "events", "forget", "--actor", name, "--reason", "x", "--yes")


def said(folder: Path, *names: str) -> Contents:
    """Keep a text of today of each person, under sessions of their own."""
    (folder / "pawl.toml").write_text("[content]\nkeep = true\n")
    contents = Contents(folder, now)
    contents.keep(
        [
            Content(
                event_id=name,
                time=now(),
                role=Role.PROMPT,
                text=f"the words of {name}",
                characters=17,
                session_id=f"of {name}",
                developer=name if name == "ada" else None,
            )
            for name in names
        ]
    )
    contents.close()
    return contents


def holding(folder: Path, words: str) -> list[str]:
    """Return the files in whose bytes words are."""
    files = (path for path in folder.rglob("*") if path.is_file())
    return [path.name for path in files if words.encode() in path.read_bytes()]


def test_what_a_person_said_is_forgotten_with_them(tmp_path: Path) -> None:
    """By their name, and by the sessions that events say are theirs; no byte is left."""
    contents = said(tmp_path, "ada", "her second session", "bob")
    with SpoolWriter(tmp_path / "spool", "w") as writer:
        theirs = {"developer": "ada", "session_id": "of her second session"}
        writer.append([event("q1", request_id="r1", input=1, output=1, **theirs)])
        writer.commit()
    assert holding(tmp_path, "the words of ada")
    words = ("events", "forget", "--actor", "Ada", "--reason", "asked", "--yes", "--json")
    status, out, _ = ask(tmp_path, *words)
    assert (status, json.loads(out)["texts"]) == (0, 2)
    assert holding(tmp_path, "the words of ada") == []
    assert holding(tmp_path, "the words of her second session") == []
    assert len(contents.of_session("of bob", 10_000)[0]) == 1
    contents.close()


def test_contents_go_sooner_than_events(tmp_path: Path) -> None:
    """Days of them are deleted and the bill stays; asked for a month, they go with its events."""
    filled(tmp_path)
    contents = said(tmp_path, "bob")
    words = ("events", "drop", "--content-before", "2999-01-01", "--yes", "--json")
    status, out, _ = ask(tmp_path, *words)
    told = json.loads(out)
    assert (status, told["content_days"], told["events"]) == (0, 1, None)
    assert holding(tmp_path, "the words of bob") == []
    bill = json.loads(ask(tmp_path, "cost", "--by", "developer", "--json")[1])
    assert bill["total"]["requests"] == 3
    said(tmp_path, "bob")
    status, out, _ = ask(tmp_path, "events", "drop", "--before", "2999-01", "--yes")
    assert "3 events" in out
    assert "1 days of prompts" in out
    assert contents.of_session("of bob", 10_000) == ([], False)
    contents.close()


@pytest.mark.parametrize("day", ["2026-11", "2026-11-32", "../x"])
def test_what_is_no_day_is_refused(tmp_path: Path, day: str) -> None:
    """Nothing is deleted for it."""
    from pawl.base.errors import BadValue

    with pytest.raises(BadValue):
        ask(tmp_path, "events", "drop", "--content-before", day, "--yes")


@pytest.mark.parametrize("given", [(), ("--before", "2026-11", "--content-before", "2026-11-01")])
def test_one_of_the_two_is_asked_for(tmp_path: Path, given: tuple[str, ...]) -> None:
    """Neither, or both, is a mistake that is told."""
    import click

    with pytest.raises(click.UsageError):
        ask(tmp_path, "events", "drop", *given, "--yes")
