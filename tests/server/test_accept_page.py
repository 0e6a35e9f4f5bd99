"""The page of a signed link: open to whoever holds one, telling nothing to anybody else."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from tests.incidents.made_incidents import NOW
from tests.server.conftest import Ask, Client
from tests.services.made_incident_desk import MadeIncidents, made_incidents

from pawl.alerts.alert import Invitation
from pawl.base.times import format_time, parse_time
from pawl.server.site import Settings
from pawl.services.accepting import Accepting
from pawl.services.invitations import Invitations
from pawl.services.oncall_server import OnCallServer

HOSTILE = "<script>alert(1)</script> & search"


@pytest.fixture
def made(tmp_path: Path) -> Iterator[MadeIncidents]:
    """Return a desk of incidents."""
    found = made_incidents(tmp_path / "incidents")
    yield found
    found.engine.dispose()


@pytest.fixture
def client(site: Ask, made: MadeIncidents) -> Client:
    """Return somebody who asks from the web, where nobody is let in without a token."""
    client = site(base_url="http://pawl.example.org", settings=Settings(host="0.0.0.0", token="t"))
    client.serving.oncall = OnCallServer(Accepting(made.desk, LINKS, made.clock))
    return client


LINKS = Invitations(b"k" * 32, "http://pawl.example.org")


def token(made: MadeIncidents) -> str:
    """Return the token of a page that goes to Leo."""
    known = made.declared(HOSTILE)
    until = format_time(parse_time(NOW) + timedelta(hours=1))
    return LINKS.token(Invitation(incident=known.id, spell=1, person="leo", until=until))


def test_the_page_asks_and_the_button_does_it(client: Client, made: MadeIncidents) -> None:
    """GET and HEAD change nothing, POST takes command, and after that the page says so."""
    path = f"/accept/{token(made)}"
    assert client.get("/incidents").status_code in (303, 401, 404)
    for _ in range(2):
        page = client.get(path)
        assert page.status_code == 200
        assert "&lt;script&gt;alert(1)&lt;/script&gt; &amp; search" in page.text
        assert "<script>alert" not in page.text
        assert "You are <strong>leo</strong>" in page.text
        assert client.head(path).status_code == 200
    (known,) = made.desk.ongoing()
    assert known.commander == ""
    assert page.headers["cache-control"] == "no-store"
    assert "noindex" in page.headers["x-robots-tag"]
    done = client.post(path, data={"yes": "1"})
    assert (done.status_code, "You command." in done.text) == (200, True)
    (known,) = made.desk.ongoing()
    assert known.commander == "leo"
    assert "You command." in client.get(path).text


def test_a_foreign_page_cannot_press_the_button(client: Client, made: MadeIncidents) -> None:
    """A form of another site is refused before anybody looks at the link."""
    path = f"/accept/{token(made)}"
    done = client.post(path, data={"yes": "1"}, headers={"origin": "http://evil.example"})
    assert done.status_code == 403
    (known,) = made.desk.ongoing()
    assert known.commander == ""


def test_a_bad_link_tells_nothing_and_guessing_has_to_wait(
    client: Client, made: MadeIncidents
) -> None:
    """No title, nothing of this machine, and after some tries no guess is heard for a while.

    Whoever holds a link is: all who come through one proxy have the guesser's address.
    """
    good = token(made)
    page = client.get(f"/accept/{good}x")
    assert page.status_code == 404
    assert "This link does not work." in page.text
    assert "search" not in page.text
    assert "/runs" not in page.text
    for _ in range(20):
        answer = client.get("/accept/nonsense")
    assert answer.status_code == 429
    assert int(answer.headers["retry-after"]) > 0
    assert client.get(f"/accept/{good}x").status_code == 429
    assert client.get(f"/accept/{good}").status_code == 200
    assert client.post(f"/accept/{good}", data={"yes": "1"}).status_code == 200
    (known,) = made.desk.ongoing()
    assert known.commander == "leo"


def test_a_form_that_is_none_is_refused(client: Client, made: MadeIncidents) -> None:
    """Only our own small form is read."""
    path = f"/accept/{token(made)}"
    assert client.post(path, json={"yes": "1"}).status_code == 415
    assert client.post(path, data={"yes": "x" * 2_000}).status_code == 413


def test_a_server_without_incidents_has_no_links(site: Ask) -> None:
    """It says what it says of any bad link."""
    assert site().get("/accept/x").status_code == 404
