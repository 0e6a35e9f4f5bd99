"""Signing in with a token of one's own: sessions, proofs, scopes, and what ends them."""

from collections.abc import Callable
from pathlib import Path

import pytest
from starlette.routing import Route
from tests.server.conftest import Ask, Client, Clock, csrf_in

from pawl.governance.access import Scope, later, shipped_access
from pawl.governance.ledger import PAWL, Actor
from pawl.server import login
from pawl.server.app import ROUTES
from pawl.server.asking import actor_of
from pawl.server.attempts import Attempts
from pawl.server.pages import alerts
from pawl.server.scopes import NEEDS
from pawl.server.site import TEMPLATES, Settings, with_proof
from pawl.services.identity import Identity, NewToken

TEAM = "http://team.example"
ABROAD = Settings(host="0.0.0.0", token="correct-horse-battery-staple")
NAMED_ONLY = Settings(host="0.0.0.0")
COOKIE = "pawl_session"


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """No test waits for what makes guessing slow."""
    monkeypatch.setattr(login, "WRONG_TOKEN_WAIT_S", 0)


@pytest.fixture
def token(identity: Identity) -> Callable[..., NewToken]:
    """Return a maker of tokens: scopes in, a token of ada's out."""

    def make(*scopes: Scope, person: str = "ada", days: int | None = None) -> NewToken:
        return identity.create(person, scopes or (Scope.READ,), PAWL, days=days, note="")

    return make


def signed_in(client: Client, secret: str) -> str:
    """Sign a browser in and return the proof its forms carry."""
    answer = client.post("/login", data={"token": secret, "next": "/cost"})
    assert answer.status_code == 303, answer.text
    return csrf_in(client.get("/cost").text)


def test_every_route_says_which_scope_it_asks_for() -> None:
    """A route that is missing in the table, or an entry without a route, fails here."""
    routes = {
        (method, route.path)
        for route in ROUTES
        if isinstance(route, Route)
        for method in (route.methods or set()) - {"HEAD"}
    }
    assert sorted(routes - NEEDS.keys()) == []
    assert sorted(NEEDS.keys() - routes) == []
    open_to_all = {each for each, scope in NEEDS.items() if scope is None}
    assert open_to_all == {
        ("GET", "/accept/{token}"), ("POST", "/accept/{token}"),
        ("GET", "/login"), ("POST", "/login"), ("GET", "/healthz"), ("GET", "/readyz"),
        ("POST", "/api/hooks/github"), ("POST", "/api/hooks/ci-evidence/{identity}"),
    }  # fmt: skip


def test_every_form_that_changes_something_gets_its_proof() -> None:
    """Each form with `method=post` in a template is one that the page's proof goes into."""
    found = 0
    for template in TEMPLATES.rglob("*.html"):
        text = template.read_text()
        forms = text.lower().count('method="post"') + text.lower().count("method='post'")
        assert with_proof(text, "proof").count('value="proof"') == forms, template.name
        found += forms
    assert found > 5


def test_a_scope_opens_what_it_names_and_no_more(site: Ask, token: Callable[..., NewToken]) -> None:
    """Without a token 401, with one that lacks the scope 403, which names it."""
    client = site(base_url=TEAM, settings=NAMED_ONLY)
    reader, sender = token(Scope.READ), token(Scope.INGEST)

    def ask(secret: str, path: str = "/api/runs", method: str = "GET") -> tuple[int, str]:
        headers = {"Authorization": f"Bearer {secret}"}
        answer = client.request(method, path, headers=headers)
        return answer.status_code, answer.text

    assert client.get("/api/runs").status_code == 401
    assert client.get("/runs").headers["location"] == "/login?next=/runs"
    assert ask(reader.secret)[0] == 200
    assert ask(sender.secret)[0] == 403
    assert "scope read" in ask(sender.secret)[1]
    assert ask(sender.secret, "/runs")[0] == 403
    assert ask(reader.secret, "/alerts", "POST")[0] == 403
    assert ask(reader.secret, "/nowhere")[0] == 404
    assert ask(sender.secret, "/nowhere")[0] == 403


