"""The desk of drills: whatever ends a drill, its sandbox is gone and the end is on record."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec
import pytest
from tests.incidents.test_drill import DRILL
from tests.services.made_desk import ANN, Clock

from pawl.base.errors import BadFile, CannotTell
from pawl.incidents.drill import AbortRules, Gap, Outcome
from pawl.incidents.drill_run import DrillRun, Start, State, decide, plan
from pawl.incidents.event import Refusal
from pawl.services.change_ground import actor_of
from pawl.services.change_terms import By
from pawl.services.drill_fault import FaultKind, Measure, Parameter
from pawl.services.drill_sandbox import Broke, Parameters, Sandbox
from pawl.services.drills import DrillDesk, NoSuchDrill
from pawl.store.records.drills import DrillRecords
from pawl.store.records.engine import Engine, open_records
from pawl.world.drill_place import DrillPlace, drill_place

Cause = Callable[[Sandbox, Parameters], None]


def nothing_lost(sandbox: Sandbox, parameters: Parameters) -> None:
    """Measure that all is well."""
    sandbox.note("It begins.")
    sandbox.measure("lost", 0)
    sandbox.measure("after_return_s", 10)


class Desk:
    """A desk with one fault, and what was left of its sandboxes."""

    def __init__(self, engine: Engine, cause: Cause = nothing_lost, **more: object) -> None:
        self.clock = Clock()
        self.folders: list[Path] = []
        self.cleared: list[str] = []
        self.records = DrillRecords(engine)
        self.count = 0
        kind = FaultKind(
            title="A made-up fault",
            parameters={"notices": Parameter(default=5, at_most=10, says="how many")},
            measures={
                "lost": Measure(unit="notices", says="lost"),
                "after_return_s": Measure(unit="s", says="late"),
            },
            cause=cause,
        )
        self.desk = DrillDesk(
            self.records,
            lambda: {"notifier-down": kind},
            self.sandbox,
            now=self.clock,
            new_id=self.new_id,
            clear=self.cleared.append,
            **more,  # type: ignore[arg-type]
        )

    def new_id(self, prefix: str) -> str:
        """Return the next id."""
        self.count += 1
        return f"{prefix}_{self.count}"

    @contextmanager
    def sandbox(self, name: str) -> Iterator[DrillPlace]:
        """Make a real sandbox and remember its folder."""
        with drill_place(name) as place:
            self.folders.append(place.folder)
            yield place


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    """Records of the test's own."""
    opened = open_records(tmp_path / "data")
    yield opened
    opened.dispose()


def test_a_drill_is_run_measured_and_kept(engine: Engine) -> None:
    """The hypothesis held: the run says so, with its timeline, and its sandbox is gone."""
    made = Desk(engine)
    told: list[str] = []
    run = made.desk.run(DRILL, ANN, tell=told.append)
    assert (run.state, run.verdict) == (State.FINISHED, Outcome.MET)
    assert [each.text for each in run.notes] == ["It begins."]
    assert told[0].endswith("It begins.")
    assert made.desk.get(run.id) == run
    assert not any(folder.exists() for folder in made.folders)
    (planned,) = made.desk.planned({"notifier-down": (DRILL, "shipped")})
    assert planned.last is not None
    assert planned.last.run == run


def test_told_twice_with_a_key_it_is_run_once(engine: Engine) -> None:
    """The second time the run of then is returned."""
    made = Desk(engine)
    first = made.desk.run(DRILL, ANN, key="monday")
    assert made.desk.run(DRILL, ANN, key="monday") == first
    assert made.desk.run(DRILL, ANN).id != first.id
    assert len(made.folders) == 2


def ending_with(error: BaseException) -> Cause:
    """Return a fault that raises once something was measured."""

    def cause(sandbox: Sandbox, parameters: Parameters) -> None:
        sandbox.measure("lost", 0)
        raise error

    return cause


@pytest.mark.parametrize(
    ("error", "why", "again"),
    [
        (Broke("It lasted longer than 60 s."), "longer than 60 s", False),
        (CannotTell("no such program."), "no such program", False),
        (KeyboardInterrupt(), "interrupted", True),
        (SystemExit(143), "interrupted", True),
        (ZeroDivisionError(), "ZeroDivisionError", True),
    ],
)
def test_whatever_ends_it_is_recorded_and_cleared(
    engine: Engine, error: BaseException, why: str, again: bool
) -> None:
    """Aborted, with why and what was measured until then; a signal or a defect is raised again."""
    made = Desk(engine, ending_with(error))
    if again:
        with pytest.raises(type(error)):
            made.desk.run(DRILL, ANN)
    else:
        made.desk.run(DRILL, ANN)
    (run,) = made.desk.newest()
    assert (run.state, run.verdict) == (State.ABORTED, Outcome.CANNOT_TELL)
    assert why in run.why
    assert run.results[0].value == 0
    assert not any(folder.exists() for folder in made.folders)


