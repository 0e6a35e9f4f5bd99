"""What a link and a token do besides what they are for: nothing, and they always do that."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import msgspec
import pytest
from tests.server.change_site import sign_in
from tests.server.conftest import Ask, Client
from tests.server.incident_team import IncidentTeam
from tests.services.made_incident_desk import MadeIncidents, made_incidents

from pawl.alerts.alert import Invitation
from pawl.base.times import format_time, parse_time
from pawl.governance.access import Scope
from pawl.incidents.incident import Incident, LinkKind
from pawl.server.site import Settings
from pawl.services.accepting import Accepting
from pawl.services.identity import Identity
from pawl.services.incident_terms import Declared
from pawl.services.invitations import Invitations
from pawl.services.oncall_server import OnCallServer
from pawl.store.records.engine import open_records

LINKS = Invitations(b"k" * 32, "http://pawl.example.org")
SECRET = "the on-call phone is +49 30 1234"


@pytest.fixture
def made(tmp_path: Path) -> Iterator[MadeIncidents]:
    """Return a desk of incidents."""
    found = made_incidents(tmp_path / "linked")
    yield found
    found.engine.dispose()


@pytest.fixture
def team(site: Ask, identity: Identity, tmp_path: Path) -> Iterator[IncidentTeam]:
    """Return a server with a desk, and people who have tokens."""
    engine = open_records(tmp_path / "incidents")
    yield IncidentTeam(site, identity, engine)
    engine.dispose()


def paged(made: MadeIncidents, person: str = "leo") -> tuple[Incident, str]:
    """Return an incident, and the address with which a person takes command of it."""
    known = made.declared()
    until = format_time(parse_time(made.clock()) + timedelta(hours=1))
    told = Invitation(incident=known.id, spell=1, person=person, until=until)
    return known, f"/accept/{LINKS.token(told)}"


def answering(client: Client, made: MadeIncidents) -> Client:
    """Return a client of a server that answers links."""
    client.serving.oncall = OnCallServer(Accepting(made.desk, LINKS, made.clock))
    return client


def test_whoever_is_signed_in_can_press_the_button_too(
    site: Ask, identity: Identity, made: MadeIncidents
) -> None:
    """The link is the proof; as whom a browser is signed in does not matter, and is not used."""
    client = answering(site(), made)
    sign_in(client, identity, "ann", (Scope.READ, Scope.INCIDENT))
    known, path = paged(made)
    assert client.get(path).status_code == 200
    foreign = client.post(path, data={"yes": "1"}, headers={"sec-fetch-site": "cross-site"})
    assert foreign.status_code == 403
    assert made.desk.get(known.id).commander == ""
    done = client.post(path, data={"yes": "1"}, headers={"sec-fetch-site": "same-origin"})
    assert done.status_code == 200, done.text
    assert made.desk.get(known.id).commander == "leo"


def test_a_defect_leaves_no_link_in_the_log(
    site: Ask,
    made: MadeIncidents,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Whoever reads the server's log could take command with it."""

    def broken(name: str) -> Incident:
        raise RuntimeError("a defect")

    client = answering(site(), made)
    _, path = paged(made)
    monkeypatch.setattr(made.desk, "get", broken)
    for answer in (client.get(path), client.post(path, data={"yes": "1"})):
        assert answer.status_code == 500
    said = capsys.readouterr()
    assert "defect" in said.err
    assert path.rpartition("/")[2] not in said.out + said.err


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "OPTIONS", "HEAD"])
def test_no_other_verb_takes_command_or_hands_the_link_on(
    site: Ask, made: MadeIncidents, method: str
) -> None:
    """Nothing happens, and the answer sends nobody anywhere with the link in an address."""
    settings = Settings(host="0.0.0.0", token="t" * 20)
    client = answering(site(base_url="http://pawl.example.org", settings=settings), made)
    known, path = paged(made)
    answer = client.request(method, path, follow_redirects=False)
    assert path.rpartition("/")[2] not in answer.headers.get("location", "")
    assert made.desk.get(known.id) == known


def test_a_link_stands_in_nothing_that_is_kept_or_told(made: MadeIncidents, site: Ask) -> None:
    """Not in the ledger, the rows, the timeline or the page that comes back."""
    client = answering(site(), made)
    known, path = paged(made)
    secret = path.rpartition("/")[2]
    answer = client.post(path, data={"yes": "1"})
    assert answer.status_code == 200
    assert secret not in answer.text + str(answer.headers)
    told = msgspec.json.encode(made.desk.timeline(known.id)).decode()
    assert secret not in told
    with made.records.reading() as book:
        for table in ("ledger", "incidents", "outbox"):
            rows = book.connection.execute(f"SELECT * FROM {table}")
            assert not any(secret in str(each) for row in rows for each in row.values())


def test_who_may_only_declare_reads_nothing_by_it(team: IncidentTeam) -> None:
    """A key that is open already says that it is, and tells nothing of what others know of it."""
    known = team.made.declared("Search is down", key="alert:error-rate:shop", text=SECRET)
    team.made.desk.accept(known.id, team.by("sue"))
    team.made.desk.attach(known.id, LinkKind.CHANGE, "chg_secret", team.by("sue"), suspected=True)
    team.made.desk.join(known.id, team.by("leo"))
    reporter = {"Authorization": f"Bearer {team.token('ann', Scope.DECLARE).secret}"}
    sent = {"title": "Guess", "key": "alert:error-rate:shop"}
    answer = team.client.post("/api/incidents", json=sent, headers=reporter)
    assert answer.status_code == 201, answer.text
    said = answer.text
    for hidden in ("Search is down", "chg_secret", "sue", "leo", SECRET, "github:1"):
        assert hidden not in said
    told = msgspec.json.decode(answer.content, type=Declared)
    assert (told.new, told.incident.id, told.incident.title) == (False, known.id, "Guess")
    whole = team.client.post("/api/incidents", json=sent, headers=team.headers("leo"))
    assert "Search is down" in whole.text
    assert len(team.made.desk.get(known.id).links) == 1
