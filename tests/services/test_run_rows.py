"""What a supervised run leaves as events is what lists of runs show."""

from pathlib import Path

import msgspec

from pawl.runs.record import Outcome, RunCost, RunRecord, Stop
from pawl.runs.spec import RunSpec
from pawl.services.run_books import ended_event
from pawl.store.events.duckdb import DuckEvents
from pawl.store.spool import SpoolWriter
from pawl.telemetry.event import Attribution, Event, Kind, Source

SPEC = RunSpec(
    run_id="run_1",
    command=("claude",),
    agent="claude-code",
    cwd="/w",
    attribution=Attribution(project="web", developer="ada"),
)
BEGAN, ENDED = "2026-11-21T04:00:00.000000Z", "2026-11-21T04:01:00.000000Z"
RECORD = RunRecord(
    run_id="run_1",
    agent="claude-code",
    outcome=Outcome.STOPPED,
    stop=Stop(limit="usd", value=2.1, threshold=2),
    turns=7,
    ended_at=ENDED,
    duration_ms=60_000,
    cost=RunCost(usd=2.1, basis="priced"),
)


def test_a_stopped_run_is_listed_with_its_limit_and_turns(tmp_path: Path) -> None:
    """The store finds the limit, the turns and the times where the supervisor puts them."""
    begun = Event(
        id="run_1:run_started",
        time=BEGAN,
        kind=Kind.RUN_STARTED,
        source=Source.RUN,
        agent=SPEC.agent,
        run_id=SPEC.run_id,
        **msgspec.structs.asdict(SPEC.attribution),
    )
    with SpoolWriter(tmp_path / "spool", "run_1") as spool:
        spool.append([begun, ended_event(SPEC, RECORD, ENDED)])
        spool.commit()
    with DuckEvents(tmp_path) as events:
        events.drain(tmp_path / "spool")
        row = events.run("run_1")
    assert row is not None
    assert (row.outcome, row.stop_limit, row.turns) == ("stopped", "usd", 7)
    assert (row.started_at, row.ended_at, row.running) == (BEGAN, ENDED, False)
    assert (row.project, row.developer) == ("web", "ada")
