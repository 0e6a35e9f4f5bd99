"""The pages on incidents show what is on record; their forms do what they say, or nothing."""

import re
from collections.abc import Iterator
from html import unescape
from pathlib import Path

import pytest
from tests.server.change_site import form, sign_in
from tests.server.conftest import Ask, Client
from tests.server.fakes import NOW
from tests.server.incident_site import EVERYTHING, Incidents, by

from pawl.base.errors import BadFile
from pawl.governance.access import Scope
from pawl.incidents.action import State as ActionState
from pawl.incidents.action import Work
from pawl.incidents.incident import Incident, LinkKind, State
from pawl.incidents.postmortem import Content, Postmortem
from pawl.incidents.postmortem import State as Paper
from pawl.incidents.similarity import Similar
from pawl.services.identity import Identity
from pawl.services.postmortem_view import FIELDS as PAPER

STRANGE = "<img src=x onerror=alert(1)>\"'><script>alert(2)</script>{{ 7 * 7 }}\u202egnp\u200b"
PAGES = (
    "/incidents", "/incidents/declare", "/incidents/figures", "/incidents/structure",
    "/incidents/week", "/actions", "/debts",
)  # fmt: skip


@pytest.fixture
def made(tmp_path: Path) -> Iterator[Incidents]:
    """Return records of their own, with nothing in them."""
    incidents = Incidents(tmp_path / "data")
    yield incidents
    incidents.close()


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Incidents]:
    """Return records with the sample's story, to be looked at only."""
    incidents = Incidents(tmp_path_factory.mktemp("story") / "data")
    incidents.story()
    yield incidents
    incidents.close()


def served(site: Ask, made: Incidents) -> Client:
    """Return a client of a site that keeps incidents; nobody is signed in."""
    client = site()
    client.serving.incident_pages = made.pages
    return client


def signed(
    site: Ask,
    made: Incidents,
    identity: Identity,
    person: str,
    scopes: tuple[Scope, ...] = EVERYTHING,
) -> Client:
    """Return the browser of a person who is signed in."""
    client = served(site, made)
    sign_in(client, identity, person, scopes)
    return client


def page(client: Client, path: str, status: int = 200) -> str:
    """Return a page; it must be there and obey the policy on scripts."""
    answer = client.get(path)
    assert answer.status_code == status, answer.text
    assert not re.search(r"<script(?![^>]*\bsrc=)", answer.text)
    # What is quoted is a value, whatever it looks like.
    assert not re.search(r"<style|<[^>]*\s(?:style|on\w+)=", re.sub(r'"[^"]*"', "", answer.text))
    return answer.text


def at(incident: Incident, rest: str = "") -> str:
    """Return the address of an incident."""
    return f"/incidents/{incident.id}{rest}"


def press(client: Client, it: Incident, command: str, expected: int = 303, **said: str) -> str:
    """Press a button of a room as the page has it; return what the answer says."""
    fields = form(page(client, at(it)), at(it, "/command"), command=command)
    answer = client.post(at(it, "/command"), data={**fields, **said})
    assert answer.status_code == expected, answer.text
    return answer.text


def paper_fields(client: Client, it: Incident) -> dict[str, str]:
    """Return the form of a postmortem as its page has it."""
    text = page(client, at(it, "/postmortem"))
    fields = form(text, at(it, "/postmortem"), command="save")
    for name, value in re.findall(r'<textarea name="(\w+)"[^>]*>(.*?)</textarea>', text, re.S):
        fields[name] = unescape(value)
    for name, value in re.findall(r'<input name="(\w+)"[^>]* value="([^"]*)"', text):
        fields[name] = unescape(value)
    for name, chosen in re.findall(r'<select name="(\w+)".*?<option selected>(.*?)<', text, re.S):
        fields[name] = unescape(chosen)
    return {name: fields.get(name, "") for name in (*PAPER, "command", "version", "csrf")}


@pytest.mark.parametrize("path", [*PAGES, "/incidents/inc_1", "/incidents/inc_1/postmortem"])
def test_a_server_without_incidents_says_so(site: Ask, path: str) -> None:
    """It is not there, and what to do is."""
    answer = site().get(path)
    assert answer.status_code == 503
    assert "keeps no incidents" in answer.text


@pytest.mark.parametrize(
    ("path", "wanted"),
    [
        ("/incidents", "Whoever sees one declares it"),
        ("/actions", "No actions yet"),
        ("/debts", "No debt"),
        ("/incidents/figures", "A share of nothing has no value"),
    ],
)
def test_nothing_yet_is_told(site: Ask, made: Incidents, path: str, wanted: str) -> None:
    """An empty page says what would stand there and how it comes, and no zero that is none."""
    text = page(served(site, made), path)
    assert wanted in text
    assert 'aria-current="page">Incidents' in text


