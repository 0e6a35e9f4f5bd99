"""Pages show what the store knows, and nothing that anybody smuggled into it."""

import re

import msgspec
import pytest
from starlette.testclient import TestClient
from tests.server.conftest import Ask
from tests.server.fakes import NOW, FakeFacts, Spent, a_row, spending

from pawl.runs.agent import AgentError
from pawl.runs.record import Outcome, RunCost, RunRecord, Stop
from pawl.runs.spec import Limits
from pawl.telemetry.bill import SourceShare
from pawl.telemetry.conduct import Conduct, Ending
from pawl.telemetry.event import Event, Kind, Source

HOSTILE = "<script>alert(1)</script><img src=x onerror=alert(2)>\"'{{7*7}}\x1b[31m"


def text_of(client: TestClient, path: str) -> str:
    """Return a page's text; the page must be there."""
    answer = client.get(path)
    assert answer.status_code == 200, answer.text
    return answer.text


def month() -> FakeFacts:
    """Return a store with a month of spending and a few runs."""
    outcomes = ("succeeded", "agent_failed", "unreadable", "refused", "stopped", "interrupted")
    rows = [
        a_row(
            f"run_{n:03d}",
            outcome=outcomes[n % 6],
            started_at=f"2026-11-{1 + n % 20:02d}T09:00:00.000000Z",
        )
        for n in range(120)
    ]
    return FakeFacts(rows=rows, spent=spending())


@pytest.mark.parametrize("path", ["/", "/runs", "/cost"])
def test_an_empty_store_says_what_to_type_next(site: Ask, path: str) -> None:
    """A page without anything to show names the commands that give it something."""
    assert "pawl import" in text_of(site(), path)


@pytest.mark.parametrize("path", ["/", "/runs", "/cost", "/runs/run_001", "/cost?by=day"])
def test_every_page_answers_head_as_get(site: Ask, path: str) -> None:
    """HEAD gives the status and headers of GET, without a body."""
    client = site(month())
    assert text_of(client, path).startswith("<!doctype html>")
    head = client.head(path)
    assert (head.status_code, head.content) == (200, b"")


def test_hostile_text_is_shown_and_never_runs(site: Ask) -> None:
    """Whatever an agent or a repository wrote reaches the page as text, in every field."""
    event = Event(
        id="1",
        time=NOW,
        kind=Kind.TOOL_CALL,
        source=Source.RUN,
        agent=HOSTILE,
        tool=HOSTILE,
        outcome=HOSTILE,
        tool_call_id="t",
        attributes={HOSTILE: HOSTILE},
    )
    request = msgspec.structs.replace(
        event, id="2", kind=Kind.REQUEST, model=HOSTILE, message_id=HOSTILE
    )
    denied = msgspec.structs.replace(event, id="3", kind=Kind.TOOL_DENIED, tool_call_id="u")
    record = RunRecord(
        run_id="run_x",
        agent=HOSTILE,
        agent_version=HOSTILE,
        outcome=Outcome.STOPPED,
        stop=Stop(limit=HOSTILE, value=2, threshold=1, detail=HOSTILE),
        result=HOSTILE,
        error=AgentError(class_=HOSTILE, message=HOSTILE),
        session_id=HOSTILE,
        cost=RunCost(usd=None, basis="unpriced"),
        tool_calls={HOSTILE: 1},
        permission_denials=(msgspec.Raw(msgspec.json.encode({"tool_name": HOSTILE})),),
        stderr_tail=HOSTILE,
        warnings=(HOSTILE,),
        commit=HOSTILE,
    )
    row = a_row(
        "run_x",
        agent=HOSTILE,
        project=HOSTILE,
        developer=HOSTILE,
        branch=HOSTILE,
        models=(HOSTILE,),
        outcome=HOSTILE,
        stop_limit=HOSTILE,
    )
    spent = [
        Spent(
            day="2026-11-20", model=HOSTILE, project=HOSTILE, developer=HOSTILE, agent=HOSTILE,
            micros=micros,
        )
        for micros in (None, 5)
    ]  # fmt: skip
    share = SourceShare(source=HOSTILE, agent=HOSTILE, requests=1, pays=1, confirms=0, disagrees=1)
    facts = FakeFacts(
        rows=[row],
        spent=spent,
        events={"run_x": (event, request, denied)},
        records=[record],
        sources=(share,),
    )
    client = site(facts)
    paths = ["/", "/runs", "/runs/run_x", *(f"/cost?by={k}" for k in ("model", "project", "agent"))]
    for path in paths:
        page = text_of(client, path)
        assert "<script>alert" not in page, path
        assert "<img" not in page, path
        assert "{{7*7}}" in page, path
        assert "\x1b" not in page, path
        assert "\u202e" not in page, path
        assert "&lt;script&gt;alert(1)" in page, path


