"""A batch's transition table, its money, and that its files tell all of it."""

from typing import Any

import msgspec
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
from tests.runs.batches import AGAIN, AT, BAD, GOOD, UNKNOWN, items, rules

from pawl.base import typed
from pawl.runs.batch import Batch, Phase, decide, retry_wait
from pawl.runs.batch_ending import exit_status, summary
from pawl.runs.batch_events import (
    Begun,
    Command,
    Conclude,
    Decline,
    Event,
    Finished,
    GiveBack,
    Halt,
    Rested,
    Returned,
    Rules,
    Start,
    Started,
    Why,
)
from pawl.runs.batch_result import Ending, Result, Told, declined, lost
from pawl.runs.batch_resume import read_journal, read_results
from pawl.runs.outcome import RETRY_CAP_S, RETRY_FIRST_S
from pawl.runs.record import Outcome


def in_phase(phase: Phase, over: Rules | None = None) -> Batch:
    """Return a batch whose first item is in a phase, by run `r`."""
    batch = Batch(items(2), over or rules(retries=1))
    if phase is not Phase.WAITING:
        batch.apply(Started(item="n0", run_id="r", cap_micros=None, at=AT))
    if phase is Phase.RESTING:
        batch.apply(Rested(item="n0", run_id="r", cost_micros=1, wait_s=5, error=None), 10.0)
    if phase is Phase.DONE:
        for event in done(batch, Conclude("n0", "r", GOOD)):
            batch.apply(event)
    return batch


def done(batch: Batch, command: Command, now: float = 0.0) -> tuple[Event, ...]:
    """Return the events of a command that is not refused."""
    decided = decide(batch, command, now)
    assert not isinstance(decided, Why), decided
    return decided


TABLE: dict[tuple[Phase, str], Why | tuple[type, ...]] = {
    (Phase.WAITING, "start"): (Started,),
    (Phase.WAITING, "conclude"): Why.NOT_RUNNING,
    (Phase.WAITING, "give back"): Why.NOT_RUNNING,
    (Phase.WAITING, "decline"): (Finished,),
    (Phase.RUNNING, "start"): Why.RUNNING,
    (Phase.RUNNING, "conclude"): (Finished,),
    (Phase.RUNNING, "give back"): (Returned,),
    (Phase.RUNNING, "decline"): Why.RUNNING,
    (Phase.RESTING, "start"): Why.RESTING,
    (Phase.RESTING, "conclude"): Why.NOT_RUNNING,
    (Phase.RESTING, "give back"): Why.NOT_RUNNING,
    (Phase.RESTING, "decline"): (Finished,),
    (Phase.DONE, "start"): Why.DONE,
    (Phase.DONE, "conclude"): Why.DONE,
    (Phase.DONE, "give back"): Why.DONE,
    (Phase.DONE, "decline"): Why.DONE,
}
COMMANDS: dict[str, Command] = {
    "start": Start("n0", "s", AT),
    "conclude": Conclude("n0", "r", GOOD),
    "give back": GiveBack("n0", "r", None),
    "decline": Decline("n0", "no folder"),
}


@pytest.mark.parametrize(("phase", "name"), sorted(TABLE), ids=str)
def test_every_pair_of_the_table(phase: Phase, name: str) -> None:
    """Each command in each phase comes to what the table says."""
    decided = decide(in_phase(phase), COMMANDS[name], 11.0)
    found = decided if isinstance(decided, Why) else tuple(type(each) for each in decided)
    assert found == TABLE[phase, name]


def test_the_table_is_complete() -> None:
    """No phase and no command is left out."""
    assert set(TABLE) == {(phase, name) for phase in Phase for name in COMMANDS}


def test_other_reasons_against_a_start() -> None:
    """An unknown item, no free place, a halt and another run's ending are refused."""
    batch = in_phase(Phase.RUNNING, rules(jobs=1))
    assert decide(batch, Start("nobody", "x", AT), 0) is Why.UNKNOWN
    assert decide(batch, Start("n1", "x", AT), 0) is Why.NO_SLOT
    assert decide(batch, Conclude("n0", "other", GOOD), 0) is Why.OTHER_RUN
    batch.stop(Halt(by="deadline", detail=""))
    assert decide(batch, Start("n1", "x", AT), 0) is Why.HALTED


