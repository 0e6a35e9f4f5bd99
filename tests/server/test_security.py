"""The guard: headers on everything, names it answers to, and the token beyond loopback."""

import pytest
from tests.server.conftest import Ask, csrf_in
from tests.server.fakes import FakeFacts, a_row

from pawl.base.errors import BadValue, Refused
from pawl.server.serve import PortTaken, listen, url_of
from pawl.server.site import Settings

TOKEN = "correct-horse-battery-staple"
ABROAD = Settings(host="0.0.0.0", token=TOKEN)


@pytest.mark.parametrize("path", ["/", "/nowhere", "/static/pawl.css", "/api/runs", "/healthz"])
def test_every_answer_carries_the_policy(site: Ask, path: str) -> None:
    """Pages, errors, files and JSON all forbid foreign code, framing and sniffing."""
    headers = site().get(path).headers
    policy = headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "script-src 'self'" in policy
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "same-origin"
    assert "access-control-allow-origin" not in headers


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("127.0.0.1:8787", 200),
        ("localhost", 200),
        ("LOCALHOST:1", 200),
        ("[::1]:8787", 200),
        ("evil.example", 421),
        ("127.0.0.1.evil.example:8787", 421),
        ("localhost.evil.example", 421),
        ("", 421),
    ],
)
def test_on_loopback_only_its_own_names_are_answered(site: Ask, host: str, status: int) -> None:
    """A foreign name that was made to point here gets nothing (DNS rebinding)."""
    assert site().get("/healthz", headers={"Host": host}).status_code == status


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("pawl.example.org", 200),
        ("PAWL.example.org:443", 200),
        ("localhost:8787", 200),
        ("example.org", 421),
        ("evil.pawl.example.org", 421),
        ("pawl.example.org.evil.example", 421),
        ("", 421),
    ],
)
def test_behind_a_proxy_its_name_is_answered_and_no_other(
    site: Ask, host: str, status: int
) -> None:
    """The name that the machine's settings give, for pages, and the same for telemetry."""
    client = site(settings=Settings(public_host="pawl.example.org"))
    assert client.get("/healthz", headers={"Host": host}).status_code == status
    sent = client.post("/v1/logs", headers={"Host": host}, json={})
    assert sent.status_code == (401 if status == 200 else 421)


@pytest.mark.parametrize("host", ["pawl.example.org", "127.0.0.1:8787"])
def test_whoever_comes_through_a_proxy_is_not_at_the_machine(site: Ask, host: str) -> None:
    """Nobody is let in without a token, whatever name the proxy hands on."""
    client = site(settings=Settings(public_host="pawl.example.org"))
    assert client.get("/api/runs", headers={"Host": host}).status_code == 401
    page = client.get("/", headers={"Host": host}, follow_redirects=False)
    assert (page.status_code, page.headers["location"]) == (303, "/login?next=/")
    assert client.post("/alerts", headers={"Host": host}).status_code in (303, 401)


def test_a_proxy_without_any_token_is_refused_before_it_listens() -> None:
    """It would let everybody do everything."""
    with pytest.raises(Refused, match=r"pawl\.example\.org"):
        listen("127.0.0.1", 0, None, public_host="pawl.example.org")
    listen("127.0.0.1", 0, None, public_host="pawl.example.org", has_tokens=lambda: True).close()


def test_a_post_from_another_site_is_refused(site: Ask) -> None:
    """Neither a foreign Origin nor a cross-site fetch may change anything."""
    client = site()
    assert client.post("/logout", headers={"Origin": "http://evil.example"}).status_code == 403
    assert client.post("/logout", headers={"Sec-Fetch-Site": "cross-site"}).status_code == 403
    same = client.post("/logout", headers={"Origin": "http://127.0.0.1:8787"})
    assert same.status_code == 303


