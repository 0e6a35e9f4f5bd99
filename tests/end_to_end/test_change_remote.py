"""Every command about changes, given to a team's server that runs as a process of its own."""

import json
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.cli.made_shop import Shop, made_shop
from tests.end_to_end.served import Served

from pawl.app import now
from pawl.store.spool import SpoolWriter
from pawl.telemetry.event import Event, Kind, Source

pytestmark = pytest.mark.heavy
COMPONENT = "prompt/CLAUDE.md"
_PUT = """
import json, sys
open("live.json", "w").write(json.dumps(json.load(sys.stdin)["parts"]))
"""
_GET = """
import json
print(json.dumps({"parts": json.load(open("live.json"))}))
"""


class Team:
    """A shop, its server with an executor, and the tokens of Ada, Grace and a stranger."""

    def __init__(self, shop: Shop, server: Served, monkeypatch: pytest.MonkeyPatch) -> None:
        self.shop, self.server, self._patch = shop, server, monkeypatch
        self._secrets: dict[str, str] = {}
        self._events = 0
        roster = shop.roster()
        for name, scopes in (
            ("ada", "change,evidence"), ("grace", "change,approve,evidence"), ("mallory", "change"),
        ):  # fmt: skip
            asked = ("token", "create", "--person", name, "--scopes", scopes)
            made = json.loads(shop.run("--data", str(server.data), *asked, "--json"))
            self._secrets[name] = made["secret"]
            roster = roster.replace(
                f"{{id: {name}, identities: [", f'{{id: {name}, identities: ["token:{made["id"]}", '
            )
        shop.commit({".pawl/roster.yaml": roster})
        for name, text in (("put", _PUT), ("get", _GET)):
            (server.data / name).write_text(f"#!{sys.executable} -S\n{text}")
            (server.data / name).chmod(0o755)
        (server.data / "live.json").write_text(
            json.dumps({COMPONENT: {"type": "prompt", "text": "Be kind.\n"}})
        )
        (server.data / "pawl.toml").write_text(
            f"[changes]\nrepository = {json.dumps(str(shop.place))}\n"
            '[changes.executors.command]\nargv = ["./put"]\nread_back = ["./get"]\n'
        )

    def as_(self, name: str) -> None:
        """Give the next commands with somebody's token."""
        self._patch.setenv("PAWL_SERVER", self.server.url)
        self._patch.setenv("PAWL_TOKEN", self._secrets[name])

    def served(self, change: str, count: int, failed: int) -> None:
        """Let telemetry say that a change was served, or what was there with the empty one."""
        with SpoolWriter(self.server.data / "spool", f"made{self._events}") as spool:
            facts = []
            for number in range(count):
                self._events += 1
                facts.append(
                    Event(
                        id=f"e{self._events}",
                        time=now(),
                        kind=Kind.ERROR if number < failed else Kind.REQUEST,
                        source=Source.TELEMETRY,
                        agent="claude-code",
                        project="shop",
                        session_id=f"s{self._events % 40}",
                        request_id=f"r{self._events}",
                        attributes={"change": change} if change else {},
                    )
                )
            spool.append(facts)
            spool.commit()

    def until(self, change: str, state: str) -> Any:
        """Ask again and again until a change is in a state; return what is shown of it."""
        give_up = time.monotonic() + 60
        while True:
            told = self.shop.told("change", "show", change)
            if told["change"]["state"] == state:
                return told
            assert time.monotonic() < give_up, (told["timeline"], self.server.said)
            time.sleep(0.2)


