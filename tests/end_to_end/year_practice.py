"""What Pawl itself recorded in the year: supervised runs in the ledger, and what they come to."""

from contextlib import AbstractContextManager
from datetime import datetime, timedelta

import msgspec
from tests.end_to_end.year_story import START, SUBJECT

from pawl.base.times import format_time
from pawl.governance.ledger import Actor, Checkpoint
from pawl.maturity.facts import Absent
from pawl.maturity.facts.practice import Practice
from pawl.runs.record import Outcome, RunCost, RunRecord, Stop
from pawl.runs.spec import Limits, RunSpec
from pawl.services.practice import Chain, Runs, Worker, place_of, read_practice
from pawl.services.reverified import reverified
from pawl.store.records.ceremonies import CeremonyRecords
from pawl.store.records.check import check
from pawl.store.records.engine import Engine
from pawl.store.records.evidence import EvidenceRecords
from pawl.store.records.runs import RunRecords
from pawl.telemetry.event import Attribution
from pawl.telemetry.usage import Usage

PIPELINE = Actor(person="pipeline@acme.invalid", source="ci", assurance="observed")
RUNS_A_WEEK = 3
STOPPED_EVERY = 11
"""Of so many runs one reaches its limit of turns and is stopped."""
CHECKPOINTS_FROM = START + timedelta(weeks=20)
"""From when on the ledger's head is kept outside, and compared with at the next look."""
_LIMITS = Limits(turns=20, wall_s=600.0, usd_micros=2_000_000)


class Practised:
    """Supervised runs of the year, and the practice that Pawl's records tell of."""

    def __init__(
        self, engine: Engine, evidence: EvidenceRecords, ceremonies: CeremonyRecords
    ) -> None:
        self._engine = engine
        self._evidence = evidence
        self._ceremonies = ceremonies
        self._runs = RunRecords(engine)
        self._kept: Checkpoint | None = None
        self._count = 0

    def count(self) -> int:
        """Return how many runs the records hold."""
        return len(self._runs.recent(10_000))

    def work(self, week: int) -> None:
        """Record a week's supervised runs, each in full; before the first look there are none."""
        if week < 1:
            return
        for slot in range(RUNS_A_WEEK):
            self._run(START + timedelta(weeks=week - 1, days=1 + slot, hours=1))

    def _run(self, began: datetime) -> None:
        self._count += 1
        name = f"run_{self._count:05d}"
        stopped = self._count % STOPPED_EVERY == 0
        turns = 20 if stopped else 4 + self._count % 7
        at, end = format_time(began), format_time(began + timedelta(minutes=turns))
        spec = RunSpec(
            run_id=name,
            command=("claude", "-p", "Review this change"),
            agent="claude-code",
            cwd="/work/shop",
            limits=_LIMITS,
            attribution=Attribution(project="shop", workflow="review", developer="pipeline"),
        )
        assert self._runs.start(spec, PIPELINE, at, pid=1000, lock_path=f"/locks/{name}")
        stop = Stop(limit="turns", value=21, threshold=20) if stopped else None
        if stop is not None:
            assert self._runs.stop(name, stop, end)
        record = RunRecord(
            run_id=name,
            agent="claude-code",
            outcome=Outcome.STOPPED if stopped else Outcome.SUCCEEDED,
            stop=stop,
            exit_code=None if stopped else 0,
            session_id=f"session-{self._count}",
            turns=turns,
            started_at=at,
            ended_at=end,
            duration_ms=turns * 60_000,
            usage=Usage(900 * turns, 4_000 * turns, 300 * turns, 0, 250 * turns, 0, 0),
            cost=RunCost(usd=turns / 64, basis="priced"),
            project="shop",
        )
        assert self._runs.settle(record, end)

    def practice(self, now: datetime) -> Practice:
        """Return what the records tell at a time, as an assessment reads it."""
        at = format_time(now)
        since = format_time(now - timedelta(days=365))
        told = read_practice(self, since, at, place_of("shop", None))
        if isinstance(told, Absent):
            assert self.count() == 0, told  # The very first look comes before the first run.
            told = Practice(complete_since=since)
        verified_at, new = reverified(self._evidence, self._ceremonies, SUBJECT)
        return msgspec.structs.replace(told, reverified_at=verified_at, reverified_new_evidence=new)

    def runs(self) -> Runs:
        """Return the records of runs."""
        return self._runs

    def events(self) -> AbstractContextManager[Worker] | None:
        """Say that no telemetry was collected."""
        return None

    def objectives(self, project: str | None) -> None:
        """Return nothing: this machine measured no objective."""

    def evals(self, since: str, until: str, project: str | None) -> None:
        """Return nothing: no eval was run in this year."""

    def alerted(self, since: str, until: str, project: str | None) -> None:
        """Return nothing: no alert was looked at in this year."""

    def changed(self, since: str, until: str, project: str | None) -> None:
        """Return nothing: no change of an agent was recorded in this year."""

    def chain(self) -> Chain:
        """Verify the ledger, against the head that was kept outside once that is done."""
        report = check(self._engine, self._kept)
        last = self._evidence.trend(SUBJECT)[-1:]
        if last and last[0].as_of >= format_time(CHECKPOINTS_FROM):
            self._kept = Checkpoint(seq=report.entries, hash=report.head, at=last[0].as_of)
        return Chain(
            entries=report.entries,
            intact=report.intact,
            checkpointed=report.truncation_excluded,
        )