@pytest.mark.parametrize("change", ["revoked", "expired", "forged", "altered", "cut", "hash"])
def test_a_token_that_does_not_count_opens_nothing(
    site: Ask, token: Callable[..., NewToken], identity: Identity, clock: Clock, change: str
) -> None:
    """Revoked, expired, made up, changed in a letter, cut short, or its hash instead."""
    client = site(base_url=TEAM, settings=NAMED_ONLY)
    made = token(Scope.READ, days=1)
    secret = made.secret
    headers = {"Authorization": f"Bearer {secret}"}
    assert client.get("/api/runs", headers=headers).status_code == 200
    if change == "revoked":
        identity.revoke(made.id, PAWL, "")
    elif change == "expired":
        clock[0] = made.expires_at
    else:
        from pawl.governance.access import secret_hash

        swapped = "A" if secret[10] != "A" else "B"
        secret = {
            "forged": f"pawl_{'A' * 43}",
            "altered": secret[:10] + swapped + secret[11:],
            "cut": secret[:-1],
            "hash": secret_hash(secret),
        }[change]
    assert client.get("/api/runs", headers={"Authorization": f"Bearer {secret}"}).status_code == 401


def test_last_use_is_seen_in_the_list(
    site: Ask, token: Callable[..., NewToken], identity: Identity, clock: Clock
) -> None:
    """A token that nobody used says so; one that was used says when."""
    made = token(Scope.READ)
    assert identity.tokens()[0].last_used_at is None
    client = site(base_url=TEAM, settings=NAMED_ONLY)
    client.get("/api/runs", headers={"Authorization": f"Bearer {made.secret}"})
    assert identity.tokens()[0].last_used_at == clock[0]


def test_a_session_names_its_person_and_shows_no_token(
    site: Ask, token: Callable[..., NewToken]
) -> None:
    """The cookie is strict and HttpOnly, and neither it nor a page holds the token."""
    client = site(base_url=TEAM, settings=NAMED_ONLY)
    made = token(Scope.READ)
    answer = client.post("/login", data={"token": f" {made.secret} ", "next": "/cost"})
    assert answer.headers["location"] == "/cost"
    cookie = answer.headers["set-cookie"]
    assert "httponly" in cookie.lower()
    assert "samesite=strict" in cookie.lower()
    assert "secure" not in cookie.lower()
    assert made.secret[5:] not in cookie
    page = client.get("/cost")
    assert 'title="ada"' in page.text
    assert made.secret[5:] not in page.text
    assert client.cookies[COOKIE] not in page.text


def test_behind_tls_the_cookie_is_secure(site: Ask, token: Callable[..., NewToken]) -> None:
    """Where the browser came over https the cookie never goes over http."""
    client = site(base_url="https://team.example", settings=NAMED_ONLY)
    answer = client.post("/login", data={"token": token().secret})
    assert "secure" in answer.headers["set-cookie"].lower()


def test_signing_out_ends_the_session_for_whoever_has_its_cookie(
    site: Ask, token: Callable[..., NewToken]
) -> None:
    """A cookie that was copied before is worth nothing afterwards."""
    client = site(base_url=TEAM, settings=NAMED_ONLY)
    proof = signed_in(client, token().secret)
    copied = client.cookies[COOKIE]
    assert client.post("/logout", data={"csrf": proof}).status_code == 303
    client.cookies.set(COOKIE, copied, domain="team.example")
    assert client.get("/cost").status_code == 303


def test_signing_in_begins_another_session(site: Ask, token: Callable[..., NewToken]) -> None:
    """A cookie planted before the sign-in is not lifted by it, and one of ours ends."""
    client = site(base_url=TEAM, settings=NAMED_ONLY)
    client.cookies.set(COOKIE, "f" * 64, domain="team.example")
    first_proof = signed_in(client, token().secret)
    first = client.cookies[COOKIE]
    assert first != "f" * 64
    second_proof = signed_in(client, token().secret)
    second = client.cookies[COOKIE]
    assert second != first
    assert second_proof != first_proof
    for stale in (first, "f" * 64):
        other = site(base_url=TEAM, settings=NAMED_ONLY)
        other.cookies.set(COOKIE, stale, domain="team.example")
        assert other.get("/cost").status_code == 303


