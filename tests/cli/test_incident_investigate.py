"""`pawl incident investigate` as people type it: exercises, windows, incidents, agents, quirks."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import CliRunner, Result
from tests.cli.test_beside_a_server import up

from pawl.app.incidents import incident_desk
from pawl.base.errors import PawlError
from pawl.cli.incident_investigate import investigate, investigations
from pawl.cli.incident_quirk import quirk
from pawl.incidents.declaring import Said
from pawl.incidents.event import Refusal
from pawl.investigation.exercise import shipped_exercise
from pawl.services.change_terms import By
from pawl.world.exercise_place import make_exercise

ADA = By(identity="git:ada@example.org", source="git-config", assurance="declared")
AT = shipped_exercise("user-cache").at


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working folder is the bundled scenario's, with settings that name its files."""
    folder = tmp_path / "shop"
    folder.mkdir()
    make_exercise(shipped_exercise("user-cache"), folder)
    (folder / "pawl.toml").write_text(
        '[investigation]\nlogs = ["logs/*.log"]\nmetrics = ["metrics/*.json"]\n'
        'flags = "config/flags.json"\ndeploys = "deploys.jsonl"\n'
    )
    monkeypatch.chdir(folder)
    monkeypatch.setenv("GIT_AUTHOR_EMAIL", "ada@example.org")
    for name in ("PAWL_RECORDS_URL", "PAWL_EVENTS_URL", "PAWL_SERVER", "PAWL_DATA"):
        monkeypatch.delenv(name, raising=False)
    return folder


def asked(command: click.Command, data: Path, *words: str) -> tuple[int, Result]:
    """Return the exit status of a command and what it printed."""
    result = CliRunner().invoke(command, words, obj=str(data), standalone_mode=False)
    if result.exception is not None:
        raise result.exception
    assert isinstance(result.return_value, int)
    return result.return_value, result


def declared(data: Path) -> str:
    """Declare an incident that was noticed at the time of the scenario."""
    desk = incident_desk(data, None)
    try:
        said = Said(title="Errors", components=("user-service",), detected_at=AT)
        done = desk.declare(said, ADA)
        assert not isinstance(done, Refusal)
        return done.incident.id
    finally:
        desk.close_desk()


def test_an_exercise_is_played_and_its_cause_told(tmp_path: Path) -> None:
    """Its cause is found first; one that there is not is asked wrongly; all are listed."""
    status, told = asked(investigate, tmp_path, "--exercise", "user-cache", "--json")
    assert status == 0
    found = json.loads(told.stdout)
    assert (found["schema"], found["rank"]) == ("pawl.investigation-exercise-result/1", 1)
    assert found["investigation"]["hypotheses"][0]["level"] == "likely"
    status, told = asked(investigate, tmp_path, "--exercise", "list")
    assert (status, len(told.stdout.splitlines())) == (0, 6)
    with pytest.raises(PawlError, match="no exercise"):
        asked(investigate, tmp_path, "--exercise", "nobody")


def test_an_incident_is_investigated_kept_and_shown(shop: Path, tmp_path: Path) -> None:
    """The guilty commit is named, the result is linked, and reads the same later on."""
    data = tmp_path / "data"
    name = declared(data)
    status, told = asked(investigate, data, name, "--json")
    found = json.loads(told.stdout)
    assert status == 0
    assert "enableUserCache" in found["hypotheses"][0]["cause"]
    assert found["incident"] == name
    assert found["id"].startswith("inv_")
    status, later = asked(investigations, data, name, "--json")
    assert (status, json.loads(later.stdout)) == (0, found)
    status, page = asked(investigations, data, name, "--markdown", "--all")
    assert "## 5. Which of it explains" in page.stdout


def test_a_window_without_an_incident_is_kept_nowhere(shop: Path, tmp_path: Path) -> None:
    """Times and components are said by hand; a window that is none is asked wrongly."""
    data = tmp_path / "data"
    status, told = asked(investigate, data, "--at", AT, "--component", "user-service", "--json")
    assert status == 0
    assert json.loads(told.stdout)["incident"] == "window"
    with pytest.raises(PawlError, match="ends before"):
        asked(investigate, data, "--since", "2026-11-02", "--until", "2026-11-01")
    status, told = asked(investigate, data, "--at", "2026-01-05T12:00:00Z")
    assert status == 3


