"""Messages about budgets: with the ledger entry or not at all, once whoever comes first."""

import multiprocessing
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest
from tests.store.records.test_budgets import ADA, USD, at, files, observed, record

from pawl.alerts.alert import Notice
from pawl.alerts.budget import Budget, Scope
from pawl.alerts.budget_letter import Mailing
from pawl.alerts.policy import Policy, Route
from pawl.base.errors import BadFile
from pawl.store.records.budgets import BudgetRecords
from pawl.store.records.check import check
from pawl.store.records.engine import Engine, open_records, reading
from pawl.store.records.forgetting import forget
from pawl.store.records.outbox import OutboxRecords
from pawl.store.records.runs import RunRecords
from pawl.store.records.spend import SpendRecords

CHAT = Mailing(policy=Policy(routes=(Route(to=("chat", "mail")),)), channels=("chat", "mail"))
SHARED = Mailing(shared=True)
KEEP_S = 86_400.0


def spent(engine: Engine, usd: int) -> BudgetRecords:
    """Return the budgets after a run spent so much of ten dollars."""
    budgets = BudgetRecords(engine)
    budgets.load(files(), ADA, at(0))
    RunRecords(engine).settle(record("run_1", usd * USD, at(0)), at(1))
    return budgets


def waiting(engine: Engine) -> list[tuple[str, str, str]]:
    """Return channel, id and level of what waits to be sent."""
    letters = OutboxRecords(engine).letters("waiting")
    return sorted((each.channel, each.id, each.notice.level.value) for each in letters)


def told(engine: Engine) -> int:
    """Return how many notices the ledger has."""
    with reading(engine) as connection:
        rows = connection.execute("SELECT seq FROM ledger WHERE type = 'budget.noticed'")
    return len(rows)


def test_a_share_goes_to_each_channel_once(engine: Engine) -> None:
    """80 % is a warning and 100 % is critical; asking again adds nothing."""
    budgets = spent(engine, 8)
    for second in (2, 3):
        budgets.notice((80, 100), at(second), run_id="run_1", mailing=lambda: CHAT)
    assert [(channel, level) for channel, _, level in waiting(engine)] == [
        ("chat", "warning"),
        ("mail", "warning"),
    ]
    SpendRecords(engine).observe("here", "2026-11-01", [observed(2 * USD)], at(4))
    budgets.notice((80, 100), at(5), mailing=lambda: CHAT)
    assert [level for _, _, level in waiting(engine)].count("critical") == 2
    assert (told(engine), len(waiting(engine))) == (2, 4)
    assert check(engine, replay=True).intact


def test_without_channels_nothing_is_put_in(engine: Engine) -> None:
    """The ledger has the notice as ever."""
    spent(engine, 8).notice((80, 100), at(2), mailing=Mailing)
    assert (told(engine), waiting(engine)) == (1, [])


def test_nobody_is_asked_whom_to_tell_while_nothing_is_due(engine: Engine) -> None:
    """And where it cannot be said, the notice stays due."""

    def broken() -> Mailing:
        raise BadFile("half written.", place="pawl.toml")

    assert spent(engine, 1).notice((80, 100), at(2), mailing=broken) == ()
    RunRecords(engine).settle(record("run_2", 7 * USD, at(0)), at(3))
    with pytest.raises(BadFile):
        BudgetRecords(engine).notice((80, 100), at(4), mailing=broken)
    assert told(engine) == 0
    assert len(BudgetRecords(engine).notice((80, 100), at(5), mailing=lambda: CHAT)) == 1


def test_what_cannot_be_put_in_is_not_told(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    """Entry and message are one transaction: a failure between them leaves neither."""

    def dies(*_: object) -> None:
        raise OSError("killed here")

    budgets = spent(engine, 8)
    with monkeypatch.context() as patched:
        patched.setattr("pawl.store.records.outbox.enqueue", dies)
        with pytest.raises(OSError, match="killed here"):
            budgets.notice((80, 100), at(2), mailing=lambda: CHAT)
    assert (told(engine), waiting(engine)) == (0, [])
    budgets.notice((80, 100), at(3), mailing=lambda: CHAT)
    assert (told(engine), len(waiting(engine))) == (1, 2)


def test_a_server_with_channels_takes_what_others_left(engine: Engine) -> None:
    """Once, under the id it would have had; until then no list of channels shows it."""
    outbox = OutboxRecords(engine)
    spent(engine, 8).notice((80, 100), at(2), mailing=lambda: SHARED)
    assert (waiting(engine), outbox.counts()) == ([], {})
    assert outbox.forward(CHAT.forwarded, at(3), KEEP_S) == 1
    assert outbox.forward(CHAT.forwarded, at(4), KEEP_S) == 0
    assert [channel for channel, _, _ in waiting(engine)] == ["chat", "mail"]


def test_what_waited_too_long_is_no_news(engine: Engine) -> None:
    """A channel that is configured months later is not told of all that was."""
    outbox = OutboxRecords(engine)
    spent(engine, 8).notice((80, 100), at(2), mailing=lambda: SHARED)
    assert outbox.forward(CHAT.forwarded, at(3, day=23), KEEP_S) == 1
    assert waiting(engine) == []


def _race(folder: str, url: str | None, worker: int) -> None:
    engine = open_records(Path(folder), url)
    runs, budgets = RunRecords(engine), BudgetRecords(engine)
    for number in range(10):
        runs.settle(record(f"run_{worker}_{number}", USD // 2, at(number)), at(number))
        budgets.notice((80, 100), at(number), run_id=f"run_{worker}", mailing=lambda: CHAT)
    engine.dispose()


def test_two_runs_at_once_send_one_message(
    opened: Callable[[], Engine], tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    """Two processes pass 80 and 100 % together: one message of each to each channel."""
    is_postgres = "postgresql" in request.node.name
    url = request.getfixturevalue("postgres_url") if is_postgres else None
    engine = opened()
    BudgetRecords(engine).load(files(), ADA, at(0))
    context = multiprocessing.get_context("spawn")
    processes = [
        context.Process(target=_race, args=(str(tmp_path / "data"), url, worker))
        for worker in range(2)
    ]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    assert [process.exitcode for process in processes] == [0, 0]
    found = [(channel, level) for channel, _, level in waiting(engine)]
    assert sorted(found) == [
        (channel, level) for channel in ("chat", "mail") for level in ("critical", "warning")
    ]
    assert told(engine) == 2
    assert check(engine, replay=True).intact


def test_a_person_who_is_forgotten_is_out_of_the_messages(engine: Engine) -> None:
    """A budget of one developer names them in what waits and in what was left."""
    each = Budget(
        key="team/dev", source="team", name="dev", scope=Scope.DEVELOPER, each=True,
        hard_micros=10 * USD,
    )  # fmt: skip
    budgets = BudgetRecords(engine)
    budgets.load(files(each), ADA, at(0))
    SpendRecords(engine).observe(
        "here", "2026-11-01", [observed(8 * USD, developer="Grace")], at(1)
    )
    budgets.notice((80,), at(2), mailing=lambda: CHAT)
    assert "Grace" in _bodies(engine)
    forget(engine, ("grace",), ADA, at(3), reason="asked", key="k")
    assert "grace" not in _bodies(engine).lower()
    assert check(engine, replay=True).intact


def _bodies(engine: Engine) -> str:
    letters: list[Notice] = [each.notice for each in OutboxRecords(engine).letters("waiting")]
    assert letters
    return msgspec.json.encode(letters).decode()
