"""`pawl review` as a user and a CI job meet it: an agent's answer in, files and one comment out."""

import json
import os
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import msgspec
import pytest
from tests.render.test_review_comment import review
from tests.review.making import HEAD, finding
from tests.world.host.fake_comments import FakeComments, serving_comments
from tests.world.host.fake_host import Sent

from pawl.cli.main import main
from pawl.review.sticky import MARKER

TOKEN = "tok-5ecret"
FOUND = {
    "category": "correctness",
    "severity": "high",
    "confidence": 0.9,
    "title": "It subtracts",
    "file": "app.py",
    "line": 2,
    "evidence": "return a - b",
    "suggestion": "Write `return a + b`.",
}
PERHAPS = FOUND | {"category": "style", "confidence": 0.4, "title": "A name"}


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working folder is a repository with one change; data and tokens are the test's own."""
    place = tmp_path / "shop"
    place.mkdir()
    monkeypatch.chdir(place)
    for name in (
        *("GITHUB_TOKEN", "GH_TOKEN", "GITLAB_TOKEN", "GITHUB_API_URL", "CI_API_V4_URL"),
        *("GITHUB_ACTIONS", "GITHUB_EVENT_PATH", "GITLAB_CI", "PAWL_RECORDS_URL"),
    ):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PAWL_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("NO_PROXY", "*")
    monkeypatch.setattr("time.sleep", lambda seconds: None)
    git("init", "-q", "-b", "main")
    commit("def add(a, b):\n    return a\n")
    commit("def add(a, b):\n    return a - b\n")
    return place


def git(*arguments: str) -> None:
    own = ("-c", "user.name=a", "-c", "user.email=a@example.org")
    subprocess.run(("git", *own, *arguments), check=True)


def commit(text: str) -> None:
    Path("app.py").write_text(text)
    git("add", "-A")
    git("commit", "-qm", "x")


def agent(tmp_path: Path, answer: str, status: int = 0) -> tuple[str, ...]:
    """Return a command that keeps what it is asked, answers and ends."""
    (tmp_path / "answer").write_text(answer)
    asked = shlex.quote(str(tmp_path / "asked"))
    text = f"cat > {asked}; cat {shlex.quote(str(tmp_path / 'answer'))}; exit {status}"
    return ("sh", "-c", text)


def pawl(*arguments: str) -> tuple[int, str, str]:
    """Run `pawl` in a process of its own, as it supervises processes."""
    path = os.pathsep.join(sys.path)
    ran = subprocess.run(
        (sys.executable, "-m", "pawl", *arguments),
        capture_output=True,
        text=True,
        env=os.environ | {"PYTHONPATH": path},
        check=False,
        stdin=subprocess.DEVNULL,
    )
    return ran.returncode, ran.stdout, ran.stderr


def reviewed(tmp_path: Path, *options: str, answer: Any = None, **how: Any) -> dict[str, Any]:
    """Review the change with an agent of this answer; return the result with its exit status."""
    text = answer if isinstance(answer, str) else json.dumps({"findings": answer or []})
    command = agent(tmp_path, text, **how)
    base = ("--base", "HEAD~1", "--agent", "generic", "--json", *options)
    status, out, err = pawl("review", *base, "--", *command)
    assert out, err
    told: dict[str, Any] = json.loads(out)
    assert told["exit_code"] == status
    return told


def test_a_change_is_reviewed(shop: Path, tmp_path: Path) -> None:
    """The agent is asked on stdin; result, SARIF, queue and feedback fit together."""
    out, sarif = tmp_path / "r.json", tmp_path / "r.sarif"
    told = reviewed(tmp_path, "--out", str(out), "--sarif", str(sarif), answer=[FOUND, PERHAPS])
    assert (told["schema"], told["status"], told["exit_code"]) == ("pawl.review/1", "reviewed", 1)
    assert json.loads(out.read_text()) == told
    assert told["cost"] == {"usd": None, "basis": "unpriced", "unknown": 1}
    assert "+    return a - b" in (tmp_path / "asked").read_text()
    kinds = [r.get("kind") for r in json.loads(sarif.read_text())["runs"][0]["results"]]
    assert kinds == [None, "review"]
    assert main(["review", "queue"]) == 0
    waits = told["findings"][1]["fingerprint"]
    said = ("--reason", "taste")
    assert main(["review", "feedback", str(out), waits[:12], "dismiss", *said]) == 0
    assert main(["review", "thresholds", "--json"]) == 0
    assert pawl("ledger", "verify", "--replay")[0] == 0


