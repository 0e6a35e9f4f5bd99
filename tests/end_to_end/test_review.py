"""A pull request's review end to end: the real Claude Code, a fake model, a fake GitHub.

Two pushes leave one comment; a failing model leaves an honest one; and what the comment says of
cost is what the records of the runs say.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec
import pytest
from tests.end_to_end.fake_model import (
    FakeModel,
    Script,
    Step,
    Usage,
    error,
    repeat,
    text,
    tool,
    without_tools,
)
from tests.end_to_end.rig import AgentHome, Finished, claude_missing
from tests.world.host.fake_comments import FakeComments, serving_comments

from pawl.base.money import format_usd, micros_from_reported
from pawl.review.review import Review
from pawl.runs.record import RunRecord

_MISSING = claude_missing()
pytestmark = [
    pytest.mark.agents,
    pytest.mark.heavy,
    pytest.mark.skipif(_MISSING is not None, reason=_MISSING or ""),
]

FIRST = Usage(input=600, cache_read=11840, cache_write=2213, output=118)
SECOND = Usage(input=800, cache_read=14053, cache_write=512, output=163)
MODEL = ("--model", "claude-sonnet-4-5")
FOUND = {
    "category": "correctness",
    "severity": "high",
    "confidence": 0.9,
    "title": "add() multiplies",
    "file": "app.py",
    "line": 2,
    "evidence": "return a * b",
    "suggestion": "Write `return a + b`.",
}


def answer(*findings: Any) -> str:
    return f"Here is my review:\n\n```json\n{json.dumps({'findings': findings})}\n```\n"


class Stage:
    """One pull request: a repository whose change is reviewed and posted about, push by push."""

    def __init__(self, home: AgentHome, model: FakeModel, root: Path, host: FakeComments) -> None:
        self.home = home
        self.model = model
        self.host = host
        self.data = root / "data"
        self.out = root / "review.json"
        self.git("checkout", "-qb", "change")

    def git(self, *arguments: str) -> None:
        own = ("-c", "user.name=Dev", "-c", "user.email=dev@example.com")
        subprocess.run(
            ("git", *own, *arguments), cwd=self.home.repository, env=self.home.env(), check=True
        )

    def push(self, body: str) -> None:
        """Change the file, as a push to the pull request does."""
        (self.home.repository / "app.py").write_text(f"def add(a, b):\n    {body}\n")
        self.git("commit", "-qam", body)

    def pawl(self, *arguments: str) -> Finished:
        command = [sys.executable, "-m", "pawl", "--data", str(self.data), *arguments]
        return self.home.run(command)

    def review(self, *options: str) -> tuple[int, Review]:
        """Review the pull request; return exit status and result."""
        self.out.unlink(missing_ok=True)
        asked = ("--base", "main", "--number", "7", "--out", str(self.out), *options)
        done = self.pawl("review", *asked, "--", "claude", "-p", *MODEL)
        assert self.out.exists(), done.stderr
        return done.exit_code, msgspec.json.decode(self.out.read_bytes(), type=Review)

    def post(self) -> int:
        """Post the result, as the job with the token does."""
        target = ("--host", "github", "--repository", "acme/shop", "--number", "7")
        return self.pawl("review", "post", str(self.out), *target).exit_code

    @property
    def comment(self) -> str:
        """The one comment of ours."""
        ours = [each.body for each in self.host.comments if each.author == self.host.own]
        assert len(ours) == 1
        return ours[0]

    def recorded(self, review: Review) -> list[RunRecord]:
        """Return the records of the review's runs, as `pawl runs show` tells them."""
        return [
            msgspec.json.decode(
                self.pawl("runs", "show", run.run_id, "--json").stdout, type=RunRecord
            )
            for run in review.runs
        ]


@contextmanager
def staged(root: Path, *steps: Step) -> Iterator[Stage]:
    side = Script([repeat(text("A title", Usage()))], name="side", when=without_tools)
    host = FakeComments("github")
    host.put("Nice work, team.", "ada")
    with (
        serving_comments(host) as url,
        FakeModel(Script(list(steps)), rules=[side]) as model,
    ):
        extra = {
            "PYTHONPATH": ":".join(sys.path),
            "GITHUB_API_URL": url,
            "GITHUB_TOKEN": "tok-5ecret",
            "NO_PROXY": "*",
            "no_proxy": "*",
            "CLAUDE_CODE_MAX_RETRIES": "0",
        }
        yield Stage(AgentHome(root / "agent", model.url, extra), model, root, host)
        assert model.failures == []