def test_the_board_has_what_goes_on_first_with_its_clocks(site: Ask, told: Incidents) -> None:
    """Whatever nobody commands stands on top; each clock is a number with a unit."""
    text = page(served(site, told), "/incidents")
    for part in (
        "3 m</time> past the promise", "kept after 1 m 42 s", "SEV1 Critical",
        "broken</span> after 9 m", "merged into", "repeats 1 incident", "Declare an incident",
    ):  # fmt: skip
        assert part in text, part
    places = [text.index(each) for each in ("Checkout refuses", "Support chat", "Summaries name")]
    assert places == sorted(places)


@pytest.mark.parametrize(
    ("query", "there", "gone"),
    [
        ("text=CHECKOUT", "Checkout refuses", "Support chat"),
        ("state=closed", "bank answers late", "Checkout refuses"),
        ("severity=1", "Checkout refuses", "Support chat"),
        ("text=nowhere", "No incident is like that", "Checkout refuses"),
    ],
)
def test_the_board_filters(site: Ask, told: Incidents, query: str, there: str, gone: str) -> None:
    """What is not like that is left out."""
    text = page(served(site, told), f"/incidents?{query}")
    assert there in text
    assert gone not in text


@pytest.mark.parametrize("query", ["page=0", "state=lost", "severity=9", "colour=red"])
def test_a_question_that_means_nothing_is_refused(site: Ask, told: Incidents, query: str) -> None:
    """It is 400, not an empty list."""
    assert served(site, told).get(f"/incidents?{query}").status_code == 400


@pytest.mark.parametrize("title", [
    "Payouts are sent twice when", "Payouts are sent twice again", "Search answers slowly",
    "Summaries name", "Support chat", "Chat is silent", "Checkout refuses",
])  # fmt: skip
def test_every_state_has_its_room(site: Ask, told: Incidents, title: str) -> None:
    """A room shows the way, the clocks, the roles, the timeline and what stands beside it."""
    it = told.named(title)
    text = page(served(site, told), at(it))
    for part in (it.title, "Where it stands", "Timeline", "Roles", "Who is paged", "Seen before?",
                 "Declared: ", "/changes/ledger/"):  # fmt: skip
        assert part in text, part
    assert ("Promise of a commander" in text) == (it.state not in (State.DECLINED, State.MERGED))
    assert 'method="post" action="/incidents' not in text


def test_the_promise_counts_and_is_said_to_be_broken(
    site: Ask, made: Incidents, identity: Identity
) -> None:
    """Before its time it counts down, near it in red; after it how long it is past."""
    it = made.declared()
    client = signed(site, made, identity, "katherine")
    made.clock.to(-0.05)
    text = page(client, at(it))
    assert "A commander is promised within" in text
    assert re.search(r'data-until="[^"]*12:05:00[^"]*"[^>]*>2 m<', text)
    made.clock.to(-0.08)
    assert 'class="main near"' in page(client, at(it))
    made.clock.to(-0.1)
    made.desk.tick()
    text = page(client, at(it))
    assert "Promise of a commander broken, past by" in text
    assert re.search(r'data-until="[^"]*"[^>]*>1 m<', text)


def test_one_press_takes_command(site: Ask, made: Incidents, identity: Identity) -> None:
    """The one button of the page does it, and pressed again it is the same."""
    it = made.declared()
    client = signed(site, made, identity, "katherine")
    fields = form(page(client, at(it)), at(it, "/command"), command="accept")
    for _ in range(2):
        assert client.post(at(it, "/command"), data=fields).status_code == 303
    assert made.desk.get(it.id).commander == "katherine"
    text = page(client, at(it))
    assert "I take command" not in text
    assert "kept" in text


def test_who_came_second_is_told_who_commands(
    site: Ask, made: Incidents, identity: Identity
) -> None:
    """It is 409 with who commands now, nothing happens, and the page offers what is left."""
    it = made.declared()
    client = signed(site, made, identity, "ada")
    fields = form(page(client, at(it)), at(it, "/command"), command="accept")
    made.told(made.desk.accept(it.id, by("katherine")))
    answer = client.post(at(it, "/command"), data=fields)
    assert answer.status_code == 409
    for part in ("It moved meanwhile. Nothing was done.", "katherine commands now."):
        assert part in answer.text
    assert made.desk.get(it.id).commander == "katherine"


def test_command_is_handed_over_by_two_presses(
    site: Ask, made: Incidents, identity: Identity
) -> None:
    """One offers, the other accepts; until then the first one commands."""
    it = made.commanded()
    katherine = signed(site, made, identity, "katherine")
    press(katherine, it, "offer", to="grace")
    assert made.desk.get(it.id).commander == "katherine"
    grace = signed(site, made, identity, "grace")
    assert "katherine offers you command" in page(grace, at(it))
    press(grace, it, "accept")
    assert made.desk.get(it.id).commander == "grace"
    assert "offers you" not in page(katherine, at(it))


