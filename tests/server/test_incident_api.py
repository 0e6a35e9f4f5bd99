"""Incidents and actions over HTTP: the same desk, asked by people with tokens."""

import inspect
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from tests.server.conftest import Ask
from tests.server.fakes import NOW as PAGES_NOW
from tests.server.incident_team import IncidentTeam
from tests.services.made_incident_desk import MadeIncidents

from pawl.base.errors import BadValue, Unavailable
from pawl.governance.access import Scope
from pawl.governance.priority import Domain
from pawl.incidents.action import Action, Proof, Work
from pawl.incidents.declaring import Said
from pawl.incidents.event import Refusal
from pawl.incidents.incident import Incident, Link, LinkKind, Milestone, State
from pawl.services.change_terms import By
from pawl.services.identity import Identity
from pawl.services.incident_remote import RemoteIncidentDesk
from pawl.services.incident_terms import Declared, NoSuchIncident
from pawl.services.incidents import IncidentDesk
from pawl.store.records.engine import open_records

ANY = By(identity="", source="", assurance="declared")
Step = tuple[str, str, Callable[[IncidentDesk, By], object]]
"""What a step is called, who takes it, and what it does."""


@pytest.fixture
def team(site: Ask, identity: Identity, tmp_path: Path) -> Iterator[IncidentTeam]:
    """Return a team with a server."""
    engine = open_records(tmp_path / "incidents")
    yield IncidentTeam(site, identity, engine)
    engine.dispose()


def declared(desk: IncidentDesk, title: str = "Search answers nothing", **said: Any) -> Declared:
    """Return what declaring something comes to."""
    told = desk.declare(Said(title=title, **said), ANY)
    assert isinstance(told, Declared)
    return told


def test_no_command_is_left_out() -> None:
    """Whatever the desk can do, the one behind a server can, with the same arguments."""
    for name, method in inspect.getmembers(IncidentDesk, inspect.isfunction):
        if name.startswith("_"):
            continue
        remote = getattr(RemoteIncidentDesk, name)
        assert remote is not method, f"{name} would ask records that are not there"
        ours, theirs = (list(inspect.signature(each).parameters) for each in (method, remote))
        # What only the machine of a repository can do is refused by name; see below.
        assert theirs == ours or theirs[-1] == "here", name


PROOF = Proof(place="ci/7", digest="ab" * 32, fails_on_bad=True, passes_on_fixed=True)
FIRST = "inc_0001"


def action_of(desk: IncidentDesk) -> str:
    """Return the id of the only action."""
    (found,) = desk.actions()
    return found.id


