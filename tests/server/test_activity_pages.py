"""Sessions, tools, models, developers and the tables to take away, asked through HTTP."""

import csv
import io
import json
import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from starlette.testclient import TestClient
from tests.store.events.made_events import event

from pawl.alerts.budget_people import People
from pawl.server.api.tables import TABLES
from pawl.server.app import create_app
from pawl.server.site import Settings
from pawl.services.activity_pages import ActivityPages
from pawl.services.facts import StoreFacts
from pawl.services.pages import Pages
from pawl.services.serving import Serving
from pawl.store.events.duckdb import DuckEvents
from pawl.store.records.engine import open_records
from pawl.store.records.runs import RunRecords
from pawl.store.spool import SpoolWriter
from pawl.telemetry.event import Event, Kind, Source
from pawl.telemetry.pricing import ModelPrices, PriceFile, RateRow, compile_prices

NOW = "2026-11-21T12:00:00.000000Z"
PRICES = compile_prices(
    [
        PriceFile(
            schema="pawl.prices/1",
            version="1",
            as_of="2026-11-01",
            sources={},
            models=(
                ModelPrices(id="opus", source="s", rows=(RateRow(input=5.0, output=25.0),)),
                ModelPrices(id="haiku", source="s", rows=(RateRow(input=1.0, output=5.0),)),
            ),
        )
    ]
)
PEOPLE = ("ada", "grace", "edsger", "barbara", "katherine")
HOSTILE = "=cmd|'/c calc'!A1<script>alert(1)</script>"

Open = Callable[..., TestClient]


def request(number: int, **fields: object) -> Event:
    """Return a request of today."""
    known: dict[str, object] = {"request_id": f"r{number}", "message_id": f"m{number}"}
    known |= {"time": f"2026-11-21T10:00:{number:02d}.000000Z", "model": "opus", "input": 1000}
    known |= {"output": 100, "final": True, "cost_micros": 7500, "cost_basis": "priced"}
    known |= {"price_version": "1", "session_id": f"s{number}", "project": "shop"}
    return event(f"q{number}", **(known | fields))


def tool(number: int, name: str, kind: Kind, **fields: object) -> Event:
    """Return one step of a tool call of today."""
    known: dict[str, object] = {"time": f"2026-11-21T10:01:{number:02d}.000000Z", "tool": name}
    known |= {"tool_call_id": f"c{number}", "session_id": "s1", "project": "shop"}
    return event(f"{kind}{number}", kind=kind, **(known | fields))


EVENTS = (
    *(request(n, developer=name) for n, name in enumerate(PEOPLE, 1)),
    request(6, developer="ada", repo="github.com/acme/shop", commit="abc1234", branch=HOSTILE),
    tool(1, HOSTILE, Kind.TOOL_CALL),
    tool(1, HOSTILE, Kind.TOOL_RESULT, outcome="error", duration_ms=1500),
    event("x1", time="2026-11-21T10:02:00.000000Z", kind=Kind.SPAN, source=Source.TELEMETRY,
          session_id="s1", duration_ms=4000, attributes={"name": "interaction", "span_id": "a1",
                                                         "trace_id": "f" * 32}),
)  # fmt: skip


@pytest.fixture
def open_site(tmp_path: Path) -> Iterator[Open]:
    """Return a maker of clients on a real store that holds the events given."""
    with ExitStack() as stack:

        def make(
            *events: Event,
            viewer: str | None = None,
            people: People | None = None,
            settings: Settings | None = None,
        ) -> TestClient:
            store = stack.enter_context(DuckEvents(tmp_path))
            engine = open_records(tmp_path)
            stack.callback(engine.dispose)
            with SpoolWriter(tmp_path / "spool", "t") as writer:
                writer.append(events)
                writer.commit()
            store.drain(tmp_path / "spool")
            facts = StoreFacts(store, RunRecords(engine), ("1", PRICES.as_of))
            known = people or People()
            serving = Serving(
                pages=Pages(facts, lambda: NOW),
                drain=lambda: 0,
                activity=ActivityPages(
                    store, lambda: NOW, PRICES, viewer=viewer, people=lambda: known
                ),
            )
            app = create_app(serving, settings or Settings(), background=False)
            client = TestClient(app, base_url="http://127.0.0.1:8787", follow_redirects=False)
            return stack.enter_context(client)

        yield make