@pytest.mark.parametrize(
    ("state", "there", "not_there"),
    [
        (State.DECLARED, {"accept", "join", "note", "update", "decline", "merge", "reclassify"},
         {"offer", "mitigate", "resolve", "close", "reopen"}),
        (State.COMMANDED, {"mitigate", "resolve", "offer", "decline"}, {"accept", "close"}),
        (State.MITIGATED, {"resolve", "offer"}, {"mitigate", "decline", "close"}),
        (State.RESOLVED, {"reopen", "note", "open-action"}, {"offer", "mitigate", "accept"}),
        (State.CLOSED, {"note", "attach"}, {"reopen", "close", "update", "open-action"}),
        (State.DECLINED, {"note"}, {"attach", "reopen", "accept", "update", "open-action"}),
    ],
)  # fmt: skip
def test_only_what_can_be_done_now_is_offered(
    site: Ask, made: Incidents, identity: Identity, state: State, there: set[str],
    not_there: set[str],
) -> None:  # fmt: skip
    """The buttons are those of the table of transitions, for who looks."""
    it = made.declared(severity=4)
    if state is State.DECLINED:
        made.told(made.desk.decline(it.id, "A test.", by("ada")))
    elif state is not State.DECLARED:
        made.told(made.desk.accept(it.id, by("katherine")))
        for step in (State.MITIGATED, State.RESOLVED, State.CLOSED):
            if state in (State.COMMANDED,):
                break
            verb = {State.MITIGATED: "mitigate", State.RESOLVED: "resolve", State.CLOSED: "close"}
            made.told(getattr(made.desk, verb[step])(it.id, by("ada")))
            if step is state:
                break
    text = page(signed(site, made, identity, "katherine"), at(it))
    offered = set(re.findall(r'name="command" value="([\w-]+)"', text))
    assert there <= offered
    assert not not_there & offered


def test_every_small_form_does_what_it_says(site: Ask, made: Incidents, identity: Identity) -> None:
    """From a note to the end, each by its own form."""
    other = made.declared("Search is slow")
    it = made.commanded()
    client = signed(site, made, identity, "ada")
    press(client, it, "join")
    assert made.desk.get(it.id).responders == ("ada",)
    press(client, it, "leave")
    press(client, it, "note", text="The cache is full.")
    press(client, it, "update", facts="F.", impact="I.", status="S.")
    press(client, it, "attach", kind="change", ref="chg_1", suspected="yes")
    press(client, it, "reclassify", severity="1", domain="safety", reason="Worse.")
    press(client, it, "claim", milestone="started", at="2026-11-21T11:00Z")
    press(client, it, "open-action", title="Bound it", owner="ada", due_at="2026-12-01",
          work="code", component="code/cache", blocker="yes")  # fmt: skip
    press(client, it, "mitigate", at="2026-11-21T11:30Z")
    press(client, it, "resolve", at="")
    press(client, it, "reopen", reason="It is back.")
    press(client, other, "merge", into=it.id)
    found = made.desk.get(it.id)
    assert (found.state, found.severity, found.spell) == (State.DECLARED, 1, 2)
    assert [each.id for each in found.links if each.suspected] == ["chg_1"]
    assert made.desk.get(other.id).merged_into == it.id
    text = page(client, at(it))
    for part in ("The cache is full.", "Suspected cause:", "/changes/chg_1#back-title", "Bound it",
                 "opened 2 times"):  # fmt: skip
        assert part in text, part


def test_a_repeat_is_confirmed_and_is_a_debt_at_once(
    site: Ask, made: Incidents, identity: Identity
) -> None:
    """What looks alike is offered, and only a person makes a repeat of it."""
    first = made.resolved("Cache refuses connections", fingerprint="fp:1:abc")
    it = made.declared("Cache refuses connections again", fingerprint="fp:1:abc")
    client = signed(site, made, identity, "katherine")
    text = page(client, at(it))
    assert "the same fingerprint" in text
    press(client, it, "confirm-repeat", earlier=first.id)
    assert made.desk.get(it.id).repeats == (first.id,)
    text = page(client, "/debts")
    assert "nobody pays it" in text
    (debt,) = made.desk.debts()
    plan = form(text, "/debts", command="plan")
    sent = client.post("/debts", data={**plan, "owner": "ada", "plan": "Bound the cache."})
    assert sent.status_code == 303
    case = form(page(client, "/debts"), "/debts", command="add-case")
    assert client.post("/debts", data={**case, "case": "cache-full"}).status_code == 303
    pay = form(page(client, "/debts"), "/debts", command="pay")
    early = client.post("/debts", data=pay)
    assert (early.status_code, "quiet days end on" in early.text) == (409, True)
    found = made.desk.debt(debt.id)
    assert (found.owner, found.regression_case) == ("ada", "cache-full")


