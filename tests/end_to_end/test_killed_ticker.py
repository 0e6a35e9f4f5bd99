"""A clock of incidents that is dead is caught: by its own server, and by who looks from outside.

A real server on real records, whose clock is killed or hangs while all else of it goes on, and the
command line in a process of its own as the auditor.
"""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import urlopen

import pytest

from pawl.app.incidents import incident_desk
from pawl.incidents.declaring import Said
from pawl.services.change_terms import By
from pawl.services.incident_terms import Declared
from pawl.store.records.engine import open_records
from pawl.store.records.outbox import WAITING, OutboxRecords

_SERVER = Path(__file__).parent / "stuck_clock_server.py"
_ONCALL = """
schema: pawl.oncall/1
rotations: [{id: primary, members: [ann, leo], starts: 2026-01-05}]
escalation: [{after_s: 0, page: primary}, {after_s: 1, page: command}]
breach_after_s: 2
"""
_ROSTER = """
schema: pawl.roster/1
people: [{id: ann, identities: ["git:ann@example.com"]}, {id: leo}]
grants: [{person: ann, role: incident-commander}]
"""
_SETTINGS = """
[changes]
repository = "../shop"
rollouts = false
[alerts.channels.nowhere]
kind = "slack"
url = "http://127.0.0.1:9/none"
"""
_BY = By(identity="git:ann@example.com", source="git-config", assurance="declared")


def _run(folder: Path, *command: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "HOME": str(folder / "home"), "GIT_CONFIG_GLOBAL": os.devnull}
    return subprocess.run(
        command, cwd=folder / "shop", env=environment, capture_output=True, text=True, check=False
    )


def _doctor(folder: Path, data: Path) -> subprocess.CompletedProcess[str]:
    pawl = (sys.executable, "-m", "pawl", "--data", str(data))
    return _run(folder, *pawl, "doctor", "--json")


def _site(tmp_path: Path) -> Path:
    """Make a repository with a schedule, and the data folder of a server that knows it."""
    policy = tmp_path / "shop" / ".pawl"
    policy.mkdir(parents=True)
    (policy / "oncall.yaml").write_text(_ONCALL)
    (policy / "roster.yaml").write_text(_ROSTER)
    (tmp_path / "home").mkdir(exist_ok=True)
    data = tmp_path / "data"
    data.mkdir(exist_ok=True)
    (data / "pawl.toml").write_text(_SETTINGS)
    for command in (
        ("git", "init", "-q", "-b", "main"),
        ("git", "add", "-A"),
        ("git", "-c", "user.name=a", "-c", "user.email=a@example.com", "commit", "-qm", "x"),
    ):
        assert _run(tmp_path, *command).returncode == 0
    return data


def _until(done: Callable[[], bool], what: str, within_s: float = 90.0) -> None:
    ends = time.monotonic() + within_s
    while not done():
        assert time.monotonic() < ends, f"waited in vain for: {what}"
        time.sleep(0.2)


def _readyz(url: str) -> str:
    try:
        with urlopen(f"{url}/readyz", timeout=10) as answer:
            return str(answer.read().decode())
    except HTTPError as error:
        with error:
            return error.read().decode()


@pytest.mark.heavy
@pytest.mark.parametrize("how", ["killed", "stuck"])
def test_a_killed_clock_is_caught_by_an_auditor_in_another_process(
    tmp_path: Path, how: str
) -> None:
    """The server says so and tells its channels once; the auditor names each missing timer.

    Once a clock runs again everything fires, late and once.
    """
    data = _site(tmp_path)
    command = [
        sys.executable,
        str(_SERVER),
        how,
        "--data",
        str(data),
        "up",
        "--json",
        "--port",
        "0",
    ]
    environment = {**os.environ, "HOME": str(tmp_path / "home")}
    with (tmp_path / "server.log").open("wb") as log:
        server = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=log, env=environment, text=True
        )
    engine = open_records(data)
    desk = incident_desk(data, tmp_path / "shop", engine=engine)
    try:
        assert server.stdout is not None
        url = json.loads(server.stdout.readline())["url"]
        _until(lambda: desk.last_tick() is not None, "the first look")
        declared = desk.declare(Said(title="Search answers nothing"), _BY)
        assert isinstance(declared, Declared)
        assert declared.doubts == ()
        outbox = OutboxRecords(engine)

        def alarms() -> list[str]:
            titles = [each.notice.title for each in outbox.letters(WAITING)]
            return [each for each in titles if "Nobody has looked after the timers" in each]

        _until(lambda: bool(alarms()), "the letter of the server")
        _until(lambda: "incidents are not looked after" in _readyz(url), "/readyz to say so")
        checked = _doctor(tmp_path, data)
        (found,) = [
            each
            for each in json.loads(checked.stdout)["findings"]
            if each["id"] == "timers-of-incidents-run"
        ]
        assert checked.returncode == 1
        assert (found["outcome"], found["severity"]) == ("fail", "critical")
        assert "1 incidents still page people" in found["message"]
        _until(lambda: len(desk.audit()) == 2, "both timers to be missing")
        wrong = {(each.deadline, each.wrong.value) for each in desk.audit()}
        assert wrong == {("1/page-1", "missing"), ("1/breach", "missing")}
        assert len(alarms()) == 1
    finally:
        server.kill()
        server.communicate(timeout=60)
    desk.tick()
    desk.tick()
    types = [each.type for each in desk.timeline(declared.incident.id)]
    assert types.count("incident.command-breached") == 1
    assert types.count("incident.paged") == 2
    assert {each.wrong.value for each in desk.audit()} == {"late"}
    engine.dispose()