def test_a_resting_item_is_due_when_its_wait_is_over() -> None:
    """A retry starts no earlier, and then before items that never started."""
    batch = in_phase(Phase.RESTING)
    assert batch.next_item(14.9) == "n1"
    assert batch.next_due() == 15.0
    assert batch.next_item(15.0) == "n0"
    assert done(batch, Start("n0", "s", AT), 15.0)


def test_only_transient_failures_are_tried_again_and_only_so_often() -> None:
    """A failure that a new try cannot help is a result at once."""
    batch = in_phase(Phase.RUNNING)
    assert isinstance(done(batch, Conclude("n0", "r", BAD))[0], Finished)
    (rested,) = done(batch, Conclude("n0", "r", AGAIN, 0.5))
    assert isinstance(rested, Rested)
    batch.apply(rested, 0.0)
    batch.apply(done(batch, Start("n0", "s", AT), 99.0)[0])
    (finished,) = done(batch, Conclude("n0", "s", AGAIN))
    assert isinstance(finished, Finished)
    assert (finished.result.attempts, finished.result.cost_micros) == (2, 20)


def test_an_undone_attempt_is_no_try() -> None:
    """What the end of a batch undid takes nothing off the item's retries."""
    batch = in_phase(Phase.RUNNING)
    batch.apply(done(batch, GiveBack("n0", "r", 7))[0])
    batch.apply(done(batch, Start("n0", "s", AT))[0])
    assert isinstance(done(batch, Conclude("n0", "s", AGAIN))[0], Rested)
    (finished,) = done(batch, Conclude("n0", "s", GOOD))
    assert isinstance(finished, Finished)
    assert (finished.result.attempts, finished.result.cost_micros) == (2, 37)


def test_the_wait_has_full_jitter() -> None:
    """A wait is anything from nothing to a bound that doubles up to a cap."""
    assert retry_wait(1, 0.0) == retry_wait(9, 0.0) == 0.0
    assert [retry_wait(n, 0.5) for n in (1, 2, 3)] == [
        RETRY_FIRST_S * 0.5 * factor for factor in (1, 2, 4)
    ]
    assert retry_wait(10_000, 0.999) < RETRY_CAP_S


def test_a_start_reserves_and_an_ending_settles() -> None:
    """A cap that does not fit beside those that run waits for what they give back."""
    batch = Batch(items(3), rules(jobs=3, max_usd=100, per_item=50))
    for name in ("n0", "n1"):
        batch.apply(done(batch, Start(name, name, AT))[0])
    assert decide(batch, Start("n2", "n2", AT), 0) is Why.BUDGET
    batch.apply(done(batch, Conclude("n0", "n0", GOOD))[0])
    assert decide(batch, Start("n2", "n2", AT), 0) is Why.BUDGET
    batch.apply(done(batch, Conclude("n1", "n1", BAD))[0])
    assert done(batch, Start("n2", "n2", AT))


def test_an_unknown_cost_counts_as_its_cap() -> None:
    """What nobody knows may have been as much as was allowed, and is told as unknown."""
    batch = Batch(items(2), rules(max_usd=100, per_item=60))
    batch.apply(done(batch, Start("n0", "r", AT))[0])
    (finished,) = done(batch, Conclude("n0", "r", UNKNOWN))
    assert isinstance(finished, Finished)
    assert (finished.result.cost_micros, finished.result.charged_micros) == (None, 60)
    batch.apply(finished)
    assert decide(batch, Start("n1", "s", AT), 0) is Why.BUDGET


def test_a_retry_has_what_its_item_has_left() -> None:
    """An item's attempts share its cap, and there is no try for nothing."""
    batch = Batch(items(1), rules(retries=9, max_usd=100, per_item=15))
    batch.apply(done(batch, Start("n0", "r", AT))[0])
    batch.apply(done(batch, Conclude("n0", "r", AGAIN))[0])
    assert batch.cap_of("n0") == 5
    batch.apply(done(batch, Start("n0", "s", AT))[0])
    assert isinstance(done(batch, Conclude("n0", "s", AGAIN))[0], Finished)