@pytest.mark.parametrize(
    ("command", "said", "status", "reason"),
    [
        ("merge", {"into": "inc_none"}, 409, "no incident is called"),
        ("claim", {"milestone": "started", "at": "tomorrow"}, 400, "Write a time such as"),
        ("decline", {"reason": " "}, 400, "Say it, in a few sentences."),
        ("open-action", {"title": "", "owner": "ada", "due_at": "", "work": "code"}, 400,
         "is empty"),
        ("mitigate", {"at": "2027-01-01"}, 400, "yet to come"),
    ],
)  # fmt: skip
def test_a_refusal_is_shown_with_its_reasons(
    site: Ask, made: Incidents, identity: Identity, command: str, said: dict[str, str],
    status: int, reason: str,
) -> None:  # fmt: skip
    """Nothing happens, and the page says why."""
    it = made.commanded()
    before = len(made.desk.timeline(it.id))
    text = press(signed(site, made, identity, "ada"), it, command, status, **said)
    assert "That was not done" in text
    assert reason in text
    assert len(made.desk.timeline(it.id)) == before


def test_who_may_not_take_over_is_told_why(site: Ask, made: Incidents, identity: Identity) -> None:
    """Neither the button is there nor does the form do it."""
    it = made.commanded()
    client = signed(site, made, identity, "barbara")
    text = page(client, at(it))
    assert 'value="take-over"' not in text
    fields = form(text, at(it, "/command"), command="note") | {"command": "take-over"}
    answer = client.post(at(it, "/command"), data={**fields, "reason": "Because."})
    assert (answer.status_code, "answers for neither" in answer.text) == (403, True)
    assert made.desk.get(it.id).commander == "katherine"


def test_one_field_declares_and_whatever_else_is_wrong_stops_nothing(
    site: Ask, made: Incidents
) -> None:
    """Nobody needs to sign in at the machine; only an empty title is asked for again."""
    client = served(site, made)
    page(client, "/incidents")
    sent = client.post("/incidents", data={"title": "Search answers nothing"})
    assert sent.status_code == 303
    (it,) = made.desk.list()
    assert sent.headers["location"] == at(it)
    empty = client.post("/incidents", data={"title": " ", "text": "It is dark."})
    assert (empty.status_code, "It has no title." in empty.text) == (400, True)
    assert "It is dark." in empty.text
    made.sources.broken = BadFile("broken.", place=".pawl/roster.yaml")
    odd = {"title": "Odd", "severity": "9", "domain": "love", "started_at": "yore", "kind": "x",
           "ref": "y", "components": "a, b"}  # fmt: skip
    sent = client.post("/incidents", data=odd)
    assert sent.status_code == 303
    text = page(client, sent.headers["location"])
    for part in ("The roster cannot be read", "Nobody can tell who is who", "is not a time",
                 "There is no severity 9"):  # fmt: skip
        assert part in text, part


def test_pressed_twice_one_incident_is_declared(site: Ask, made: Incidents) -> None:
    """The same form within a minute is the same declaration."""
    client = served(site, made)
    fields = {"title": "Search answers nothing"}
    places = {client.post("/incidents", data=fields).headers["location"] for _ in range(2)}
    assert len(places) == 1
    assert len(made.desk.list()) == 1


def test_the_form_is_filled_in_from_where_somebody_came(site: Ask, made: Incidents) -> None:
    """What an alert's page says is in it, and the incident is linked with the alert."""
    client = served(site, made)
    text = page(client, "/incidents/declare?title=Errors+rise&kind=alert&ref=alert_1")
    assert 'value="Errors rise"' in text
    hidden = form(text, "/incidents", kind="alert")
    client.post("/incidents", data={**hidden, "title": "Errors rise"})
    (it,) = made.desk.list()
    assert [(each.kind, each.id) for each in it.links] == [(LinkKind.ALERT, "alert_1")]


def test_forms_need_the_proof_that_we_sent_them(
    site: Ask, made: Incidents, identity: Identity
) -> None:
    """A page of somebody else's cannot do anything with our cookie."""
    it = made.declared()
    client = signed(site, made, identity, "katherine")
    for path, fields in (
        (at(it, "/command"), {"command": "accept"}),
        (at(it, "/postmortem"), {"command": "begin"}),
        ("/incidents", {"title": "x"}),
        ("/actions", {"command": "begin", "id": "x"}),
        ("/debts", {"command": "pay", "id": "x"}),
    ):
        for csrf in ({}, {"csrf": "0" * 64}):
            assert client.post(path, data={**fields, **csrf}).status_code == 403
        foreign = client.post(path, data=fields, headers={"Origin": "http://evil.example"})
        assert foreign.status_code == 403
    assert made.desk.get(it.id).commander == ""
    assert len(made.desk.list()) == 1


