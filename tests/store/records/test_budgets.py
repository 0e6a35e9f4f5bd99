"""Reserve, settle, expire: no order of them passes a hard limit, and nothing counts twice."""

import multiprocessing
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from pawl.alerts.budget import Budget, Owner, Reserve, Scope, UnpricedSpend
from pawl.alerts.budget_reserve import Declined, Granted
from pawl.base.errors import BadValue
from pawl.base.times import format_time
from pawl.governance.ledger import Actor
from pawl.runs.record import Outcome, RunCost, RunRecord
from pawl.runs.spec import RunSpec
from pawl.store.records.budgets import BudgetRecords, Files, Wanted
from pawl.store.records.check import check
from pawl.store.records.engine import Engine, open_records, reading, writing
from pawl.store.records.ledger import entries
from pawl.store.records.runs import RunRecords
from pawl.store.records.spend import SpendRecords
from pawl.telemetry.event import Attribution
from pawl.telemetry.spent import Observed
from pawl.telemetry.usage import Usage

USD = 1_000_000
ADA = Actor(person="ada", source="login", assurance="observed")
SHOP = Owner(project="shop", developer="ada", agent="claude-code")
BUDGET = Budget(
    key="team/all", source="team", name="all", scope=Scope.ORGANISATION, hard_micros=10 * USD
)


def at(second: float, day: int = 21) -> str:
    """Return an instant of November 2026."""
    return format_time(datetime(2026, 11, day, tzinfo=UTC) + timedelta(seconds=second))


def files(*budgets: Budget, **changes: Any) -> Files:
    """Return the team's file, with one hard budget if nothing is said."""
    made = Files(declared=budgets or (BUDGET,), sources=("team",))
    return msgspec.structs.replace(made, **changes)


def wanted(run_id: str, cap: int | None = 2 * USD, **changes: Any) -> Wanted:
    """Return a run of ada's on the shop that asks for a cap."""
    made = Wanted(
        run_id=run_id, owner=SHOP, cap_micros=cap, lifetime_s=3600, sources=("team", "repo:shop")
    )
    return msgspec.structs.replace(made, **changes)


def spec(run_id: str) -> RunSpec:
    """Return the specification of that run."""
    return RunSpec(
        run_id=run_id,
        command=("claude",),
        agent="claude-code",
        cwd="/work",
        attribution=Attribution(project="shop", developer="ada"),
    )


def record(run_id: str, micros: int | None, started: str, **changes: Any) -> RunRecord:
    """Return how that run ended."""
    cost = RunCost(usd=None, basis="unpriced")
    if micros is not None:
        cost = RunCost(usd=micros / USD, basis="priced")
    made = RunRecord(
        run_id=run_id,
        agent="claude-code",
        outcome=Outcome.SUCCEEDED,
        cost=cost,
        usage=Usage(1, 0, 0, 0, 1, 0, 0),
        started_at=started,
        ended_at=started,
        project="shop",
        models=("claude-sonnet-4-5",),
    )
    return msgspec.structs.replace(made, **changes)


def one_account(budgets: BudgetRecords, now: str) -> Any:
    """Return the only account there is."""
    ((account,),) = [each.accounts for each in budgets.standing(now)]
    return account


def observed(micros: int, *, run_id: str = "", day: str = "2026-11-21", **changes: Any) -> Observed:
    """Return what a store saw of one owner on one day."""
    made = Observed(
        day=day,
        run_id=run_id,
        project="shop",
        developer="ada",
        agent="claude-code",
        model="claude-sonnet-4-5",
        cost_micros=micros,
        requests=1,
        unpriced=0,
    )
    return msgspec.structs.replace(made, **changes)