SCRIPT: tuple[Step, ...] = (
    ("declare", "ann", lambda desk, by: desk.declare(
        Said(title="Search answers nothing", severity=1, domains=(Domain.QUALITY,), key="search",
             components=("prompt/search",), text="since the release"), by)),
    ("again", "pia", lambda desk, by: desk.declare(Said(title="Search!", key="search"), by)),
    ("bad parts", "ann", lambda desk, by: desk.declare(
        Said(title="Other", severity=9, started_at="noon", detected_at="2999-01-01"), by)),
    ("no title", "ann", lambda desk, by: desk.declare(Said(title="  "), by)),
    ("offer too soon", "ann", lambda desk, by: desk.offer(FIRST, "sue", by)),
    ("accept", "leo", lambda desk, by: desk.accept(FIRST, by)),
    ("accept again", "leo", lambda desk, by: desk.accept(FIRST, by)),
    ("accept not offered", "ann", lambda desk, by: desk.accept(FIRST, by)),
    ("join", "ann", lambda desk, by: desk.join(FIRST, by)),
    ("commander joins", "leo", lambda desk, by: desk.join(FIRST, by)),
    ("leave", "ann", lambda desk, by: desk.leave(FIRST, by)),
    ("note", "ann", lambda desk, by: desk.note(FIRST, "looking", by)),
    ("empty note", "ann", lambda desk, by: desk.note(FIRST, " ", by)),
    ("long note", "ann", lambda desk, by: desk.note(FIRST, "x" * 20_001, by)),
    ("update", "leo", lambda desk, by: desk.update(FIRST, "500s", "all", "rolling back", by)),
    ("empty update", "leo", lambda desk, by: desk.update(FIRST, "", "", "", by)),
    ("attach", "ann", lambda desk, by: desk.attach(FIRST, LinkKind.CHANGE, "chg_1", by, True)),
    ("reclassify", "leo", lambda desk, by: desk.reclassify(
        FIRST, "few are hit", by, 2, Domain.SAFETY)),
    ("reclassify why", "leo", lambda desk, by: desk.reclassify(FIRST, "", by, 3)),
    ("claim", "ann", lambda desk, by: desk.claim(
        FIRST, Milestone.STARTED, "2026-11-21T11:30:00Z", by)),
    ("claim later", "ann", lambda desk, by: desk.claim(
        FIRST, Milestone.DETECTED, "2999-01-01", by)),
    ("claim no time", "ann", lambda desk, by: desk.claim(FIRST, Milestone.DETECTED, "soon", by)),
    ("claim of record", "ann", lambda desk, by: desk.claim(
        FIRST, Milestone.CLOSED, "2026-11-21T11:30:00Z", by)),
    ("take over", "sue", lambda desk, by: desk.take_over(FIRST, "asleep", by)),
    ("take over not theirs", "pia", lambda desk, by: desk.take_over(FIRST, "me", by)),
    ("offer", "sue", lambda desk, by: desk.offer(FIRST, "leo", by)),
    ("offered accept", "leo", lambda desk, by: desk.accept(FIRST, by)),
    ("merge itself", "leo", lambda desk, by: desk.merge(FIRST, FIRST, by)),
    ("merge", "leo", lambda desk, by: desk.merge("inc_0002", FIRST, by)),
    ("merge again", "leo", lambda desk, by: desk.merge("inc_0002", FIRST, by)),
    ("resolve too soon", "leo", lambda desk, by: desk.resolve(FIRST, by)),
    ("mitigate", "leo", lambda desk, by: desk.mitigate(FIRST, by)),
    ("resolve", "leo", lambda desk, by: desk.resolve(FIRST, by)),
    ("dismiss", "sue", lambda desk, by: desk.dismiss_repeat(FIRST, "inc_0002", by)),
    ("open action", "leo", lambda desk, by: desk.open_action(
        FIRST, "A case of it", "ann", "2026-12-01", Work.EVAL_CASE, "prompt/search", by)),
    ("open no action", "leo", lambda desk, by: desk.open_action(
        FIRST, "", "", "2026-12-01", Work.CODE, "", by)),
    ("open bad time", "leo", lambda desk, by: desk.open_action(
        FIRST, "Later", "ann", "someday", Work.CODE, "", by)),
    ("begin", "ann", lambda desk, by: desk.begin_action(action_of(desk), by)),
    ("move", "sue", lambda desk, by: desk.move_action(
        action_of(desk), "ill", by, due_at="2026-12-08")),
    ("done", "ann", lambda desk, by: desk.claim_action(action_of(desk), by, "see ci/7")),
    ("own work", "ann", lambda desk, by: desk.verify_action(action_of(desk), PROOF, by)),
    ("no proof", "leo", lambda desk, by: desk.verify_action(
        action_of(desk), Proof(place="ci/7", digest="ab"), by)),
    ("send back", "leo", lambda desk, by: desk.send_back_action(action_of(desk), "red", by)),
    ("close too soon", "leo", lambda desk, by: desk.close(FIRST, by)),
    ("done again", "ann", lambda desk, by: desk.claim_action(action_of(desk), by)),
    ("verify", "leo", lambda desk, by: desk.verify_action(action_of(desk), PROOF, by)),
    ("drop", "sue", lambda desk, by: desk.drop_action(action_of(desk), "no need", by)),
    ("reopen", "ann", lambda desk, by: desk.reopen(FIRST, "it is back", by)),
    ("decline", "sue", lambda desk, by: desk.decline(FIRST, "a test", by)),
)  # fmt: skip


def test_the_same_commands_have_the_same_answers_here_and_there(
    team: IncidentTeam, tmp_path: Path
) -> None:
    """Every value, every refusal with its reasons and hint, and all that can be looked at."""
    engine = open_records(tmp_path / "here")
    local = MadeIncidents(engine, people=team.people)
    seen = set()
    try:
        for name, who, step in SCRIPT:
            ours, theirs = step(local.desk, team.by(who)), step(team.desk(who), ANY)
            assert theirs == ours, name
            assert type(theirs) is type(ours), name
            seen.add(type(ours))
        assert seen == {Declared, Incident, Action, Refusal}
        for look in LOOKS:
            assert look(team.desk("pia")) == look(local.desk)
    finally:
        engine.dispose()