def test_who_may_only_look_does_nothing(site: Ask, made: Incidents, identity: Identity) -> None:
    """Neither nobody at the machine nor a token for reading may command; both may look."""
    it = made.declared()
    reader = signed(site, made, identity, "katherine", (Scope.READ,))
    text = page(reader, at(it))
    assert "Your token may only look." in text
    csrf = form(text, "/logout")["csrf"]
    sent = reader.post(at(it, "/command"), data={"command": "accept", "csrf": csrf})
    assert sent.status_code == 403
    nobody = served(site, made)
    text = page(nobody, at(it))
    assert "Sign in</a> as yourself to take command" in text
    assert nobody.post(at(it, "/command"), data={"command": "accept"}).status_code in (303, 401)
    assert made.desk.get(it.id).commander == ""


@pytest.mark.parametrize(
    ("path", "fields"),
    [
        ("/command", {"command": "delete"}),
        ("/command", {"command": "note", "text": "x", "colour": "red"}),
        ("/command", {"command": "attach", "kind": "star", "ref": "x"}),
        ("/command", {"command": "reclassify", "severity": "9", "reason": "x"}),
        ("/postmortem", {"command": "save", "version": "x"}),
        ("/postmortem", {"command": "burn"}),
    ],
)
def test_what_means_nothing_is_refused(
    site: Ask, made: Incidents, identity: Identity, path: str, fields: dict[str, str]
) -> None:
    """An unknown command, field or choice is 400, and nothing happens."""
    it = made.declared()
    client = signed(site, made, identity, "katherine")
    csrf = form(page(client, at(it)), "/logout")["csrf"]
    before = len(made.desk.timeline(it.id))
    assert client.post(at(it, path), data={**fields, "csrf": csrf}).status_code == 400
    assert len(made.desk.timeline(it.id)) == before


def test_what_is_not_there_is_404(site: Ask, made: Incidents, identity: Identity) -> None:
    """An incident, action or debt that is none is not found, read or written."""
    it = made.declared()
    client = signed(site, made, identity, "katherine")
    csrf = form(page(client, at(it)), "/logout")["csrf"]
    for path in ("/incidents/inc_none", "/incidents/inc_none/postmortem"):
        assert client.get(path).status_code == 404
    for path, fields in (
        ("/incidents/inc_none/command", {"command": "accept"}),
        ("/incidents/inc_none/postmortem", {"command": "begin"}),
        ("/actions", {"command": "begin", "id": "act_none"}),
        ("/debts", {"command": "pay", "id": "debt_none"}),
    ):
        assert client.post(path, data={**fields, "csrf": csrf}).status_code == 404, path


def test_what_strangers_wrote_is_text(site: Ask, made: Incidents, identity: Identity) -> None:
    """Titles, notes, links, plans and postmortems are shown and never run."""
    it = made.declared(STRANGE, text=STRANGE, scope=STRANGE, components=(STRANGE,), key=STRANGE)
    made.told(made.desk.accept(it.id, by("katherine")))
    made.told(made.desk.note(it.id, STRANGE, by("ada")))
    made.told(made.desk.update(it.id, STRANGE, STRANGE, STRANGE, by("ada")))
    made.told(made.desk.attach(it.id, LinkKind.CHANGE, STRANGE, by("ada"), suspected=True))
    made.desk.open_action(it.id, STRANGE, "ada", "2026-12-01", Work.CODE, STRANGE, by("ada"))
    made.told(made.desk.mitigate(it.id, by("ada")))
    made.told(made.desk.resolve(it.id, by("ada")))
    assert isinstance(made.desk.begin_postmortem(it.id, "ada", by("ada")), Postmortem)
    content = Content(summary=STRANGE, failed_control=f"He failed to {STRANGE}.")
    assert isinstance(made.desk.revise(it.id, content, by("ada")), Postmortem)
    client = signed(site, made, identity, "grace")
    for path in (at(it), at(it, "/postmortem"), "/incidents", "/actions", "/debts", "/"):
        text = page(client, path)
        assert "<img src=x" not in text, path
        assert "49" not in re.sub(r"[0-9a-f]{12,}|\d{4,}", "", text).split("csrf")[0], path
    assert "U+202E" in page(client, at(it))