PAGES = ("/sessions", "/tools", "/models", "/models/advice", "/developers")


@pytest.mark.parametrize("path", PAGES)
def test_an_empty_store_is_told_in_words(open_site: Open, path: str) -> None:
    """Nothing seen is said, never shown as zeros in a table."""
    page = open_site().get(path)
    assert page.status_code == 200
    assert "<h1>" in page.text
    assert "<tbody>" not in page.text


@pytest.mark.parametrize("path", [*PAGES, "/sessions/s1", "/tools?by=project"])
def test_hostile_names_are_text(open_site: Open, path: str) -> None:
    """A tool may be called a script; no page runs it."""
    page = open_site(*EVENTS, viewer="ada").get(path)
    assert page.status_code == 200
    assert "<script>alert" not in page.text
    assert "<tbody>" in page.text


@pytest.mark.parametrize(
    "path",
    [
        "/sessions?days=31",
        "/tools?by=developer",
        "/models?sort=cost",
        "/sessions?failing=no",
        "/developers?sort=cost",
        "/developers?project=shop",
        "/sessions?page=0",
    ],
)
def test_what_means_nothing_is_refused(open_site: Open, path: str) -> None:
    """Nobody can ask for people in an order, by whatever parameter."""
    assert open_site(*EVENTS).get(path).status_code == 400


def test_a_session_has_a_waterfall_and_links_on(open_site: Open) -> None:
    """Trace id, tool, run and commit are one click away."""
    client = open_site(*EVENTS)
    page = client.get("/sessions/s1").text
    assert "f" * 32 in page
    assert page.count('<svg class="line"') == 3
    assert 'href="/runs/s1"' in page
    commit = client.get("/sessions/s6").text
    assert 'href="https://github.com/acme/shop/commit/abc1234"' in commit
    assert 'href="https://github.com/acme/shop/commit/abc1234"' in client.get("/runs/s6").text
    assert 'href="/sessions/s6"' in client.get("/runs/s6").text


def test_a_session_that_nobody_told_of_is_not_there(open_site: Open) -> None:
    """The answer is 404 with a page, for a name of any length."""
    client = open_site(*EVENTS)
    assert client.get("/sessions/nobody").status_code == 404
    assert client.get("/sessions/" + "x" * 3000).status_code == 404


def test_a_failed_call_leads_to_its_session(open_site: Open) -> None:
    """The row is the first step of the way from an alert to a commit."""
    assert 'href="/sessions/s1">session</a>' in open_site(*EVENTS).get("/tools").text


def test_advice_is_arithmetic_and_says_so(open_site: Open) -> None:
    """Prices of the same tokens, and no word on which model is better."""
    page = open_site(*EVENTS).get("/models/advice").text
    assert "no eval results" in page
    assert "haiku" in page
    words = set(re.findall(r"[a-z]+", re.sub(r"<[^>]+>", " ", page.lower())))
    assert not words & {"recommended", "best", "smarter", "capable", "quality"}


def test_nobody_sees_anybody_elses_row(open_site: Open) -> None:
    """One's own use is there; no other name is, in the page or in its tables."""
    client = open_site(*EVENTS, viewer="ada")
    for path in ("/developers", "/api/tables/own-use.csv", "/api/tables/teams.json"):
        text = client.get(path).text
        assert not [name for name in PEOPLE[1:] if name in text]
    page = client.get("/developers").text
    assert "ada, for your eyes" in page
    rows = client.get("/api/tables/own-use.json").json()["rows"]
    assert sum(row["requests"] for row in rows) == 2


def test_without_a_declared_viewer_nobody_is_shown(open_site: Open) -> None:
    """The page says how to say who one is."""
    page = open_site(*EVENTS).get("/developers").text
    assert "PAWL_DEVELOPER" in page
    assert not [name for name in PEOPLE if name in page]