WINDOW = ("2026-01-01T00:00:00.000000Z", "2027-01-01T00:00:00.000000Z")
LOOKS: tuple[Callable[[IncidentDesk], object], ...] = (
    lambda desk: desk.get(FIRST),
    lambda desk: desk.list(),
    lambda desk: desk.list((State.MERGED,)),
    lambda desk: desk.list(limit=1),
    lambda desk: desk.ongoing(),
    lambda desk: desk.counts(),
    lambda desk: desk.unmet(FIRST),
    lambda desk: [msgspec.structs.replace(each, hash="") for each in desk.named_timeline(FIRST)],
    lambda desk: desk.figures(*WINDOW),
    lambda desk: desk.emergencies(),
    lambda desk: desk.open_actions(),
    lambda desk: desk.open_debts(),
    lambda desk: desk.actions(incident=FIRST),
    lambda desk: desk.action(action_of(desk)),
    lambda desk: desk.last_tick(),
    lambda desk: desk.next_due(),
    lambda desk: desk.audit(),
)


def test_what_is_none_is_none_there_too(team: IncidentTeam) -> None:
    """An id that nothing has raises as the desk does; over HTTP it is a 404 with a message."""
    desk = team.desk("ann")
    for ask in (
        lambda: desk.get("inc_no"),
        lambda: desk.timeline("../../x"),
        lambda: desk.accept("inc_no", ANY),
        lambda: desk.action("act_no"),
        lambda: desk.begin_action("act_no", ANY),
    ):
        with pytest.raises(NoSuchIncident):
            ask()


def test_an_answer_that_is_lost_is_asked_for_again_and_nothing_happens_twice(
    team: IncidentTeam,
) -> None:
    """One note, though it was sent three times."""
    known = declared(team.desk("ann")).incident
    told = team.desk("ann", loses=2).note(known.id, "once", ANY)
    assert isinstance(told, Incident)
    notes = [each for each in team.made.desk.timeline(known.id) if each.said == "once"]
    assert len(notes) == 1


def test_a_declaration_is_sent_once_because_it_is_kept(team: IncidentTeam) -> None:
    """A lost answer is told at once; the same key sent again finds the incident that it made."""
    said = Said(title="It burns")
    with pytest.raises(Unavailable):
        team.desk("ann", loses=1).declare(said, ANY, key="k1")
    told = team.desk("ann").declare(said, ANY, key="k1")
    assert isinstance(told, Declared)
    assert team.made.desk.list() == (told.incident,)


def test_time_is_the_servers_own_to_let_pass(team: IncidentTeam) -> None:
    """A tick is refused with its remedy."""
    with pytest.raises(BadValue, match="by itself"):
        team.desk("ann").tick()


def test_a_clock_that_is_fast_says_nothing_of_the_incident(team: IncidentTeam) -> None:
    """A declaration from the future counts from now, without a doubt; one from before as it is."""
    early = declared(team.desk("ann"), declared_at="2026-11-21T11:59:00.000000Z")
    assert early.incident.claimed(Milestone.DECLARED) == "2026-11-21T11:59:00.000000Z"
    late = declared(team.desk("ann"), "Other", declared_at="2999-01-01T00:00:00.000000Z")
    assert late.doubts == ()
    assert PAGES_NOW < "2999"


@pytest.mark.parametrize(
    ("scope", "declares", "commands", "reads"),
    [
        (Scope.DECLARE, True, False, False),
        (Scope.INCIDENT, True, True, True),
        (Scope.OPERATE, True, False, True),
        (Scope.CHANGE, True, False, True),
        (Scope.READ, False, False, True),
        (Scope.INGEST, False, False, False),
    ],
)
def test_a_token_may_what_its_scope_says(
    team: IncidentTeam, scope: Scope, declares: bool, commands: bool, reads: bool
) -> None:
    """Declaring is for all who do anything here; commanding is for those who were given that."""
    known = declared(team.desk("ann")).incident
    team.tokens["pia"] = team.token("pia", scope)
    told = {
        True: team.client.post(
            "/api/incidents", json={"title": "It burns"}, headers=team.headers("pia")
        ),
        False: team.client.post(
            f"/api/incidents/{known.id}/note", json={"text": "x"}, headers=team.headers("pia")
        ),
    }
    assert (told[True].status_code == 201) is declares
    assert (told[False].status_code == 200) is commands
    read = team.client.get(f"/api/incidents/{known.id}", headers=team.headers("pia"))
    assert (read.status_code == 200) is reads
    refused = {each.status_code for each in (*told.values(), read)} - {200, 201}
    assert refused <= {403}