def test_pages_need_no_inline_script_or_style(site: Ask) -> None:
    """The policy forbids inline code, so no page may contain any."""
    facts = month()
    for path in ("/", "/runs", "/cost", "/runs/run_001", "/nowhere"):
        page = site(facts).get(path).text
        assert not re.search(r"<script(?![^>]*\bsrc=)", page), path
        assert not re.search(r"<style|\sstyle=|\son\w+=", page), path


def test_runs_are_paged_and_links_keep_what_was_asked(site: Ask) -> None:
    """The next page keeps filter and sorting; a page past the end is the last one."""
    client = site(month())
    page = text_of(client, "/runs?agent=claude-code&sort=cost&text=run")
    assert "120 runs" in page
    assert "Page 1 of 3" in page
    assert "/runs?agent=claude-code&amp;text=run&amp;sort=cost&amp;page=2" in page
    assert "Page 3 of 3" in text_of(client, "/runs?page=999")


def test_a_second_click_on_a_column_turns_the_order(site: Ask) -> None:
    """The sorted column says its order to a screen reader and links to the other one."""
    page = text_of(site(month()), "/runs?sort=cost")
    assert re.search(r'aria-sort="descending"><a href="/runs\?sort=cost&amp;order=ascending"', page)


def test_filters_narrow_the_list(site: Ask) -> None:
    """Each filter shows only what it asks for, and says so when that is nothing."""
    client = site(month())
    assert "20 runs" in text_of(client, "/runs?outcome=stopped")
    assert "No run matches" in text_of(client, "/runs?text=nowhere")


def test_a_running_run_is_live_and_an_ended_one_is_not(site: Ask) -> None:
    """Only pages with something running ask again by themselves."""
    running = a_row("run_live", running=True, outcome=None, ended_at=None)
    client = site(FakeFacts(rows=[running, a_row("run_done")]))
    for path in ("/runs", "/runs/run_live", "/"):
        assert "pawl:tick" in text_of(client, path), path
    assert "pawl:tick" not in text_of(client, "/runs/run_done")
    assert "running" in text_of(client, "/runs/run_live")


def test_a_stopped_run_tells_the_limit_beside_the_value(site: Ask) -> None:
    """A run stopped by dollars shows both amounts in dollars and marks the limit as hit."""
    record = RunRecord(
        run_id="run_1",
        agent="claude-code",
        outcome=Outcome.STOPPED,
        stop=Stop(limit="usd", value=0.356, threshold=0.25),
        cost=RunCost(usd=0.356, basis="priced"),
    )
    facts = FakeFacts(
        rows=[a_row(outcome="stopped", stop_limit="usd", cost_micros=356_000)],
        records=[record],
        limits={"run_1": Limits(usd_micros=250_000, wall_s=600)},
    )
    page = text_of(site(facts), "/runs/run_1")
    assert "Stopped by Pawl: dollars" in page
    assert "$0.3560" in page
    assert "$0.2500" in page
    assert "2 m 5 s / 10 m 0 s" in page


def test_unknown_money_is_never_shown_as_zero(site: Ask) -> None:
    """Requests without a price say unpriced, in rows, totals and the list of models."""
    facts = FakeFacts(
        rows=[a_row(cost_basis="unpriced", cost_micros=None)],
        spent=[Spent(day="2026-11-20", model="my-model", project="checkout", micros=None)],
    )
    client = site(facts)
    for path in ("/", "/runs", "/runs/run_1", "/cost", "/cost?by=day"):
        page = text_of(client, path)
        assert "unpriced" in page, path
        assert "$0.00<" not in page, path
    assert "my-model" in text_of(client, "/cost?by=project")


