"""`pawl assess` compares with what was recorded before: costs, gaps, commits, checkpoints."""

import json
import os
import subprocess
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from pawl.base.times import format_time, parse_time
from pawl.cli.main import main
from pawl.governance.ledger import Actor
from pawl.runs.record import Outcome, RunCost, RunRecord
from pawl.runs.spec import Limits, RunSpec
from pawl.store.records.engine import open_records
from pawl.store.records.runs import RunRecords
from pawl.store.spool import SpoolWriter
from pawl.telemetry.event import Attribution, Event, Kind, Source
from pawl.telemetry.usage import Usage

AS_OF = "2026-11-20T00:00:00.000000Z"
PERSON = Actor(person="ada", source="os", assurance="A0")
SUITE = """suite: answers
cases:
- {id: greets, prompt: Hi., expect: {equals: Hello.}}
- {id: adds, prompt: 2 + 2, expect: {equals: "4"}}
- {id: ends, prompt: Bye., expect: {equals: Goodbye.}}
- {id: asks, prompt: Who?, expect: {equals: Nobody.}}
"""


def ago(days: float) -> str:
    """Return the canonical time so many days before the assessment."""
    return format_time(parse_time(AS_OF) - timedelta(days=days))


def git(place: Path, *arguments: str, hours: int = 0) -> None:
    """Run git in a place as somebody, so many hours ago by the clock of today's assessments."""
    author = ("-c", "user.name=a", "-c", "user.email=a@example.org")
    dated = os.environ | {"GIT_COMMITTER_DATE": f"@{int(time.time()) - 3600 * hours} +0000"}
    subprocess.run(
        ("git", "-C", place, *author, *arguments), check=True, capture_output=True, env=dated
    )


def commit(place: Path, name: str, text: str, *, hours: int = 0) -> None:
    """Commit one file, so many hours ago."""
    path = place / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    git(place, "add", "-A")
    git(place, "commit", "-q", "-m", f"Write {name}", hours=hours)


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A small repository on main with a suite of evals, and the working folder in it."""
    place = tmp_path / "shop"
    place.mkdir()
    git(place, "init", "-q", "-b", "main")
    commit(place, "README.md", "# Shop\n\nSells things.\n", hours=9)
    commit(place, "evals/answers/promptfooconfig.yaml", SUITE, hours=8)
    monkeypatch.chdir(place)
    return place


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """The data folder that commands use."""
    return tmp_path / "data"


def run(data: Path, number: int, days: float, usd: float | None = None) -> None:
    """Record a supervised run of the shop that asked a model for an hour."""
    started = ago(days)
    ended = format_time(parse_time(started) + timedelta(hours=1))
    spec = RunSpec(
        run_id=f"run_{number:04}",
        command=("claude",),
        agent="claude-code",
        cwd="/work",
        limits=Limits(turns=9),
        attribution=Attribution(project="shop"),
    )
    record = RunRecord(
        run_id=spec.run_id,
        agent=spec.agent,
        outcome=Outcome.SUCCEEDED,
        started_at=started,
        ended_at=ended,
        usage=Usage(input=100, output=10),
        cost=RunCost(usd=usd, basis="unpriced" if usd is None else "reported"),
        session_id=f"s{number}",
    )
    data.mkdir(exist_ok=True)
    engine = open_records(data)
    records = RunRecords(engine)
    records.start(spec, PERSON, started, pid=1, lock_path="")
    records.settle(record, ended)
    engine.dispose()


def telemetry(data: Path, *days: float) -> None:
    """Append one request of the shop's agents on each of these days."""
    with SpoolWriter(data / "spool", "test") as spool:
        spool.append(
            Event(
                id=f"r{at}",
                time=ago(day),
                kind=Kind.REQUEST,
                source=Source.TRANSCRIPT,
                agent="claude-code",
                request_id=f"r{at}",
                session_id=f"s{at}",
                model="claude-opus-4-5",
                project="shop",
                input=10,
                output=5,
                final=True,
            )
            for at, day in enumerate(days)
        )
        spool.commit()


