"""`pawl readiness`: exit statuses, formats and the object it prints."""

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest
from tests.maturity.test_readiness import STEPS, grown, host

from pawl.alerts.budget import budgets_of
from pawl.alerts.budget_people import People
from pawl.cli.main import main
from pawl.governance.ledger import Actor
from pawl.runs.record import Outcome, RunCost, RunRecord
from pawl.runs.spec import Limits, RunSpec
from pawl.store.records.budgets import BudgetRecords, Files
from pawl.store.records.engine import open_records
from pawl.store.records.runs import RunRecords
from pawl.store.spool import SpoolWriter
from pawl.telemetry.event import Attribution, Event, Kind, Source

AT, ENDED = "2026-11-19T10:00:00.000000Z", "2026-11-19T11:00:00.000000Z"
PERSON = Actor(person="ada", source="os", assurance="A0")


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A repository with one commit and nothing for agents."""
    top = tmp_path / "pay"
    commit(top, {"README.md": "# Pay\n"})
    return top


def commit(top: Path, files: dict[str, str | bytes]) -> None:
    """Commit files in a repository, which is begun where there is none."""
    for name, content in files.items():
        path = top / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
    for arguments in (("init", "-q", "-b", "main"), ("add", "-A"), ("commit", "-q", "-m", "x")):
        author = ("-c", "user.name=a", "-c", "user.email=a@example.org")
        subprocess.run(("git", "-C", top, *author, *arguments), check=True, capture_output=True)


def told(capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    """Return the object that was printed."""
    found: dict[str, Any] = json.loads(capsys.readouterr().out)
    return found


def test_a_bare_repository_is_not_ready(
    place: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """It exits 1, names each item and the next command, and keeps nothing in the records."""
    data = tmp_path / "data"
    assert main(["--data", str(data), "readiness", str(place), "--json"]) == 1
    found = told(capsys)
    assert found["schema"] == "pawl.readiness/1"
    assert [each["part"] for each in found["items"]] == ["step"] * 7 + ["question"] * 5
    assert found["next_step"]["item"] == "review-skill"
    assert not (data / "pawl.db").exists()


def test_a_checklist_in_the_repository_changes_nothing(
    place: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A file that says that all is done, and an export that it brings along, are not believed."""
    arguments = ["--data", str(tmp_path / "data"), "readiness", str(place), "--json"]
    main(arguments)
    before = {each["id"]: each["standing"] for each in told(capsys)["items"]}
    done = "\n".join(f"- [x] {name}: done, approved, ready" for name in before)
    claimed = json.dumps(host(changes=[{"number": 1, "author": "a", "opened_at": "2026-11-19"}]))
    commit(place, {".pawl/readiness.yaml": done, "READY.md": done, "docs/production.md": done})
    commit(place, {".pawl/evidence/host.json": claimed})
    assert main(arguments) == 1
    after = {each["id"]: each["standing"] for each in told(capsys)["items"]}
    assert "yes" not in (*before.values(), *after.values())


def test_files_alone_never_make_ready(
    place: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """With every file in place and no live data nobody can tell, which is exit status 3."""
    whole = grown(len(STEPS))
    commit(place, whole["files"])
    status = main(["--data", str(tmp_path / "data"), "readiness", str(place), "--json"])
    found = told(capsys)
    assert status == 3, [each for each in found["items"] if each["standing"] == "no"]
    assert found["standing"] == "cannot-tell"
    assert found["next_step"]["what"].startswith("Let Pawl look")


def test_a_folder_outside_git_is_looked_at_as_it_is(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Files count there too; nothing is ready by them."""
    (tmp_path / "plain").mkdir()
    (tmp_path / "plain" / "README.md").write_text("# Pay\n")
    arguments = ["--data", str(tmp_path / "data"), "readiness", str(tmp_path / "plain")]
    assert main(arguments) == 1
    assert "not ready" in capsys.readouterr().out


def _live(data: Path, **limits: int) -> None:
    """Record a supervised run of the repository's project, its request, and a budget."""
    data.mkdir()
    spec = RunSpec(
        run_id="run_1",
        command=("claude",),
        agent="claude-code",
        cwd="/work",
        limits=Limits(**limits),
        attribution=Attribution(project="pay"),
    )
    record = RunRecord(
        run_id=spec.run_id,
        agent=spec.agent,
        outcome=Outcome.SUCCEEDED,
        started_at=AT,
        ended_at=ENDED,
        cost=RunCost(usd=0.02, basis="reported"),
        session_id="s1",
    )
    budget = {"name": "all", "scope": "organisation", "hard_usd": 100}
    declared = budgets_of([budget], source="team", people=People(), place="budgets.toml")
    engine = open_records(data)
    RunRecords(engine).start(spec, PERSON, AT, pid=1, lock_path="")
    RunRecords(engine).settle(record, ENDED)
    BudgetRecords(engine).load(Files(declared=declared, sources=("team",)), PERSON, AT)
    engine.dispose()
    request = Event(
        id="r1",
        time=AT,
        kind=Kind.REQUEST,
        source=Source.TRANSCRIPT,
        agent="claude-code",
        request_id="r1",
        session_id="s1",
        model="claude-opus-4-5",
        project="pay",
        input=10,
        output=5,
        final=True,
    )
    with SpoolWriter(data / "spool", "test") as spool:
        spool.append([request])
        spool.commit()


def test_live_records_answer_what_files_cannot(
    place: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Runs, their limits, prices and budgets are read from the data folder, each for its item."""
    found = {}
    for name, limits in (("limited", {"turns": 9}), ("free", {})):
        _live(tmp_path / name, **limits)
        asked = ("readiness", str(place), "--json", "--as-of", "2026-11-21")
        main(["--data", str(tmp_path / name), *asked])
        items = told(capsys)["items"]
        found[name] = {rest["id"]: rest["standing"] for item in items for rest in item["rests"]}
    assert found["limited"]["runs-are-recorded"] == "yes"
    assert found["limited"]["runs-say-why"] == "yes"
    assert found["limited"]["runs-are-limited"] == "yes"
    assert found["free"]["runs-are-limited"] == "no"
    items = {item["id"]: item["standing"] for item in items}
    assert items["what-it-costs"] == "yes"
    assert items["cost-tracked"] == "no", "no alert on cost was ever looked at"


def test_markdown_goes_into_a_file(place: Path, tmp_path: Path) -> None:
    """The report can be kept, as for a change request."""
    out = tmp_path / "readiness.md"
    data = str(tmp_path / "data")
    assert (
        main(
            ["--data", data, "readiness", str(place), "--format", "markdown", "--output", str(out)]
        )
        == 1
    )
    assert out.read_text().startswith("# repo:pay is not ready")
