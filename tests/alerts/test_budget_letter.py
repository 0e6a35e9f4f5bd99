"""What channels are told of budgets: whom, how bad, in which words, and once."""

from typing import Any

import msgspec
import pytest
from tests.alerts.budget_made import USD, account

from pawl.alerts.alert import Notice
from pawl.alerts.budget_account import Account
from pawl.alerts.budget_letter import UNROUTED, Mailing, account_id, scope_of_account
from pawl.alerts.budget_notice import due
from pawl.alerts.configuring import routes_of
from pawl.alerts.delivery import headline, link, page
from pawl.alerts.policy import Policy
from pawl.alerts.reading import Level, Row
from pawl.base.errors import BadFile
from pawl.runs.alert_settings import AlertSettings

NOW = "2026-11-21T12:00:00.000000Z"
SHOP = account(scope="project", who="shop", settled_micros=8 * USD, outside_micros=USD // 2)
CHANNELS = {name: {"kind": "slack", "url": "env:X"} for name in ("chat", "mail")}


def mailing(**asked: Any) -> Mailing:
    """Return whom a data folder with two channels and this under `[alerts]` tells."""
    settings = msgspec.convert({"channels": CHANNELS} | asked, AlertSettings)
    routes = routes_of(settings)
    return Mailing(policy=Policy(routes=routes), channels=tuple(settings.channels))


def letters(whom: Mailing, found: Account = SHOP, run: str | None = "run_1") -> tuple[Notice, ...]:
    """Return the messages of the one share that is reached."""
    (each,) = due([found], (80, 100), set())
    return whom.letters(each.account, each.notice, run, NOW)


def told(**asked: Any) -> list[str]:
    """Return the channels that are told."""
    return [letter.route for letter in letters(mailing(**asked))]


def test_the_routes_say_who_is_told() -> None:
    """All channels without routes; then whoever takes the rule, the level or the scope."""
    assert told() == ["chat", "mail"]
    assert told(routes=[{"to": ["mail"], "rules": ["budget"]}]) == ["mail"]
    assert told(routes=[{"to": ["mail"], "rules": ["cost-*"]}]) == []
    assert told(routes=[{"to": ["mail"], "levels": ["critical"]}, {"to": ["chat"]}]) == ["chat"]
    assert told(routes=[{"to": ["mail"], "scope": {"project": "sh*"}}]) == ["mail"]
    assert told(routes=[{"to": ["mail"], "scope": {"budget": "team/*"}}]) == ["mail"]


def test_a_key_of_its_own_outranks_the_routes() -> None:
    """`budgets` names the channels, and an empty list is nobody; other rules go as before."""
    routes = [{"to": ["mail"]}]
    assert told(budgets=["chat"], routes=routes) == ["chat"]
    assert told(budgets=[], routes=routes) == []
    assert mailing(budgets=[], routes=routes).policy.routes[1].to == ("mail",)
    with pytest.raises(BadFile, match=r"alerts\.budgets: no channel is called 'pager'"):
        mailing(budgets=["pager"])


def test_without_channels_nobody_is_told() -> None:
    """On records that others share it is left to them."""
    assert letters(Mailing()) == ()
    assert [letter.route for letter in letters(Mailing(shared=True))] == [UNROUTED]


def test_a_message_says_whose_how_much_of_what_and_when_it_renews() -> None:
    """In the summary; what it is made of, what to do and the run stand beside it."""
    letter = letters(mailing())[0]
    (alert,) = letter.alerts
    assert alert.summary == (
        "The budget all (project shop, 2026-11) has spent $8.50: 80 % of its hard limit of $10.00"
        " is reached. It renews at 2026-12-01 00:00 UTC."
    )
    assert alert.cause == "$8.00 by runs that ended, $0.5000 outside of runs"
    assert "pawl budgets raise all" in alert.response
    assert (alert.value, alert.threshold, alert.unit) == (8.5, 8.0, "USD")
    assert alert.rows == (Row("run", "run_1"),)
    assert letters(mailing(), run=None)[0].alerts[0].rows == ()


def test_eighty_is_a_warning_and_a_hundred_is_critical() -> None:
    """Of soft and hard limits alike; a soft one refuses nothing."""
    assert letters(mailing())[0].level is Level.WARNING
    soft = account(settled_micros=10 * USD, soft_micros=10 * USD, limit_micros=None)
    critical = letters(mailing(), soft)[0]
    assert critical.level is Level.CRITICAL
    assert headline(critical).startswith("[FIRING · critical] critical: The budget all")
    assert "refuses nothing" in critical.alerts[0].response


def test_the_id_is_of_the_budget_whose_the_period_and_the_share() -> None:
    """The same again whoever tells it and when; another one for each of the four."""
    (first, other) = letters(mailing())
    more = msgspec.structs.replace(SHOP, settled_micros=9 * USD)
    assert letters(mailing(), more, "run_2")[0].id == first.id
    assert other.id != first.id, "channels tell repetitions apart by it"
    december = msgspec.structs.replace(SHOP.span, begin="2026-12-01T00:00:00.000000Z")
    changed = (
        msgspec.structs.replace(SHOP, settled_micros=10 * USD),
        msgspec.structs.replace(SHOP, budget="repo:x/all"),
        msgspec.structs.replace(SHOP, who="search"),
        msgspec.structs.replace(SHOP, span=december),
    )
    ids = {letters(mailing(), each)[0].id for each in changed}
    assert len(ids | {first.id}) == 5


def test_it_leads_to_the_budget() -> None:
    """The link is to the page of budgets, at the row."""
    letter = letters(mailing())[0]
    row = account_id(scope_of_account("team/all", "project", "shop"))
    assert link("http://x/", letter.alerts[0]) == f"http://x/budgets#{row}"
    assert page("http://x/", letter) == "http://x/budgets"


def test_what_was_left_is_forwarded_as_it_would_have_been_told() -> None:
    """The same messages, ids included, whoever had the channels."""
    (left,) = letters(Mailing(shared=True))
    assert mailing(budgets=["chat"]).forwarded(left) == letters(mailing(budgets=["chat"]))