def hits(capsys: pytest.CaptureFixture[str], code: str, *arguments: str) -> list[dict[str, Any]]:
    """Assess and return what one detector noticed."""
    capsys.readouterr()
    assert main(["assess", "--json", *arguments]) in (0, 1)
    found: list[dict[str, Any]] = json.loads(capsys.readouterr().out)["hits"]
    return [hit for hit in found if hit["detector"] == code]


def reports(folder: Path, passed: list[int]) -> Path:
    """Write three test reports of the suite for each fortnight; so many of four cases passed."""
    names = ("greets", "adds", "ends", "asks")
    for at, good in enumerate(passed):
        for number in range(3):
            when = ago(14 * (len(passed) - 1 - at) + 3 * number + 0.5)
            cases = "".join(
                f'<testcase classname="answers" name="{name}">'
                + ("" if each < good else "<failure/>")
                + "</testcase>"
                for each, name in enumerate(names)
            )
            path = folder / f"evals-{at}-{number}.xml"
            path.parent.mkdir(exist_ok=True)
            path.write_text(f'<testsuite name="answers" timestamp="{when}">{cases}</testsuite>')
    return folder


@pytest.mark.parametrize(
    ("passed", "costs", "noticed"),
    [
        ([4, 4, 3, 3, 2, 1], [9, 8, 7, 6, 5, 4], True),
        ([4, 4, 4, 4, 4, 4], [9, 8, 7, 6, 5, 4], False),
        ([4, 4, 3, 3, 2, 1], [4, 5, 6, 7, 8, 9], False),
    ],
)
def test_cheaper_runs_that_pass_fewer_evals_are_noticed(
    shop: Path,
    data: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    passed: list[int],
    costs: list[int],
    noticed: bool,
) -> None:
    """Costs fall while evals fail more often; cheaper and as good, or dearer, is honest."""
    for at, usd in enumerate(costs):
        for number in range(3):
            run(data, 3 * at + number, 14 * (len(costs) - 1 - at) + 3 * number + 1, float(usd))
    handed = reports(tmp_path / "evals", passed)
    found = hits(capsys, "G04", "--as-of", AS_OF, "--evidence", str(handed))
    assert [hit["indicator"].partition(":")[0] for hit in found] == ["cost-eval-pass"] * noticed


QUIET = (60, 59, 40, 39, 20)
HEARD = (100, 80, 61, 58, 50, 41, 38, 30, 21, 19, 10)


@pytest.mark.parametrize(
    ("heard", "opened", "noticed"),
    [
        (HEARD, (59.9, 39.9, 19.97), True),
        (HEARD, (79.9, 49.9, 29.9), False),
        ((*HEARD, *QUIET), (59.9, 39.9, 19.97), False),
    ],
)
def test_incidents_while_runs_went_unheard_are_noticed(
    shop: Path,
    data: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    heard: tuple[float, ...],
    opened: tuple[float, ...],
    noticed: bool,
) -> None:
    """Runs without any event on days of incidents; incidents elsewhere, or events, are honest."""
    for number, day in enumerate(sorted({*HEARD, *QUIET})):
        run(data, number, day)
    telemetry(data, *heard)
    lines: list[dict[str, Any]] = [
        {
            "kind": "export",
            "schema": "pawl.operations/1",
            "complete_since": ago(120),
            "covers": ["incidents"],
        }
    ]
    lines += [
        {"kind": "incident", "id": f"i{at}", "severity": 2, "opened_at": ago(day)}
        for at, day in enumerate(opened)
    ]
    file = tmp_path / "operations.jsonl"
    file.write_text("".join(f"{json.dumps(line)}\n" for line in lines))
    found = hits(capsys, "G16", "--as-of", AS_OF, "--evidence", str(file))
    assert [hit["action"] for hit in found] == ["contested"] * noticed