def test_a_reservation_settles_with_the_true_cost(engine: Engine) -> None:
    """What a run did not spend is there for the next one at once."""
    budgets, runs = BudgetRecords(engine), RunRecords(engine)
    answer = budgets.reserve(files(), wanted("run_1", 8 * USD), ADA, at(0))
    assert isinstance(answer.decision, Granted)
    assert isinstance(
        budgets.reserve(files(), wanted("run_2", 3 * USD), ADA, at(1)).decision, Declined
    )
    runs.start(spec("run_1"), ADA, at(1), pid=1, lock_path="/l")
    runs.settle(record("run_1", USD, at(0)), at(2))
    account = one_account(budgets, at(3))
    assert (account.settled_micros, account.reserved_micros) == (USD, 0)
    assert isinstance(
        budgets.reserve(files(), wanted("run_3", 9 * USD), ADA, at(3)).decision, Granted
    )
    assert check(engine, replay=True).intact


def test_a_run_found_dead_gives_its_reservation_back(engine: Engine) -> None:
    """What it really spent is then told by the events, once."""
    budgets, runs = BudgetRecords(engine), RunRecords(engine)
    budgets.reserve(files(), wanted("run_1", 8 * USD), ADA, at(0))
    runs.start(spec("run_1"), ADA, at(0), pid=1, lock_path="/l")
    seen = [observed(3 * USD, run_id="run_1"), observed(USD)]
    SpendRecords(engine).observe("here", "2026-11-01", seen, at(1))
    running = one_account(budgets, at(2))
    assert (running.reserved_micros, running.outside_micros) == (8 * USD, USD)
    runs.interrupt("run_1", "its supervisor died", at(3))
    dead = one_account(budgets, at(4))
    assert (dead.reserved_micros, dead.outside_micros) == (0, 4 * USD)
    runs.settle(record("run_1", 5 * USD, at(0)), at(5))
    late = one_account(budgets, at(6))
    assert (late.settled_micros, late.outside_micros) == (5 * USD, USD)
    assert check(engine, replay=True).intact


def test_a_reservation_nobody_settles_ends_by_itself(engine: Engine) -> None:
    """A machine that never comes back holds nothing for ever."""
    budgets = BudgetRecords(engine)
    budgets.reserve(files(), wanted("run_1", 8 * USD, lifetime_s=60), ADA, at(0))
    assert one_account(budgets, at(59)).reserved_micros == 8 * USD
    assert one_account(budgets, at(60)).reserved_micros == 0


def test_a_run_counts_in_the_period_it_started_in(engine: Engine) -> None:
    """Started in November, ended in December: November's budget paid."""
    budgets, runs = BudgetRecords(engine), RunRecords(engine)
    late, next_month = at(86_399, day=30), at(86_401, day=30)
    budgets.reserve(files(), wanted("run_1", 8 * USD), ADA, late)
    assert one_account(budgets, next_month).reserved_micros == 0
    runs.settle(record("run_1", 8 * USD, late), next_month)
    assert one_account(budgets, next_month).spent_micros == 0
    assert one_account(budgets, late).spent_micros == 8 * USD


def test_a_budget_counts_runs_that_ended_before_it_was_declared(engine: Engine) -> None:
    """A limit set in the middle of the month is about the whole month."""
    RunRecords(engine).settle(record("run_1", 9 * USD, at(0)), at(1))
    answer = BudgetRecords(engine).reserve(files(), wanted("run_2"), ADA, at(2))
    assert isinstance(answer.decision, Declined)
    assert answer.decision.account.spent_micros == 9 * USD


def test_a_run_of_unknown_cost_keeps_what_it_held(engine: Engine) -> None:
    """Unless it used nothing, or the budget allows unpriced models."""
    budgets, runs = BudgetRecords(engine), RunRecords(engine)
    allows = msgspec.structs.replace(BUDGET, key="team/free", unpriced=UnpricedSpend.ALLOW)
    both = files(BUDGET, allows)
    for number, usage in enumerate((Usage(1, 0, 0, 0, 1, 0, 0), None)):
        budgets.reserve(both, wanted(f"run_{number}"), ADA, at(number))
        runs.settle(record(f"run_{number}", None, at(number), usage=usage), at(number))
    (strict,), (free,) = (each.accounts for each in budgets.standing(at(9)))
    assert (strict.spent_micros, strict.unknown_runs) == (2 * USD, 1)
    assert (free.spent_micros, free.unknown_runs) == (0, 1)


