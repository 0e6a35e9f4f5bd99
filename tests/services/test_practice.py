"""What Pawl's own stores tell of agents at work: counts, of one project or of all."""

from pathlib import Path
from typing import Any

import msgspec
import pytest

from pawl.alerts.budget import budgets_of
from pawl.alerts.budget_people import People
from pawl.alerts.objectives import Objective
from pawl.app import price_texts
from pawl.governance.ledger import Actor
from pawl.maturity.facts import Absent
from pawl.maturity.facts.practice import AgentUse, Practice
from pawl.runs.record import Outcome, RunCost, RunRecord
from pawl.runs.spec import Limits, RunSpec
from pawl.services.practice import place_of, read_practice
from pawl.services.practice_stores import MachineStores
from pawl.services.stored_events import open_events
from pawl.store.events.practice import WorkPlace
from pawl.store.records.budgets import BudgetRecords, Files
from pawl.store.records.engine import open_records
from pawl.store.records.runs import RunRecords
from pawl.store.spool import SpoolWriter
from pawl.telemetry.event import Attribution, Event, Kind, Source
from pawl.telemetry.usage import Usage

SINCE, UNTIL = "2026-10-01T00:00:00.000000Z", "2026-11-21T00:00:00.000000Z"
SHOP = WorkPlace(project="shop", repo="github.com/acme/shop")
ALL = WorkPlace()


def on(day: str, name: str, **fields: Any) -> Event:
    known: dict[str, Any] = {
        "id": name,
        "time": f"2026-{day}T10:00:00.000000Z",
        "kind": Kind.REQUEST,
        "source": Source.TRANSCRIPT,
        "agent": "claude-code",
        "request_id": name,
        "session_id": "s1",
        "model": "claude-opus-4-5",
        "project": "shop",
        "repo": "github.com/acme/shop",
        "input": 10,
        "output": 5,
        "final": True,
    }
    return Event(**(known | fields))


EVENTS = [
    on("11-01", "r1"),
    on("11-01", "r2"),
    on("11-02", "r3", session_id="s2", model="nobody-knows-it"),
    on("11-03", "r4", session_id="s3", run_id="run_1", agent="codex"),
    on("11-03", "r5", session_id="s4", repo=None),
    on("11-03", "r6", session_id="s5", repo="github.com/other/shop"),
    on("11-03", "r7", session_id="s6", project="site", repo="github.com/acme/site"),
    on("09-01", "r8", session_id="s7"),
    on("11-04", "t1", kind=Kind.TOOL_RESULT, tool="mcp__jira__find", tool_call_id="c1"),
    on("11-04", "t2", kind=Kind.TOOL_RESULT, tool="mcp__jira__find", tool_call_id="c1"),
    on("11-04", "t3", kind=Kind.TOOL_RESULT, tool="mcp__jira__get", tool_call_id="c2"),
    on(
        "11-04",
        "t4",
        kind=Kind.TOOL_RESULT,
        tool="mcp__db__ask",
        tool_call_id="c3",
        outcome="error",
    ),
    on("11-04", "t5", kind=Kind.TOOL_DENIED, tool="Bash", tool_call_id="c4"),
    on("11-04", "t6", kind=Kind.TOOL_DENIED, tool="Bash", tool_call_id="c4", source=Source.RUN),
]
PERSON = Actor(person="ada", source="os", assurance="A0")


def run(number: int, day: str, outcome: Outcome, limits: Limits, **owner: Any) -> Any:
    spec = RunSpec(
        run_id=f"run_{number}",
        command=("claude",),
        agent="claude-code",
        cwd="/work",
        limits=limits,
        attribution=Attribution(**({"project": "shop", "repo": "github.com/acme/shop"} | owner)),
    )
    record = RunRecord(
        run_id=spec.run_id,
        agent=spec.agent,
        outcome=outcome,
        cost=RunCost(usd=None, basis="unpriced"),
        session_id=f"s{number}" if number % 2 else None,
    )
    return f"2026-{day}T10:00:00.000000Z", spec, record


RUNS = [
    run(1, "11-03", Outcome.SUCCEEDED, Limits(turns=3), workflow="ci"),
    run(2, "11-04", Outcome.STOPPED, Limits(usd_micros=5)),
    run(3, "11-05", Outcome.UNREADABLE, Limits()),
    run(4, "11-05", Outcome.SUCCEEDED, Limits(), project="site", repo="github.com/acme/site"),
    run(5, "09-02", Outcome.SUCCEEDED, Limits(turns=1)),
]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    data = tmp_path / "records"
    data.mkdir()
    with SpoolWriter(data / "spool", "test") as spool:
        spool.append(EVENTS)
        spool.commit()
    engine = open_records(data)
    records = RunRecords(engine)
    for started, spec, record in RUNS:
        records.start(spec, PERSON, started, pid=1, lock_path="")
        records.settle(record, started)
    engine.dispose()
    return data