def test_a_rewritten_default_branch_is_noticed(
    shop: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A branch that was assessed and then begun anew has none of the commits that were seen."""
    assert hits(capsys, "G11") == []
    commit(shop, "shop.py", "PRICE = 2\n", hours=5)
    assert hits(capsys, "G11") == [], "what is added stands on what was seen"
    git(shop, "checkout", "-q", "--orphan", "clean")
    git(shop, "commit", "-q", "-m", "Begin")
    git(shop, "branch", "-q", "-M", "main")
    (hit,) = hits(capsys, "G11")
    assert (hit["strength"], hit["action"]) == ("strong", "provisional")


def test_other_versions_are_no_rewriting(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """An old version, a branch that was squashed away, and main after it are all honest."""
    git(shop, "tag", "v1")
    git(shop, "checkout", "-q", "-b", "change")
    commit(shop, "shop.py", "PRICE = 2\n", hours=5)
    assert hits(capsys, "G11") == [], "a branch that is not merged is not the default one"
    git(shop, "checkout", "-q", "main")
    git(shop, "merge", "-q", "--squash", "change")
    git(shop, "commit", "-q", "-m", "Price", hours=3)
    git(shop, "branch", "-q", "-D", "change")
    assert hits(capsys, "G11") == []
    assert hits(capsys, "G11", "--at", "v1") == []


def _newest(capsys: pytest.CaptureFixture[str], file: Path) -> None:
    capsys.readouterr()
    assert main(["ledger", "checkpoint", "--output", str(file)]) == 0


def _chained(capsys: pytest.CaptureFixture[str], *arguments: str) -> dict[str, Any]:
    """Return the record of decisions-are-chained out of a bundle."""
    capsys.readouterr()
    assert main(["assess", "--format", "bundle", *arguments]) in (0, 1)
    records = json.loads(capsys.readouterr().out)["inputs"]["records"]
    found = [each for each in records if each["probe"] == "decisions-are-chained"]
    return max(found, key=lambda each: str(each["observed_at"]))


def test_a_checkpoint_kept_elsewhere_is_compared(
    shop: Path, data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """With it the chain is proved to bite; one that does not agree is a no."""
    run(data, 1, 3)
    file = tmp_path / "checkpoint.json"
    _newest(capsys, file)
    without = _chained(capsys)
    assert (without["depth"], without["values"]["checkpointed"]) == ("E2", False)
    compared = _chained(capsys, "--checkpoint", str(file))
    assert (compared["depth"], compared["values"]["checkpointed"]) == ("E4", True)
    told = json.loads(file.read_text())
    file.write_text(json.dumps(told | {"hash": "0" * 64}))
    assert _chained(capsys, "--checkpoint", str(file))["outcome"] == "fail"


def test_a_checkpoint_that_cannot_be_compared_is_refused(
    shop: Path, data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A file that is none, one that is not there, and a missing ledger are said, not left out."""
    file = tmp_path / "checkpoint.json"
    assert main(["assess", "--checkpoint", str(file)]) == 3
    assert "the checkpoint cannot be read" in capsys.readouterr().err
    file.write_text("{}")
    assert main(["assess", "--checkpoint", str(file)]) == 2
    assert "not a ledger checkpoint" in capsys.readouterr().err
    file.write_text(
        json.dumps({"schema": "pawl.checkpoint/1", "seq": 7, "hash": "0" * 64, "at": AS_OF})
    )
    assert main(["assess", "--checkpoint", str(file)]) == 3
    assert "no ledger to compare with entry 7" in capsys.readouterr().err
    fleet = tmp_path / "fleet.yaml"
    fleet.write_text("schema: pawl.fleet/1\norganisation: acme\nrepositories: [{path: shop}]\n")
    assert main(["assess", "--fleet", str(fleet), "--checkpoint", str(file)]) == 3
    assert "no ledger to compare with entry 7" in capsys.readouterr().err