def test_attempts_without_cap_and_cost_count_as_todays_cap() -> None:
    """A batch that had no budget at first is charged the item's cap for what it does not know."""
    first = Batch(items(3), rules())
    first.apply(done(first, Start("n0", "r", AT))[0])
    (finished,) = done(first, Conclude("n0", "r", UNKNOWN))
    assert isinstance(finished, Finished)
    assert finished.result.charged_micros is None
    later = Batch(items(3), rules(max_usd=100, per_item=40))
    started = Started(item="n0", run_id="r", cap_micros=None, at=AT)
    later.restore([started], [told(finished.result)])
    assert later.account.committed(40) == 40


@pytest.mark.parametrize(
    ("outcomes", "status"),
    [
        ([Outcome.SUCCEEDED, Outcome.SUCCEEDED], 0),
        ([Outcome.SUCCEEDED, Outcome.STOPPED], 1),
        ([Outcome.SUCCEEDED, Outcome.UNREADABLE], 3),
        ([Outcome.AGENT_FAILED, Outcome.UNREADABLE], 1),
    ],
)
def test_the_status_of_a_whole_batch(outcomes: list[Outcome], status: int) -> None:
    """All succeeded is yes, one failure is no, and what cannot be told is no yes."""
    batch = Batch(items(2), rules())
    for item, outcome in zip(batch.items.values(), outcomes, strict=True):
        result = msgspec.structs.replace(declined(item, ""), outcome=outcome)
        batch.apply(Finished(result=result))
    assert exit_status(batch) == status


@pytest.mark.parametrize(
    ("halt", "ran", "status"),
    [
        (Halt(by="max-usd", detail=""), False, 5),
        (Halt(by="max-usd", detail=""), True, 6),
        (Halt(by="refused", detail=""), False, 5),
        (Halt(by="refused", detail=""), True, 6),
        (Halt(by="deadline", detail=""), False, 6),
        (Halt(by="stop-after-failures", detail=""), True, 6),
        (Halt(by="asked-wrongly", detail=""), False, 2),
        (Halt(by="supervisor", detail=""), True, 3),
        (Halt(by="interrupted", detail="", signal=2), True, 130),
        (Halt(by="interrupted", detail="", signal=15), True, 143),
    ],
)
def test_the_status_of_a_batch_with_items_left(halt: Halt, ran: bool, status: int) -> None:
    """Why items are left decides, and whether any agent was started."""
    batch = in_phase(Phase.DONE) if ran else Batch(items(2), rules())
    batch.stop(halt)
    assert exit_status(batch) == status
    assert summary(batch, results="o", resumed=0, wall_ms=1).stopped == halt


def test_an_interruption_outranks_another_halt() -> None:
    """The status of an interrupted batch is the interruption's, whatever stopped it before."""
    batch = Batch(items(1), rules())
    batch.stop(Halt(by="deadline", detail=""))
    batch.stop(Halt(by="interrupted", detail="", signal=2))
    batch.stop(Halt(by="max-usd", detail=""))
    assert batch.halt is not None
    assert batch.halt.by == "interrupted"


def test_attempts_of_items_that_are_gone_still_cost() -> None:
    """An item taken out of the file before its result takes no money back."""
    batch = Batch(items(1), rules(max_usd=100, per_item=30))
    events: list[Event] = [
        Started(item="old", run_id="a", cap_micros=30, at=AT),
        Returned(item="old", run_id="a", cost_micros=12),
        Started(item="older", run_id="b", cap_micros=30, at=AT),
    ]
    batch.restore(events, [])
    assert batch.account.committed(30) == 42
    assert batch.next_item(0) == "n0"


def told(result: Result) -> Told:
    """Return what a later call reads of a result line."""
    return typed.decode(msgspec.json.encode(result), type=Told)