def test_a_broken_roster_hides_nothing_that_is_on_record(
    site: Ask, made: Incidents, identity: Identity
) -> None:
    """The room says that nobody can tell who is who, and what needs no name still works."""
    it = made.commanded()
    made.sources.broken = BadFile("broken.", place=".pawl/roster.yaml")
    client = signed(site, made, identity, "katherine")
    text = page(client, at(it))
    assert "Nobody can tell who is who: broken." in text
    press(client, it, "note", text="Still here.")
    assert "Still here." in page(client, at(it))
    for path in ("/incidents", "/actions", "/debts", "/incidents/figures"):
        page(client, path)


def test_a_postmortem_goes_from_the_timeline_to_the_actions(
    site: Ask, made: Incidents, identity: Identity
) -> None:
    """It begins with what the timeline says, blame stands beside its sentence, and what it lacks
    is one list; then it is read, published, and the incident goes on."""
    it = made.resolved()
    ada = signed(site, made, identity, "ada")
    begin = form(page(ada, at(it, "/postmortem")), at(it, "/postmortem"), command="begin")
    assert ada.post(at(it, "/postmortem"), data={**begin, "owner": "ada"}).status_code == 303
    fields = paper_fields(ada, it)
    assert "Command was taken." in fields["what_happened"]
    fields |= {"summary": "S.", "impact": "I.", "failed_control": "The reviewer forgot to look."}
    assert ada.post(at(it, "/postmortem"), data=fields).status_code == 303
    text = page(ada, at(it, "/postmortem"))
    for part in ("Blames somebody:", "<mark>", "What it lacks", "It names no root cause.",
                 "1 sentence blames somebody"):  # fmt: skip
        assert part in text, part
    fields = paper_fields(ada, it)
    half = ada.post(at(it, "/postmortem"), data={**fields, "trigger": "a flag"})
    assert half.status_code == 400
    assert "of its Class nothing is said" in half.text
    assert 'value="a flag"' in half.text
    fields |= {
        "failed_control": "No test of load.",
        "cause_class": "exhaustion",
        "component": "code/cache",
        "trigger": "a flag",
        "missing_control": "load test",
        "lesson": "L.",
        "cases": "one\r\n=====\r\ntwo\r\nlines",
        "gates": "a\r\n\r\nb",
    }
    assert ada.post(at(it, "/postmortem"), data=fields).status_code == 303
    found = made.desk.postmortem(it.id)
    assert found is not None
    assert found.content.learning is not None
    assert found.content.learning.newEvalCases == ("one", "two\nlines")
    assert found.content.learning.gateUpdates == ("a", "b")
    assert "Nothing is lacking" in page(ada, at(it, "/postmortem"))
    for command, state in (
        ("ask-review", Paper.IN_REVIEW),
        ("send-back", Paper.DRAFT),
        ("ask-review", Paper.IN_REVIEW),
        ("publish", Paper.PUBLISHED),
    ):
        button = form(page(ada, at(it, "/postmortem")), at(it, "/postmortem"), command=command)
        said = {"reason": "Shorter."} if command == "send-back" else {}
        assert ada.post(at(it, "/postmortem"), data={**button, **said}).status_code == 303
        found = made.desk.postmortem(it.id)
        assert found is not None
        assert found.state is state
    assert made.desk.get(it.id).state is State.ACTIONS_OPEN
    assert 'name="summary"' not in page(ada, at(it, "/postmortem"))


def test_what_another_saved_meanwhile_is_not_overwritten(
    site: Ask, made: Incidents, identity: Identity
) -> None:
    """409 keeps what was typed, shows what the other one saved, and the next press is knowing."""
    it = made.resolved()
    assert isinstance(made.desk.begin_postmortem(it.id, "ada", by("ada")), Postmortem)
    ada, grace = (signed(site, made, identity, each) for each in ("ada", "grace"))
    mine, hers = paper_fields(ada, it), paper_fields(grace, it)
    assert grace.post(at(it, "/postmortem"), data={**hers, "summary": "Hers."}).status_code == 303
    answer = ada.post(at(it, "/postmortem"), data={**mine, "summary": "Mine."})
    assert answer.status_code == 409
    for part in ("Somebody saved it since", "What somebody else saved:", "Hers.", ">Mine.<",
                 "in the place of what somebody else saved"):  # fmt: skip
        assert part in answer.text, part
    found = made.desk.postmortem(it.id)
    assert found is not None
    assert found.content.summary == "Hers."
    again = form(answer.text, at(it, "/postmortem"), command="save")
    sent = ada.post(at(it, "/postmortem"), data={**mine, **again, "summary": "Both."})
    assert sent.status_code == 303
    button = form(page(ada, at(it, "/postmortem")), at(it, "/postmortem"), command="ask-review")
    stale = ada.post(at(it, "/postmortem"), data={**button, "version": "1"})
    assert (stale.status_code, "moved on since you read it" in stale.text) == (409, True)