def test_models_count_by_what_the_run_used(engine: Engine) -> None:
    """Before the run any model's budget may be hit; afterwards only that of its models."""
    budgets, runs = BudgetRecords(engine), RunRecords(engine)
    sonnet = msgspec.structs.replace(BUDGET, scope=Scope.MODEL, of="claude-sonnet-*")
    opus = msgspec.structs.replace(sonnet, key="team/opus", of="claude-opus-*")
    both = files(sonnet, opus)
    budgets.reserve(both, wanted("run_1"), ADA, at(0))
    held = [each.accounts[0].reserved_micros for each in budgets.standing(at(1))]
    assert held == [2 * USD, 2 * USD]
    runs.settle(record("run_1", USD, at(0)), at(2))
    spent = {
        each.known.budget.key: each.accounts[0].spent_micros for each in budgets.standing(at(3))
    }
    assert spent == {"team/all": USD, "team/opus": 0}


def test_a_repositorys_budget_holds_its_own_runs_only(engine: Engine) -> None:
    """What one repository declares refuses nobody elsewhere."""
    budgets = BudgetRecords(engine)
    own = msgspec.structs.replace(BUDGET, key="repo:shop/all", source="repo:shop", hard_micros=0)
    mine = Files(declared=(own,), sources=("repo:shop",))
    assert isinstance(budgets.reserve(mine, wanted("run_1"), ADA, at(0)).decision, Declined)
    elsewhere = wanted("run_2", sources=("team", "repo:other"))
    assert budgets.reserve(Files(), elsewhere, ADA, at(1)).decision is None


def test_records_hold_a_limit_that_no_file_here_declares(engine: Engine) -> None:
    """Machines that share records share the team's budgets; a fork cannot leave one out."""
    budgets = BudgetRecords(engine)
    budgets.load(files(), ADA, at(0))
    answer = budgets.reserve(Files(), wanted("run_1", 11 * USD), ADA, at(1))
    assert isinstance(answer.decision, Declined)


def test_notices_are_told_once_and_by_whoever_was_first(engine: Engine) -> None:
    """Rows, ledger entries and answers agree on it."""
    budgets, runs = BudgetRecords(engine), RunRecords(engine)
    budgets.load(files(), ADA, at(0))
    runs.settle(record("run_1", 8 * USD, at(0)), at(1))
    (first,) = budgets.notice((80, 100), at(2), run_id="run_1")
    assert (first.percent, first.spent_micros) == (80, 8 * USD)
    assert budgets.notice((80, 100), at(3)) == ()
    SpendRecords(engine).observe("here", "2026-11-01", [observed(2 * USD)], at(4))
    assert [notice.percent for notice in budgets.notice((80, 100), at(5))] == [100]
    assert [notice.percent for notice in budgets.notices("2026-11-01")] == [80, 100]
    assert budgets.notices("2026-12-01") == ()
    assert check(engine, replay=True).intact


def test_a_raise_is_an_entry_with_its_reason_and_ends(engine: Engine) -> None:
    """By command for a time, or in the file for good."""
    budgets = BudgetRecords(engine)
    budgets.load(files(), ADA, at(0))
    raised = budgets.raise_limit("all", 12 * USD, "launch week", ADA, at(1), until=at(100))
    assert raised.raised_until == at(100)
    assert one_account(budgets, at(99)).limit_micros == 12 * USD
    assert one_account(budgets, at(100)).limit_micros == 10 * USD
    higher = msgspec.structs.replace(BUDGET, hard_micros=20 * USD, reason="two more teams")
    assert budgets.load(files(higher), ADA, at(101)).warnings == ()
    with reading(engine) as connection:
        told = [
            (entry.type, msgspec.json.decode(entry.body).get("reason"), entry.actor.person)
            for entry in entries(connection)
        ]
    assert told == [
        ("budget.declared", "", "ada"),
        ("budget.raised", "launch week", "ada"),
        ("budget.raised", "two more teams", "ada"),
    ]
    assert check(engine, replay=True).intact