@pytest.mark.parametrize("ending", ["revoked", "expired", "idle", "old"])
def test_what_ends_a_session_ends_it_at_once(
    site: Ask, token: Callable[..., NewToken], identity: Identity, clock: Clock, ending: str
) -> None:
    """Its token revoked or expired, two hours without a look, or twelve hours in all."""
    client = site(base_url=TEAM, settings=NAMED_ONLY)
    made = token(Scope.READ, days=1)
    if ending == "expired":
        clock[0] = later(made.expires_at, minutes=-30)
    signed_in(client, made.secret)
    start = clock[0]
    if ending == "revoked":
        identity.revoke(made.id, PAWL, "laptop lost")
    elif ending == "expired":
        clock[0] = made.expires_at
    elif ending == "idle":
        clock[0] = later(start, minutes=121)
    else:
        for hour in range(1, 12):
            clock[0] = later(start, hours=hour)
            assert client.get("/cost").status_code == 200
        clock[0] = later(start, hours=12)
    assert client.get("/cost").status_code == 303
    clock[0] = start
    assert client.get("/cost").status_code == 303


def test_another_token_of_the_server_ends_the_sessions_of_the_first(site: Ask) -> None:
    """Restarted with a new PAWL_TOKEN, the server knows no session of the old one."""
    client = site(base_url=TEAM, settings=ABROAD)
    assert ABROAD.token is not None
    signed_in(client, ABROAD.token)
    restarted = site(base_url=TEAM, settings=Settings(host="0.0.0.0", token="another-token-17"))
    restarted.cookies.set(COOKIE, client.cookies[COOKIE], domain="team.example")
    assert restarted.get("/cost").status_code == 303
    assert client.get("/cost").status_code == 303


@pytest.mark.parametrize("proof", [None, "", "0" * 64, "another"])
def test_a_form_without_the_sessions_proof_is_refused(
    site: Ask, token: Callable[..., NewToken], monkeypatch: pytest.MonkeyPatch, proof: str | None
) -> None:
    """None, an empty one, one that is made up, and that of another session: nothing happens."""
    reached: list[str] = []
    monkeypatch.setattr(alerts, "_command", lambda request, fields: reached.append("x"))
    client = site(base_url=TEAM, settings=NAMED_ONLY)
    other = site(base_url=TEAM, settings=NAMED_ONLY)
    foreign = signed_in(other, token(person="eve").secret)
    signed_in(client, token(Scope.OPERATE).secret)
    data = {"command": "ack", "id": "x"}
    if proof is not None:
        data["csrf"] = foreign if proof == "another" else proof
    assert client.post("/alerts", data=data).status_code == 403
    headers = {} if proof is None else {"X-CSRF-Token": data["csrf"]}
    assert client.post("/alerts", data={"command": "ack"}, headers=headers).status_code == 403
    assert client.post("/alerts", json={"csrf": data.get("csrf", "")}).status_code == 403
    assert client.post("/logout").status_code == 403
    assert reached == []
    assert client.get("/cost").status_code == 200


def test_a_form_with_its_proof_is_read_and_names_who_acts(
    site: Ask, token: Callable[..., NewToken], monkeypatch: pytest.MonkeyPatch
) -> None:
    """In the field or in the header, once; the handler sees the other fields and the person."""
    seen: list[tuple[Actor, dict[str, str]]] = []

    def command(request: object, fields: dict[str, str]) -> object:
        from starlette.responses import Response

        seen.append((actor_of(request), dict(fields)))  # type: ignore[arg-type]
        return Response("done")

    monkeypatch.setattr(alerts, "_command", command)
    client = site(base_url=TEAM, settings=NAMED_ONLY)
    proof = signed_in(client, token(Scope.OPERATE).secret)
    form = {"command": "ack", "id": "x"}
    assert client.post("/alerts", data=form | {"csrf": proof}).text == "done"
    assert client.post("/alerts", data=form, headers={"X-CSRF-Token": proof}).text == "done"
    who = Actor(person="ada", source="session", assurance="authenticated")
    assert [actor for actor, _ in seen] == [who, who]
    assert all("csrf" not in fields and fields["id"] == "x" for _, fields in seen)