def practice(folder: Path, whose: WorkPlace, **more: Any) -> Practice | Absent:
    with MachineStores(folder, price_texts(folder), lambda: UNTIL, **more) as stores:
        return read_practice(stores, SINCE, UNTIL, whose)


def told(folder: Path, whose: WorkPlace, **more: Any) -> Practice:
    found = practice(folder, whose, **more)
    assert isinstance(found, Practice)
    return found


def test_the_work_of_one_project(folder: Path) -> None:
    """Its own repository's, and what names only its project; not another one of that name."""
    shop = told(folder, SHOP)
    assert shop.agents == (
        AgentUse(agent="claude-code", sessions=3, supervised=0, days=3),
        AgentUse(agent="codex", sessions=1, supervised=1, days=1),
    )
    assert (shop.requests, shop.unpriced_requests) == (5, 1)
    assert shop.projects == {"shop": 5}
    assert shop.mcp_calls == {"jira": 2, "db": 0}
    assert shop.refused_tool_calls == 1
    assert (shop.runs, shop.runs_in_ci, shop.runs_with_limits) == (3, 1, 2)
    assert (shop.stopped_by_limit, shop.runs_unreadable, shop.runs_with_session) == (1, 1, 2)
    assert shop.complete_since == SINCE


def test_everything_of_an_organisation(folder: Path) -> None:
    """Without a project all count, by project."""
    everything = told(folder, ALL)
    assert everything.projects == {"shop": 6, "site": 1}
    assert everything.runs == 4


def test_costs_and_gaps_are_told_of_runs(tmp_path: Path) -> None:
    """A run's cost stands at its start; a day of runs and of no event is a gap."""
    data = tmp_path / "own"
    data.mkdir()
    with SpoolWriter(data / "spool", "test") as spool:
        spool.append([on("11-01", "r1"), on("11-05", "r2")])
        spool.commit()
    engine = open_records(data)
    records = RunRecords(engine)
    for number, (day, usd) in enumerate({"11-01": 0.5, "11-03": None, "10-20": 1.0}.items()):
        started, spec, record = run(number, day, Outcome.SUCCEEDED, Limits())
        ended = msgspec.structs.replace(
            record,
            started_at=started,
            ended_at=started,
            usage=Usage(input=1),
            cost=RunCost(usd=usd, basis="reported" if usd else "unpriced"),
        )
        records.start(spec, PERSON, started, pid=1, lock_path="")
        records.settle(ended, started)
    engine.dispose()
    shop = told(data, SHOP)
    assert shop.run_costs == (
        ("2026-10-20T10:00:00.000000Z", 1_000_000),
        ("2026-11-01T10:00:00.000000Z", 500_000),
    )
    assert shop.gaps == (("2026-11-03T00:00:00.000000Z", "2026-11-04T00:00:00.000000Z"),)


def test_objectives_are_measured_by_days_with_work(tmp_path: Path) -> None:
    """A day on which runs ended and nothing was told is a missing point; an idle day is none."""
    data = tmp_path / "own"
    data.mkdir()
    told_of = [
        on("11-01", "r1", duration_ms=900),
        on("11-01", "r2", duration_ms=5000),
        on("11-02", "r3", duration_ms=900),
        on("11-02", "t1", kind=Kind.TOOL_RESULT, tool="Bash", tool_call_id="c1", outcome="ok"),
        on("11-02", "t2", kind=Kind.TOOL_RESULT, tool="Bash", tool_call_id="c1", outcome="error"),
        on("11-02", "e1", kind=Kind.ERROR, request_id=None),
        on("11-03", "r4", project="site", duration_ms=9000),
        *_a_run("run_1", "11-01", "succeeded"),
        *_a_run("run_2", "11-01", "agent_failed"),
        *_a_run("run_3", "11-02", "succeeded"),
        *_a_run("run_4", "11-02", "interrupted"),
    ]
    with SpoolWriter(data / "spool", "test") as spool:
        spool.append(told_of)
        spool.commit()
    engine = open_records(data)
    records = RunRecords(engine)
    started, spec, record = run(9, "11-05", Outcome.SUCCEEDED, Limits())
    records.start(spec, PERSON, started, pid=1, lock_path="")
    records.settle(
        msgspec.structs.replace(record, started_at=started, ended_at=started, usage=Usage(input=1)),
        started,
    )
    engine.dispose()
    promised = (
        promise("run-success"),
        promise("request-success"),
        promise("tool-success"),
        promise("request-latency", threshold_ms=1000.0),
        promise("", problem="it is measured by prometheus"),
        promise("run-success", project="site"),
    )
    found = told(data, SHOP, promises=lambda: promised).objectives
    assert found is not None
    assert [(o.points, o.expected_points, o.distinct_values) for o in found] == [
        (2, 3, 2),  # Runs ended on the 1st and 2nd as told, and on the 5th as recorded.
        (2, 3, 2),
        (1, 3, 1),
        (2, 3, 2),
        (0, 1, 0),
    ]
    assert found[0].budget_left == pytest.approx(1 - 1 / (0.5 * 3))
    assert found[2].budget_left == pytest.approx(-1.0)
    assert found[4].budget_left is None
    assert told(data, SHOP).objectives is None
    assert told(data, WorkPlace(project="home"), promises=lambda: promised[5:]).objectives is None