class Journal(RuleBasedStateMachine):
    """Any order of starts, endings and crashes, with a budget and costs over the caps."""

    def __init__(self) -> None:
        super().__init__()
        self.items = items(6)
        self.held_to = rules(jobs=3, retries=2, max_usd=300, per_item=50)
        self.batch = Batch(self.items, self.held_to)
        self.journal = [msgspec.json.encode(Begun(command_digest="d", at=AT))]
        self.results: list[bytes] = []
        self.runs = 0
        self.now = 0.0
        self.true_cost = self.overshoot = 0

    def do(self, command: Command) -> None:
        """Decide, keep as a batch does, fold."""
        for event in done(self.batch, command, self.now):
            if isinstance(event, Finished):
                self.results.append(msgspec.json.encode(event.result))
            else:
                self.journal.append(msgspec.json.encode(event))
            self.batch.apply(event, self.now)

    @rule()
    def start(self) -> None:
        """Start whatever may start next."""
        item = self.batch.next_item(self.now)
        if item is None:
            return
        self.runs += 1
        command = Start(item, f"r{self.runs}", AT)
        decided = decide(self.batch, command, self.now)
        if isinstance(decided, Why):
            assert decided in (Why.BUDGET, Why.NO_SLOT)
        else:
            self.do(command)

    @precondition(lambda self: self.batch.running)
    @rule(
        data=st.data(),
        cost=st.none() | st.integers(0, 70),
        outcome=st.sampled_from(list(Outcome)),
        transient=st.booleans(),
        chance=st.floats(0, 1, exclude_max=True),
    )
    def conclude(
        self, data: Any, cost: int | None, outcome: Outcome, transient: bool, chance: float
    ) -> None:
        """An attempt ends, with a cost that may be unknown or above its cap."""
        item, run_id = data.draw(st.sampled_from(sorted(self.batch.running.items())))
        self.spend(item, cost)
        ending = Ending(outcome=outcome, exit=0, transient=transient, cost_micros=cost)
        self.do(Conclude(item, run_id, ending, chance))

    @rule(cost=st.none() | st.integers(0, 70), torn=st.booleans(), known=st.booleans())
    def crash(self, cost: int | None, torn: bool, known: bool) -> None:
        """Die, read the files again, and settle what was in flight."""
        before = self.batch
        self.batch = Batch(self.items, self.held_to)
        begun, events = read_journal(self.journal, "j")
        assert begun is not None
        self.batch.restore(events, read_results(self.results, "o"))
        assert self.batch.running == before.running
        assert self.batch.account.committed(50) == before.account.committed(50)
        assert self.batch.outcomes == before.outcomes
        for item, run_id in list(self.batch.running.items()):
            self.spend(item, cost)
            if known and cost is not None:
                self.do(Conclude(item, run_id, GOOD_AT(cost)))
            else:
                self.do(GiveBack(item, run_id, cost))

    @rule(seconds=st.floats(0.1, 100))
    def later(self, seconds: float) -> None:
        """Time passes."""
        self.now += seconds

    def spend(self, item: str, cost: int | None) -> None:
        """Take note of what an attempt really cost: its cap, where nobody will know."""
        cap = self.batch.standing[item].cap
        assert cap is not None
        self.true_cost += cap if cost is None else cost
        self.overshoot += max(0, (cost or 0) - cap)

    @invariant()
    def one_result_an_item(self) -> None:
        """No item ever has two results, and the count of them is the batch's."""
        names = [read.item for read in read_results(self.results, "o")]
        assert len(names) == len(set(names)) == self.batch.done

    @invariant()
    def money_is_bounded(self) -> None:
        """All that was spent is charged, and it is over the budget by overshoots alone."""
        account = self.batch.account
        assert account.charged == self.true_cost
        assert account.reserved == sum(
            self.batch.standing[item].cap or 0 for item in self.batch.running
        )
        assert account.committed(50) <= 300 + self.overshoot

    @invariant()
    def places_are_bounded(self) -> None:
        """No more run at once than may, and each of them is known as running."""
        running = [n for n, s in self.batch.standing.items() if s.phase is Phase.RUNNING]
        assert sorted(running) == sorted(self.batch.running)
        assert len(running) <= 3


def GOOD_AT(cost: int) -> Ending:
    """Return a success that cost so much."""
    return msgspec.structs.replace(GOOD, cost_micros=cost)


TestJournal = Journal.TestCase
TestJournal.settings = settings(max_examples=60, stateful_step_count=40)


def test_a_lost_ending_may_be_tried_again() -> None:
    """A supervisor that was killed says nothing about its item."""
    batch = in_phase(Phase.RUNNING)
    assert isinstance(done(batch, Conclude("n0", "r", lost("killed")))[0], Rested)