def test_that_nothing_changes_is_signed_by_another(
    site: Ask, made: Incidents, identity: Identity
) -> None:
    """Not by its owner; the reason and who signed it are shown."""
    it = made.resolved()
    assert isinstance(made.desk.begin_postmortem(it.id, "ada", by("ada")), Postmortem)
    path = at(it, "/postmortem")
    for person, status in (("ada", 409), ("grace", 303)):
        client = signed(site, made, identity, person)
        fields = form(page(client, path), path, command="sign-no-change")
        sent = client.post(path, data={**fields, "reason": "A storm."})
        assert sent.status_code == status, sent.text
    text = page(client, path)
    assert "Signed: nothing changes" in text
    assert "A storm." in text


def test_actions_are_claimed_and_verified_by_somebody_else(
    site: Ask, made: Incidents, identity: Identity
) -> None:
    """Overdue ones come first with what they hold; who owns one cannot verify it."""
    it = made.commanded()
    ada, grace = (signed(site, made, identity, each) for each in ("ada", "grace"))
    press(ada, it, "open-action", title="Bound it", owner="ada", due_at="2026-11-21T13:00Z",
          work="eval-case", component="code/cache", blocker="yes")  # fmt: skip
    made.clock.to(-3)
    text = page(ada, "/actions")
    for part in ("1 action overdue", "by 2 h", "holds releases of code/cache"):
        assert part in text, part
    for command, said in (("begin", {}), ("claim-done", {"note": "Done."})):
        fields = form(page(ada, "/actions"), "/actions", command=command)
        assert ada.post("/actions", data={**fields, **said}).status_code == 303
    proof = {"place": "pull request 7", "digest": "abc", "fails": "yes", "passes": "yes"}
    own = form(page(ada, "/actions"), "/actions", command="verify")
    refused = ada.post("/actions", data={**own, **proof})
    assert (refused.status_code, "owns it or has claimed it" in refused.text) == (403, True)
    assert 'value="pull request 7"' in refused.text
    fields = form(page(grace, "/actions"), "/actions", command="verify")
    unseen = grace.post("/actions", data={**fields, **proof, "fails": ""})
    assert (unseen.status_code, "not seen to fail" in unseen.text) == (409, True)
    assert grace.post("/actions", data={**fields, **proof}).status_code == 303
    (action,) = made.desk.actions()
    assert action.state is ActionState.VERIFIED
    assert "Verified by grace" in page(grace, "/actions?owner=ada")
    assert "No actions like that" in page(grace, "/actions?owner=grace")


def test_what_stands_in_the_way_of_closing_is_one_list(
    site: Ask, told: Incidents, identity: Identity
) -> None:
    """The room says all of it, and offers no button that would be refused."""
    it = told.named("Payouts are sent twice again")
    text = page(signed(site, told, identity, "katherine"), at(it))
    assert "What stands in the way of closing" in text
    assert "of barbara is open." in text
    assert "Close it" not in text
    assert "overdue by" in text


def test_figures_have_numerator_denominator_and_interval(site: Ask, told: Incidents) -> None:
    """Each share stands with its counts; each quarter says how many actions were due."""
    text = page(served(site, told), "/incidents/figures?days=90")
    for part in (
        "67 %",
        "4 of 6",
        "30\N{EN DASH}90 %",
        "Time to mitigate",
        "2026 Q4",
        "still running",
        "2 of 2",
        "95 % interval",
        "1 merged into another",
    ):
        assert part in text, part
    assert served(site, told).get("/incidents/figures?days=7").status_code == 400


def test_other_pages_lead_there(site: Ask, told: Incidents) -> None:
    """The first page says what goes on, worst first; without incidents it says nothing of them."""
    text = page(served(site, told), "/")
    assert text.index("3 incidents go on") < text.index("No runs yet")
    assert "nobody commands, 3 m past the promise" in text
    assert "go on</h2>" not in page(site(), "/")


def test_an_open_room_says_that_it_moved_on(site: Ask, made: Incidents, identity: Identity) -> None:
    """The live part compares with what the page was opened on."""
    it = made.declared()
    client = signed(site, made, identity, "ada")
    text = page(client, at(it))
    live = unescape(re.findall(r'id="live" hx-get="([^"]*)"', text)[0])
    assert "It moved on" not in page(client, live)
    made.told(made.desk.accept(it.id, by("katherine")))
    assert "It moved on since this page was opened" in page(client, live)


