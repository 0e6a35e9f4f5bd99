"""Loops are found in old transcripts as they are in live runs."""

import json
from pathlib import Path

import pytest
from tests.services.test_stored_cost import machine_for

from pawl.runs.spec import LoopPolicy
from pawl.services.loops import look_for_loops

TIME = "2026-11-20T10:00:{:02}.000Z"


def session(path: Path, results: list[str], *, failed: bool = True) -> None:
    """Write a transcript in which one command is run again and again."""
    lines = []
    for number, result in enumerate(results):
        call = {"type": "tool_use", "id": f"t{number}", "name": "Bash", "input": {"command": "x"}}
        usage = {"input_tokens": 1, "output_tokens": 1}
        shared = {"sessionId": "s-1", "timestamp": TIME.format(number), "cwd": "/w"}
        message = {"id": f"m{number}", "role": "assistant", "model": "claude-opus-5-5",
                   "content": [call], "usage": usage, "stop_reason": "tool_use"}  # fmt: skip
        lines.append({"type": "assistant", "requestId": f"r{number}", "uuid": f"a{number}",
                      "message": message, **shared})  # fmt: skip
        answer = {"type": "tool_result", "tool_use_id": f"t{number}", "content": result,
                  "is_error": failed}  # fmt: skip
        lines.append({"type": "user", "uuid": f"u{number}", **shared,
                      "message": {"role": "user", "content": [answer]}})  # fmt: skip
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps(line, separators=(",", ":")) + "\n" for line in lines))


@pytest.mark.parametrize(
    ("results", "failed", "rungs"),
    [
        (["same"] * 4, True, ["warn", "stop"]),
        (["same"] * 5, False, ["warn", "stop"]),
        (["same", "same", "other"], True, ["warn"]),
        ([f"row {n}" for n in range(12)], False, []),
    ],
)
def test_an_old_session_is_judged_as_a_live_one(
    tmp_path: Path, results: list[str], failed: bool, rungs: list[str]
) -> None:
    """Repetition without news is found with what a run would have done; progress is not."""
    session(tmp_path / "logs" / "s-1.jsonl", results, failed=failed)
    report = look_for_loops(machine_for(tmp_path, tmp_path), [str(tmp_path / "logs")], LoopPolicy())
    assert report.sessions == 1
    assert [loop.rung for loop in report.loops] == rungs
    assert report.stuck is ("stop" in rungs)
    assert all(loop.session_id == "s-1" and loop.tool == "Bash" for loop in report.loops)


def test_a_declared_poller_is_no_loop(tmp_path: Path) -> None:
    """A tool that polls by design may repeat itself."""
    session(tmp_path / "logs" / "s-1.jsonl", ["same"] * 9)
    exempt = LoopPolicy(exempt=("Ba*",))
    report = look_for_loops(machine_for(tmp_path, tmp_path), [str(tmp_path / "logs")], exempt)
    assert (report.sessions, report.loops) == (1, ())
