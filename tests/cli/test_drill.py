"""`pawl drill` as a user meets it: lists, runs, reports, and what its statuses mean."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from pawl.cli.main import main
from pawl.world.process_table import LINUX, marked

OWN = """\
schema: pawl.drill/1
title: Notices survive a night
kind: chaos
hypothesis: Every notice arrives.
run_by: platform-eng
fault: {plugin: notifier-down, parameters: {gone: %s}}
expectations:
  - {id: none-lost, claim: Every notice arrives, measure: lost, unit: notices, at_most: 0}
"""
LONG = """\
schema: pawl.drill/1
title: An agent goes on and on
kind: chaos
hypothesis: It ends.
run_by: platform-eng
fault: {plugin: looping-agent, parameters: {varied: true, calls_most: 500, pause_s: 1}}
abort: {after_s: %s}
expectations:
  - {id: ended, claim: It ends, measure: ended, unit: runs, at_least: 1}
"""


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository without any drill of its own."""
    place = tmp_path / "shop"
    (place / ".pawl" / "drills").mkdir(parents=True)
    subprocess.run(("git", "-C", place, "init", "-q", "-b", "main"), check=True)
    monkeypatch.chdir(place)
    monkeypatch.delenv("PAWL_RECORDS_URL", raising=False)
    return place


def written(shop: Path, name: str, text: str) -> None:
    """Write a drill of the repository."""
    (shop / ".pawl" / "drills" / f"{name}.yaml").write_text(text)


def told(capsys: pytest.CaptureFixture[str], *arguments: str, status: int = 0) -> Any:
    """Run a command and return its one object."""
    capsys.readouterr()
    got = main(["drill", *arguments, "--json"])
    out, err = capsys.readouterr()
    assert got == status, err
    return json.loads(out)


def test_a_drill_is_listed_run_and_reported(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The hypothesis held: 0; the list shows it, the report is the same run again."""
    written(shop, "night", OWN % "false")
    listed = told(capsys, "list")
    names = {each["drill"]["id"]: each for each in listed["drills"]}
    assert {"night", "policy-incident", "cost-spike", "quality-regression", "chaos"} <= set(names)
    assert names["night"]["place"] == ".pawl/drills/night.yaml"
    assert names["night"]["last"] is None
    done = told(capsys, "run", "night", "--key", "monday")
    assert (done["run"]["state"], done["run"]["verdict"], done["met_share"]) == (
        "finished",
        "met",
        1,
    )
    assert told(capsys, "run", "night", "--key", "monday") == done
    assert told(capsys, "report", done["run"]["id"]) == done
    assert told(capsys, "show", "night")["drills"][0]["last"] == done
    assert main(["ledger", "verify", "--replay"]) == 0


def test_a_refuted_hypothesis_is_a_no_with_a_gap(
    shop: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """1, and the work to do is named with its owner."""
    written(shop, "night", OWN % "true")
    done = told(capsys, "run", "night", status=1)
    assert done["run"]["verdict"] == "not-met"
    assert done["run"]["gaps"][0]["owner"] == "platform-eng"
    capsys.readouterr()
    assert main(["drill", "report", done["run"]["id"], "--markdown"]) == 1
    assert "## Gaps and actions" in capsys.readouterr().out


def test_an_unknown_drill_or_a_broken_file_is_asked_wrongly(
    shop: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """2, with the drills there are, or with the file and the place in it."""
    assert main(["drill", "run", "nobody"]) == 2
    assert "policy-incident" in capsys.readouterr().err
    written(shop, "night", OWN % "5")
    assert main(["drill", "run", "night"]) == 2
    assert "gone" in capsys.readouterr().err
    (shop / ".pawl" / "drills" / "link.yaml").symlink_to("/etc/passwd")
    assert main(["drill", "list"]) == 2
    assert ".pawl/drills/link.yaml" in capsys.readouterr().err


@pytest.mark.heavy
def test_a_drill_that_breaks_its_rule_is_aborted(
    shop: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """3, with the rule that was broken."""
    written(shop, "long", LONG % "1")
    done = told(capsys, "run", "long", status=3)
    assert done["run"]["state"] == "aborted"
    assert "longer than 1 s" in done["run"]["why"]


@pytest.mark.heavy
@pytest.mark.skipif(not LINUX, reason="programs are looked for by their mark")
@pytest.mark.parametrize(("number", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_an_interrupted_drill_leaves_nothing_and_says_so(
    shop: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path, number: int, status: int
) -> None:
    """Its programs are ended, its folder is gone, and the run is aborted on record."""
    written(shop, "long", LONG % "60")
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    process = subprocess.Popen(
        (sys.executable, "-m", "pawl", "drill", "run", "long"),
        env={**os.environ, "TMPDIR": str(scratch)},
        stderr=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
    )
    until = time.monotonic() + 60
    mine: list[str] = []
    while not mine or not list(scratch.glob("*/bin/claude")):
        assert time.monotonic() < until
        assert process.poll() is None
        mine = [name for name in marked("PAWL_DRILL_ID") if list(scratch.glob(f"pawl-{name}-*"))]
        time.sleep(0.05)
    process.send_signal(number)
    assert process.wait(timeout=60) == status
    assert list(scratch.iterdir()) == []
    assert mine[0] not in marked("PAWL_DRILL_ID")
    done = told(capsys, "report", mine[0], status=3)
    assert (done["run"]["state"], done["run"]["why"]) == ("aborted", "Somebody interrupted it.")


@pytest.mark.heavy
@pytest.mark.parametrize(
    "name",
    [
        "absent-commander",
        "chaos",
        "cost-spike",
        "flaky-tool",
        "killed-ticker",
        "looping-agent",
        "notifier-down",
        "policy-incident",
        "quality-regression",
    ],
)
def test_every_shipped_drill_holds_on_this_machine(
    shop: Path, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    """All of what is promised is exercised for real, and each takes less than a minute."""
    done = told(capsys, "run", name)
    assert done["run"]["verdict"] == "met", done
    assert done["lasted_s"] < 60


def test_the_shipped_drills_are_all_run_above() -> None:
    """A new one needs a row there."""
    from pawl.incidents.shipped_drills import shipped_drills

    (mark,) = (
        each
        for each in test_every_shipped_drill_holds_on_this_machine.pytestmark  # type: ignore[attr-defined]
        if each.name == "parametrize"
    )
    assert [each.id for each in shipped_drills()] == mark.args[1]