def test_the_sample_has_one_of_each(told: Incidents) -> None:
    """Its story is told by the desk's own commands, and nothing of it lies ahead of the clock."""
    found = {each.state for each in told.desk.list()}
    assert found >= {State.DECLARED, State.COMMANDED, State.POSTMORTEM, State.ACTIONS_OPEN,
                     State.CLOSED, State.DECLINED, State.MERGED}  # fmt: skip
    assert told.named("Checkout refuses").breached_at is not None
    assert len(told.desk.debts()) == 1
    assert all(each.changed_at <= NOW for each in told.desk.list())
    assert told.desk.audit() == ()


def test_a_long_list_stays_a_page(site: Ask, made: Incidents) -> None:
    """What is to be learned from is cut with a count; what has ended is paged."""
    for number in range(52):
        made.resolved(f"Number {number}", severity=4)
    for number in range(27):
        it = made.declared(f"Test {number}")
        made.told(made.desk.decline(it.id, "A test.", by("ada")))
    client = served(site, made)
    text = page(client, "/incidents")
    for part in ("2 older: find them by state.", "Page 1 of 2", "Nothing goes on"):
        assert part in text, part
    text = page(client, "/incidents?text=test&page=2")
    assert text.count("declined</span>") == 2
    assert 'href="/incidents?text=test&amp;page=1"' in text


def test_what_an_open_page_asks_for_is_quick(
    site: Ask, made: Incidents, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The live part does not look for what is alike again every few seconds."""
    made.resolved("Cache refuses connections", fingerprint="fp:1:abc")
    it = made.declared("Cache refuses connections again", fingerprint="fp:1:abc")
    client = served(site, made)
    assert "the same fingerprint" in page(client, at(it))

    def never(identity: str, most: int = 20) -> tuple[Similar, ...]:
        raise AssertionError("it was looked for")

    monkeypatch.setattr(made.desk, "similar", never)
    answer = client.get(at(it), headers={"HX-Request": "true"})
    assert answer.status_code == 200
    assert "Nobody commands this" in answer.text


def test_the_week_is_one_page(site: Ask, told: Incidents, made: Incidents) -> None:
    """Figures stand beside what is still to do, the overdue first; of nothing there is no zero."""
    text = page(served(site, told), "/incidents/week")
    for part in (
        "3 of 4",
        "overdue</b>",
        "Summaries name orders",
        "seen 3 times",
        "See them first",
    ):
        assert part in text, part
    assert text.index("Retries go through") < text.index("The runbook says")
    empty = page(served(site, made), "/incidents/week")
    assert "no incident old enough to tell" in empty
    assert "all that incidents left to do is done" in empty


def test_structural_failures_are_answered_from_records(site: Ask, told: Incidents) -> None:
    """A yes that is bad and one that is good look different; what nobody can tell says so."""
    text = page(served(site, told), "/incidents/structure")
    same = text.split('id="same-root-cause"')[1].split("</li>")[0]
    assert '<span class="st bad">' in same
    assert "3 incidents have one cause" in same
    assert "The figures of changes could not be read here." in text
    assert 'href="/debts#' in text
    assert served(site, told).get("/incidents/structure?days=7").status_code == 400


@pytest.mark.parametrize(
    "path",
    ["/incidents", "/incidents/week", "/incidents/figures", "/incidents/structure", "/actions",
     "/debts"],
)  # fmt: skip
def test_every_page_about_incidents_has_the_same_tabs(
    site: Ask, told: Incidents, path: str
) -> None:
    """Each of them leads to all others, and says which one it is."""
    client = served(site, told)
    tabs = page(client, path).split('aria-label="Incidents">')[1].split("</nav>")[0]
    for other in ("/incidents", "/actions", "/debts", "/cadence", "/drills", "/incidents/week",
                  "/incidents/figures", "/incidents/structure"):  # fmt: skip
        assert f'href="{other}"' in tabs
    assert re.findall(r'href="([^"]*)" aria-current="page"', tabs) == [path]


def test_who_cannot_sign_in_is_told_the_command(site: Ask, made: Incidents) -> None:
    """At night the next thing to do is on the page: here it is a command."""
    it = made.declared()
    text = page(served(site, made), at(it))
    assert f"<code>pawl incident accept {it.id}</code>" in text


def test_a_page_that_reached_nobody_is_not_told_as_one(site: Ask, made: Incidents) -> None:
    """Where nobody could be found nobody was paged, and that looks bad."""
    made.sources.broken = BadFile("the roster does not read", place="roster.yaml", hint="Mend it.")
    it = made.declared()
    made.clock.to(-4.5 / 60)
    made.desk.tick()
    made.sources.broken = None
    card = page(served(site, made), at(it)).split('id="paged"')[1].split("</section>")[0]
    assert "nobody to page" in card
    assert card.count("</svg>paged</span>") == 2
