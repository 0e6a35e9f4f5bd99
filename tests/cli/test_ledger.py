"""`pawl ledger`: exit statuses, one JSON object, files."""

import json
from pathlib import Path

import pytest

from pawl.cli.main import main
from pawl.governance.ledger import PAWL
from pawl.runs.spec import RunSpec
from pawl.store.records.engine import open_records, writing
from pawl.store.records.runs import RunRecords

AT = "2026-11-21T00:00:00.000000Z"


def begin(folder: Path, *, runs: int = 2, break_it: str | None = None) -> None:
    engine = open_records(folder)
    records = RunRecords(engine)
    for number in range(runs):
        spec = RunSpec(run_id=f"run_{number}", command=("x",), agent="generic", cwd="/")
        records.start(spec, PAWL, AT, pid=1, lock_path="")
    if break_it is not None:
        with writing(engine) as connection:
            connection.execute(break_it)
    engine.dispose()


def run(folder: Path, *arguments: str) -> int:
    return main(["--data", str(folder), "ledger", *arguments])


def test_an_intact_ledger_is_a_yes_that_admits_what_it_cannot_know(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Exit 0, and without a checkpoint stderr says that truncation is not excluded."""
    begin(tmp_path)
    assert run(tmp_path, "verify", "--replay") == 0
    out, err = capsys.readouterr()
    assert out.startswith("intact: 2 entries")
    assert "not excluded" in err


def test_a_changed_ledger_is_a_no_that_names_the_place(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Exit 1, with the entry and both values; the JSON says the same."""
    begin(tmp_path, break_it="UPDATE ledger SET subject = 'eve' WHERE seq = 2")
    assert run(tmp_path, "verify") == 1
    assert "broken at entry 2 (hash)" in capsys.readouterr().out
    assert run(tmp_path, "verify", "--json") == 1
    told = json.loads(capsys.readouterr().out)
    assert told["schema"] == "pawl.ledger/1"
    assert (told["intact"], told["difference"]["place"]) == (False, "entry 2")


def test_no_ledger_is_cannot_tell(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Exit 3, and nothing is made by looking."""
    assert run(tmp_path / "none", "verify") == 3
    assert not (tmp_path / "none").exists()
    assert "no ledger" in capsys.readouterr().err


def test_a_checkpoint_excludes_truncation(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """What is checkpointed today is found missing tomorrow."""
    begin(tmp_path)
    kept = tmp_path / "kept.json"
    assert run(tmp_path, "checkpoint", "--output", str(kept)) == 0
    assert run(tmp_path, "verify", "--against", str(kept), "--json") == 0
    assert json.loads(capsys.readouterr().out)["truncation_excluded"] is True
    begin(tmp_path, runs=0, break_it="DELETE FROM ledger WHERE seq = 2")
    assert run(tmp_path, "verify") == 0
    assert run(tmp_path, "verify", "--against", str(kept)) == 1
    assert "ledger ends at entry 1" in capsys.readouterr().out


def test_a_checkpoint_that_is_none_was_asked_wrongly(tmp_path: Path) -> None:
    """Exit 2 for a file that is no checkpoint, 3 for one that cannot be read."""
    begin(tmp_path)
    (tmp_path / "x").write_text("{}")
    assert run(tmp_path, "verify", "--against", str(tmp_path / "x")) == 2
    assert run(tmp_path, "verify", "--against", str(tmp_path / "absent")) == 3
    assert run(tmp_path, "export", "--output", str(tmp_path / "no" / "folder")) == 2


def test_an_export_has_every_entry(
    tmp_path: Path, capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    """One JSON object a line, in order, with everything that is hashed."""
    begin(tmp_path)
    assert run(tmp_path, "export") == 0
    lines = [json.loads(line) for line in capsysbinary.readouterr().out.splitlines()]
    assert [line["seq"] for line in lines] == [1, 2]
    assert lines[1]["prev_hash"] == lines[0]["hash"]
    assert json.loads(lines[0]["body"])["agent"] == "generic"
