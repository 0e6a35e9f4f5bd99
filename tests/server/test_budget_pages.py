"""The page of budgets and the JSON beside it, on real records."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient
from tests.server.fakes import NOW, FakeFacts

from pawl.alerts.budget import budgets_of
from pawl.alerts.budget_letter import account_id, scope_of_account
from pawl.alerts.budget_numbers import numbers
from pawl.alerts.budget_people import People
from pawl.governance.ledger import PAWL
from pawl.runs.record import Outcome, RunCost, RunRecord
from pawl.server.app import create_app
from pawl.server.site import Settings
from pawl.services.budget_desk import Desk
from pawl.services.budget_files import Read
from pawl.services.pages import Pages
from pawl.services.serving import Serving
from pawl.store.records.budgets import BudgetRecords
from pawl.store.records.engine import Engine, open_records, writing
from pawl.store.records.runs import RunRecords
from pawl.telemetry.spent import Observed

HOSTILE = "<script>alert(1)</script>\x1b{{7*7}}"
Declare = Callable[..., TestClient]


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    """Empty records."""
    opened = open_records(tmp_path)
    yield opened
    opened.dispose()


@pytest.fixture
def declare(engine: Engine) -> Iterator[Declare]:
    """Return a maker of sites with some budgets."""
    clients = []

    def make(*sections: dict[str, Any]) -> TestClient:
        found = budgets_of(sections, source="team", people=People(), place="t")
        read = Read(budgets=found, sources=("team",))
        desk = Desk(engine, lambda: read, numbers(), PAWL, lambda: NOW)
        desk.load()
        serving = Serving(pages=Pages(FakeFacts(), lambda: NOW), drain=lambda: 0, budgets=desk)
        app = create_app(serving, Settings(), background=False)
        client = TestClient(app, base_url="http://127.0.0.1:8787", raise_server_exceptions=False)
        client.__enter__()
        clients.append(client)
        desk.observe(lambda since: [seen()], "here")
        return client

    yield make
    for client in clients:
        client.__exit__(None, None, None)


def seen(project: str = "shop") -> Observed:
    """Return 2 USD that a transcript told of."""
    return Observed(
        day=NOW[:10], run_id="", project=project, developer="ada", agent="codex", model="m",
        cost_micros=2_000_000, requests=5, unpriced=1,
    )  # fmt: skip


def settle(engine: Engine, usd: float, project: str = "shop") -> None:
    """End a run that cost something."""
    record = RunRecord(
        run_id="run_1", agent="claude-code", outcome=Outcome.SUCCEEDED,
        cost=RunCost(usd=usd, basis="priced"), started_at=NOW, project=project,
    )  # fmt: skip
    RunRecords(engine).settle(record, NOW)


def test_the_page_shows_every_number_of_a_budget(engine: Engine, declare: Declare) -> None:
    """Runs and spend outside them, what is left, which notices were told."""
    settle(engine, 6.5)
    hard = {"name": "all", "scope": "organisation", "soft_usd": 8, "hard_usd": 10}
    page = declare(hard).get("/budgets").text
    for told in ("$8.50", "$2.00 outside runs", "$1.50", "over soft", "2026-12-01", "85 %"):
        assert told in page, told
    assert "80 % of its hard limit of $10.00 is reached" in page
    assert "for want of a price: 0 runs, 1 request" in page


def test_the_link_of_a_message_leads_to_its_row(engine: Engine, declare: Declare) -> None:
    """The row has the name that messages link to."""
    settle(engine, 6.5)
    each = {"name": "each", "scope": "project", "each": True, "hard_usd": 10}
    page = declare(each).get("/budgets").text
    (found,) = BudgetRecords(engine).standing(NOW)
    (shop,) = [account for account in found.accounts if account.who == "shop"]
    row = account_id(scope_of_account(shop.budget, shop.scope, shop.who))
    assert page.count(f'<tr id="{row}">') == 1


def test_an_empty_page_says_how_to_declare_one(declare: Declare) -> None:
    """And a filter that leaves nothing says so."""
    client = declare()
    assert "No budgets yet" in client.get("/budgets").text
    assert "No budget is like that" in client.get("/budgets?scope=team").text


def test_the_json_is_what_the_command_prints(declare: Declare) -> None:
    """One documented object, filtered as the page is."""
    client = declare(
        {"name": "all", "scope": "organisation", "hard_usd": 2},
        {"name": "each", "scope": "project", "each": True, "soft_usd": 50},
    )
    answer = client.get("/api/budgets").json()
    assert answer["schema"] == "pawl.budgets/1"
    assert answer["timezone"] == "UTC"
    assert [(line["name"], line["state"]) for line in answer["budgets"]] == [
        ("all", "spent"),
        ("each", "ok"),
    ]
    assert answer["budgets"][0]["left_usd_micros"] == 0
    assert answer["budgets"][1]["left_usd_micros"] is None
    spent = client.get("/api/budgets?state=spent").json()["budgets"]
    assert [line["name"] for line in spent] == ["all"]


@pytest.mark.parametrize("query", ["scope=everybody", "state=rich", "nonsense=1"])
def test_what_means_nothing_is_refused(declare: Declare, query: str) -> None:
    """By page and JSON alike, naming the parameter."""
    client = declare()
    assert client.get(f"/budgets?{query}").status_code == 400
    assert client.get(f"/api/budgets?{query}").status_code == 400


def test_records_that_fail_are_an_error_page(engine: Engine, declare: Declare) -> None:
    """It says what is wrong, and is no empty list."""
    client = declare({"name": "all", "scope": "organisation", "hard_usd": 2})
    with writing(engine) as connection:
        connection.execute("DROP TABLE budgets")
    answer = client.get("/budgets")
    assert answer.status_code == 503
    assert "the records do not answer" in answer.text


def test_hostile_names_stay_text_and_nothing_is_inline(engine: Engine, declare: Declare) -> None:
    """Projects are named by paths; the policy forbids inline code."""
    settle(engine, 1, project=HOSTILE)
    page = declare({"name": "p", "scope": "project", "each": True, "soft_usd": 1}).get("/budgets")
    assert "<script>alert" not in page.text
    assert "\x1b" not in page.text
    assert "&lt;script&gt;alert(1)" in page.text
    assert "{{7*7}}" in page.text
    assert not re.search(r"<style|\sstyle=|\son\w+=|<script(?![^>]*\bsrc=)", page.text)


def test_a_server_without_budgets_says_so() -> None:
    """Not an empty list: nobody looked."""
    serving = Serving(pages=Pages(FakeFacts(), lambda: NOW), drain=lambda: 0)
    app = create_app(serving, Settings(), background=False)
    with TestClient(app, base_url="http://127.0.0.1:8787", raise_server_exceptions=False) as client:
        assert client.get("/api/budgets").status_code == 503