@pytest.fixture
def team(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Iterator[Team]:
    """A team whose server is up."""
    made = Team(made_shop(tmp_path, monkeypatch, capsys), Served(tmp_path / "server"), monkeypatch)
    with made.server:
        yield made


def test_a_change_goes_live_and_back_by_commands_to_a_server(team: Team) -> None:
    """Opened, edited, looked at, approved by a signature, started, live, and taken back."""
    shop = team.shop
    team.as_("ada")
    shop.git("checkout", "-q", "-B", "work", "main")
    shop.commit({"CLAUDE.md": "Be brief.\n"})
    plan = ("--executor", "command", "--back-by", "command")
    opened = shop.told("change", "new", "--from-diff", "main..HEAD", *plan)["change"]
    change = opened["id"]
    assert opened["state"] == "draft"
    edited = shop.told("change", "edit", change, "--title", "Say less")["change"]
    assert edited["manifest"]["title"] == "Say less"
    assert edited["manifest"]["rollout"]["executor"] == "command"
    lint = shop.lint(change)["evidence"][0]
    assert lint["producer"].startswith("token:")
    blocked = shop.told("gate", "check", change, status=1)
    assert shop.told("gate", "replay", blocked["decision_id"])["identical"]
    assert shop.told("change", "submit", change)["change"]["state"] == "in-review"
    # Who may not is told why: by the scope of the token, by the roster, by the server.
    digest = shop.told("change", "show", change)["asked"]["digest"][:12]
    approve = ("change", "approve", change)
    shop.run(*approve, "--digest", digest, "--ssh-key", str(shop.key("grace")), status=2)
    assert "scope approve" in shop.err
    team.as_("mallory")
    refused = shop.told("change", "withdraw", change, "--reason", "Mine.", status=1)["refusal"]
    assert "Nobody in the roster" in refused["reasons"][0]
    shop.run("change", "advance", change, status=2)
    assert "looks after its rollouts by itself" in shop.err
    # A signature counts on the server as it does here, from whoever hands it over.
    team.as_("grace")
    statement = shop.place.parent / "signed.json"
    key = str(shop.key("grace"))
    shop.run(*approve, "--digest", digest, "--ssh-key", key, "--out", str(statement))
    shop.run(*approve, "--pull-request", "github:acme/shop#1", status=2)
    assert "leave PAWL_SERVER unset" in shop.err
    signed = shop.told(*approve, "--signed", str(statement))["change"]
    assert signed["state"] == "approved"
    assert signed["answers"][0]["identity"] == f"ssh:{shop.fingerprint('grace')}"
    assert shop.told("change", "show", "--live", COMPONENT, status=1)["live"] is None
    team.as_("ada")
    team.served("", 3000, 15)
    assert shop.told("change", "start", change)["change"]["state"] == "rolling-out"
    give_up = time.monotonic() + 60
    while "Be brief" not in (team.server.data / "live.json").read_text():
        assert time.monotonic() < give_up, team.server.said
        time.sleep(0.1)
    team.served(change, 400, 2)
    team.until(change, "live")
    live = shop.told("change", "show", "--live", COMPONENT)
    assert live["live"]["change"] == change
    assert live["content"]["text"] == "Be brief.\n"
    assert live["goes_back_to"]["text"] == "Be kind.\n"
    back = shop.told("change", "rollback", change, "--reason", "Too brief.")["change"]
    assert back["state"] == "rolling-back"
    team.until(change, "rolled-back")
    assert "Be kind" in (team.server.data / "live.json").read_text()


def test_a_server_takes_noes_exceptions_and_what_is_taken_back(team: Team) -> None:
    """An exception needs somebody else, a no ends a review, and an author takes back their own."""
    shop = team.shop
    team.as_("ada")
    first = shop.opened()
    asked = shop.told(
        *("exception", "request", first, "--gate", "lint", "--reason", "The linter is down."),
        *("--compensating-control", "Two people read it.", "--hours", "4", "--owner", "grace"),
    )["exception"]
    shop.run("exception", "approve", asked["id"], "--json", status=2)
    assert "scope approve" in shop.err
    team.as_("grace")
    given = shop.told("exception", "approve", asked["id"])["exception"]
    assert given["approved_by"] == "grace"
    gates = shop.told("gate", "check", first, status=1)["decision"]["gates"]
    assert {each["gate"]: each["requirement"] for each in gates}["lint"] == "OVERRIDDEN"
    team.as_("ada")
    shop.told("change", "submit", first)
    shop.run("change", "reject", first, "--reason", "No.", "--json", status=2)
    assert "scope approve" in shop.err
    team.as_("grace")
    assert shop.told("change", "reject", first, "--reason", "No.")["change"]["state"] == "rejected"
    team.as_("ada")
    second = shop.opened("Be very brief.\n")
    gone = shop.told("change", "withdraw", second, "--reason", "Not now.")["change"]
    assert (gone["state"], gone["why"]) == ("withdrawn", "Not now.")
