"""A person is forgotten in the records; the chain still proves everything else."""

import re
from pathlib import Path

import msgspec
from tests.store.records.test_budgets import ADA, USD, files, observed, wanted
from tests.store.records.test_budgets import at as budget_at
from tests.store.records.test_budgets import record as budget_record
from tests.store.records.test_runs import PERSON, at, record, spec

from pawl.alerts.alert import Silence
from pawl.alerts.budget import Budget, Scope
from pawl.governance.forgetting import FORGOTTEN
from pawl.governance.ledger import PAWL, Actor
from pawl.store.records.budgets import BudgetRecords
from pawl.store.records.check import check
from pawl.store.records.connection import Engine
from pawl.store.records.engine import open_records, reading, writing
from pawl.store.records.forgetting import forget
from pawl.store.records.ledger import entries, head
from pawl.store.records.runs import RunRecords
from pawl.store.records.silences import SilenceRecords
from pawl.store.records.spend import SpendRecords

BOB = Actor(person="bob", source="git-config", assurance="declared")


def filled(engine: Engine) -> RunRecords:
    runs = RunRecords(engine)
    for number in range(4):
        name = f"run_{number}"
        owned = spec(name)
        if number % 2:
            other = msgspec.structs.replace(owned.attribution, developer="bob")
            owned = msgspec.structs.replace(owned, attribution=other)
        runs.start(owned, BOB if number % 2 else PERSON, at(number), pid=7, lock_path="/l")
        runs.settle(record(name), at(number + 10))
    return runs


def test_the_chain_holds_without_the_name(engine: Engine) -> None:
    """Entries of that person are altered and accounted for, the tables are what they make."""
    runs = filled(engine)
    before = head(engine)
    done = forget(engine, ("ADA", PERSON.person), PAWL, at(30), reason="asked", key="k1")
    assert (done.entries, done.runs, done.ceremonies) == (2, 2, 0)
    report = check(engine, replay=True)
    assert (report.intact, report.forgotten, report.entries) == (True, 2, before[0] + 1)
    developers = {run.run_id: run.attribution.developer for run in runs.recent(9)}
    assert developers == {
        "run_0": FORGOTTEN,
        "run_1": "bob",
        "run_2": FORGOTTEN,
        "run_3": "bob",
    }
    with reading(engine) as connection:
        told = b"".join(msgspec.json.encode(entry) for entry in entries(connection))
    assert b"ada" not in told.lower()
    assert b"bob" in told


def test_a_person_who_forgot_another_can_be_forgotten(engine: Engine) -> None:
    """The entry that accounts for others is itself accounted for by the next one."""
    filled(engine)
    forget(engine, ("ada",), BOB, at(30), reason="asked", key="k1")
    forget(engine, ("bob",), PAWL, at(31), reason="asked", key="k2")
    report = check(engine, replay=True)
    assert report.intact, report.difference
    assert report.forgotten == 5
    assert forget(engine, ("carol",), PAWL, at(32), reason="asked", key="k3").entries == 0
    assert check(engine).entries == report.entries


def test_an_altered_entry_that_nobody_accounts_for_is_found(engine: Engine) -> None:
    """Changing an entry after it was listed, or without, breaks the chain at that entry."""
    filled(engine)
    forget(engine, ("ada",), PAWL, at(30), reason="asked", key="k1")
    change = "UPDATE ledger SET body = replace(body, 'forgotten', 'mallory') WHERE seq = 1"
    with writing(engine) as connection:
        connection.execute(change)
    found = check(engine).difference
    assert found is not None
    assert (found.kind, found.place) == ("body", "entry 1")


def test_the_file_keeps_no_page_of_the_past(tmp_path: Path) -> None:
    """SQLite leaves replaced text in free pages and in its log; ours is written anew."""
    engine = open_records(tmp_path)
    try:
        filled(engine)
        forget(engine, ("ada", PERSON.person), PAWL, at(30), reason="asked", key="k1")
        told = b"".join(path.read_bytes() for path in tmp_path.glob("records.sqlite*"))
    finally:
        engine.dispose()
    assert b"ada@example.org" not in told
    assert b"bob" in told


def test_budgets_and_alerts_forget_as_well(engine: Engine) -> None:
    """Whose budget it was, who silenced what, and what a store observed: totals stay."""
    budgets, runs, spend = BudgetRecords(engine), RunRecords(engine), SpendRecords(engine)
    each = Budget(
        key="team/each",
        source="team",
        name="each",
        scope=Scope.DEVELOPER,
        each=True,
        hard_micros=10 * USD,
        soft_micros=USD,
    )
    told = files(each)
    budgets.load(told, ADA, budget_at(0))
    runs.settle(budget_record("run_1", 9 * USD, budget_at(0)), budget_at(0))
    spend.observe("here", "2026-11-01", [observed(9 * USD)], budget_at(1))
    budgets.reserve(told, wanted("run_2", USD), ADA, budget_at(1))
    assert budgets.notice((80,), budget_at(2))
    silence = Silence(
        id="s1",
        reason="a release",
        by="ada",
        starts_at=budget_at(0),
        ends_at=budget_at(9),
        rule="stuck-loop",
    )
    SilenceRecords(engine).place(silence, ADA, budget_at(3))
    before = sum(
        account.spent_micros for one in budgets.standing(budget_at(4)) for account in one.accounts
    )
    forget(engine, ("ada",), PAWL, budget_at(5), reason="asked", key="k1")
    after = sum(
        account.spent_micros for one in budgets.standing(budget_at(6)) for account in one.accounts
    )
    assert (before > 0, after) == (True, before)
    report = check(engine, replay=True)
    assert report.intact, report.difference
    for table in ("ledger", "budget_notices", "budget_reservations", "observed_spend", "silences"):
        with reading(engine) as connection:
            rows = connection.execute(f"SELECT * FROM {table}")
        assert rows
        assert not re.findall(r".{40}\bada\b.{40}", repr(rows))