@pytest.mark.parametrize(
    ("name", "micros", "until", "told"),
    [
        ("nobody", 20 * USD, None, "no budgets are called"),
        ("all", 10 * USD, None, "not raised by that"),
        ("all", 20 * USD, "2026-01-01T00:00:00.000000Z", "end before it begins"),
    ],
)
def test_a_raise_that_means_nothing_is_refused(
    engine: Engine, name: str, micros: int, until: str | None, told: str
) -> None:
    """And records nothing."""
    budgets = BudgetRecords(engine)
    budgets.load(files(), ADA, at(0))
    with pytest.raises(BadValue, match=told):
        budgets.raise_limit(name, micros, "why", ADA, at(1), until=until)
    assert check(engine).entries == 1


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE budgets SET body = replace(body, '10000000', '99000000')",
        "UPDATE budgets SET raised_micros = 5",
        "DELETE FROM budgets",
        "UPDATE budget_reservations SET amount_micros = 1",
        "UPDATE budget_reservations SET state = 'settled'",
        "DELETE FROM budget_reservations",
        "DELETE FROM budget_notices",
        "UPDATE budget_notices SET percent = 79",
    ],
)
def test_a_replay_finds_what_somebody_changed(engine: Engine, statement: str) -> None:
    """The tables of budgets are what the ledger makes of them, or the difference is named."""
    budgets, runs = BudgetRecords(engine), RunRecords(engine)
    runs.settle(record("run_1", 8 * USD, at(0)), at(0))
    budgets.reserve(files(), wanted("run_2", USD), ADA, at(1))
    budgets.notice((80,), at(2))
    assert check(engine, replay=True).intact
    with writing(engine) as connection:
        connection.execute(statement)
    difference = check(engine, replay=True).difference
    assert difference is not None
    assert difference.place.startswith("budget")


def test_observing_again_replaces_what_the_same_store_told(engine: Engine) -> None:
    """Two stores add up, one store told twice does not, and older days stay."""
    budgets, spend = BudgetRecords(engine), SpendRecords(engine)
    budgets.load(files(), ADA, at(0))
    spend.observe("here", "2026-11-01", [observed(USD), observed(USD, day="2026-11-02")], at(1))
    spend.observe("there", "2026-11-01", [observed(USD, project="\0\ud800")], at(1))
    assert one_account(budgets, at(2)).outside_micros == 3 * USD
    spend.observe("here", "2026-11-16", [observed(2 * USD, unpriced=1)], at(3))
    account = one_account(budgets, at(4))
    assert (account.outside_micros, account.unpriced_requests) == (4 * USD, 1)
    assert [(each.store, each.observed_at) for each in spend.looked()] == [
        ("here", at(3)),
        ("there", at(1)),
    ]


def _race(folder: str, url: str | None, worker: int, count: int) -> None:
    engine = open_records(Path(folder), url)
    budgets = BudgetRecords(engine)
    for number in range(count):
        budgets.reserve(files(), wanted(f"run_{worker}_{number}"), ADA, at(number))
    engine.dispose()


