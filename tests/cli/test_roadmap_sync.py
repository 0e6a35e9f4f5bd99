"""`pawl roadmap --sync`: only when asked, with one host's token, and told what was done."""

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest
from tests.world.host.fake_host import told
from tests.world.host.fake_issues import FakeIssues, serving_issues

from pawl.cli.main import main

TOKEN = "tok-5ecret"
VARIABLES = ("GITHUB_TOKEN", "GH_TOKEN", "GITLAB_TOKEN", "GITHUB_API_URL", "CI_API_V4_URL")


@pytest.fixture
def slept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The working folder is an assessed repository, no token is set, and nothing waits."""
    place = tmp_path / "shop"
    place.mkdir()
    (place / "README.md").write_text("# Shop\n\nSells things.\n")
    for arguments in (
        ("init", "-q", "-b", "main"),
        ("add", "-A"),
        ("-c", "user.name=a", "-c", "user.email=a@example.org", "commit", "-q", "-m", "Begin"),
    ):
        subprocess.run(("git", "-C", place, *arguments), check=True)
    monkeypatch.chdir(place)
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("NO_PROXY", "*")
    monkeypatch.setenv("no_proxy", "*")
    waits: list[float] = []
    monkeypatch.setattr("time.sleep", waits.append)
    assert main(["assess"]) == 0
    return waits


def sync(
    host: FakeIssues, capsys: pytest.CaptureFixture[str], *arguments: str
) -> tuple[int, str, str]:
    """Run `pawl roadmap --sync` on a fake host; return its exit status, stdout and stderr."""
    capsys.readouterr()
    with serving_issues(host) as url:
        target = ("--sync", f"{host.kind}:acme/shop", "--host-url", url)
        status = main(["roadmap", "--model", "ops", *target, *arguments])
    out, err = capsys.readouterr()
    assert TOKEN not in out + err
    return status, out, err


def test_goals_become_issues_once(
    slept: list[float], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """One object tells what was done; run again nothing is left to do."""
    monkeypatch.setenv("GITHUB_TOKEN", TOKEN)
    host = FakeIssues("github")
    status, out, err = sync(host, capsys, "--json", "--owner", "ops=platform-team")
    made: dict[str, Any] = json.loads(out)
    assert (status, err, made["schema"]) == (0, "", "pawl.sync/1")
    assert (made["subject"], made["visibility"], made["dry_run"]) == ("repo:shop", "private", False)
    assert {each["action"] for each in made["done"]} == {"create"}
    assert len(host.issues) == len(made["done"]) > 1
    assert "- Owner: platform-team\n" in host.issues[0].body
    assert {headers["authorization"] for _, _, headers, _ in host.log} == {f"Bearer {TOKEN}"}
    status, out, _ = sync(host, capsys, "--owner", "ops=platform-team")
    assert status == 0
    assert f"{len(host.issues)} unchanged" in out
    assert len(host.issues) == len(made["done"])


def test_a_dry_run_needs_no_token_and_writes_nothing(
    slept: list[float], capsys: pytest.CaptureFixture[str]
) -> None:
    """It shows what would be done; without it a token is asked for, and nothing is asked."""
    host = FakeIssues("github")
    status, out, _ = sync(host, capsys, "--dry-run")
    assert status == 0
    assert "would create" in out
    assert out.endswith("Nothing was written: --dry-run.\n")
    assert host.writes == []
    host.log.clear()
    status, out, err = sync(host, capsys)
    assert (status, out, host.log) == (2, "", [])
    assert "GITHUB_TOKEN" in err


def test_a_token_for_one_product_does_not_go_to_the_other(
    slept: list[float], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """GitLab never sees GitHub's token."""
    monkeypatch.setenv("GITHUB_TOKEN", "other-5ecret")
    monkeypatch.setenv("GITLAB_TOKEN", TOKEN)
    host = FakeIssues("gitlab")
    assert sync(host, capsys)[0] == 0
    sent = [text for _, _, headers, _ in host.log for text in headers.values()]
    assert TOKEN in sent
    assert not any("other-5ecret" in text for text in sent)


def test_one_that_stops_says_how_to_go_on(
    slept: list[float], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Exit status 3, with the host's own words, and which goals were not reached."""
    monkeypatch.setenv("GH_TOKEN", TOKEN)
    host = FakeIssues("github")
    refusal = told({"message": "Resource not accessible\x1b[2J by token"}, 403)
    host.fault = lambda count, method, path: refusal if method == "POST" else None
    status, out, _ = sync(host, capsys)
    assert status == 3
    assert "Resource not accessible" in out
    assert "\x1b" not in out
    assert "not done" in out
    assert "Run the same command again to go on." in out


@pytest.mark.parametrize(
    "arguments",
    [
        ("--dry-run",),
        ("--host-url", "https://example.org"),
        ("--sync", "acme/shop"),
        ("--sync", "svn:acme/shop", "--dry-run"),
        ("--sync", "github:shop", "--dry-run"),
        ("--sync", "github:acme/..", "--dry-run"),
        ("--sync", "gitlab:shop", "--dry-run"),
        ("--sync", "github:acme/shop", "--dry-run", "--host-url", "https://a:b@example.org"),
    ],
)
def test_what_was_asked_wrongly_says_so(
    slept: list[float], capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...]
) -> None:
    """Exit 2 before any host is asked."""
    capsys.readouterr()
    assert main(["roadmap", *arguments]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert ("--host-url" if "--host-url" in arguments else "--sync") in err
