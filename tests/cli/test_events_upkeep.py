"""`pawl events forget` and `pawl events drop`, as a person calls them."""

import json
from pathlib import Path

import msgspec
import pytest
from click.testing import CliRunner
from tests.store.events.made_events import event

from pawl.cli.main import pawl
from pawl.store.spool import SpoolWriter


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
