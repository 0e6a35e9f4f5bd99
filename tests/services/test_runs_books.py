"""The ledger is told beside the agent, and a dead supervisor's run is put in order once."""

import threading
from collections.abc import Iterable

import msgspec

from pawl.base.errors import Unavailable
from pawl.governance.ledger import Actor
from pawl.runs.record import Outcome, RunCost, RunRecord, Stop
from pawl.runs.spec import RunSpec
from pawl.services.run_books import Books, put_in_order
from pawl.services.run_environment import agent_environment, resource_attributes
from pawl.telemetry.event import Attribution, Event, Kind

NOW = "2026-11-21T00:00:00.000000Z"
SPEC = RunSpec(
    run_id="run_a",
    command=("claude",),
    agent="claude-code",
    cwd="/work",
    attribution=Attribution(project="a,b=c", branch="fix/ü"),
)
RECORD = RunRecord(
    run_id="run_a",
    agent="claude-code",
    outcome=Outcome.SUCCEEDED,
    cost=RunCost(usd=None, basis="unpriced"),
)


class FakeRecords:
    """Notes what it is told."""

    def __init__(self) -> None:
        self.told: list[str] = []

    def start(self, spec: RunSpec, actor: Actor, now: str, *, pid: int, lock_path: str) -> bool:
        self.told.append(f"start {spec.run_id}")
        return True

    def stop(self, run_id: str, stop: Stop, now: str) -> bool:
        self.told.append(f"stop {run_id}")
        return True

    def settle(self, record: RunRecord, now: str) -> bool:
        self.told.append(f"settle {record.run_id} {record.outcome}")
        return True

    def interrupt(self, run_id: str, reason: str, now: str) -> bool:
        self.told.append(f"interrupt {run_id}: {reason}")
        return True


class FakeFolder:
    """A folder with a lock."""

    lock_path = "/data/runs/run_a/lock"

    def __init__(self) -> None:
        self.removed = False

    def keep_record(self, record: bytes) -> None:
        pass

    def remove(self) -> None:
        self.removed = True

    def release(self) -> None:
        pass


class FakeLeft:
    """What a dead supervisor left."""

    run_id = "run_a"

    def __init__(self, spec: bytes | None, record: bytes | None) -> None:
        self.spec = spec
        self.record = record
        self.folder = FakeFolder()


class FakeSpool:
    """Durable at once."""

    def __init__(self) -> None:
        self.events: list[Event] = []

    def append(self, events: Iterable[Event]) -> None:
        self.events += events

    def commit(self) -> None:
        pass

    def discard(self) -> int:
        return 0

    def close(self) -> None:
        pass


def settle(left: FakeLeft) -> tuple[FakeRecords, FakeSpool, int]:
    records, spool = FakeRecords(), FakeSpool()
    count = put_in_order(
        [left],
        records,
        now=lambda: NOW,
        open_spool=lambda run_id: spool,
        kill_marked=lambda run_id: 3,
    )
    return records, spool, count


def test_a_run_that_died_midway_is_marked_interrupted() -> None:
    """Ledger and spool are told, what it left is ended, the folder goes."""
    left = FakeLeft(msgspec.json.encode(SPEC), None)
    records, spool, count = settle(left)
    assert records.told == [
        "start run_a",
        "interrupt run_a: its supervisor died; processes ended: 3",
    ]
    (event,) = spool.events
    assert (event.kind, event.outcome, event.branch) == (Kind.RUN_ENDED, "interrupted", "fix/ü")
    assert (count, left.folder.removed) == (1, True)


def test_a_run_that_had_ended_is_settled_with_its_record() -> None:
    """A record that was finished before the crash is not lost to it."""
    left = FakeLeft(msgspec.json.encode(SPEC), msgspec.json.encode(RECORD))
    records, spool, count = settle(left)
    assert records.told == ["start run_a", "settle run_a succeeded"]
    (event,) = spool.events
    assert (event.id, event.outcome) == ("run_a:run_ended", "succeeded")
    assert (count, left.folder.removed) == (0, True)