def test_a_server_that_others_reach_shows_nobodys_own_use(open_site: Open) -> None:
    """Its token does not tell people apart, whatever its environment declares."""
    token = "t" * 20
    settings = Settings(host="10.0.0.5", token=token)
    client = open_site(*EVENTS, viewer="ada", settings=settings)
    client.headers["Authorization"] = f"Bearer {token}"
    page = client.get("/developers")
    assert page.status_code == 200
    assert "can be reached from other machines" in page.text
    assert "for your eyes" not in page.text
    assert client.get("/api/tables/own-use.json").json()["rows"] == []


@pytest.mark.parametrize(
    ("members", "shown", "total"),
    [
        (PEOPLE, True, 6),
        (PEOPLE[:4], True, None),
        (PEOPLE, False, None),
        ((*PEOPLE[:4], "idle"), True, None),
    ],
)
def test_teams_are_shown_whole_or_not_at_all(
    open_site: Open, members: tuple[str, ...], shown: bool, total: int | None
) -> None:
    """Five people who agreed and were at work are a team; four, or four and one idle, are not."""
    people = People(teams={"crew": members}, shown=("crew",) if shown else ())
    rows = open_site(*EVENTS, people=people).get("/api/tables/teams.json").json()["rows"]
    assert [row["requests"] for row in rows] == ([total] if shown else [])


def test_people_are_not_ordered_by_cost(open_site: Open) -> None:
    """The bill's page knows no order of people; who asks for it is told why."""
    client = open_site(*EVENTS)
    answer = client.get("/cost?by=developer")
    assert (answer.status_code, answer.headers["location"]) == (303, "/developers")
    assert "by developer" not in client.get("/cost").text
    assert client.get("/api/tables/cost.csv?by=developer").status_code == 400


ASKED = {"run-steps": "?run=s1", "session": "?session=s1"}


@pytest.mark.parametrize("name", sorted(TABLES))
def test_every_table_comes_as_csv_and_as_json_with_the_same_rows(
    open_site: Open, name: str
) -> None:
    """Both have the same columns and as many rows, and no cell that a spreadsheet would run."""
    people = People(teams={"crew": PEOPLE}, shown=("crew",))
    client = open_site(*EVENTS, viewer="ada", people=people)
    query = ASKED.get(name, "")
    told = client.get(f"/api/tables/{name}.csv{query}")
    assert told.headers["content-type"] == "text/csv; charset=utf-8"
    assert f'filename="pawl-{name}.csv"' in told.headers["content-disposition"]
    lines = list(csv.reader(io.StringIO(told.text)))
    read = json.loads(client.get(f"/api/tables/{name}.json{query}").text)
    assert (read["schema"], read["table"]) == ("pawl.table/1", name)
    assert lines[0] == read["columns"]
    assert len(lines) - 1 == len(read["rows"])
    assert read["rows"] or name == "cost-unpriced"
    assert not [cell for line in lines for cell in line if cell.startswith(("=", "+", "@"))]


def test_a_list_longer_than_a_part_is_taken_away_whole(
    open_site: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Rows are asked for in parts; together they are all, each once."""
    monkeypatch.setattr("pawl.services.tables.PART", 2)
    client = open_site(*EVENTS)
    for name in ("runs", "sessions"):
        rows = client.get(f"/api/tables/{name}.json").json()["rows"]
        key = "run_id" if name == "runs" else "session_id"
        assert sorted(row[key] for row in rows) == [f"s{n}" for n in range(1, 7)]


def test_a_table_that_is_none_is_not_there(open_site: Open) -> None:
    """Neither another name nor another form; a wrong parameter is told before any row."""
    client = open_site(*EVENTS)
    for name in ("nothing.csv", "tools.xls", "session.csv?session=nobody"):
        assert client.get(f"/api/tables/{name}").status_code == 404
    assert client.get("/api/tables/sessions.csv?days=3").status_code == 400