def test_the_chart_has_its_table(site: Ask) -> None:
    """The numbers a chart draws stand in the table it names, a row for each day of the period."""
    page = text_of(site(month()), "/cost?since=2026-11-01&until=2026-11-21")
    assert 'data-table="by-day"' in page
    assert page.count('<th scope="row" data-x=') == 21


def test_times_are_machine_readable(site: Ask) -> None:
    """Relative times carry the exact instant."""
    page = text_of(site(FakeFacts(rows=[a_row()])), "/runs")
    assert (
        '<time datetime="2026-11-21T09:00:00.000000Z" title="2026-11-21 09:00:00 UTC">3 h' in page
    )


def test_a_quiet_month_is_not_an_empty_store(site: Ask) -> None:
    """Where older runs exist the overview says that none is recent, not that there are none."""
    old = a_row(started_at="2025-01-01T00:00:00.000000Z", ended_at="2025-01-01T00:01:00.000000Z")
    page = text_of(site(FakeFacts(rows=[old])), "/")
    assert "No run began in these 30 days" in page
    assert "No runs yet" not in page


def test_sources_that_disagree_are_named(site: Ask) -> None:
    """The bill says how many requests a source tells differently."""
    share = SourceShare(source="run", agent="codex", requests=9, pays=1, confirms=8, disagrees=2)
    facts = FakeFacts(rows=[a_row()], spent=spending(), sources=(share,))
    assert "Disagrees on" in text_of(site(facts), "/cost")
    assert "Sources disagree" in text_of(site(facts), "/")


def test_the_first_page_answers_five_questions(site: Ask) -> None:
    """Each has one figure with its sample, and the list behind it holds that many runs."""
    facts = month()
    failed = ("agent_failed", "unreadable", "stopped", "interrupted")
    facts.behaved = Conduct(
        endings=tuple(
            Ending(outcome=how, reason=None, by_limit=False, limited=True, runs=20)
            for how in ("succeeded", "refused", *failed)
        )
    )
    client = site(facts)
    page = text_of(client, "/")
    five = page[page.index('<ol class="five">') : page.index("</ol>")]
    assert five.count("<h2>") == 5
    assert "80 %" in five
    assert "100 ended runs" in five
    link = re.search(r'"(/runs\?outcome=unsuccessful[^"]*)"', five)
    assert link
    assert "80 runs" in text_of(client, link[1].replace("&amp;", "&"))


def test_what_is_unknown_is_no_zero_on_the_first_page(site: Ask) -> None:
    """Where only observed sessions are known, whether they failed is unknown, and says why."""
    page = text_of(site(FakeFacts(rows=[a_row(observed=True, outcome=None)])), "/")
    five = page[page.index('<ol class="five">') : page.index("</ol>")]
    assert five.count(">unknown<") == 5
    assert "0 %" not in five
    assert "No supervised run ended" in five


def test_trend_is_told_against_the_period_before(site: Ask) -> None:
    """What grew says so with the unit of the figure; without a period before it is unknown."""
    facts = FakeFacts(rows=[a_row()], spent=spending(60))
    page = text_of(site(facts), "/?days=30")
    assert re.search(r"[▲▼] \$[\d.,]+ (more|less)", page)
    alone = text_of(site(FakeFacts(rows=[a_row()], spent=spending(10))), "/?days=30")
    assert "30 days before: unknown" in alone


def test_budgets_are_linked_where_they_are_served(site: Ask) -> None:
    """A link to a page that does not exist would be no answer."""
    from pawl.server.app import ROUTES

    served = any(route.path == "/budgets" for route in ROUTES)
    assert ('href="/budgets"' in text_of(site(month()), "/")) is served


def test_runs_can_be_listed_since_a_day(site: Ask) -> None:
    """`since` keeps runs of that day and later, stays in the other links, and must be a day."""
    client = site(month())
    page = text_of(client, "/runs?since=2026-11-15&outcome=succeeded")
    assert "since=2026-11-15" in page
    assert 'value="2026-11-15"' in page
    assert client.get("/runs?since=yesterday").status_code == 400
