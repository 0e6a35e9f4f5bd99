"""A change that reviews approved reads them again right before its start, by the command line."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.cli.made_shop import Shop, made_shop
from tests.world.host.fake_api import FakeApi, serving_api
from tests.world.host.fake_host import told
from tests.world.host.fake_reviews import PULL, fake_github, github_commit, github_review

from pawl.app import now


class Reviewed:
    """A shop with a change that one review on pull request 7 approved, and its code host."""

    def __init__(self, shop: Shop, host: FakeApi) -> None:
        self.shop, self.host = shop, host
        self.change = shop.reviewed()
        head = shop.git("rev-parse", "HEAD")
        host.answers = fake_github([], [github_commit("ada@example.com")], head).answers
        self.say("APPROVED")
        done = shop.told("change", "approve", self.change, "--pull-request", "github:acme/shop#7")
        assert done["change"]["state"] == "approved"

    def say(self, state: str) -> None:
        """Let Grace's review stand in a state."""
        head = self.host.answers[f"GET {PULL}"]["head"]["sha"]
        review = github_review(1, 2, state, now(), commit_id=head)
        self.host.answers[f"GET {PULL}/reviews"] = [review]

    def start(self, status: int) -> Any:
        """Start it."""
        return self.shop.told("change", "start", self.change, status=status)


@pytest.fixture
def reviewed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Iterator[Reviewed]:
    """A change that a review approved."""
    shop = made_shop(tmp_path, monkeypatch, capsys)
    roster = shop.roster()
    for person, account in (("ada", 1), ("grace", 2)):
        roster = roster.replace(
            f"{{id: {person}, identities: [", f'{{id: {person}, identities: ["github:{account}", '
        )
    shop.commit({".pawl/roster.yaml": roster})
    host = FakeApi("github")
    monkeypatch.setenv("GITHUB_TOKEN", "t")
    with serving_api(host) as url:
        monkeypatch.setenv("GITHUB_API_URL", url)
        yield Reviewed(shop, host)


def test_a_review_that_stands_starts_it(reviewed: Reviewed) -> None:
    """The host is asked again, also where the pull request was merged meanwhile."""
    reviewed.host.answers[f"GET {PULL}"]["state"] = "closed"
    before = len(reviewed.host.log)
    assert reviewed.start(0)["change"]["state"] == "rolling-out"
    assert len(reviewed.host.log) > before


@pytest.mark.parametrize("state", ["DISMISSED", "CHANGES_REQUESTED"])
def test_a_review_that_stands_no_more_starts_nothing(reviewed: Reviewed, state: str) -> None:
    """It is taken back before the gates are asked, and they say no."""
    reviewed.say(state)
    assert reviewed.start(1)["refusal"]["code"] != "cannot-tell"
    answers = reviewed.shop.told("change", "show", reviewed.change)["change"]["answers"]
    assert answers[0]["revoked_at"] is not None


def test_a_host_that_does_not_answer_starts_nothing(reviewed: Reviewed) -> None:
    """Nobody can tell then, unless a signature suffices without the review."""
    reviewed.host.fault = lambda number, method, path: told({"message": "Not Found"}, 404)
    reviewed.shop.run("change", "start", reviewed.change, status=3)
    assert "whether its reviews still stand" in reviewed.shop.err
    reviewed.shop.approve(reviewed.change, "grace")
    assert reviewed.start(0)["change"]["state"] == "rolling-out"


def test_a_no_of_the_gates_is_told_as_such(reviewed: Reviewed) -> None:
    """Where the gates say no anyway, a host that is down does not hide why."""
    reviewed.shop.lint(reviewed.change, failing=3)
    reviewed.host.fault = lambda number, method, path: told({"message": "Not Found"}, 404)
    reasons = reviewed.start(1)["refusal"]["reasons"]
    assert any("lint" in each for each in reasons), reasons
