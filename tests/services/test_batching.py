"""A batch over a made-up world: crashes at any write, endings of all kinds, limits and signals."""

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.runs.batches import AT, items, rules

from pawl.base.errors import BadValue, Unavailable
from pawl.runs.agent import AgentError
from pawl.runs.batch import Batch
from pawl.runs.batch_ending import Summary
from pawl.runs.batch_events import Rules
from pawl.runs.batch_item import Item, Template, make_item
from pawl.runs.batch_result import MAX_ANSWER, Result
from pawl.runs.outside import Signalled
from pawl.runs.record import Outcome, RunCost, RunRecord
from pawl.services.batch_world import World
from pawl.services.batching import Asked, run_batch

TEMPLATE = Template(command=("agent", "-p", "{item}"))


class Died(BaseException):
    """The batch was killed here."""


class Gone(NamedTuple):
    """A supervisor ended."""

    run_id: str
    status: int
    stderr: str = ""


class Ends(msgspec.Struct, frozen=True, kw_only=True):
    """What the next attempt of an item comes to: a record, or none with a status."""

    outcome: Outcome = Outcome.SUCCEEDED
    transient: bool = False
    usd: float | None = 0.00003
    status: int = 0
    stderr: str = ""
    recorded: bool = True
    result: str = "done"


class Disk:
    """Files that survive a crash, and a batch that dies at the `crash_at`-th write."""

    def __init__(self) -> None:
        self.results = self.journal = b""
        self.records: dict[str, bytes] = {}
        self.writes = 0
        self.crash_at: int | None = None
        self.torn = 0
        self.broken = self.dead = False

    def result_lines(self) -> Iterator[bytes]:
        self.results = self.results[: self.results.rfind(b"\n") + 1]
        return iter(self.results.splitlines())

    def journal_lines(self) -> Iterator[bytes]:
        self.journal = self.journal[: self.journal.rfind(b"\n") + 1]
        return iter(self.journal.splitlines())

    def add_result(self, line: bytes) -> None:
        self.results += self._survives(line)
        self._die(line)

    def add_journal(self, line: bytes) -> None:
        self.journal += self._survives(line)
        self._die(line)

    def _survives(self, line: bytes) -> bytes:
        if self.broken:
            raise Unavailable("the disk is full.")
        self.writes += 1
        return line[: self.torn] if self.writes == self.crash_at else line

    def _die(self, line: bytes) -> None:
        if self.writes == self.crash_at:
            self.dead = True
            raise Died

    def record(self, run_id: str) -> bytes | None:
        return self.records.get(run_id)

    def kept_record(self, run_id: str) -> str:
        return f"runs/{run_id}.json"

    def started(self, run_id: str, pid: int) -> None:
        pass

    def drop(self, run_id: str, *, keep_record: bool = False) -> None:
        if not keep_record:
            self.records.pop(run_id, None)


class Supervisors:
    """Supervisors that end one a turn; `script` says how, by item."""

    def __init__(self, disk: Disk, script: dict[str, list[Ends]]) -> None:
        self.disk, self.script = disk, script
        self.living: list[tuple[str, str]] = []
        self.flags: list[tuple[str, ...]] = []
        self.stdin: list[bytes | None] = []
        self.told: list[int] = []
        self.signals: list[int] = []
        self.early = False
        self.cost = 0.0
        self.most = 0
        self.killed = 0
        self.hangs = False

    def start(
        self,
        run_id: str,
        flags: Sequence[str],
        command: Sequence[str],
        *,
        folder: str | None,
        stdin: bytes | None,
    ) -> int:
        self.living.append((run_id, command[-1]))
        self.flags.append(tuple(flags))
        self.stdin.append(stdin)
        self.most = max(self.most, len(self.living))
        return 1

    def wait(self, timeout_s: float) -> Sequence[Gone | Signalled]:
        if self.signals and (self.living or self.early):
            return [Signalled(self.signals.pop(0))]
        if not self.living or (self.hangs and not self.killed):
            return []
        run_id, item = self.living.pop(0)
        return [self._end(run_id, item)]

    def _end(self, run_id: str, item: str) -> Gone:
        if self.killed:
            return Gone(run_id, -9)
        if self.told:
            ends = Ends(outcome=Outcome.INTERRUPTED, status=143)
        else:
            left = self.script.get(item) or [Ends()]
            ends = left.pop(0) if len(left) > 1 else left[0]
        self.cost += ends.usd or 0
        if ends.recorded:
            self.disk.records[run_id] = record(run_id, ends)
        return Gone(run_id, ends.status, ends.stderr)

    def die_with_the_batch(self, *, in_order: bool) -> None:
        """End what lives: in order, as supervisors do whose batch is gone, or killed as well."""
        self.told = [15]
        while self.living:
            run_id, item = self.living.pop(0)
            if in_order:
                self._end(run_id, item)
        self.told = []
        self.disk.dead = False
        self.disk.crash_at = None

    def tell_all(self, number: int) -> None:
        if self.disk.dead:
            raise Died  # A killed batch tells nobody anything.
        self.told.append(number)

    def kill_all(self) -> None:
        self.killed += 1