@pytest.mark.heavy
def test_the_queue_empties_by_decisions(
    shop: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """What waits is listed until somebody decides, whether of the ledger or of a file."""
    out = tmp_path / "r.json"
    waits = reviewed(tmp_path, "--out", str(out), answer=[PERHAPS])["findings"][0]["fingerprint"]
    assert main(["review", "queue", str(out)]) == 0
    assert waits[:12] in capsys.readouterr().out
    assert main(["review", "feedback", str(out), waits, "act", "--reason", "right"]) == 0
    assert "style" in capsys.readouterr().out
    assert main(["review", "queue", str(out), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["waiting"] == []
    assert main(["review", "feedback", str(out), waits, "dismiss", "--reason", "noise"]) == 0
    again = reviewed(tmp_path, answer=[PERHAPS])
    assert (again["findings"], again["dropped"][0]["title"]) == ([], "A name")


@pytest.mark.heavy
def test_fail_on_decides_the_status(shop: Path, tmp_path: Path) -> None:
    """A high finding passes where only critical ones fail; none at all passes."""
    assert reviewed(tmp_path, "--fail-on", "critical", answer=[FOUND])["exit_code"] == 0
    assert reviewed(tmp_path)["exit_code"] == 0


@pytest.mark.heavy
@pytest.mark.parametrize(
    ("answer", "how", "status"),
    [("I like it.", {}, 3), ("", {}, 3), ("broken", {"status": 7}, 3)],
)
def test_no_answer_is_exit_three(
    shop: Path, tmp_path: Path, answer: str, how: dict[str, int], status: int
) -> None:
    """Prose, silence and a failed agent are told as what they are."""
    told = reviewed(tmp_path, answer=answer, **how)
    assert (told["exit_code"], told["status"]) == (status, "failed")
    assert told["problem"]
    assert [each["file"] for each in told["not_reviewed"]] == ["app.py"]


@pytest.mark.heavy
def test_a_large_change_is_read_in_parts(shop: Path, tmp_path: Path) -> None:
    """Each part is a run of its own, in one ledger; what the parts say is one result."""
    for number in range(3):
        rows = "".join(f"value_{row} = {row}\n" for row in range(2500))
        (shop / f"f{number}.py").write_text(rows)
    git("add", "-A")
    git("commit", "-qm", "large")
    found = [
        FOUND | {"file": f"f{n}.py", "line": 7, "evidence": "value_6 = 6", "title": f"In {n}"}
        for n in range(3)
    ]
    told = reviewed(tmp_path, answer=found)
    assert told["parts"] >= 2
    assert len({run["run_id"] for run in told["runs"]}) == told["parts"]
    assert [each["title"] for each in told["findings"]] == ["In 0", "In 1", "In 2"]
    assert {each["reason"][:11] for each in told["dropped"]} == {"the same as"}
    listed = json.loads(pawl("runs", "list", "--json")[1])["runs"]
    assert len(listed) == told["parts"]
    assert pawl("ledger", "verify", "--replay")[0] == 0


@pytest.mark.heavy
def test_ceilings_of_the_repository_hold(shop: Path, tmp_path: Path) -> None:
    """What pawl.toml allows every run is not widened by our defaults, only by a flag."""
    (shop / "pawl.toml").write_text('[limits]\nwall = "1s"\n')
    asked = ("review", "--base", "HEAD~1", "--agent", "generic", "--json")
    status, out, _ = pawl(*asked, "--", "sh", "-c", "sleep 60")
    assert (status, json.loads(out)["runs"][0]["outcome"]) == (6, "stopped")


@pytest.mark.heavy
def test_a_limit_is_exit_six(shop: Path, tmp_path: Path) -> None:
    """An agent that hangs is ended, and its part is unread."""
    started = ("--base", "HEAD~1", "--agent", "generic", "--json", "--timeout", "1s")
    status, out, _ = pawl("review", *started, "--", "sh", "-c", "sleep 60")
    assert (status, json.loads(out)["status"]) == (6, "failed")


@pytest.mark.heavy
def test_files_gone_from_the_working_tree_are_reviewed(shop: Path, tmp_path: Path) -> None:
    """What was deleted between listing and review is read from git."""
    (shop / "app.py").unlink()
    told = reviewed(tmp_path, answer=[FOUND])
    assert (told["exit_code"], len(told["findings"])) == (1, 1)


def test_a_command_of_which_nothing_is_known_is_refused(shop: Path, tmp_path: Path) -> None:
    """Without --agent nobody says that it only reads."""
    status, _, err = pawl("review", "--base", "HEAD~1", "--", *agent(tmp_path, "{}"))
    assert status == 5
    assert "hold 'sh' to reading" in err
    assert not (tmp_path / "asked").exists()


def test_asked_wrongly(shop: Path) -> None:
    """No base, and a base that is none, exit 2."""
    assert main(["review"]) == 2
    assert main(["review", "--base", "nowhere", "--agent", "generic", "--", "true"]) == 2
    assert main(["review", "feedback", "none.json", "abcdef", "act", "--reason", "x"]) == 3


def test_a_change_that_cannot_be_read_leaves_an_honest_file(shop: Path, tmp_path: Path) -> None:
    """Where git has no common commit, the result says so, for whoever posts it."""
    git("checkout", "-q", "--orphan", "other")
    git("commit", "-qm", "other")
    out = tmp_path / "r.json"
    told = ("--base", "main", "--agent", "generic", "--out", str(out))
    assert main(["review", *told, "--", "true"]) == 3
    assert json.loads(out.read_text())["status"] == "failed"
    assert "no common one" in json.loads(out.read_text())["problem"]


def post(
    host: FakeComments,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    file: Path,
    *options: str,
) -> tuple[int, str]:
    """Run `pawl review post` on a fake host, with its token; return exit status and stdout."""
    monkeypatch.setenv("GITHUB_TOKEN" if host.kind == "github" else "GITLAB_TOKEN", TOKEN)
    with serving_comments(host) as url:
        monkeypatch.setenv("GITHUB_API_URL" if host.kind == "github" else "CI_API_V4_URL", url)
        target = ("--host", host.kind, "--repository", "acme/shop", "--number", "7")
        status = main(["review", "post", str(file), *target, *options])
    out, err = capsys.readouterr()
    assert TOKEN not in out + err
    return status, out


@pytest.mark.parametrize("kind", ["github", "gitlab"])
def test_a_result_becomes_one_comment(
    shop: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    kind: Any,
) -> None:
    """Two pushes leave one comment with what the second found."""
    host, out = FakeComments(kind), tmp_path / "r.json"
    out.write_bytes(msgspec.json.encode(review(finding())))
    assert post(host, monkeypatch, capsys, out, "--json")[0] == 0
    assert "It subtracts" in host.comments[0].body
    out.write_bytes(msgspec.json.encode(review(at="2026-11-21T12:00:00.000000Z")))
    status, told = post(host, monkeypatch, capsys, out, "--json")
    assert (status, json.loads(told)["action"]) == (0, "updated")
    assert len(host.comments) == 1
    assert "### Review: no findings" in host.comments[0].body


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [("number", 8, "of change 8"), ("head", "c" * 40, "another commit")],
)
def test_a_result_of_something_else_is_not_shown(
    shop: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    field: str,
    value: object,
    words: str,
) -> None:
    """What was made for another change or commit becomes an honest failure here."""
    host, file = FakeComments("github"), tmp_path / "r.json"
    told = msgspec.to_builtins(review(finding())) | {field: value}
    file.write_bytes(msgspec.json.encode(told))
    assert post(host, monkeypatch, capsys, file, "--head", HEAD)[0] == 3
    assert words in host.comments[0].body
    assert "It subtracts" not in host.comments[0].body


def test_a_result_from_the_future_keeps_nothing_out(
    shop: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """A time that nobody can have written yet is taken for now, and the next review is shown."""
    host, file = FakeComments("github"), tmp_path / "r.json"
    file.write_bytes(msgspec.json.encode(review(at="2999-01-01T00:00:00.000000Z")))
    assert post(host, monkeypatch, capsys, file)[0] == 0
    assert "2999" not in host.comments[0].body
    file.write_bytes(msgspec.json.encode(review(finding(), at="2999-01-01T00:00:00.000000Z")))
    assert post(host, monkeypatch, capsys, file)[0] == 0
    assert "It subtracts" in host.comments[0].body


@pytest.mark.parametrize("content", [None, b"", b"<html>", b'{"schema": "pawl.review/1"}'])
def test_a_missing_result_becomes_an_honest_comment(
    shop: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    content: bytes | None,
) -> None:
    """Whatever befell the job before, the change says that nobody reviewed it; exit 3."""
    host, file = FakeComments("github"), tmp_path / "r.json"
    if content is not None:
        file.write_bytes(content)
    link = "https://ci.example/1"
    assert post(host, monkeypatch, capsys, file, "--link", link)[0] == 3
    body = host.comments[0].body
    assert body.startswith(MARKER)
    assert "**The change was not reviewed.**" in body
    assert f"[The job]({link})" in body
    assert post(host, monkeypatch, capsys, file)[0] == 3
    assert len(host.comments) == 1


def test_a_pipe_or_folder_in_the_results_place_is_no_result(
    shop: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """The posting job neither hangs nor crashes, and says that there is none."""
    host = FakeComments("github")
    os.mkfifo(tmp_path / "pipe")
    assert post(host, monkeypatch, capsys, tmp_path / "pipe")[0] == 3
    assert post(host, monkeypatch, capsys, tmp_path)[0] == 3
    assert len(host.comments) == 1


def test_a_host_that_fails_is_exit_three(
    shop: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """An HTML page in the place of the API is no success."""
    host = FakeComments("github")
    host.fault = lambda number, method, path: Sent(200, {}, b"<html></html>")
    assert post(host, monkeypatch, capsys, tmp_path / "none")[0] == 3
    assert host.comments == []


def test_without_a_token_nothing_is_asked(shop: Path, tmp_path: Path) -> None:
    """The variable to set is named."""
    target = ("--host", "github", "--repository", "acme/shop", "--number", "7")
    assert main(["review", "post", str(tmp_path / "x"), *target]) == 2
