"""Runs in the records: each command once, ledger and table together, on both engines."""

import multiprocessing
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest

from pawl.governance.ledger import GENESIS, Actor, Checkpoint
from pawl.runs.record import Outcome, RunCost, RunRecord, Stop
from pawl.runs.spec import Limits, RunSpec
from pawl.store.records.check import check
from pawl.store.records.engine import Engine, open_records, reading, writing
from pawl.store.records.ledger import entries, head
from pawl.store.records.runs import RunRecords
from pawl.telemetry.event import Attribution
from pawl.telemetry.usage import Usage

PERSON = Actor(person="ada@example.org", source="git-config", assurance="declared")
HEDGED = "stderr \0 with \udce4 odd bytes"


def at(second: int) -> str:
    return f"2026-11-21T00:00:{second:02d}.000000Z"


def spec(run_id: str = "run_1") -> RunSpec:
    return RunSpec(
        run_id=run_id,
        command=("claude", "-p", "a secret prompt"),
        agent="claude-code",
        cwd="/work",
        limits=Limits(turns=3, wall_s=10.0),
        attribution=Attribution(project="shop", developer="ada"),
    )


def record(run_id: str = "run_1", **fields: Any) -> RunRecord:
    known: dict[str, Any] = {
        "run_id": run_id,
        "agent": "claude-code",
        "outcome": Outcome.STOPPED,
        "cost": RunCost(usd=0.25, basis="priced"),
        "stop": Stop(limit="turns", value=4, threshold=3),
        "usage": Usage(1, 2, 3, 4, 5, 6, 7),
        "structured_output": msgspec.Raw(b'{"n":123456789012345678901234567890}'),
        "stderr_tail": HEDGED,
        "warnings": ("one",),
    }
    return RunRecord(**(known | fields))


def test_a_run_is_started_stopped_and_settled(engine: Engine) -> None:
    """What was told comes back, unfinished until it is settled, and the ledger fits the table."""
    runs = RunRecords(engine)
    assert runs.start(spec(), PERSON, at(0), pid=7, lock_path="/locks/run_1")
    (running,) = runs.unfinished()
    assert (running.status, running.pid, running.lock_path) == ("running", 7, "/locks/run_1")
    assert running.limits == spec().limits
    assert running.attribution == spec().attribution
    assert running.usage is None
    assert runs.stop("run_1", Stop(limit="turns", value=4, threshold=3), at(1))
    assert runs.settle(record(), at(2))
    assert runs.unfinished() == []
    ended = runs.get("run_1")
    assert ended is not None
    assert (ended.status, ended.outcome) == ("ended", Outcome.STOPPED)
    assert (ended.usage, ended.cost_micros) == (Usage(1, 2, 3, 4, 5, 6, 7), 250_000)
    assert ended.stop == Stop(limit="turns", value=4, threshold=3)
    assert ended.record is not None
    assert bytes(ended.record.structured_output or b"") == b'{"n":123456789012345678901234567890}'
    assert ended.attribution.project == "shop"
    report = check(engine, replay=True)
    assert report.intact, report.difference
    assert report.entries == 3


def test_a_command_told_twice_changes_nothing(engine: Engine) -> None:
    """Repeating any command returns False and leaves ledger and table as they are."""
    runs = RunRecords(engine)
    stop = Stop(limit="turns", value=4, threshold=3)
    commands: list[Callable[[], bool]] = [
        lambda: runs.start(spec(), PERSON, at(0), pid=7, lock_path="/l"),
        lambda: runs.stop("run_1", stop, at(1)),
        lambda: runs.settle(record(), at(2)),
    ]
    for command in commands:
        assert command()
        before = head(engine)
        assert not command()
        assert head(engine) == before


def test_too_late_is_no_news(engine: Engine) -> None:
    """A settled run is neither stopped nor interrupted any more; an unknown one never was."""
    runs = RunRecords(engine)
    runs.start(spec(), PERSON, at(0), pid=7, lock_path="/l")
    runs.settle(record(), at(1))
    assert not runs.interrupt("run_1", "dead", at(2))
    assert not runs.stop("run_1", Stop(limit="turns", value=4, threshold=3), at(2))
    assert not runs.interrupt("run_2", "dead", at(2))
    assert runs.get("run_2") is None