def record(run_id: str, ends: Ends) -> bytes:
    """Return what `pawl run --json` prints."""
    failed = ends.outcome in (Outcome.AGENT_FAILED, Outcome.REFUSED)
    class_ = "transient" if ends.transient else "permanent"
    return (
        msgspec.json.encode(
            RunRecord(
                run_id=run_id,
                agent="claude-code",
                outcome=ends.outcome,
                result=ends.result,
                error=AgentError(class_=class_, message="it failed") if failed else None,
                cost=RunCost(usd=ends.usd, basis="unpriced" if ends.usd is None else "priced"),
                duration_ms=5,
                signal=15 if ends.outcome is Outcome.INTERRUPTED else None,
            )
        )
        + b"\n"
    )


class Said:
    """Keeps what people would be told."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def finished(self, result: Result, batch: Batch) -> None:
        self.lines.append(result.item)

    def look(self, batch: Batch) -> None:
        pass

    def say(self, text: str) -> None:
        self.lines.append(text)


class Scene:
    """One batch over calls that may die."""

    def __init__(self, count: int = 4, script: dict[str, list[Ends]] | None = None) -> None:
        self.items = items(count)
        self.disk = Disk()
        self.supervisors = Supervisors(self.disk, script or {})
        self.settled = self.runs = 0
        self.clock = 0.0
        self.step_s = 1.0
        self.said = Said()

    def call(self, over: Rules | None = None, **more: Any) -> Summary:
        """Start the batch, or go on with it."""
        asked = Asked(
            items=more.pop("items", self.items),
            template=more.pop("template", TEMPLATE),
            place="items",
            results="out",
            rules=over or rules(),
            **more,
        )
        return run_batch(self.world(), asked, self.said)

    def world(self) -> World:
        """Return the made-up world; each look at the clock takes a step."""

        def monotonic() -> float:
            self.clock += self.step_s
            return self.clock

        def run_id() -> str:
            self.runs += 1
            return f"run_{self.runs}"

        def settle() -> None:
            self.settled += 1

        return World(
            files=self.disk,
            children=self.supervisors,
            now=lambda: AT,
            monotonic=monotonic,
            chance=lambda: 0.5,
            new_run_id=run_id,
            settle_dead=settle,
            is_folder=lambda path: path != "nowhere",
        )

    def results(self) -> list[dict[str, Any]]:
        """Return the result lines."""
        return [msgspec.json.decode(line) for line in self.disk.results.splitlines()]

    def outcomes(self) -> dict[str, str]:
        """Return what items came to, by id; each has one line."""
        found = self.results()
        assert len({each["item"] for each in found}) == len(found)
        return {each["item"]: each["outcome"] for each in found}


def test_every_item_gets_its_line() -> None:
    """Items run beside each other, no more than may, and each leaves one line and no file."""
    scene = Scene(5)
    done = scene.call(rules(jobs=2))
    assert (done.exit, done.succeeded, done.left, done.attempts) == (0, 5, 0, 5)
    assert set(scene.outcomes()) == {f"n{n}" for n in range(5)}
    assert scene.results()[0]["answer"] == "done"
    assert scene.supervisors.most == 2
    assert scene.disk.records == {}
    assert done.known_cost_micros == 150


def test_saying_it_again_does_nothing() -> None:
    """A batch that is done is done."""
    scene = Scene(3)
    scene.call()
    before = scene.disk.results
    again = scene.call()
    assert (again.resumed, again.attempts, again.exit) == (3, 0, 0)
    assert scene.disk.results == before


ENDS = st.sampled_from(
    [
        Ends(),
        Ends(usd=None),
        Ends(outcome=Outcome.AGENT_FAILED, transient=True, usd=0.00001, status=1),
        Ends(outcome=Outcome.AGENT_FAILED, status=1),
        Ends(outcome=Outcome.STOPPED, usd=0.00006, status=6),
        Ends(recorded=False, status=-9, usd=0.00002),
        Ends(outcome=Outcome.UNREADABLE, usd=None, status=3),
    ]
)


@settings(max_examples=150)
@given(
    script=st.lists(st.lists(ENDS, min_size=1, max_size=3), min_size=5, max_size=5),
    crashes=st.lists(st.tuples(st.integers(1, 12), st.integers(0, 400), st.booleans()), max_size=5),
)
def test_any_crash_point(script: list[list[Ends]], crashes: list[tuple[int, int, bool]]) -> None:
    """Dying at any write, torn anywhere, leaves one result an item, and all money is counted."""
    scene = Scene(5, {f"n{n}": list(ends) for n, ends in enumerate(script)})
    over = rules(jobs=2, retries=2, max_usd=100_000, per_item=50)
    for after, torn, in_order in crashes:
        scene.disk.crash_at, scene.disk.torn = scene.disk.writes + after, torn
        try:
            scene.call(over)
        except Died:
            scene.supervisors.die_with_the_batch(in_order=in_order)
    scene.disk.crash_at = None
    done = scene.call(over)
    assert done.left == 0
    assert len(scene.outcomes()) == 5
    assert scene.disk.records == {}
    assert done.charged_micros >= round(scene.supervisors.cost * 1e6)


def test_what_had_finished_when_the_batch_died_is_not_done_again() -> None:
    """A run that ended just before the crash is a result; one in flight starts again, charged."""
    scene = Scene(2)
    scene.disk.crash_at = 4  # begun, started, started, and the first result
    with pytest.raises(Died):
        scene.call(rules(per_item=50))
    assert len(scene.disk.records) == 1
    scene.supervisors.die_with_the_batch(in_order=False)
    done = scene.call(rules(per_item=50))
    assert (scene.settled, done.attempts) == (1, 1)
    assert {each["attempts"] for each in scene.results()} == {1, 2}
    assert done.charged_micros == 30 + 50 + 30


def test_a_retry_waits_and_counts() -> None:
    """A transient failure is tried again after its wait; a permanent one is not."""
    again = Ends(outcome=Outcome.AGENT_FAILED, transient=True, status=1)
    never = Ends(outcome=Outcome.AGENT_FAILED, status=1)
    scene = Scene(2, {"n0": [again, Ends()], "n1": [never, Ends()]})
    done = scene.call(rules(retries=1))
    assert (done.exit, done.succeeded, done.failed) == (1, 1, 1)
    assert {each["item"]: each["attempts"] for each in scene.results()} == {"n0": 2, "n1": 1}
    assert any("next try in 1.0 s" in line for line in scene.said.lines)


def test_the_budget_stops_and_a_higher_one_goes_on() -> None:
    """An item starts only if its cap fits; what is left is told and resumed."""
    scene = Scene(5)
    done = scene.call(rules(jobs=4, max_usd=130, per_item=50))
    assert (done.exit, done.succeeded, done.left) == (6, 3, 2)
    assert done.stopped is not None
    assert done.stopped.by == "max-usd"
    assert scene.supervisors.most == 2
    assert scene.supervisors.flags[0][-2:] == ("--max-usd", "0.000050")
    assert scene.call(rules(max_usd=130, per_item=50)).exit == 5
    assert scene.call(rules(max_usd=1000, per_item=50)).exit == 0


def test_enough_failures_stop_the_start_of_others() -> None:
    """What runs ends, nothing more starts, and a new call counts anew."""
    scene = Scene(6, {f"n{n}": [Ends(outcome=Outcome.STOPPED, status=6)] for n in range(6)})
    done = scene.call(rules(jobs=1, stop_after_failures=2))
    assert (done.exit, done.failed, done.left) == (6, 2, 4)
    assert scene.call(rules(jobs=1, stop_after_failures=2)).failed == 4


def test_a_refusal_is_no_result() -> None:
    """What Pawl refuses stops the batch before it eats the other items."""
    refused = Ends(outcome=Outcome.REFUSED, status=5, usd=0.0)
    scene = Scene(3, {f"n{n}": [refused, Ends()] for n in range(3)})
    done = scene.call(rules(jobs=1))
    assert (done.exit, done.left, scene.outcomes()) == (5, 3, {})
    assert done.stopped is not None
    assert "it failed" in done.stopped.detail
    assert scene.call(rules(jobs=1)).left == 2, "the second item is refused as the first was"


@pytest.mark.parametrize(
    ("status", "by", "exits"),
    [(2, "asked-wrongly", 2), (3, "supervisor", 3), (4, "supervisor", 3), (1, "supervisor", 3),
     (0, "supervisor", 3)],
)  # fmt: skip
def test_a_supervisor_that_cannot_work_stops_the_batch(status: int, by: str, exits: int) -> None:
    """A bad setting or a full disk is not each item's result; its message is told."""
    ends = Ends(recorded=False, status=status, stderr="noise\npawl: pawl.toml: bad key\n  Mend it.")
    scene = Scene(3, {"n0": [ends]})
    done = scene.call(rules(jobs=1))
    assert (done.exit, done.left) == (exits, 3)
    assert done.stopped is not None
    assert (done.stopped.by, done.stopped.detail) == (by, "pawl: pawl.toml: bad key Mend it.")


