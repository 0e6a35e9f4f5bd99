"""What budgets ask of a run: only those with a hard limit wait, and a refusal says why."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from pawl.alerts.budget_letter import Mailing
from pawl.alerts.budget_numbers import numbers
from pawl.alerts.policy import Policy, Route
from pawl.alerts.reading import Row
from pawl.base.errors import BadFile, PawlError, Refused, Unavailable
from pawl.governance.ledger import Actor
from pawl.runs.agent import Launch
from pawl.runs.record import Outcome, RunCost, RunRecord
from pawl.runs.spec import Limits, RunSpec, Unpriced
from pawl.services.budget_files import Read, read_files
from pawl.services.budgeting import Plan
from pawl.store.records.budgets import BudgetRecords
from pawl.store.records.engine import Engine, open_records, reading
from pawl.store.records.ledger import entries
from pawl.store.records.outbox import OutboxRecords
from pawl.store.records.runs import RunRecords
from pawl.telemetry.event import Attribution
from pawl.telemetry.usage import Usage

NOW = "2026-11-21T12:00:00.000000Z"
ADA = Actor(person="ada", source="login", assurance="observed")
HARD = {"name": "b", "scope": "organisation", "hard_usd": 10}
SPEC = RunSpec(
    run_id="run_1",
    command=("claude", "-p", "x"),
    agent="claude-code",
    cwd="/work",
    attribution=Attribution(project="shop", developer="ada"),
)


def read(*sections: dict[str, Any], trusted: bool = True, people: str | None = None) -> Read:
    """Return what a repository's `pawl.toml` with these budgets says."""
    return read_files(
        lambda name: None,
        lambda name: None if people is None else (name, people),
        sections,
        place="pawl.toml",
        source="repo:shop",
        trusted=trusted,
        declares=True,
    )


def price(model: str, usage: Usage, day: str) -> int | None:
    """Know one model."""
    return 1 if model == "claude-sonnet-4-5" else None


class Office:
    """A plan on real records, which notes when they are opened."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.engine: Engine | None = None
        self.ordered = 0
        self.prepared: list[RunSpec] = []
        self.blind = False
        self.broken = False

    def mailing(self) -> Mailing:
        """Read whom to tell: one channel."""
        if self.broken:
            raise BadFile("half written.", place="pawl.toml")
        return Mailing(policy=Policy(routes=(Route(to=("chat",)),)), channels=("chat",))

    def records(self) -> BudgetRecords:
        """Open the records."""
        self.engine = self.engine or open_records(self.folder)
        return BudgetRecords(self.engine)

    def plan(self, *sections: dict[str, Any], **options: Any) -> Plan:
        """Return a plan for the budgets of these sections."""
        always = options.pop("always_ask", False)
        return Plan(
            read(*sections, **options),
            self.records,
            numbers,
            price,
            source="repo:shop",
            always_ask=always,
            mailing=self.mailing,
        )

    def reserve(self, plan: Plan, spec: RunSpec = SPEC) -> tuple[RunSpec, tuple[str, ...]]:
        """Reserve for a run; return it as it may start, and what is told."""

        def prepare(held: RunSpec) -> Launch:
            self.prepared.append(held)
            if self.blind and held.limits.usd_micros is not None:
                raise Refused("Pawl cannot read what this does.")
            return Launch(argv=held.command)

        def put_in_order() -> None:
            self.ordered += 1

        held, _, told = plan.reserve(spec, Launch(argv=()), prepare, put_in_order, ADA, NOW)
        return held, told

    def kinds(self) -> list[str]:
        """Return the types of the ledger's entries."""
        self.records()
        assert self.engine is not None
        with reading(self.engine) as connection:
            return [entry.type for entry in entries(connection)]


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    """An office that is closed after the test."""
    made = Office(tmp_path)
    yield made
    if made.engine is not None:
        made.engine.dispose()


def capped(usd: int, *command: str) -> RunSpec:
    """Return the run with a cap of its own, and perhaps another command."""
    return msgspec.structs.replace(
        SPEC, limits=Limits(usd_micros=usd * 1_000_000), command=command or SPEC.command
    )


def test_a_run_no_hard_limit_applies_to_opens_nothing(office: Office) -> None:
    """Soft limits and other people's hard limits cost a start nothing."""
    soft = {"name": "s", "scope": "organisation", "soft_usd": 1}
    other = {"name": "o", "scope": "project", "of": "other", "hard_usd": 1}
    spec, told = office.reserve(office.plan(soft, other))
    assert (spec, told, office.engine) == (SPEC, (), None)


def test_a_run_that_fits_keeps_its_cap(office: Office) -> None:
    """Nothing to tell; what dead runs held was given back first."""
    spec, told = office.reserve(office.plan(HARD), capped(3))
    assert (spec.limits.usd_micros, told) == (3_000_000, ())
    assert spec.unpriced is Unpriced.STOP
    assert office.ordered == 1
    assert office.kinds() == ["budget.declared", "budget.reserved"]


def test_a_run_without_a_cap_is_held_to_the_declared_one(office: Office) -> None:
    """What it reserved is what it is held to, and it is told so."""
    spec, told = office.reserve(office.plan({**HARD, "run_usd": 2}))
    assert spec.limits.usd_micros == 2_000_000
    assert office.prepared == [spec]
    assert told == ("this run is held to $2.00 by the budget b",)


def test_a_refusal_is_an_entry_and_comes_after_a_look_at_dead_runs(office: Office) -> None:
    """Nobody is refused for what a dead run holds."""
    with pytest.raises(Refused, match=r"The budget b \(organisation, 2026-11\) has \$10.00 left"):
        office.reserve(office.plan(HARD), capped(11))
    assert office.ordered == 1
    assert office.kinds() == ["budget.declared", "budget.refused"]