def test_a_record_with_the_agent_s_own_answer_is_read_too() -> None:
    """Its structured output may be any JSON, and must not make the run count as interrupted."""
    record = msgspec.structs.replace(RECORD, structured_output=msgspec.Raw(b'{"a":[1,null]}'))
    left = FakeLeft(msgspec.json.encode(SPEC), msgspec.json.encode(record))
    records, _, count = settle(left)
    assert records.told == ["start run_a", "settle run_a succeeded"]
    assert (count, left.folder.removed) == (0, True)


def test_a_folder_with_nothing_readable_in_it_goes() -> None:
    """Its supervisor died before it had started anything."""
    left = FakeLeft(b"{", None)
    records, _, count = settle(left)
    assert (records.told, count, left.folder.removed) == ([], 0, True)


def test_jobs_are_done_in_order_by_one_thread() -> None:
    """The caller goes on at once; `finish` waits; afterwards it may start again."""
    opened: list[str] = []
    records = FakeRecords()

    def open_records() -> FakeRecords:
        opened.append(threading.current_thread().name)
        return records

    books = Books(open_records)
    books.tell(lambda found: found.stop("a", Stop(limit="wall", value=1, threshold=1), NOW))
    books.tell(lambda found: found.settle(RECORD, NOW))
    books.finish()
    books.tell(lambda found: found.interrupt("b", "why", NOW))
    books.finish()
    assert records.told == ["stop a", "settle run_a succeeded", "interrupt b: why"]
    assert opened == ["pawl-books"]
    assert books.failure is None


def test_records_that_do_not_answer_are_told_and_do_not_end_the_run() -> None:
    """The first failure is kept; the thread goes on with the next job."""

    def open_records() -> FakeRecords:
        raise Unavailable("the disk is gone")

    books = Books(open_records)
    books.tell(lambda found: None)
    books.tell(lambda found: None)
    books.finish()
    assert books.failure is not None
    assert books.failure.message == "the disk is gone"


def test_a_defect_in_a_job_is_a_failure_too() -> None:
    """Whatever goes wrong, the run is not taken for settled."""
    books = Books(FakeRecords)
    books.tell(lambda found: 1 / 0)
    books.finish()
    assert books.failure is not None
    assert "ZeroDivisionError" in books.failure.message


def test_the_users_resource_attributes_stay_and_ours_are_encoded() -> None:
    """Commas and equals signs in a name cannot forge another pair."""
    told = resource_attributes("team=core, pawl.run_id=forged,vcs.ref.head.name=theirs", SPEC)
    pairs = dict(pair.split("=", 1) for pair in told.split(","))
    assert pairs["team"] == "core"
    assert pairs["pawl.run_id"] == "run_a"
    assert pairs["vcs.ref.head.name"] == "theirs"
    assert pairs["pawl.project"] == "a%2Cb%3Dc"


def test_the_hook_of_a_run_around_this_one_is_not_ours() -> None:
    """A run inside a run does not ask the outer supervisor, and keeps the outer trace."""
    from pawl.runs.agent import Launch

    outer = {"PAWL_HOOK_SOCKET": "/outer", "PAWL_HOOK_TOKEN": "t", "TRACEPARENT": "00-a-b-01"}
    launch = Launch(argv=("claude",), set_env={"ADDED": "1"}, unset_env=("GONE",))
    env = agent_environment(
        outer | {"GONE": "x"}, SPEC, launch, trace=("c" * 32, "d" * 16), hook=None
    )
    assert "PAWL_HOOK_SOCKET" not in env
    assert "PAWL_HOOK_TOKEN" not in env
    assert "GONE" not in env
    assert (env["ADDED"], env["TRACEPARENT"], env["PAWL_RUN_ID"]) == ("1", "00-a-b-01", "run_a")
