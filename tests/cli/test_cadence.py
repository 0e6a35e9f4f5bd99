"""`pawl cadence` in a repository: due, show, done, excuse, adherence and the calendar file."""

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from icalendar import Calendar

from pawl.app import cadence as wiring
from pawl.cli.main import main
from pawl.services.cadence import CadenceDesk
from pawl.services.cadence_remote import RemoteCadence

SEED = {
    "cadence": {
        "daily": ["quality-cost anomaly check", "review queue triage"],
        "weekly": ["release gate review", "failed sample curation", "incident action tracking"],
        "monthly": ["policy audit", "maturity score review", "cost architecture adjustment"],
        "quarterly": ["chaos drill", "governance reset", "roadmap reprioritization"],
    }
}
Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository with the seed's cadence on its branch."""
    folder = tmp_path / "shop"
    folder.mkdir()
    for name in ("PAWL_RECORDS_URL", "PAWL_SERVER", "PAWL_EVENTS_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", "/dev/null")
    monkeypatch.setenv("PAWL_DATA", str(tmp_path / "data"))
    monkeypatch.chdir(folder)
    git("init", "-qb", "main")
    git("config", "user.email", "ada@example.org")
    git("config", "user.name", "Ada")
    commit(".pawl/cadence.json", json.dumps(SEED))
    return folder


@pytest.fixture
def run(place: Path, capfdbinary: pytest.CaptureFixture[bytes]) -> Run:
    """Return a runner of commands: status, stdout, stderr."""

    def once(*arguments: str) -> tuple[int, str, str]:
        status = main(["cadence", *arguments])
        out, err = capfdbinary.readouterr()
        return status, out.decode(), err.decode()

    return once


def git(*arguments: str) -> None:
    subprocess.run(("git", *arguments), check=True, capture_output=True)


def commit(name: str, text: str) -> None:
    Path(name).parent.mkdir(exist_ok=True)
    Path(name).write_text(text)
    git("add", "-A")
    git("commit", "-qm", "A change")


def test_the_seeds_cadence_loads_unchanged(run: Run) -> None:
    """All eleven routines are there, each with its next occurrence."""
    status, out, _ = run("due", "--all", "--json")
    told = json.loads(out)
    assert status == 0
    assert told["schema"] == "pawl.cadence/1"
    assert {line["routine"]["id"] for line in told["lines"]} == {
        name.replace(" ", "-") for names in SEED["cadence"].values() for name in names
    }
    assert "quality-cost-anomaly-check" in run("due", "--all")[1]


def test_only_what_is_committed_counts(run: Run, place: Path) -> None:
    """A file on disk is no cadence yet; a broken one on the branch is told with its place."""
    (place / ".pawl/cadence.json").write_text("{")
    assert run("due")[0] == 0
    commit(".pawl/cadence.json", "{")
    status, _, err = run("due")
    assert status == 2
    assert ".pawl/cadence.json" in err
    commit(".pawl/cadence.json", json.dumps(SEED))
    commit(".pawl/cadence.yaml", "schema: pawl.cadence/1\ntime_zone: Nowhere/At-All\n")
    assert "second one" in run("due")[2]
    git("rm", "-q", ".pawl/cadence.json")
    git("commit", "-qm", "One is enough")
    assert "no time zone" in run("due")[2]


def test_done_is_done_once_and_counts(run: Run) -> None:
    """The figures are those that are shown; the second time is the first."""
    assert run("adherence")[0] == 3
    shown = json.loads(run("show", "policy-audit", "--json")[1])
    assert shown["numbers"]["parts"]
    assert "Checklist" not in run("show", "policy-audit")[1]
    outputs = ("--output", f"figures={shown['seen']}", "--output", "findings=None.")
    status, out, _ = run("done", "policy-audit", *outputs, "--json")
    first = json.loads(out)
    assert (status, first["record"]["outcome"]) == (0, "done")
    assert json.loads(run("done", "policy-audit", *outputs, "--json")[1]) == first
    assert "is done since" in run("done", "policy-audit", *outputs)[1]
    assert run("adherence", "--since", "400d")[0] in (0, 3)


def test_what_is_refused_says_why(run: Run) -> None:
    """A missing output and an excuse by a typed name are a no; a wrong name is asked wrongly."""
    status, _, err = run("done", "governance-reset")
    assert (status, "decisions is missing" in err) == (1, True)
    status, out, _ = run("excuse", "governance-reset", "--reason", "ill", "--json")
    assert (status, json.loads(out)["refusal"]["code"]) == (1, "not-allowed")
    assert run("show", "nothing")[0] == 2
    assert run("done", "governance-reset", "--output", "a", "--output", "a")[0] == 2


def test_the_calendar_file_reads_back(run: Run, tmp_path: Path) -> None:
    """On stdout and in a file it is the same calendar."""
    out = run("ics")[1]
    assert list(Calendar.from_ical(out).walk("VEVENT"))
    assert run("ics", "--output", str(tmp_path / "c.ics"))[0] == 0
    assert Calendar.from_ical((tmp_path / "c.ics").read_bytes()).walk("VEVENT")


def test_without_a_repository_the_shipped_cadence_is_kept(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Outside of any repository nothing is refused for want of one."""
    outside = tmp_path / "outside"
    outside.mkdir()
    monkeypatch.chdir(outside)
    told = json.loads(run("due", "--all", "--json")[1])
    assert len(told["lines"]) >= 11


def test_a_servers_cadence_has_every_command() -> None:
    """What the desk is asked by commands, a server's is asked under the same names."""
    for name in ("due", "calendar", "show", "adherence", "done", "excuse", "close"):
        assert callable(getattr(CadenceDesk, name))
        assert callable(getattr(RemoteCadence, name))
    assert wiring.FILES[1].endswith(".json")
