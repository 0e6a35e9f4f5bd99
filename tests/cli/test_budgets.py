"""`pawl budgets`: from the files of a team and a repository to a table, JSON and a raise."""

import subprocess
import sys
from pathlib import Path

import msgspec
import pytest
from click.testing import CliRunner, Result

from pawl.cli.main import main, pawl
from pawl.runs.record import Outcome, RunCost, RunRecord
from pawl.store.records.check import check
from pawl.store.records.engine import open_records
from pawl.store.records.runs import RunRecords
from pawl.world import clock

TEAM = """\
[[budgets]]
name = "all"
scope = "organisation"
hard_usd = 10
"""


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository with a data folder beside it, and nothing of this machine."""
    repository = tmp_path / "shop"
    (repository / ".git").mkdir(parents=True)
    (repository / ".git" / "HEAD").write_text("ref: refs/heads/main\n")
    (tmp_path / "data").mkdir()
    (tmp_path / "own").mkdir()
    monkeypatch.chdir(repository)
    monkeypatch.setenv("HOME", str(tmp_path / "own"))
    monkeypatch.setenv("PAWL_DEVELOPER", "ada")
    monkeypatch.delenv("PAWL_RECORDS_URL", raising=False)
    return tmp_path


def ask(place: Path, *arguments: str) -> Result:
    """Run `pawl budgets` in this process."""
    return CliRunner().invoke(
        pawl, ["--data", str(place / "data"), "budgets", *arguments], standalone_mode=False
    )


def spend(place: Path, usd: float, project: str = "shop") -> None:
    """Record a run that cost something just now."""
    engine = open_records(place / "data")
    now = clock.now()
    record = RunRecord(
        run_id=clock.new_run_id(), agent="claude-code", outcome=Outcome.SUCCEEDED,
        cost=RunCost(usd=usd, basis="priced"), started_at=now, project=project,
    )  # fmt: skip
    RunRecords(engine).settle(record, now)
    engine.dispose()


def test_without_budgets_it_says_how_to_declare_one(place: Path) -> None:
    """Nothing is opened that takes long, and the status is yes."""
    told = ask(place)
    assert told.return_value == 0
    assert "No budgets are declared" in told.stdout
    assert not (place / "data" / "events.duckdb").exists()


def test_the_teams_and_the_repositorys_budgets_are_shown_together(place: Path) -> None:
    """What needs a look comes first; spend outside runs is looked for."""
    (place / "data" / "budgets.toml").write_text(TEAM)
    (place / "shop" / "pawl.toml").write_text(
        '[[budgets]]\nname = "mine"\nscope = "project"\nof = "shop"\nsoft_usd = 4\n'
    )
    spend(place, 4)
    told = ask(place, "--json")
    answer = msgspec.json.decode(told.stdout)
    assert told.return_value == 0
    assert [(line["name"], line["state"]) for line in answer["budgets"]] == [
        ("mine", "over soft"),
        ("all", "ok"),
    ]
    assert len(answer["observed"]) == 1
    assert "over soft" in ask(place, "--no-import").stdout


def test_a_spent_hard_limit_is_a_no(place: Path) -> None:
    """So a script can ask before it starts anything."""
    (place / "data" / "budgets.toml").write_text(TEAM)
    spend(place, 10)
    assert ask(place, "--no-import").return_value == 1


def test_a_raise_is_kept_with_its_reason_and_holds_at_once(place: Path) -> None:
    """And the ledger explains the tables."""
    (place / "data" / "budgets.toml").write_text(TEAM)
    spend(place, 10)
    told = ask(place, "raise", "all", "--usd", "12", "--reason", "Launch week")
    assert told.return_value == 0
    assert told.stdout.startswith("all is raised to $12.00 until ")
    answer = msgspec.json.decode(ask(place, "--no-import", "--json").stdout)
    (line,) = answer["budgets"]
    assert (line["hard_usd_micros"], line["left_usd_micros"]) == (12_000_000, 2_000_000)
    assert line["raised_until"] == line["renews"]
    engine = open_records(place / "data")
    assert check(engine, replay=True).intact
    engine.dispose()


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("raise", "all", "--usd", "12", "--reason", " "), "needs a reason"),
        (("raise", "all", "--usd", "5", "--reason", "x"), "not raised by that"),
        (("raise", "all", "--usd", "12", "--reason", "x", "--until", "2001-01-01"), "end before"),
        (("raise", "other", "--usd", "12", "--reason", "x"), "Take one of: team/all"),
    ],
)
def test_a_raise_that_means_nothing_is_asked_wrongly(
    place: Path, arguments: tuple[str, ...], told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """With status 2 and what to do instead."""
    (place / "data" / "budgets.toml").write_text(TEAM)
    assert main(["--data", str(place / "data"), "budgets", *arguments]) == 2
    assert told in capsys.readouterr().err


def test_a_file_that_does_not_load_is_named(
    place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The message names file and section, and a run is not started on it either."""
    file = place / "data" / "budgets.toml"
    file.write_text('[[budgets]]\nname = "all"\nscope = "organisation"\n')
    assert main(["--data", str(place / "data"), "budgets"]) == 2
    assert f"{file}: budgets[0]" in capsys.readouterr().err
    assert main(["--data", str(place / "data"), "run", "--", "true"]) == 2