def told_micros(records: list[RunRecord]) -> int:
    """Return what the records say all runs cost together."""
    return sum(micros_from_reported(each.cost.usd or 0) for each in records)


def test_two_pushes_leave_one_comment(tmp_path: Path) -> None:
    """The first push has a finding; the second mends it, and the same comment says so."""
    with staged(
        tmp_path,
        tool("Read", {"file_path": "app.py"}, FIRST),
        text(answer(FOUND), SECOND),
        text(answer(), FIRST),
    ) as stage:
        stage.push("return a * b")
        status, first = stage.review()
        assert (status, first.status, [each.title for each in first.shown]) == (
            1,
            "reviewed",
            ["add() multiplies"],
        )
        assert stage.post() == 0
        assert "add() multiplies" in stage.comment
        before = next(each.id for each in stage.host.comments if each.author == "robot")
        records = stage.recorded(first)
        micros = told_micros(records)
        assert micros > 0
        assert {each.cost.basis for each in records} == {"priced"}
        assert f"Cost: {format_usd(micros)} (priced)." in stage.comment
        assert first.cost.usd is not None
        assert micros_from_reported(first.cost.usd) == micros
        assert first.runs[0].run_id in stage.comment

        stage.push("return a + b")
        status, second = stage.review()
        assert (status, second.findings) == (0, ())
        assert stage.post() == 0
        assert "### Review: no findings" in stage.comment
        assert f"Cost: {format_usd(told_micros(stage.recorded(second)))} (priced)." in stage.comment
        assert next(e.id for e in stage.host.comments if e.author == "robot") == before
        assert stage.host.comments[0].body == "Nice work, team."
        asked = stage.model.calls[0].request
        assert asked is not None
        assert "+    return a * b" in asked.first_prompt


def test_a_model_failure_leaves_an_honest_comment(tmp_path: Path) -> None:
    """The comment of the push before does not stand as if it were of this one."""
    with staged(tmp_path, text(answer(), FIRST), repeat(error(401))) as stage:
        stage.push("return a * b")
        assert stage.review()[0] == 0
        assert stage.post() == 0
        assert "### Review: no findings" in stage.comment
        stage.push("return a + b")
        status, failed = stage.review()
        assert (status, failed.status) == (3, "failed")
        assert stage.post() == 0
        assert "### Review: failed" in stage.comment
        assert "**The change was not reviewed.**" in stage.comment
        assert "no findings" not in stage.comment
        # And where not even a result is left:
        stage.out.unlink()
        assert stage.post() == 3
        assert "**The change was not reviewed.**" in stage.comment


def test_the_reviewer_can_only_read(tmp_path: Path) -> None:
    """A model that was talked into writing is refused, and the change is as it was."""
    with staged(
        tmp_path,
        tool("Write", {"file_path": "evil.py", "content": "x"}, FIRST),
        tool("Bash", {"command": "touch evil.sh"}, FIRST),
        tool("Read", {"file_path": ".git/config"}, FIRST),
        tool("Read", {"file_path": ".env"}, FIRST),
        tool("Grep", {"pattern": "s3cret", "output_mode": "content", "path": ".git"}, FIRST),
        tool("Read", {"file_path": str(tmp_path / "agent/repository/.git/config")}, FIRST),
        tool("Read", {"file_path": "README.md"}, FIRST),
        text(answer(), SECOND),
    ) as stage:
        stage.push("return a * b")
        stage.git("config", "http.extraheader", "s3cret-in-git")
        (stage.home.repository / ".env").write_text("KEY=s3cret-in-env\n")
        status, review = stage.review()
        last = stage.model.calls[-1].request
        assert last is not None
        told = json.dumps(last.body)
        assert "s3cret-in-git" not in told
        assert "s3cret-in-env" not in told
        assert "A small repository for an agent to work in." in told
        assert not (stage.home.repository / "evil.py").exists()
        assert not (stage.home.repository / "evil.sh").exists()
        assert (status, review.status) == (0, "reviewed")


def test_a_budget_ends_it(tmp_path: Path) -> None:
    """A reviewer that goes on and on is stopped by the money, and the result says so."""
    with staged(tmp_path, repeat(tool("Read", {"file_path": "app.py"}, FIRST))) as stage:
        stage.push("return a * b")
        status, review = stage.review("--max-usd", "0.03")
        assert (status, review.status) == (6, "failed")
        assert stage.post() == 0
        assert "stopped by a limit" in stage.comment