@pytest.mark.parametrize(
    ("command", "refused"),
    [
        (("claude", "--model", "claude-new-9", "-p", "x"), True),
        (("claude", "--model=claude-new-9"), True),
        (("claude", "--model", "opus"), False),
        (("claude", "--model", "claude-sonnet-4-5[1m]"), False),
        (("claude", "--", "--model", "claude-new-9"), False),
        (("claude", "--model"), False),
    ],
)
def test_a_model_without_a_price_is_refused_where_it_is_named(
    office: Office, command: tuple[str, ...], refused: bool
) -> None:
    """A product's own word for a model is no name of one; it is stopped when it turns out."""
    plan = office.plan(HARD)
    if refused:
        with pytest.raises(Refused, match="claude-new-9 has no price"):
            office.reserve(plan, capped(1, *command))
    else:
        assert office.reserve(plan, capped(1, *command))[0].unpriced is Unpriced.STOP


def test_a_model_without_a_price_runs_where_that_is_declared(office: Office) -> None:
    """And nothing stops it when it answers."""
    plan = office.plan({**HARD, "unpriced": "allow"})
    spec, _ = office.reserve(plan, capped(1, "claude", "--model", "claude-new-9"))
    assert spec.unpriced is Unpriced.WARN


def test_an_agent_that_cannot_be_read_is_refused_unless_that_is_allowed(office: Office) -> None:
    """A hard limit on what nobody can see would be a promise nobody keeps."""
    office.blind = True
    with pytest.raises(Refused, match=r"this does\. The budget b has a hard limit"):
        office.reserve(office.plan({**HARD, "run_usd": 1}))
    allowed = office.plan({**HARD, "name": "c", "run_usd": 1, "unpriced": "allow"})
    spec, told = office.reserve(allowed, msgspec.structs.replace(SPEC, run_id="run_2"))
    assert spec.limits.usd_micros is None
    assert "cannot be seen" in told[0]


def test_records_that_do_not_answer_refuse_only_where_a_hard_limit_is_known(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A known limit fails closed; perhaps there is one does not stop all work."""

    def down() -> BudgetRecords:
        raise Unavailable("the records do not answer.", place="db")

    monkeypatch.setattr(office, "records", down)
    with pytest.raises(Refused, match="The budget b cannot be asked: the records do not answer"):
        office.reserve(office.plan(HARD), capped(1))
    _, told = office.reserve(office.plan(always_ask=True), capped(1))
    assert "could not be asked for" in told[0]


def test_a_forks_file_cannot_leave_a_known_budget_out(office: Office) -> None:
    """The records know it, and its run is held to it."""
    office.reserve(office.plan(HARD), capped(9))
    fork = office.plan(trusted=False, always_ask=True)
    with pytest.raises(Refused, match="The budget b"):
        office.reserve(fork, msgspec.structs.replace(capped(2), run_id="run_2"))
    assert office.kinds().count("budget.withdrawn") == 0


def test_the_run_that_reaches_a_share_tells_it_once(office: Office) -> None:
    """On its own stderr, from the records, also where only a soft limit is declared."""
    plan = office.plan({"name": "s", "scope": "project", "each": True, "soft_usd": 1})
    record = RunRecord(
        run_id="run_1",
        agent="claude-code",
        outcome=Outcome.SUCCEEDED,
        cost=RunCost(usd=0.9, basis="priced"),
        started_at=NOW,
        project="shop",
    )
    budgets = office.records()
    assert office.engine is not None
    RunRecords(office.engine).settle(record, NOW)
    plan.look(SPEC, record, ADA, NOW)
    assert len(plan.told) == 1
    assert plan.told[0].endswith("80 % of its soft limit of $1.00 is reached.")
    again = office.plan({"name": "s", "scope": "project", "each": True, "soft_usd": 1})
    again.look(SPEC, record, ADA, NOW)
    assert again.told == []
    assert len(budgets.notices("2026-11-01")) == 1
    (letter,) = OutboxRecords(office.engine).letters("waiting")
    assert (letter.channel, letter.notice.alerts[0].rows) == ("chat", (Row("run", "run_1"),))


def test_a_run_that_cannot_tell_whom_to_tell_leaves_it_due(office: Office) -> None:
    """The run ends as it would; the next one that can read the file tells it."""
    section = {"name": "s", "scope": "project", "each": True, "soft_usd": 1}
    record = RunRecord(
        run_id="run_1",
        agent="claude-code",
        outcome=Outcome.SUCCEEDED,
        cost=RunCost(usd=0.9, basis="priced"),
        started_at=NOW,
        project="shop",
    )
    budgets = office.records()
    assert office.engine is not None
    RunRecords(office.engine).settle(record, NOW)
    office.broken = True
    plan = office.plan(section)
    plan.look(SPEC, record, ADA, NOW)
    assert len(plan.told) == 1
    assert "nobody can be told yet: pawl.toml: half written." in plan.told[0]
    assert budgets.notices("2026-11-01") == ()
    office.broken = False
    plan = office.plan(section)
    plan.look(SPEC, record, ADA, NOW)
    assert plan.told[0].endswith("is reached.")
    assert len(OutboxRecords(office.engine).letters("waiting")) == 1


def test_teams_come_from_the_repositorys_file_of_people_but_not_from_a_forks(
    office: Office,
) -> None:
    """A fork could otherwise take its author out of the team."""
    section = {"name": "t", "scope": "team", "of": "core", "hard_usd": 1}
    people = "people:\n  ada: [ada@x]\nteams:\n  core: [ada]\n"
    (budget,) = read(section, people=people).budgets
    assert budget.identities == {"ada": ("core",), "ada@x": ("core",)}
    with pytest.raises(PawlError, match="nobody is known"):
        read(section, people=people, trusted=False)