def test_five_processes_at_once_reserve_what_fits(
    opened: Callable[[], Engine], tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    """Thirty runs of 2 USD against 10 USD, from an empty store on: five get in."""
    is_postgres = "postgresql" in request.node.name
    url = request.getfixturevalue("postgres_url") if is_postgres else None
    context = multiprocessing.get_context("spawn")
    processes = [
        context.Process(target=_race, args=(str(tmp_path / "data"), url, worker, 6))
        for worker in range(5)
    ]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    assert [process.exitcode for process in processes] == [0] * 5
    engine = opened()
    assert one_account(BudgetRecords(engine), at(9)).reserved_micros == 10 * USD
    report = check(engine, replay=True)
    assert report.intact, report.difference
    assert report.entries == 1 + 30


class Budgeted(RuleBasedStateMachine):
    """Runs that reserve, end, die and are observed, in any order, beside a model in Python."""

    def __init__(self) -> None:
        super().__init__()
        import tempfile

        self._folder = tempfile.TemporaryDirectory(prefix="pawl-budgets-")
        self.engine = open_records(Path(self._folder.name))
        self.budgets, self.runs = BudgetRecords(self.engine), RunRecords(self.engine)
        self.clock = 0.0
        self.open: dict[str, int] = {}
        self.settled: dict[str, int] = {}
        self.dead: dict[str, int] = {}
        self.requests: dict[str, int] = {}
        self.count = 0

    @initialize(hard=st.integers(0, 12), reserve=st.sampled_from(Reserve))
    def declare(self, hard: int, reserve: Reserve) -> None:
        """One hard budget."""
        self.hard = hard
        changed = msgspec.structs.replace(BUDGET, hard_micros=hard, reserve=reserve)
        self.files = files(changed)
        self.reserve_kind = reserve

    def now(self) -> str:
        """Return the next second."""
        self.clock += 1
        return at(self.clock)

    @property
    def outside(self) -> int:
        """What the events told that no run accounts for."""
        counted = self.open.keys() | self.settled.keys()
        return sum(n for run_id, n in self.requests.items() if run_id not in counted)

    @property
    def left(self) -> int:
        """What the model says is left."""
        return self.hard - sum(self.open.values()) - sum(self.settled.values()) - self.outside

    @rule(cap=st.integers(0, 6))
    def start(self, cap: int) -> None:
        """A run asks for a cap; it gets it exactly when the model says so."""
        self.count += 1
        run_id = f"run_{self.count:04d}"
        left, now = self.left, self.now()
        decision = self.budgets.reserve(self.files, wanted(run_id, cap), ADA, now).decision
        fits = left > 0 and (cap <= left or self.reserve_kind is Reserve.LEFT)
        assert isinstance(decision, Granted if fits else Declined)
        if isinstance(decision, Granted):
            assert decision.micros == min(cap, left)
            self.open[run_id] = decision.micros
            self.runs.start(spec(run_id), ADA, now, pid=1, lock_path="/l")

    @rule(pick=st.integers(0, 99), share=st.integers(0, 100))
    def settle(self, pick: int, share: int) -> None:
        """A run ends below its cap, or a dead one's supervisor tells its end late."""
        names = sorted(self.open.keys() | self.dead.keys())
        if names:
            run_id = names[pick % len(names)]
            held = self.open.pop(run_id, None)
            held = self.dead.pop(run_id) if held is None else held
            self.settled[run_id] = held * share // 100
            self.runs.settle(record(run_id, self.settled[run_id], at(self.clock)), self.now())

    @rule(pick=st.integers(0, 99))
    def die(self, pick: int) -> None:
        """A supervisor is found dead."""
        if self.open:
            run_id = sorted(self.open)[pick % len(self.open)]
            self.dead[run_id] = self.open.pop(run_id)
            self.runs.interrupt(run_id, "dead", self.now())

    @rule(pick=st.integers(0, 99), micros=st.integers(0, 3))
    def observe(self, pick: int, micros: int) -> None:
        """The events store tells what it saw of a run or of none, all of it again."""
        names = ["", *sorted(self.open.keys() | self.dead.keys() | self.settled.keys())]
        self.requests[names[pick % len(names)]] = micros
        rows = [observed(n, run_id=run_id) for run_id, n in self.requests.items()]
        SpendRecords(self.engine).observe("here", "2026-11-01", rows, self.now())

    @invariant()
    def the_sums_are_equal(self) -> None:
        """Records and model agree on every part, and reservations alone never pass the limit."""
        if not self.clock:
            return
        standing = self.budgets.standing(at(self.clock))
        if not standing:
            return
        ((account,),) = [each.accounts for each in standing]
        assert account.reserved_micros == sum(self.open.values())
        assert account.settled_micros == sum(self.settled.values())
        assert account.outside_micros == self.outside
        assert account.left_micros == max(0, self.left)
        assert sum(self.open.values()) <= self.hard

    def teardown(self) -> None:
        """Whatever happened, the ledger explains the tables."""
        report = check(self.engine, replay=True)
        assert report.intact, report.difference
        self.engine.dispose()
        self._folder.cleanup()


TestBudgeted = Budgeted.TestCase
TestBudgeted.settings = settings(max_examples=25, stateful_step_count=25, deadline=None)