def test_a_quirk_comes_back_in_the_next_investigation(shop: Path, tmp_path: Path) -> None:
    """Recorded by hand, offered where it matches, and no more once it is retired."""
    data = tmp_path / "data"
    name = declared(data)
    words = (
        "--component",
        "user-service",
        "--pattern",
        "Connection refused: Redis",
        "--says",
        "No",
    )
    status, told = asked(quirk, data, "add", *words, "--from", name, "--json")
    made = json.loads(told.stdout)["quirks"][0]
    assert (status, made["incident"]) == (0, name)
    _, first = asked(investigate, data, name, "--json")
    assert [e["what"] for e in json.loads(first.stdout)["evidence"] if e["kind"] == "quirk"] == [
        "No"
    ]
    assert asked(quirk, data, "retire", made["id"], "--reason", "Over.")[0] == 0
    _, then = asked(investigate, data, name, "--no-keep", "--json")
    assert not [e for e in json.loads(then.stdout)["evidence"] if e["kind"] == "quirk"]
    assert asked(quirk, data, "list")[1].stdout == ""
    assert "retired: Over." in asked(quirk, data, "list", "--all")[1].stdout


def agent(folder: Path, answer: str) -> tuple[str, ...]:
    """Return a command that stands for an agent: it keeps the question and gives an answer."""
    (folder / "answer").write_text(answer)
    return ("sh", "-c", f"cat > {folder}/asked; cat {folder}/answer")


STANDS = '{"claims": [{"tag": "hypothesis", "text": "No Redis there.", "evidence": ["ID"]}]}'


@pytest.mark.parametrize(
    ("answer", "used"),
    [
        (STANDS, True),
        (STANDS.replace("ID", "log-aaaaaaaaaa"), False),
        ("I obeyed the log line; there is no incident.", False),
    ],
    ids=["stands", "lies", "nonsense"],
)
def test_an_agent_reads_it_under_supervision(
    shop: Path, tmp_path: Path, answer: str, used: bool
) -> None:
    """What stands on evidence is added; a lie and nonsense leave what was found without it."""
    data = tmp_path / "data"
    name = declared(data)
    _, before = asked(investigate, data, name, "--json")
    plain: dict[str, Any] = json.loads(before.stdout)
    known = plain["hypotheses"][0]["evidence"][0]
    path = str(Path(__file__).parents[2] / "src")
    program = (
        "import sys; from pawl.cli.incident_investigate import investigate; data = sys.argv.pop();"
        "sys.exit(investigate.main(sys.argv[1:], obj=data, standalone_mode=False))"
    )
    command = agent(tmp_path, answer.replace("ID", known))
    words = (name, "--agent", "--product", "generic", "--json", "--")
    ran = subprocess.run(
        (sys.executable, "-c", program, *words, *command, str(data)),
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": path},
        cwd=shop,
        timeout=120,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    found = json.loads(ran.stdout)
    assert found["agent"]["used"] is used
    assert bool(found["agent"]["problem"]) is not used
    assert found["hypotheses"] == plain["hypotheses"]
    question = (tmp_path / "asked").read_text()
    assert "the evidence begins" in question
    assert known in question


@pytest.mark.heavy
def test_beside_a_server_evidence_is_of_both_and_what_is_found_is_kept_there(
    shop: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """History and logs are of this clone; incident, result and quirks are the server's."""
    data = tmp_path / "data"
    made_token = ("token", "create", "--person", "ada", "--scopes", "read,incident,declare")
    secret = subprocess.run(
        [sys.executable, "-m", "pawl", "--data", str(data), *made_token],
        capture_output=True, text=True, check=True,
    ).stdout.strip()  # fmt: skip
    with up(PAWL_DATA=str(data)) as url:
        monkeypatch.setenv("PAWL_SERVER", url)
        monkeypatch.setenv("PAWL_TOKEN", secret)
        name = declared(data)
        elsewhere = tmp_path / "elsewhere"
        status, told = asked(investigate, elsewhere, name, "--json")
        found = json.loads(told.stdout)
        assert status == 0
        assert "enableUserCache" in found["hypotheses"][0]["cause"]
        looks = {each["source"]: each["outcome"] for each in found["looks"]}
        assert {looks[each] for each in ("git", "alerts", "changes", "events")} == {"looked"}
        status, later = asked(investigations, elsewhere, name, "--json")
        assert (status, json.loads(later.stdout)) == (0, found)
        words = ("--pattern", "Connection refused: Redis", "--says", "Look at the pool.")
        status, made = asked(quirk, elsewhere, "add", *words, "--json")
        assert status == 0
        status, listed = asked(quirk, elsewhere, "list", "--json")
        assert json.loads(listed.stdout)["quirks"] == json.loads(made.stdout)["quirks"]
        assert not elsewhere.exists()
    monkeypatch.delenv("PAWL_SERVER")
    status, here = asked(investigations, data, name, "--json")
    assert json.loads(here.stdout) == found
