"""The desk: a server's rounds load the file, tell what was seen, and do neither too often."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from pawl.alerts.budget import budgets_of
from pawl.alerts.budget_letter import Mailing
from pawl.alerts.budget_numbers import numbers
from pawl.alerts.budget_people import People
from pawl.alerts.policy import Policy, Route
from pawl.base.errors import BadFile
from pawl.base.times import format_time, parse_time
from pawl.governance.ledger import PAWL
from pawl.services.budget_desk import Desk
from pawl.services.budget_files import Read
from pawl.store.records.engine import open_records
from pawl.store.records.outbox import OutboxRecords
from pawl.telemetry.spent import Observed

START = "2026-11-30T23:58:00.000000Z"


class Round:
    """A desk with a clock, a file and an events store in memory."""

    def __init__(self, folder: Path) -> None:
        self.engine = open_records(folder)
        self.time = START
        self.hard: float | None = 10
        self.broken = False
        self.micros = 9_000_000
        self.asked: list[str] = []
        self.mailing = Mailing()
        self.desk = Desk(
            self.engine, self.read, numbers(), PAWL, lambda: self.time, lambda: self.mailing
        )

    def read(self) -> Read:
        """Read the file."""
        if self.broken:
            raise BadFile("half written.", place="budgets.toml")
        if self.hard is None:
            return Read()
        sections = [{"name": "all", "scope": "organisation", "hard_usd": self.hard}]
        found = budgets_of(sections, source="team", people=People(), place="budgets.toml")
        return Read(budgets=found, sources=("team",))

    def spend(self, since: str) -> list[Observed]:
        """Tell what was seen."""
        self.asked.append(since)
        return [
            Observed(
                day=self.time[:10], run_id="", project=None, developer=None, agent="codex",
                model="m", cost_micros=self.micros, requests=1, unpriced=0,
            )
        ]  # fmt: skip

    def later(self, seconds: int) -> None:
        """Let time pass."""
        self.time = format_time(parse_time(self.time) + timedelta(seconds=seconds))

    def told(self) -> list[int]:
        """Do one round and return the shares that are newly told."""
        return [notice.percent for notice in self.desk.keep_up(self.spend, "here")]


@pytest.fixture
def around(tmp_path: Path) -> Iterator[Round]:
    """A fresh one."""
    made = Round(tmp_path)
    yield made
    made.engine.dispose()


def test_a_round_tells_what_was_seen_once(around: Round) -> None:
    """The next look is half a minute later, and news only when there is some."""
    assert around.told() == [80]
    around.micros = 10_000_000
    assert around.told() == []
    around.later(30)
    assert around.told() == [100]
    around.later(30)
    assert around.told() == []


def test_a_new_period_is_told_of_anew(around: Round) -> None:
    """December begins with nothing spent, and its own notices."""
    assert around.told() == [80]
    around.later(120)
    (line,) = around.desk.view().budgets
    assert (line.spent_usd_micros, line.renews[:7]) == (0, "2027-01")
    assert around.told() == [80]
    assert len(around.desk.notices("2026-11-01")) == 2


def test_the_store_is_asked_for_all_periods_that_go_on(around: Round) -> None:
    """From the first of the month or the Monday before it."""
    around.told()
    around.later(86_400)
    around.told()
    assert [since[:10] for since in around.asked] == ["2026-11-01", "2026-11-30"]


def test_without_budgets_nobody_is_asked(around: Round) -> None:
    """The question reads a month of requests."""
    around.hard = None
    assert around.told() == []
    assert around.asked == []


def test_a_file_that_does_not_load_leaves_the_budgets_as_they_were(around: Round) -> None:
    """Somebody is editing it; the limit holds meanwhile."""
    around.told()
    around.broken = True
    around.later(30)
    around.micros = 10_000_000
    assert around.told() == [100]
    with pytest.raises(BadFile):
        around.desk.load()


def test_a_round_tells_the_channels_and_hands_on_what_others_left(around: Round) -> None:
    """A server without channels leaves it on shared records; one with some sends it, once."""
    chat = Mailing(policy=Policy(routes=(Route(to=("chat",)),)), channels=("chat",), shared=True)
    outbox = OutboxRecords(around.engine)
    around.mailing = Mailing(shared=True)
    assert around.told() == [80]
    assert outbox.counts() == {}
    around.mailing = chat
    around.later(30)
    assert around.told() == []
    assert outbox.counts() == {"chat": {"waiting": 1}}
    around.micros = 10_000_000
    around.later(30)
    assert around.told() == [100]
    levels = [letter.notice.level.value for letter in outbox.letters("waiting")]
    assert sorted(levels) == ["critical", "warning"]