def promise(indicator: str, **more: Any) -> Objective:
    known: dict[str, Any] = {
        "name": f"of {indicator}",
        "service": "shop",
        "target": 0.5,
        "window_s": 28 * 86_400.0,
    }
    return Objective(indicator=indicator, **(known | {"project": "shop"} | more))


def _a_run(name: str, day: str, outcome: str) -> list[Event]:
    common: dict[str, Any] = {"run_id": name, "session_id": None, "request_id": None}
    common |= {"input": None, "output": None, "final": None, "source": Source.RUN}
    return [
        on(day, f"{name}:run_started", kind=Kind.RUN_STARTED, **common),
        on(day, f"{name}:run_ended", kind=Kind.RUN_ENDED, outcome=outcome, **common),
    ]


def test_the_ledger_is_verified(folder: Path) -> None:
    """Entries are counted, and without a checkpoint from outside that is said."""
    shop = told(folder, SHOP)
    assert (shop.verified_entries, shop.chain_intact, shop.checkpointed) == (10, True, False)
    with MachineStores(folder, price_texts(folder), lambda: UNTIL) as stores:
        assert stores.chain() is not None
    from pawl.services.ledger import open_ledger

    with open_ledger(folder, None, lambda: UNTIL) as ledger:
        kept = folder / "checkpoint.json"
        kept.write_bytes(msgspec.json.encode(ledger.checkpoint()))
    assert told(folder, SHOP, checkpoint=kept).checkpointed


def test_budgets_are_those_that_the_project_counts_towards(folder: Path, tmp_path: Path) -> None:
    """One for all, one for each project and its own count; another project's does not."""
    assert told(folder, SHOP).budgets == 0
    sections = [
        {"name": "all", "scope": "organisation", "hard_usd": 100},
        {"name": "each", "scope": "project", "each": True, "hard_usd": 10},
        {"name": "own", "scope": "project", "of": "shop", "soft_usd": 5},
        {"name": "other", "scope": "project", "of": "site", "soft_usd": 5},
    ]
    declared = budgets_of(sections, source="team", people=People(), place="budgets.toml")
    engine = open_records(folder)
    BudgetRecords(engine).load(Files(declared=declared, sources=("team",)), PERSON, UNTIL)
    engine.dispose()
    assert (told(folder, SHOP).budgets, told(folder, ALL).budgets) == (3, 4)
    with SpoolWriter(tmp_path / "bare" / "spool", "test") as spool:
        spool.append([on("11-10", "r1")])
        spool.commit()
    assert told(tmp_path / "bare", SHOP).budgets is None


def test_the_records_are_opened_once(folder: Path, tmp_path: Path) -> None:
    """Whoever asks gets the same ones, and only who is to keep something in them begins any."""
    with MachineStores(folder, price_texts(folder), lambda: UNTIL) as stores:
        assert stores.runs() is not None
        assert stores.chain() is not None
        assert stores.records() is stores.begun_records() is not None
    new = tmp_path / "new"
    with MachineStores(new, price_texts(new), lambda: UNTIL) as stores:
        assert (stores.records(), stores.runs(), stores.chain()) == (None, None, None)
        assert not new.exists()
        assert stores.begun_records() is stores.records() is not None


def test_nothing_recorded_is_not_nothing_done(tmp_path: Path) -> None:
    """A machine that Pawl never recorded on tells nothing, and making stores is not its part."""
    found = practice(tmp_path / "new", SHOP)
    assert isinstance(found, Absent)
    assert "pawl import" in found.hint
    assert not (tmp_path / "new").exists()


def test_records_that_begin_within_the_window_reach_no_further_back(tmp_path: Path) -> None:
    """What Pawl did not yet record is not counted as a quiet time."""
    with SpoolWriter(tmp_path / "spool", "test") as spool:
        spool.append([on("11-10", "r1")])
        spool.commit()
    found = told(tmp_path, SHOP)
    assert found.complete_since == "2026-11-10T10:00:00.000000Z"
    assert found.verified_entries is None


def test_a_store_that_a_server_owns_is_said(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its owner is named, and nothing is guessed."""
    from pawl.store.events.owner import StoreBusy

    def busy(*_: Any, **__: Any) -> Any:
        raise StoreBusy("events.lock", 7, "http://127.0.0.1:8787")

    with open_events(folder) as events:
        events.drain(folder / "spool")
    monkeypatch.setattr("pawl.services.stored_events.open_events", busy)
    found = practice(folder, SHOP)
    assert isinstance(found, Absent)
    assert "8787" in found.hint


def test_whose_work_it_is() -> None:
    """A remote on this machine is nobody's shared name."""
    assert place_of("shop", "github.com/acme/shop") == SHOP
    assert place_of("shop", "/srv/git/shop") == WorkPlace(project="shop")