PERSONAL = TEAM + '[[budgets]]\nname = "a"\nscope = "developer"\nof = "ada"\nhard_usd = 1\n'


@pytest.mark.parametrize(
    ("name", "budgets", "content", "said"),
    [
        ("budgets.toml", b"", b"\xff\xfe[[budgets]]", "not in UTF-8"),
        ("budgets.toml", b"", None, "not a file"),
        ("people.yaml", PERSONAL.encode(), b"people: {ada: [\xe9]}", "not in UTF-8"),
        ("people.yaml", PERSONAL.encode(), None, "not a file"),
    ],
)
def test_no_run_starts_under_a_file_that_does_not_read(
    place: Path, name: str, budgets: bytes, content: bytes | None, said: str
) -> None:
    """A file that cannot be read is no absent file: the run is refused, nothing is spent."""
    if budgets:
        (place / "data" / "budgets.toml").write_bytes(budgets)
    file = place / "data" / name
    if content is None:
        file.mkdir()
    else:
        file.write_bytes(content)
    agent = place / "shop" / "claude"
    agent.write_text("#!/bin/sh\ntouch started\n")
    agent.chmod(0o755)
    command = (sys.executable, "-m", "pawl", "--data", str(place / "data"))
    run = (*command, "run", "--max-usd", "1", "--", str(agent), "-p", "x")
    for asked in (run, (*command, "budgets", "--no-import")):
        done = subprocess.run(asked, capture_output=True, text=True, check=False)
        assert done.returncode == 2, done
        assert f"{file}: {said}" in done.stderr
    assert not (place / "shop" / "started").exists()


def test_a_run_is_refused_with_the_names_and_sums_it_needs(place: Path) -> None:
    """Status 5, nothing started, one record with outcome refused on stdout."""
    (place / "data" / "budgets.toml").write_text(TEAM)
    spend(place, 8)
    agent = place / "shop" / "claude"
    agent.write_text("#!/bin/sh\ntouch started\n")
    agent.chmod(0o755)
    command = (sys.executable, "-m", "pawl", "--data", str(place / "data"), "run", "--json")
    done = subprocess.run(
        (*command, "--max-usd", "3", "--", str(agent), "-p", "x"), capture_output=True
    )
    record = msgspec.json.decode(done.stdout)
    assert (done.returncode, record["outcome"]) == (5, "refused")
    assert "has $2.00 left of $10.00: $8.00 spent" in record["error"]["message"]
    assert b"It renews at " in done.stderr
    assert not (place / "shop" / "started").exists()