def test_a_proof_does_not_open_the_door_to_another_site(
    site: Ask, token: Callable[..., NewToken]
) -> None:
    """A POST that another site's page makes is refused, even with cookie and proof."""
    client = site(base_url=TEAM, settings=NAMED_ONLY)
    proof = signed_in(client, token(Scope.OPERATE).secret)
    for headers in (
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ):
        answer = client.post("/logout", data={"csrf": proof}, headers=headers)
        assert answer.status_code == 403
        assert client.post("/login", data={"token": "x"}, headers=headers).status_code == 403
    assert client.get("/cost").status_code == 200


def test_an_endless_form_is_not_held(site: Ask, token: Callable[..., NewToken]) -> None:
    """Looking for the proof stops at what a form can hold."""
    client = site(base_url=TEAM, settings=NAMED_ONLY)
    signed_in(client, token(Scope.OPERATE).secret)
    assert client.post("/alerts", data={"reason": "x" * 1_000_000}).status_code == 413


def test_guessing_is_ended_for_a_while(site: Ask, token: Callable[..., NewToken]) -> None:
    """After ten failures from one address even the right token has to wait."""
    client = site(base_url=TEAM, settings=NAMED_ONLY)
    made = token()
    for _ in range(shipped_access().limits.sign_in_failures):
        assert client.post("/login", data={"token": "pawl_wrong"}).status_code == 401
    refused = client.post("/login", data={"token": made.secret})
    assert refused.status_code == 429
    assert 0 < int(refused.headers["retry-after"]) <= 301
    assert "set-cookie" not in refused.headers


def test_failures_wear_off_and_are_each_addresss_own() -> None:
    """They count for the window only; success clears them; memory is bounded."""
    now = [0.0]
    attempts = Attempts(2, 10, lambda: now[0])
    attempts.failed("a")
    assert attempts.wait_s("a") == 0
    now[0] = 4
    attempts.failed("a")
    assert attempts.wait_s("a") == 7
    assert attempts.wait_s("b") == 0
    now[0] = 10
    assert attempts.wait_s("a") == 0
    attempts.failed("a")
    attempts.succeeded("a")
    assert attempts.wait_s("a") == 0
    for number in range(10_050):
        attempts.failed(f"address-{number}")
    assert len(attempts._failed) == 10_000


def test_at_the_machine_itself_signing_in_only_adds(
    site: Ask, token: Callable[..., NewToken]
) -> None:
    """On loopback everybody reads; a session names its person and takes nothing away."""
    client = site()
    assert client.get("/cost").status_code == 200
    assert 'href="/login' in client.get("/cost").text
    proof = signed_in(client, token(Scope.APPROVE).secret)
    assert 'title="ada"' in client.get("/cost").text
    assert client.post("/alerts", data={"command": "x", "csrf": proof}).status_code == 400
    client.post("/logout", data={"csrf": proof})
    assert client.get("/cost").status_code == 200


def test_the_data_folder_tells_whether_anybody_has_a_token(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Looking makes no records; a token that was handed out and counts is enough to serve."""
    from pawl.app.identity import has_tokens
    from pawl.app.identity import identity as opened

    monkeypatch.delenv("PAWL_RECORDS_URL", raising=False)
    folder = tmp_path / "data"
    assert not has_tokens(folder)
    assert not folder.exists()
    with opened(folder) as known:
        made = known.create("ada", (Scope.READ,), PAWL, days=1, note="")
    assert has_tokens(folder)
    with opened(folder) as known:
        known.revoke(made.id, PAWL, "")
    assert not has_tokens(folder)