def test_the_rules_of_abort_are_held(engine: Engine) -> None:
    """Dollars, megabytes, processes and seconds: each beyond its rule ends the drill."""

    def spend(sandbox: Sandbox, parameters: Parameters) -> None:
        sandbox.spend(2)

    def write(sandbox: Sandbox, parameters: Parameters) -> None:
        (sandbox.data / "large").write_bytes(b"x" * 3_000_000)
        sandbox.check()

    def fork(sandbox: Sandbox, parameters: Parameters) -> None:
        for _ in range(3):
            sandbox.start("sleep", "60")
        sandbox.check()

    def wait(sandbox: Sandbox, parameters: Parameters) -> None:
        sandbox.ended(sandbox.start("sleep", "60"))

    rules = AbortRules(after_s=0.4, spend_usd_max=1, written_mb_max=2, processes_max=2)
    drill = msgspec.structs.replace(DRILL, abort=rules)
    for cause, why in ((spend, "USD"), (write, "MB"), (fork, "processes"), (wait, "longer")):
        made = Desk(engine, cause)
        made.count = 10 * len(made.desk.newest())
        done = made.desk.run(drill, ANN)
        assert done.state is State.ABORTED
        assert why in done.why, done.why


def test_a_drill_with_a_wrong_fault_is_refused_before_anything_begins(engine: Engine) -> None:
    """No run is planned, and no sandbox made."""
    made = Desk(engine)
    fault = DRILL.fault
    for other in (
        msgspec.structs.replace(fault, plugin="nobody"),
        msgspec.structs.replace(fault, parameters={"notices": 11}),
        msgspec.structs.replace(fault, parameters={"notices": 1.5}),
        msgspec.structs.replace(fault, parameters={"notices": True}),
        msgspec.structs.replace(fault, parameters={"notices": "5"}),
        msgspec.structs.replace(fault, parameters={"others": 5}),
    ):
        with pytest.raises(BadFile):
            made.desk.run(msgspec.structs.replace(DRILL, fault=other), ANN)
    first = DRILL.expectations[0]
    for changed in (
        msgspec.structs.replace(first, measure="found"),
        msgspec.structs.replace(first, unit="pages"),
    ):
        with pytest.raises(BadFile):
            made.desk.run(msgspec.structs.replace(DRILL, expectations=(changed,)), ANN)
    assert made.desk.newest() == ()
    assert made.folders == []


def test_gaps_become_actions_where_there_is_somewhere_to(engine: Engine) -> None:
    """Each gap has its action on record; where none can be opened the gap stays in the report."""

    def lose(sandbox: Sandbox, parameters: Parameters) -> None:
        sandbox.measure("lost", 3)

    def opened(run: DrillRun, gap: Gap, by: By) -> str:
        if gap.expectation == "soon":
            raise CannotTell("the roster cannot be read.")
        return f"act_{gap.expectation}"

    run = Desk(engine, lose, open_action=opened).desk.run(DRILL, ANN)
    assert run.verdict is Outcome.NOT_MET
    assert [each.action for each in run.gaps] == ["act_none-lost", ""]


def test_what_somebody_left_when_they_died_is_cleared_and_aborted(engine: Engine) -> None:
    """Not while it may still go on; afterwards once, by Pawl itself."""
    made = Desk(engine)
    events = plan("drl_old", DRILL, made.clock(), by=ANN.identity)
    run = made.records.record(None, events, actor_of(ANN))
    started = decide(run, Start(by=ANN.identity), made.clock())
    assert not isinstance(started, Refusal)
    made.records.record(run, started, actor_of(ANN))
    assert made.desk.settle() == 0
    made.clock.wind(hours=1)
    assert made.desk.settle() == 1
    assert made.cleared == ["drl_old"]
    found = made.desk.get("drl_old")
    assert (found.state, found.why) == (State.ABORTED, "Whoever ran it died.")
    assert made.desk.settle() == 0


def test_a_run_that_is_none_says_where_to_look(engine: Engine) -> None:
    """The hint names a command that lists them."""
    with pytest.raises(NoSuchDrill) as caught:
        Desk(engine).desk.get("drl_none")
    assert "pawl drill list" in caught.value.hint