def test_without_a_token_nothing_is_told_or_taken(team: IncidentTeam) -> None:
    """Status 401 for every address of incidents."""
    assert team.client.get("/api/incidents").status_code == 401
    assert team.client.post("/api/incidents", json={"title": "x"}).status_code == 401
    assert team.made.desk.list() == ()


HOSTILE: tuple[tuple[bytes, int], ...] = (
    (b"", 400),
    (b"{", 400),
    (b"[]", 400),
    (b"null", 400),
    (b'{"title": 7}', 400),
    (b'{"title": "x", "more": 1}', 400),
    (b'{"title": "x", "domains": ["taste"]}', 400),
    (b'{"title": "x", "links": [{"kind": "bomb", "id": "1"}]}', 400),
    (b'{"title": "x", "severity": "1"}', 400),
    (b'{"title": "\\ud800"}', 400),
    (b"\xff\xfe", 400),
    (b'{"title": ' + b"[" * 100_000, 400),
    (b'{"title": " "}', 409),
)


@pytest.mark.parametrize(("body", "status"), HOSTILE, ids=range(len(HOSTILE)))
def test_a_hostile_body_is_refused_by_name(team: IncidentTeam, body: bytes, status: int) -> None:
    """Whatever is sent, the answer says what is wrong, and nothing is declared."""
    headers = team.headers("ann") | {"Content-Type": "application/json"}
    told = team.client.post("/api/incidents", content=body, headers=headers)
    assert told.status_code == status, told.text
    assert told.json()["error"]["message"]
    assert team.made.desk.list() == ()


def test_hostile_text_travels_as_it_is(team: IncidentTeam) -> None:
    """A title and a note with markup and control characters are stored and told as they came."""
    nasty = "<script>\x1b[2J [x](http://e) @all \x00 \u202e"
    known = declared(team.desk("ann"), nasty, text=nasty).incident
    team.desk("ann").note(known.id, nasty, ANY)
    entries = team.desk("ann").timeline(known.id)
    assert entries[-1].said == nasty
    listed = team.client.get("/api/incidents", headers=team.headers("ann"))
    assert "\x1b" not in listed.text
    assert listed.headers["content-type"].startswith("application/json")


def test_a_key_is_for_one_request(team: IncidentTeam) -> None:
    """The same again has the same answer; another body under it is refused with 422."""
    headers = team.headers("ann", "abc")
    first = team.client.post("/api/incidents", json={"title": "It burns"}, headers=headers)
    again = team.client.post("/api/incidents", json={"title": "It burns"}, headers=headers)
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json() == again.json()
    assert again.headers["idempotency-replayed"] == "true"
    other = team.client.post("/api/incidents", json={"title": "Other"}, headers=headers)
    assert other.status_code == 422
    assert len(team.made.desk.list()) == 1


def test_a_refusal_is_a_409_with_every_reason(team: IncidentTeam) -> None:
    """For programs as well: the code, the reasons, the hint."""
    known = declared(team.desk("ann")).incident
    told = team.client.post(
        f"/api/incidents/{known.id}/update",
        json={"facts": "", "impact": "", "status": ""},
        headers=team.headers("ann"),
    )
    assert told.status_code == 409
    assert len(told.json()["refusal"]["reasons"]) == 3


@pytest.mark.parametrize(
    "query",
    ["state=lost", "limit=0", "limit=x", "scope=" + "x" * 201, "colour=red"],
)
def test_a_question_that_means_nothing_is_refused(team: IncidentTeam, query: str) -> None:
    """Status 400, and the parameter is named."""
    told = team.client.get(f"/api/incidents?{query}", headers=team.headers("ann"))
    assert told.status_code == 400
    assert told.json()["error"]["place"] or "parameter" in told.json()["error"]["message"]


def test_one_incidents_timers_are_told(team: IncidentTeam) -> None:
    """Its deadlines, those that fired, and what is wrong with them."""
    known = declared(team.desk("ann"), links=(Link(kind=LinkKind.ALERT, id="a"),)).incident
    team.made.clock.wind(hours=1)
    told = team.client.get(f"/api/incidents/{known.id}/timers", headers=team.headers("ann")).json()
    assert [each["id"] for each in told["deadlines"]][-1] == "1/breach"
    assert {each["wrong"] for each in told["findings"]} == {"missing"}
    assert json.dumps(told["fired"])


def test_a_server_without_incidents_says_so(site: Ask) -> None:
    """Status 404, not an error of ours."""
    told = site().get("/api/incidents")
    assert told.status_code == 404
    assert "no incidents" in told.json()["error"]["message"]
