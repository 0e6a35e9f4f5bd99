"""`pawl cost` and `pawl import` from the outside."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from tests.telemetry.formats.lines import claude, encoded

from pawl.cli.main import main


@pytest.fixture
def transcripts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A Claude configuration with two requests of one project."""
    path = tmp_path / "claude/projects/x/s.jsonl"
    path.parent.mkdir(parents=True)
    path.write_bytes(encoded(claude(request="r1", message="m1"), claude(message="m2")))
    monkeypatch.setenv("CLAUDE_CONFIG_DIR", str(tmp_path / "claude"))
    return path


def test_a_bill_as_json(transcripts: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """stdout holds one object and nothing else."""
    assert main(["cost", "--by", "project,model", "--json"]) == 0
    value = json.loads(capsys.readouterr().out)
    assert value["rows"] == [
        {
            "project": "shop",
            "model": "claude-opus-5-5",
            "requests": 2,
            "usage": value["total"]["usage"],
            "cost_usd_micros": 280,
            "unpriced_requests": 0,
        }
    ]


def test_a_bill_as_a_table(transcripts: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """People see a table of the projects."""
    assert main(["cost"]) == 0
    assert capsys.readouterr().out.splitlines()[2].startswith("shop")


def test_an_import_and_then_a_bill(transcripts: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What was imported and what the bill reads by itself are the same requests."""
    assert main(["import", "--json"]) == 0
    imported = json.loads(capsys.readouterr().out)
    assert [a["requests"] for a in imported["agents"] if a["agent"] == "claude-code"] == [2]
    assert main(["cost", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["total"]["requests"] == 2


@pytest.mark.parametrize(
    "arguments", [["--by", "colour"], ["--since", "soon"], ["--since", "1d", "--until", "2d"]]
)
def test_a_wrong_question_is_explained(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    """Exit 2, with the flag, what is wrong and a remedy on stderr."""
    assert main(["cost", *arguments]) == 2
    told = capsys.readouterr()
    assert told.out == ""
    assert len(told.err.splitlines()) == 2


def test_a_repeated_bill_imports_nothing_heavy(transcripts: Path) -> None:
    """The command loads no store engine, no YAML, no rich, and not what reading needs."""
    program = (
        "import sys; from pawl.__main__ import main; sys.argv[1:] = ['cost', '--json']; main(); "
        "main(); print(sorted(m for m in sys.modules if m.split('.')[0] in "
        "{'duckdb', 'sqlalchemy', 'rich', 'httpx', 'starlette', 'typing_extensions'}))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout.splitlines()[-1] == "[]"
