"""Changes of a team's server, from the command line and from a browser's point of view."""

import http.client
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.cli.made_shop import Shop, made_shop
from tests.end_to_end.served import Served

pytestmark = pytest.mark.heavy


class TeamShop:
    """A shop whose changes a server looks after; Ada and Grace have tokens for it."""

    def __init__(self, shop: Shop, server: Served) -> None:
        self.shop = shop
        self.server = server
        self.secrets: dict[str, str] = {}
        ids = {}
        for name, scopes in (("ada", "change,evidence"), ("grace", "approve")):
            asked = ("token", "create", "--person", name, "--scopes", scopes)
            made = json.loads(shop.run("--data", str(server.data), *asked, "--json"))
            self.secrets[name], ids[name] = made["secret"], made["id"]
        roster = shop.roster()
        for name, token in ids.items():
            roster = roster.replace(
                f"{{id: {name}, identities: [", f'{{id: {name}, identities: ["token:{token}", '
            )
        shop.commit({".pawl/roster.yaml": roster})
        self.tokens = ids

    def as_(self, name: str, monkeypatch: pytest.MonkeyPatch) -> Shop:
        """Return the shop's commands, asked of the server with somebody's token."""
        monkeypatch.setenv("PAWL_SERVER", self.server.url)
        monkeypatch.setenv("PAWL_TOKEN", self.secrets[name])
        return self.shop


@pytest.fixture
def team(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Iterator[TeamShop]:
    """Return a shop with a server that runs in its repository."""
    shop = made_shop(tmp_path, monkeypatch, capsys)
    server = Served(tmp_path / "server")
    made = TeamShop(shop, server)
    (server.data / "pawl.toml").write_text(
        f"[changes]\nrepository = {json.dumps(str(shop.place))}\n"
    )
    with server:
        yield made


def test_a_change_is_proposed_by_one_and_approved_by_another(
    team: TeamShop, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ada's token opens and submits; Grace's answers, and her key approves; neither does more."""
    shop = team.as_("ada", monkeypatch)
    change = shop.opened()
    shop.lint(change)
    assert shop.told("change", "submit", change)["change"]["state"] == "in-review"
    digest = shop.told("change", "show", change)["asked"]["digest"]
    approve = ("change", "approve", change, "--digest", digest[:12])
    shop.run(*approve, "--json", status=2)
    assert "scope approve" in shop.err
    shop.run("gate", "check", change, status=1)
    forged = shop.key("mallory")
    shop.run(*approve, "--ssh-key", str(forged), status=2)
    team.as_("grace", monkeypatch)
    said = shop.told(*approve)
    answer = said["change"]["answers"][0]
    assert (answer["identity"], answer["source"]) == (f"token:{team.tokens['grace']}", "session")
    # Nobody measured what it costs, so its risk is high, and for that a token is not enough.
    assert said["change"]["state"] == "in-review"
    signed = shop.told(*approve, "--ssh-key", str(shop.key("grace")))
    assert signed["change"]["state"] == "approved"
    assert signed["change"]["answers"][1]["identity"] == f"ssh:{shop.fingerprint('grace')}"
    shop.run("change", "withdraw", change, "--reason", "no", "--json", status=2)
    assert "scope change" in shop.err
    monkeypatch.delenv("PAWL_SERVER")
    assert shop.told("change", "list")["changes"] == []
    shop.run("--data", str(team.server.data), "token", "revoke", team.tokens["ada"])
    team.as_("ada", monkeypatch)
    shop.run("change", "withdraw", change, "--reason", "mine", status=2)
    assert "A token is needed" in shop.err or "wants a token" in shop.err


def test_a_browser_that_is_signed_in_needs_the_proof(team: TeamShop) -> None:
    """Over a real socket: the cookie alone posts nothing, a foreign origin not even with it."""
    server = team.server

    def post(path: str, body: str, **headers: str) -> http.client.HTTPResponse:
        connection = server.connect()
        kind = {"Content-Type": "application/x-www-form-urlencoded"}
        connection.request("POST", path, body, {**kind, **headers})
        answered = connection.getresponse()
        answered.read()
        connection.close()
        return answered

    signed_in = post("/login", f"token={team.secrets['grace']}")
    assert signed_in.status == 303
    cookie = signed_in.headers["Set-Cookie"].partition(";")[0]
    assert post("/logout", "", Cookie=cookie).status == 403
    foreign = {"Cookie": cookie, "Origin": "https://evil.example"}
    assert post("/logout", "", **foreign).status == 403
    connection = server.connect()
    connection.request("GET", "/cost", headers={"Cookie": cookie})
    page = connection.getresponse().read().decode()
    connection.close()
    proof = page.partition('name="csrf" value="')[2][:64]
    assert post("/logout", f"csrf={proof}", Cookie=cookie).status == 303
    assert post("/logout", f"csrf={proof}", Cookie=cookie).headers.get("Location") == "/login"
