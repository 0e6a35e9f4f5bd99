"""`pawl cost` and `pawl runs show` where a server owns the events: the same answers as alone."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from tests.telemetry.formats.lines import claude, encoded

from pawl.cli.main import main

TOKEN = "a-long-secret-of-a-test"
ASKED = (
    ["cost", "--by", "day,project,model", "--json"],
    ["cost", "--by", "", "--since", "2026-11-01", "--until", "2026-11-30", "--json"],
    ["cost", "--project", "shop", "--json"],
    ["cost", "--by", "hour"],
)


@contextmanager
def up(**environment: str) -> Iterator[str]:
    """Start `pawl up` on a free port; yield where it answers."""
    process = subprocess.Popen(
        [sys.executable, "-m", "pawl", "up", "--port", "0", "--json"],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        env=os.environ | environment,
    )
    try:
        assert process.stdout is not None
        yield json.loads(process.stdout.readline())["url"]
    finally:
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=30)


@pytest.fixture
def transcript(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A session of two requests, in its usual place."""
    path = tmp_path / "claude/projects/x/s.jsonl"
    path.parent.mkdir(parents=True)
    path.write_bytes(encoded(claude(), claude(request="r2", message="m2")))
    monkeypatch.setenv("CLAUDE_CONFIG_DIR", str(tmp_path / "claude"))
    return path


@pytest.fixture
def printed(capsys: pytest.CaptureFixture[str]) -> "Printed":
    """What a command prints."""
    return Printed(capsys)


class Printed:
    """Runs a command and returns its stdout, after it succeeded with nothing on stderr."""

    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self._capsys = capsys

    def __call__(self, *arguments: str) -> str:
        status = main(arguments)
        told = self._capsys.readouterr()
        assert (status, told.err) == (0, "")
        return told.out


def test_a_bill_is_the_same_before_beside_and_after_a_server(
    transcript: Path, printed: Printed
) -> None:
    """Without an events store, while a server owns it, and after it: byte for byte one bill."""
    before = [printed(*question) for question in ASKED]
    assert json.loads(before[0])["total"]["requests"] == 2
    with up():
        assert [printed(*question) for question in ASKED] == before
    assert [printed(*question) for question in ASKED] == before


def test_what_the_command_just_imported_counts(transcript: Path, printed: Printed) -> None:
    """A request written a moment ago is in the bill that a server answers."""
    with up():
        assert json.loads(printed(*ASKED[0]))["total"]["requests"] == 2
        with transcript.open("ab") as file:
            file.write(encoded(claude(request="r3", message="m3")))
        assert json.loads(printed(*ASKED[0]))["total"]["requests"] == 3


def test_a_team_s_server_is_asked_with_the_token(
    transcript: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """PAWL_SERVER answers instead of this machine's data, and says when its token is missing."""
    with up(PAWL_TOKEN=TOKEN) as url:
        monkeypatch.setenv("PAWL_SERVER", url)
        monkeypatch.setenv("PAWL_DATA", str(tmp_path / "other"))
        assert main(["cost", "--json"]) == 3
        told = capsys.readouterr()
        assert told.out == ""
        assert url in told.err
        assert "PAWL_TOKEN" in told.err
        monkeypatch.setenv("PAWL_TOKEN", TOKEN)
        assert main(["cost", "--json"]) == 0
        told = capsys.readouterr()
        assert json.loads(told.out)["schema"] == "pawl.cost/1"
        assert "not read" in told.err
    assert not (tmp_path / "other").exists()


def test_budgets_and_alerts_of_a_team_s_server_are_shown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """PAWL_SERVER tells of its own budgets and alerts, and a server that is gone is no answer."""
    folder = tmp_path / "server"
    folder.mkdir()
    (folder / "budgets.toml").write_text(
        '[[budgets]]\nname = "theirs"\nscope = "organisation"\nperiod = "month"\n'
        "hard_usd = 100\nrun_usd = 5\n"
    )
    monkeypatch.setenv("PAWL_DATA", str(tmp_path / "other"))
    with up(PAWL_TOKEN=TOKEN, PAWL_DATA=str(folder)) as url:
        monkeypatch.setenv("PAWL_SERVER", url)
        monkeypatch.setenv("PAWL_TOKEN", TOKEN)
        assert main(["budgets"]) == 0
        assert "theirs" in capsys.readouterr().out
        assert main(["alerts", "list", "--json"]) in (0, 1, 3)
        assert json.loads(capsys.readouterr().out)["schema"] == "pawl.alert-list/1"
    assert [main(["budgets"]), main(["alerts", "list"])] == [3, 3]
    assert url in capsys.readouterr().err


def test_a_run_s_events_are_shown_beside_a_server(printed: Printed) -> None:
    """`pawl runs show` tells what happened in a run whether or not a server owns the events."""
    agent = [sys.executable, "-c", "print('hi')"]
    ran = subprocess.run(
        [sys.executable, "-m", "pawl", "run", "--json", "--", *agent],
        capture_output=True,
        check=True,
    )
    run_id = json.loads(ran.stdout)["run_id"]
    with up():
        beside = printed("runs", "show", run_id)
    assert run_id in beside
    assert printed("runs", "show", run_id) == beside
