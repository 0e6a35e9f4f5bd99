"""`pawl gate tell` and reading reviews, in a real repository and against a fake GitHub."""

import json
from pathlib import Path

import pytest
from tests.app.test_approvals import Firm, reviews
from tests.world.host.fake_api import serving_api
from tests.world.host.fake_host import told
from tests.world.host.fake_reviews import PULL, github_review

from pawl.app import now
from pawl.cli.main import main

COMMIT = "a" * 40
RUNS = f"/repos/acme/shop/commits/{COMMIT}/check-runs"


@pytest.fixture
def firm(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Firm:
    """A firm whose repository we stand in, with a change in review."""
    made = Firm(tmp_path)
    made.change = made.opened().id
    made.desk.close()
    monkeypatch.chdir(made.place)
    monkeypatch.setenv("GITHUB_TOKEN", "t")
    for name in ("PAWL_SERVER", "GITHUB_ACTIONS", "GITHUB_API_URL"):
        monkeypatch.delenv(name, raising=False)
    return made


def test_a_decision_is_shown_on_a_commit(firm: Firm, capsys: pytest.CaptureFixture[str]) -> None:
    """The exit status is the decision's, the check says why, and a host that is down is told of."""
    host = reviews()
    host.keys[RUNS] = "check_runs"
    host.answers[f"GET {RUNS}"] = []
    host.answers["POST /repos/acme/shop/check-runs"] = lambda content: told(
        {"id": 5, "app": {"id": 7}, **content}, 201
    )
    with serving_api(host) as url:
        command = [
            *("--data", str(firm.data), "gate", "tell", firm.change, "--host", "github"),
            *("--repository", "acme/shop", "--commit", COMMIT, "--host-url", url, "--json"),
        ]
        assert main(command) == 2
        capsys.readouterr()
        status = main([*command, "--app", "7"])
        said = json.loads(capsys.readouterr().out)
        assert status in (1, 3)
        assert said["action"] == "created"
        assert said["outcome"] == {1: "no", 3: "cannot-tell"}[status]
        ((_, sent),) = host.sent("POST")
        assert sent["conclusion"] == {1: "failure", 3: "action_required"}[status]
        assert "approvals" in sent["output"]["title"] + sent["output"]["summary"]
        host.fault = lambda number, method, path: told({}, 403)
        assert main([*command, "--app", "7"]) == 2


def test_reviews_that_do_not_count_are_told(
    firm: Firm, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """What was recorded is counted, what was not is told with its reason, and a fault is exit 3."""
    host = reviews()
    host.answers[f"GET {PULL}"]["head"]["sha"] = firm.head
    host.answers[f"GET {PULL}/reviews"] = [
        {**github_review(1, 2, "APPROVED", now()), "commit_id": firm.head},
        {**github_review(2, 5, "DISMISSED", now()), "commit_id": firm.head},
    ]
    with serving_api(host) as url:
        monkeypatch.setenv("GITHUB_API_URL", url)
        command = ["--data", str(firm.data), "change", "approve", firm.change]
        command += ["--pull-request", "github:acme/shop#7"]
        assert main(command) == 0
        out = capsys.readouterr()
        assert "1 recorded" in out.out
        assert "review/2 of github:5 does not count: It was dismissed." in out.err
        host.answers[f"GET {PULL}/reviews"] = told("<html>")
        assert main(command) == 3