def test_beyond_loopback_nothing_is_shown_without_the_token(site: Ask) -> None:
    """Pages lead to the sign-in form, programs get 401; health and files stay open."""
    client = site(FakeFacts(rows=[a_row()]), base_url="http://team.example", settings=ABROAD)
    page = client.get("/runs/run_1")
    assert (page.status_code, page.headers["location"]) == (303, "/login?next=/runs/run_1")
    assert client.get("/api/runs").status_code == 401
    assert client.get("/metrics").status_code == 401
    assert client.get("/healthz").status_code == 200
    assert client.get("/static/pawl.css").status_code == 200


def test_a_bearer_token_opens_the_api(site: Ask) -> None:
    """The right token is let in, in any case of the scheme; anything else is not."""
    client = site(base_url="http://team.example", settings=ABROAD)
    good = {"Authorization": f"bearer {TOKEN}"}
    assert client.get("/api/runs", headers=good).status_code == 200
    for wrong in (f"Bearer {TOKEN}x", "Bearer ", "Basic abc", "Bearer \xe9"):
        headers = {b"Authorization": wrong.encode("latin-1")}
        assert client.get("/api/runs", headers=headers).status_code == 401


def test_signing_in_sets_a_cookie_that_scripts_cannot_read(site: Ask) -> None:
    """The form trades the token for a strict, HttpOnly session and returns to where one was."""
    client = site(base_url="http://team.example", settings=ABROAD)
    wrong = client.post("/login", data={"token": "nope", "next": "/cost"})
    assert wrong.status_code == 401
    assert "set-cookie" not in wrong.headers
    right = client.post("/login", data={"token": TOKEN, "next": "/cost"})
    assert (right.status_code, right.headers["location"]) == (303, "/cost")
    cookie = right.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=strict" in cookie
    assert TOKEN not in cookie
    page = client.get("/cost")
    assert page.status_code == 200
    client.post("/logout", data={"csrf": csrf_in(page.text)})
    assert client.get("/cost").status_code == 303


def test_the_sign_in_form_tells_nothing_of_the_machine(site: Ask) -> None:
    """Neither an import's progress nor a failure with its paths is shown before signing in."""

    def drain() -> int:
        raise OSError("No space left: /home/ada/secret-project")

    client = site(base_url="http://team.example", settings=ABROAD, drain=drain)
    client.serving.drain_once()
    assert "secret-project" not in client.get("/login").text
    good = {"Authorization": f"Bearer {TOKEN}"}
    assert "secret-project" in client.get("/", headers=good).text


@pytest.mark.parametrize(
    "target", ["//evil.example", "https://evil.example", "/\\evil.example", "javascript:alert(1)"]
)
def test_signing_in_never_leads_elsewhere(site: Ask, target: str) -> None:
    """A target that is no path of ours is replaced by the first page."""
    client = site(base_url="http://team.example", settings=ABROAD)
    answer = client.post("/login", data={"token": TOKEN, "next": target})
    assert answer.headers["location"] == "/"


def test_an_oversized_form_is_not_read(site: Ask) -> None:
    """A sign-in form of a megabyte answers 413."""
    client = site(base_url="http://team.example", settings=ABROAD)
    assert client.post("/login", data={"token": "x" * 1_000_000}).status_code == 413


def test_beyond_loopback_needs_a_token() -> None:
    """Listening for other machines without a token is refused before the port is taken."""
    with pytest.raises(Refused, match="other machines"):
        listen("0.0.0.0", 0, None)
    with pytest.raises(BadValue, match="shorter"):
        listen("0.0.0.0", 0, "short")
    listen("0.0.0.0", 0, TOKEN).close()
    listen("0.0.0.0", 0, None, has_tokens=lambda: True).close()


def test_a_taken_port_names_the_remedy() -> None:
    """The second server on a port is told so, and how to choose another."""
    with listen("127.0.0.1", 0, None) as first:
        port = first.getsockname()[1]
        assert url_of(first, "127.0.0.1") == f"http://127.0.0.1:{port}"
        with pytest.raises(PortTaken) as refusal:
            listen("127.0.0.1", port, None)
        assert "--port 0" in refusal.value.hint


def test_an_address_of_another_machine_is_refused() -> None:
    """An address that this machine has not is a wrong flag, not a crash."""
    with pytest.raises(BadValue):
        listen("no.such.host.invalid", 0, TOKEN)