def test_an_interrupted_run_ends_and_a_late_settlement_wins(engine: Engine) -> None:
    """A run taken for dead is interrupted; should its supervisor still speak, it is believed."""
    runs = RunRecords(engine)
    runs.start(spec(), PERSON, at(0), pid=7, lock_path="/l")
    assert runs.interrupt("run_1", "its supervisor died", at(1))
    state = runs.get("run_1")
    assert state is not None
    assert (state.outcome, state.reason) == (Outcome.INTERRUPTED, "its supervisor died")
    assert runs.settle(record(outcome=Outcome.SUCCEEDED), at(2))
    state = runs.get("run_1")
    assert state is not None
    assert (state.outcome, state.reason) == (Outcome.SUCCEEDED, None)
    assert check(engine, replay=True).intact


def test_a_refused_run_is_kept_without_a_start(engine: Engine) -> None:
    """No run is without a record, not even one that never started."""
    runs = RunRecords(engine)
    refused = record(outcome=Outcome.REFUSED, cost=RunCost(usd=None, basis="unpriced"), usage=None)
    assert runs.settle(refused, at(0))
    state = runs.get("run_1")
    assert state is not None
    assert (state.outcome, state.cost_micros, state.usage) == (Outcome.REFUSED, None, None)
    assert check(engine, replay=True).intact


def test_the_prompt_is_not_kept(engine: Engine) -> None:
    """The ledger binds to the command by its digest; its text is nobody's business."""
    RunRecords(engine).start(spec(), PERSON, at(0), pid=7, lock_path="/l")
    with reading(engine) as connection:
        (entry,) = list(entries(connection))
    assert "secret" not in entry.body
    assert entry.actor == PERSON


@pytest.mark.parametrize(
    ("statement", "kind"),
    [
        ("UPDATE ledger SET body = replace(body, 'claude', 'codex') WHERE seq = 1", "body"),
        ("UPDATE ledger SET actor = '{}' WHERE seq = 1", "hash"),
        ("UPDATE ledger SET recorded_at = 'x' WHERE seq = 2", "hash"),
        ("UPDATE ledger SET hash = prev_hash WHERE seq = 1", "hash"),
        ("DELETE FROM ledger WHERE seq = 1", "sequence"),
        ("UPDATE runs SET cost_micros = 1", "table"),
        ("DELETE FROM runs", "table"),
        ("DELETE FROM ledger WHERE seq = 2", "table"),
        ("INSERT INTO runs (run_id, agent, status) VALUES ('x', 'y', 'z')", "table"),
    ],
)
def test_whatever_somebody_changes_is_found(engine: Engine, statement: str, kind: str) -> None:
    """A change of an entry or of the table, made behind our back, is the first difference."""
    runs = RunRecords(engine)
    runs.start(spec(), PERSON, at(0), pid=7, lock_path="/l")
    runs.settle(record(), at(1))
    with writing(engine) as connection:
        connection.execute(statement)
    difference = check(engine, replay=True).difference
    assert difference is not None
    assert difference.kind == kind


def test_a_checkpoint_finds_truncation(engine: Engine) -> None:
    """Without the checkpoint the shortened ledger looks whole."""
    runs = RunRecords(engine)
    runs.start(spec(), PERSON, at(0), pid=7, lock_path="/l")
    runs.interrupt("run_1", "dead", at(1))
    seq, newest = head(engine)
    kept = Checkpoint(seq=seq, hash=newest, at=at(2))
    with writing(engine) as connection:
        connection.execute("DELETE FROM ledger WHERE seq = 2")
    assert check(engine).intact
    assert not check(engine, kept).intact


def _hammer(folder: str, url: str | None, worker: int, count: int) -> None:
    engine = open_records(Path(folder), url)
    runs = RunRecords(engine)
    for number in range(count):
        # Half of the runs are everybody's: the same command from several processes at once.
        name = f"run_{number}" if number % 2 else f"run_{worker}_{number}"
        runs.start(spec(name), PERSON, at(0), pid=worker, lock_path="/l")
        runs.interrupt(name, "dead", at(1))
    engine.dispose()


@pytest.mark.heavy
def test_eight_processes_at_once_make_one_chain(
    opened: Callable[[], Engine], tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    """From the first migration on, eight processes append without a fork, a gap or a repetition."""
    is_postgres = "postgresql" in request.node.name
    url = request.getfixturevalue("postgres_url") if is_postgres else None
    context = multiprocessing.get_context("spawn")
    workers, count = 8, 10
    processes = [
        context.Process(target=_hammer, args=(str(tmp_path / "data"), url, worker, count))
        for worker in range(workers)
    ]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    assert [process.exitcode for process in processes] == [0] * workers
    report = check(opened(), replay=True)
    assert report.intact, report.difference
    assert report.entries == 2 * (workers * count // 2 + count // 2)


def test_an_empty_ledger_has_the_genesis_head(engine: Engine) -> None:
    """Nothing recorded is entry 0."""
    assert head(engine) == (0, GENESIS)