def test_a_killed_supervisor_is_settled_and_tried_again() -> None:
    """Its remains are put in order; without a try left the item is interrupted."""
    killed = Ends(recorded=False, status=-9)
    scene = Scene(2, {"n0": [killed, Ends()], "n1": [killed]})
    done = scene.call(rules(retries=1))
    assert scene.outcomes() == {"n0": "succeeded", "n1": "interrupted"}
    assert (scene.settled, done.exit) == (3, 3)


def test_an_agent_that_somebody_else_ended_is_tried_again() -> None:
    """A run that was interrupted alone is no answer; without a try left it is the result."""
    alone = Ends(outcome=Outcome.INTERRUPTED, status=143)
    scene = Scene(2, {"n0": [alone, Ends()], "n1": [alone]})
    done = scene.call(rules(retries=1))
    assert scene.outcomes() == {"n0": "succeeded", "n1": "interrupted"}
    assert (done.exit, done.cannot_tell) == (3, 1)


def test_a_supervisor_that_cannot_be_started_ends_the_batch(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """What never started costs nothing, and the item is left."""
    scene = Scene(2)

    def refuse(*_: Any, **more: Any) -> int:
        raise Unavailable("no more processes.")

    with monkeypatch.context() as patch:
        patch.setattr(scene.supervisors, "start", refuse)
        with pytest.raises(Unavailable):
            scene.call(rules(per_item=50))
    scene.supervisors.told.clear()
    scene.supervisors.killed = 0
    done = scene.call(rules(per_item=50))
    assert (done.succeeded, done.charged_micros, scene.settled) == (2, 60, 0)


def test_a_signal_ends_what_runs_and_leaves_it_for_later() -> None:
    """Interrupted items are undone, not failed, and the second call does them."""
    scene = Scene(4)
    scene.supervisors.signals = [2]
    done = scene.call(rules(jobs=2))
    assert (done.exit, done.left, scene.supervisors.told) == (130, 4, [2])
    scene.supervisors.told.clear()
    after = scene.call(rules(jobs=2))
    assert (after.exit, after.succeeded, after.known_cost_micros) == (0, 4, 180)


def test_a_signal_before_the_first_start_starts_nothing() -> None:
    """Whoever interrupts while the files are read pays for no item."""
    scene = Scene(4)
    scene.supervisors.signals, scene.supervisors.early = [15], True
    done = scene.call()
    assert (done.exit, done.attempts, done.left) == (143, 0, 4)


def test_the_deadline_ends_what_runs() -> None:
    """When the time is over nothing starts, and what does not end in order is killed."""
    scene = Scene(4)
    scene.supervisors.hangs = True
    done = scene.call(rules(jobs=2), deadline_s=20.0, grace_s=1.0)
    assert (done.exit, done.left, scene.supervisors.told[:1]) == (6, 4, [15])
    assert scene.supervisors.killed
    assert done.stopped is not None
    assert done.stopped.by == "deadline"


def test_a_missing_folder_is_the_items_own_failure() -> None:
    """Nothing is started for it, and the others go on."""
    entries = ({"id": "a", "cwd": "nowhere"}, {"id": "b", "cwd": "here"})
    mine = tuple(make_item(entry, f"line {n}", "f") for n, entry in enumerate(entries))
    scene = Scene()
    done = scene.call(items=mine)
    assert (done.exit, scene.outcomes()) == (1, {"a": "refused", "b": "succeeded"})


def test_a_long_answer_is_cut_and_kept() -> None:
    """The line stays small and names the whole record."""
    scene = Scene(1, {"n0": [Ends(result="x" * (MAX_ANSWER + 1))]})
    scene.call()
    (line,) = scene.results()
    assert (len(line["answer"]), line["answer_cut"], line["record"]) == (
        MAX_ANSWER, True, "runs/run_1.json",
    )  # fmt: skip
    assert list(scene.disk.records) == ["run_1"]
    scene.call()
    assert list(scene.disk.records) == ["run_1"]


def test_a_full_disk_ends_what_runs() -> None:
    """When a line cannot be written the runs are ended and the error goes on."""
    scene = Scene(4)

    class Breaks(Said):
        def look(self, batch: Batch) -> None:
            scene.disk.broken = bool(batch.running)

    scene.said = Breaks()
    with pytest.raises(Unavailable):
        scene.call(rules(jobs=2))
    assert (scene.supervisors.told, scene.supervisors.living) == ([15], [])
    scene.disk.broken = False
    scene.said = Said()
    scene.supervisors.told.clear()
    scene.supervisors.killed = 0
    assert scene.call().succeeded == 4


def test_another_command_and_a_lost_journal_are_refused() -> None:
    """Results of another question are not continued, nor are those of an unknown one."""
    scene = Scene(2)
    scene.call()
    with pytest.raises(BadValue, match="another command"):
        scene.call(template=Template(command=("agent", "{item}!")))
    scene.disk.journal = b""
    with pytest.raises(BadValue, match="no journal"):
        scene.call()


def test_the_agent_reads_what_the_template_says() -> None:
    """Each item has a stdin of its own."""
    scene = Scene(2)
    template = Template(command=("agent", "{item}"), stdin="about {item}")
    scene.call(template=template)
    assert scene.supervisors.stdin == [b"about n0", b"about n1"]


def test_a_result_taken_out_is_made_again() -> None:
    """An item whose line somebody removed runs again; what it had cost counts as its cap."""
    failed = Ends(outcome=Outcome.AGENT_FAILED, status=1)
    scene = Scene(2, {"n0": [failed, Ends()]})
    scene.call(rules(per_item=50))
    kept = [line for line in scene.disk.results.splitlines(True) if b'"succeeded"' in line]
    scene.disk.results = b"".join(kept)
    done = scene.call(rules(per_item=50))
    assert (done.exit, done.attempts, scene.outcomes()["n0"]) == (0, 1, "succeeded")
    assert done.charged_micros == 30 + 50 + 30


def test_new_items_join_a_batch() -> None:
    """A longer file goes on with what is new."""
    scene = Scene(2)
    scene.call()
    more: tuple[Item, ...] = items(4)
    done = scene.call(items=more)
    assert (done.resumed, done.attempts, done.items) == (2, 2, 4)
