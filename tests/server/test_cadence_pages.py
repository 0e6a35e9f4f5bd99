"""The cadence over HTTP: pages, forms with their proof, JSON, and the feed with its token."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from icalendar import Calendar
from tests.server.cadence_site import CadenceSite
from tests.server.change_site import EVERYTHING, HERE, sign_in
from tests.server.conftest import csrf_in
from tests.services.made_cadence import by, recorded

from pawl.base.errors import BadFile
from pawl.governance.access import Scope
from pawl.governance.cadence import Cadence, Every, Routine
from pawl.governance.ledger import PAWL
from pawl.server.site import Settings

ANOMALY = "/cadence/quality-cost-anomaly-check/2026-03-23"
HOSTILE = "<img src=x onerror=alert(1)>\u202egnp"


@pytest.fixture
def site(tmp_path: Path) -> Iterator[CadenceSite]:
    made = CadenceSite(tmp_path)
    yield made
    made.close()


def test_a_month_shows_what_is_due_and_how_it_stands(site: CadenceSite) -> None:
    """Each occurrence is there with its state in words, and links to its page."""
    site.made.desk.tick()
    text = site.client.get("/cadence").text
    assert "March 2026" in text
    assert f'href="{ANOMALY}"' in text
    assert "overdue" in text
    assert site.client.get("/cadence?month=2026-04").status_code == 200
    for wrong in ("2026-13", "x", "0001-01"):
        assert site.client.get("/cadence", params={"month": wrong}).status_code == 400


def test_a_cadence_that_does_not_read_says_so(site: CadenceSite) -> None:
    """The page tells what is wrong instead of an empty month."""
    site.made.place.read = BadFile("stands twice.", place="cadence.yaml", hint="Leave one.")
    answer = site.client.get("/cadence")
    assert answer.status_code == 503
    assert "stands twice." in answer.text
    assert "Leave one." in answer.text


def test_a_routine_opens_with_numbers_checklist_and_form(site: CadenceSite) -> None:
    """Whoever is not signed in sees everything, and no form that would do nothing."""
    text = site.client.get(ANOMALY).text
    assert "Alerts since the last check" in text
    assert "Look at what fired since yesterday" in text
    assert "<textarea" not in text
    for wrong in ("/cadence/nothing/2026-03-23", "/cadence/policy-audit/2026-W13"):
        assert site.client.get(wrong).status_code == 404


def test_a_form_puts_it_on_record_under_the_name_of_the_session(site: CadenceSite) -> None:
    """Done once, by whoever is signed in; what they wrote is shown and never run."""
    sign_in(site.client, site.identity, "ada")
    proof = csrf_in(site.client.get(ANOMALY).text)
    form = {"csrf": proof, "output-note": HOSTILE, "note": ""}
    answer = site.client.post(f"{ANOMALY}/done", data=form, headers={"origin": HERE})
    assert (answer.status_code, answer.headers["location"]) == (303, ANOMALY)
    text = site.client.get(ANOMALY).text
    assert "On record" in text
    assert "<img" not in text
    assert "\u202e" not in text
    record = recorded(site.made.desk.done("quality-cost-anomaly-check", {"note": "x"}, by("grace")))
    assert record.person == "ada"


def test_without_the_proof_nothing_happens(site: CadenceSite) -> None:
    """A form that is not ours is refused, and so is one whose outputs say nothing."""
    sign_in(site.client, site.identity, "ada")
    form = {"output-note": "x", "note": ""}
    answer = site.client.post(f"{ANOMALY}/done", data=form, headers={"origin": HERE})
    assert answer.status_code == 403
    proof = csrf_in(site.client.get(ANOMALY).text)
    form = {"csrf": proof, "output-note": " ", "note": "kept"}
    answer = site.client.post(f"{ANOMALY}/done", data=form, headers={"origin": HERE})
    assert answer.status_code == 409
    assert "says nothing" in answer.text
    assert ">kept</textarea>" in answer.text
    assert site.made.desk.show("quality-cost-anomaly-check").line.record is None


def test_an_excuse_is_for_those_who_answer(site: CadenceSite) -> None:
    """Whoever only does the work is refused with the reason; without the scope at the door."""
    sign_in(site.client, site.identity, "ada")
    proof = csrf_in(site.client.get(ANOMALY).text)
    form = {"csrf": proof, "reason": "All ill."}
    answer = site.client.post(f"{ANOMALY}/excuse", data=form, headers={"origin": HERE})
    assert answer.status_code == 409
    assert "incident-commander" in answer.text
    sign_in(site.client, site.identity, "grace")
    form["csrf"] = csrf_in(site.client.get(ANOMALY).text)
    answer = site.client.post(f"{ANOMALY}/excuse", data=form, headers={"origin": HERE})
    assert answer.status_code == 303
    assert "All ill." in site.client.get(ANOMALY).text


def test_figures_that_moved_are_shown_again(site: CadenceSite) -> None:
    """A form with figures of another digest is refused, and the page shows what is there now."""
    sign_in(site.client, site.identity, "grace")
    at = "/cadence/release-gate-review/2026-W13"
    proof = csrf_in(site.client.get(at).text)
    form = {"csrf": proof, "output-figures": f"{'0' * 64}@2026-03-23", "output-decisions": "none"}
    answer = site.client.post(f"{at}/done", data=form, headers={"origin": HERE})
    assert answer.status_code == 409
    assert "look at them again" in answer.text


def test_the_same_as_json(site: CadenceSite) -> None:
    """Due, calendar, one routine and adherence; commands answer with what is on record."""
    ask = site.client
    sign_in(ask, site.identity, "ada")
    headers = {"x-csrf-token": csrf_in(ask.get("/cadence").text), "origin": HERE}
    due = ask.get("/api/cadence").json()
    assert due["schema"] == "pawl.cadence/1"
    assert {line["state"] for line in due["lines"]} == {"upcoming"} | {"due"}
    shown = ask.get("/api/cadence/routines/quality-cost-anomaly-check").json()
    assert shown["line"]["occurrence"]["period"] == "2026-03-23"
    window = {"since": "2026-03-01", "until": "2026-04-01"}
    assert ask.get("/api/cadence/calendar", params=window).status_code == 200
    assert ask.get("/api/cadence/adherence", params=window).json()["whole"]["value"] is None
    path = "/api/cadence/routines/quality-cost-anomaly-check/done"
    sent = {"outputs": {"note": "All quiet."}}
    first = ask.post(path, json=sent, headers={**headers, "idempotency-key": "k"})
    again = ask.post(path, json=sent, headers=headers)
    assert first.status_code == again.status_code == 200
    assert first.json() == again.json()
    assert first.json()["person"] == "ada"
    refused = ask.post(path.replace("done", "excuse"), json={"reason": "x"}, headers=headers)
    assert refused.status_code == 409
    for wrong in ("/api/cadence/routines/none", "/api/cadence/routines/policy-audit?period=x"):
        assert ask.get(wrong).status_code == 404
    assert ask.post("/api/cadence/routines/none/done", json={}, headers=headers).status_code == 404
    long = {"since": "2026-01-01", "until": "2099-01-01"}
    told = ask.get("/api/cadence/calendar", params=long).json()["lines"]
    assert told[-1]["occurrence"]["due_at"] < "2027-06"


def test_the_feed_is_a_calendar(site: CadenceSite) -> None:
    """On this machine it asks for no token, and reads as a calendar with links back."""
    answer = site.client.get("/cadence.ics")
    assert answer.headers["content-type"] == "text/calendar; charset=utf-8"
    (event, *_) = Calendar.from_ical(answer.content).walk("VEVENT")
    assert str(event["url"]).startswith("http://127.0.0.1:8787/cadence/")


def test_beyond_this_machine_the_feed_takes_a_token_that_only_reads(tmp_path: Path) -> None:
    """In the address counts one that may do nothing else, and only there."""
    site = CadenceSite(tmp_path, Settings(token="t" * 40))
    try:
        reads = site.identity.create("ada", (Scope.READ,), PAWL, days=1, note="").secret
        more = site.identity.create("ada", EVERYTHING, PAWL, days=1, note="").secret
        ask = site.client
        assert ask.get("/cadence.ics").status_code == 303
        for wrong in ("", "x", more, "t" * 40):
            assert ask.get("/cadence.ics", params={"token": wrong}).status_code in (303, 401), wrong
        assert ask.get("/cadence.ics", params={"token": reads}).status_code == 200
        for path in ("/cadence", "/api/cadence", "/runs"):
            assert ask.get(path, params={"token": reads}).status_code != 200, path
        bearer = {"authorization": f"Bearer {more}"}
        assert ask.get("/cadence.ics", headers=bearer).status_code == 200
    finally:
        site.close()


def test_a_routine_of_the_teams_own_has_a_page(site: CadenceSite) -> None:
    """It opens with its checklist and says that no numbers come with it."""
    site.made.place.read = Cadence(
        routines=(Routine(id="tea", title=HOSTILE, every=Every.DAILY, outputs=("photo",)),)
    )
    text = site.client.get("/cadence/tea/2026-03-23").text
    assert "No numbers come with this routine" in text
    assert "<img" not in text
