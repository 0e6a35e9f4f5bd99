"""Reports of incidents as pages, and what a room shows of learning and investigations."""

from collections.abc import Iterator
from html import unescape
from pathlib import Path

import msgspec
import pytest
from tests.server.conftest import Ask, Client
from tests.server.incident_site import Incidents, by

from pawl.app.investigating import exercised
from pawl.incidents.acting import opened
from pawl.incidents.action import Action, Work, action_id
from pawl.incidents.event import Refusal
from pawl.incidents.learning import IncidentLearning
from pawl.incidents.step_done import StepDone
from pawl.investigation.exercise import shipped_exercise
from pawl.services.incident_ground import actor_of
from pawl.services.investigation_serving import ServedInvestigations
from pawl.store.records.incidents import IncidentRecords

STRANGE = "<img src=x onerror=alert(1)>{{ 7 * 7 }}"


@pytest.fixture
def made(tmp_path: Path) -> Iterator[Incidents]:
    """Records of their own, with nothing in them."""
    incidents = Incidents(tmp_path / "data")
    yield incidents
    incidents.close()


@pytest.fixture
def client(site: Ask, made: Incidents) -> Client:
    """A client of a site that keeps incidents and investigations."""
    found = site()
    found.serving.incident_pages = made.pages
    found.serving.investigations = ServedInvestigations(
        made.engine, made.desk, None, None,  # type: ignore[arg-type]
        rules=lambda: (), now=made.clock.read, new_id=lambda kind: f"{kind}_001",
    )  # fmt: skip
    return found


def page(client: Client, path: str) -> str:
    """Return the text of a page."""
    answer = client.get(path)
    assert answer.status_code == 200, answer.text
    return unescape(answer.text)


def test_the_structural_report_has_every_answer_and_number(made: Incidents, client: Client) -> None:
    """Symptoms, anti-patterns and checklist stand there as the desk gives them, for any period."""
    made.story()
    for days in (30, 365):
        text = page(client, f"/incidents/structure?days={days}")
        assert f'days={days}" aria-current="true"' in text
    report = made.desk.structural_report("2026-01-01", client.serving.pages.now)
    for each in (*report.symptoms, *report.anti_patterns, *report.checklist):
        assert each.question in text, each.id
    assert "cannot tell" in text
    assert client.get("/incidents/structure?days=7").status_code == 400


def test_the_weekly_review_has_all_that_is_owed(made: Incidents, client: Client) -> None:
    """Open actions, debts and postmortems of the review are on the page, each with its link."""
    made.story()
    text = page(client, "/incidents/week")
    review = made.desk.weekly_review()
    assert review.actions
    for action in review.actions:
        assert action.title in text
    for owed in review.debts:
        assert f"/debts#{owed.debt.id}" in text
    for paper in review.papers:
        assert f"/incidents/{paper.incident}/postmortem" in text


def test_a_room_shows_what_was_learnt_and_how_to_learn_more(
    made: Incidents, client: Client
) -> None:
    """Steps with their files and actions; the command for a clone while it is not closed."""
    it = made.resolved()
    text = page(client, f"/incidents/{it.id}")
    assert "Nothing is applied yet" in text
    assert f"pawl incident learn {it.id} --file" in text
    lesson = IncidentLearning(
        incidentId=it.id, rootCause="x", newEvalCases=("case",), gateUpdates=(), owner="ada"
    )
    plan = made.desk.plan_learning(it.id, lesson)
    assert not isinstance(plan, Refusal)
    told = made.desk.record_step(
        it.id, lesson, plan.steps[0].key, f".pawl/evals/<b>.yaml@{'ab' * 32}", "Case", by("ada")
    )
    assert isinstance(told, StepDone)
    raw = client.get(f"/incidents/{it.id}").text
    assert ".pawl/evals/&lt;b&gt;.yaml" in raw
    assert "1 step" in raw


def test_a_room_shows_investigations_and_flags_what_gives_orders(
    made: Incidents, client: Client
) -> None:
    """Hypotheses with evidence and confidence, and hostile texts as text; kept is not looked at
    again by the live part."""
    it = made.commanded()
    assert "pawl incident investigate" in page(client, f"/incidents/{it.id}")
    found, _ = exercised(shipped_exercise("user-cache"))
    bad = msgspec.structs.replace(found.evidence[0], what=STRANGE, flagged="orders")
    found = msgspec.structs.replace(found, incident=it.id, evidence=(bad, *found.evidence[1:]))
    served = client.serving.investigations
    assert served is not None
    served.keeping.keep(found, by("ada"))
    raw = client.get(f"/incidents/{it.id}").text
    assert STRANGE not in raw
    text = unescape(raw)
    for part in (found.hypotheses[0].cause[:60], "Texts that try to give orders", STRANGE):
        assert part in text, part
    for one in found.hypotheses[0].evidence[:3]:
        assert f'id="inv_001-{one}"' in raw
    live = client.get(f"/incidents/{it.id}", headers={"HX-Request": "true"}).text
    assert "Texts that try" not in live


def test_an_action_of_a_drill_leads_to_its_report(made: Incidents, client: Client) -> None:
    """What a drill found missing has no room, but a report."""
    now = made.clock.read()
    new = Action(
        id=action_id("drl_1", Work.RUNBOOK, "Write it"), incident="drl_1", component="",
        title="Write it", owner="ada", due_at="2027-01-01T00:00:00.000000Z",
        first_due_at="2027-01-01T00:00:00.000000Z", work=Work.RUNBOOK, severity=4,
        domain=made.declared().domain, changed_at=now, opened_at=now,
    )  # fmt: skip
    events = opened(new, now, by="session:ada")
    assert not isinstance(events, Refusal)
    with IncidentRecords(made.engine).writing() as book:
        book.begin(Action, events[0], actor_of(by("ada")))
    assert 'href="/drills/drl_1"' in client.get("/actions").text
    assert 'href="/drills/drl_1"' in client.get("/incidents/week").text
