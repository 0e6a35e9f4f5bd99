"""A batch as a fold over its events: which item may start, what it may cost, what is left.

`decide` is the transition table `(standing of the item, command, now) → (events | refusal)`;
`Batch.apply` folds what happened. The journal holds every event but the last of an item, which is
its result line. So a batch that was killed at any moment is the fold over what its files hold.

Money: an attempt starts only if its cap fits into what is left of the batch's budget beside the
caps of all that run; its ending gives the cap back and charges what it cost, or the cap where
that is unknown.
"""

import heapq
from collections import deque
from collections.abc import Iterable
from enum import StrEnum

import msgspec

from pawl.runs.batch_events import (
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
from pawl.runs.batch_item import Item
from pawl.runs.batch_result import Result, Told, Verdict, declined, verdict_of
from pawl.runs.outcome import RETRY_CAP_S, RETRY_FIRST_S
from pawl.runs.record import Outcome


class Phase(StrEnum):
    """Where an item stands."""

    WAITING = "waiting"
    RUNNING = "running"
    RESTING = "resting"
    """Waiting until its next try is due."""
    DONE = "done"


class Standing(msgspec.Struct, kw_only=True):
    """One item so far. `spent` is what is known of it; `charged` what the budget counts.

    `unbounded` are attempts with neither a cost nor a cap; `tries` counts those that failed, and
    not those that were undone.
    """

    phase: Phase = Phase.WAITING
    tries: int = 0
    attempts: int = 0
    run_id: str | None = None
    cap: int | None = None
    due: float = 0.0
    spent: int = 0
    tried_spent: int = 0
    unknown: int = 0
    charged: int = 0
    unbounded: int = 0
    outcome: Outcome | None = None


class Account(msgspec.Struct, kw_only=True):
    """What the whole batch has cost and holds. `unbounded` are attempts nothing is known of."""

    charged: int = 0
    reserved: int = 0
    unbounded: int = 0
    spent: int = 0
    unknown: int = 0

    def committed(self, per_item: int | None) -> int:
        """Return what is spent or may be spent, as far as the budget counts it."""
        return self.charged + self.reserved + self.unbounded * (per_item or 0)


class Batch:
    """The fold. `items` are in the order of the file; `now` is seconds that never go back."""

    def __init__(self, items: Iterable[Item], rules: Rules) -> None:
        self.items = {item.id: item for item in items}
        self.rules = rules
        self.standing = {name: Standing() for name in self.items}
        self.account = Account()
        self.outcomes = dict.fromkeys(Outcome, 0)
        self.running: dict[str, str] = {}
        self.halt: Halt | None = None
        self.started = self.failures = self.undone = 0
        self._waiting = deque(self.items)
        self._resting: list[tuple[float, str]] = []

    # -- looking --------------------------------------------------------------------------------

    @property
    def done(self) -> int:
        """How many items have their result."""
        return sum(self.outcomes.values())

    @property
    def left(self) -> int:
        """How many items have none."""
        return len(self.items) - self.done

    def verdicts(self) -> dict[Verdict, int]:
        """Return how many items came to what."""
        counts = dict.fromkeys(Verdict, 0)
        for outcome, count in self.outcomes.items():
            counts[verdict_of(outcome)] += count
        return counts

    def next_item(self, now: float) -> str | None:
        """Return the item to start next: one whose next try is due, else the first that waits."""
        if self._resting and self._resting[0][0] <= now:
            return self._resting[0][1]
        while self._waiting and self.standing[self._waiting[0]].phase is not Phase.WAITING:
            self._waiting.popleft()
        return self._waiting[0] if self._waiting else None

    def next_due(self) -> float | None:
        """Return when the next try of a resting item is due."""
        return self._resting[0][0] if self._resting else None

    def cap_of(self, item: str) -> int | None:
        """Return what the next attempt of an item may cost."""
        if self.rules.per_item is None:
            return None
        return max(0, self.rules.per_item - self.standing[item].tried_spent)

    def fits(self, cap: int | None) -> bool:
        """Whether an attempt with this cap fits into what is left of the budget."""
        if self.rules.max_usd is None or cap is None:
            return True
        return self.account.committed(self.rules.per_item) + cap <= self.rules.max_usd

    # -- folding --------------------------------------------------------------------------------

    def apply(self, event: Event, now: float = 0.0) -> None:
        """Take note of what happened."""
        if isinstance(event, Started):
            self._start(event)
        elif isinstance(event, Finished):
            self._finish(event.result)
        else:
            known = self._end(event.item, event.cost_micros)
            standing = self.standing[event.item]
            if isinstance(event, Rested):
                standing.tries += 1
                standing.tried_spent += known
                standing.phase, standing.due = Phase.RESTING, now + event.wait_s
                heapq.heappush(self._resting, (standing.due, event.item))
            else:
                self.undone += 1
                standing.phase = Phase.WAITING
                self._waiting.appendleft(event.item)

    def restore(self, journal: Iterable[Event], results: Iterable[Told]) -> None:
        """Fold what the files of an earlier call hold. What it found failing counts no more
        against `stop_after_failures`, and no wait goes on: a retry is due at once.

        Attempts of items that are no longer in the file count for the budget alone.
        """
        absent: dict[str, int | None] = {}
        for event in journal:
            if isinstance(event, Finished):
                self._finish(event.result)
            elif event.item in self.items:
                self.apply(event, now=float("-inf"))
            elif isinstance(event, Started):
                absent[event.item] = event.cap_micros
            else:
                self._charge_absent(event.cost_micros, absent.pop(event.item, None))
        for cap in absent.values():
            self._charge_absent(None, cap)
        for told in results:
            self._finish(told)
        self.begin_call()

    def begin_call(self) -> None:
        """Count what is started, undone and failing from here on: a new call begins."""
        self.started = self.failures = self.undone = 0

    def _charge_absent(self, cost: int | None, cap: int | None) -> None:
        charge = cap if cost is None else cost
        self.account.charged += charge or 0
        self.account.unbounded += charge is None
        self.account.spent += cost or 0
        self.account.unknown += cost is None

    def stop(self, halt: Halt) -> None:
        """Start nothing more. The first reason stays, but for an interruption, which outranks."""
        if self.halt is None or (halt.signal is not None and self.halt.signal is None):
            self.halt = halt

    def _start(self, event: Started) -> None:
        standing = self.standing[event.item]
        if standing.phase is Phase.RESTING:
            self._wake(event.item)
        standing.phase, standing.run_id = Phase.RUNNING, event.run_id
        standing.cap = event.cap_micros
        standing.attempts += 1
        self.account.reserved += event.cap_micros or 0
        self.running[event.item] = event.run_id
        self.started += 1

    def _wake(self, item: str) -> None:
        if self._resting[0][1] == item:
            heapq.heappop(self._resting)
        else:
            self._resting = [each for each in self._resting if each[1] != item]
            heapq.heapify(self._resting)

    def _end(self, item: str, cost: int | None) -> int:
        """Settle the attempt that ran: give the cap back, charge; return what is known of it."""
        standing, account = self.standing[item], self.account
        account.reserved -= standing.cap or 0
        if cost is not None:
            standing.spent += cost
            account.spent += cost
        else:
            standing.unknown += 1
            account.unknown += 1
        charge = standing.cap if cost is None else cost
        if charge is None:
            standing.unbounded += 1
            account.unbounded += 1
        else:
            standing.charged += charge
            account.charged += charge
        standing.run_id = standing.cap = None
        self.running.pop(item, None)
        return cost or 0

    def _finish(self, result: Result | Told) -> None:
        standing = self.standing.get(result.item)
        account = self.account
        if standing is None or standing.phase is Phase.DONE:
            return
        if standing.phase is Phase.RUNNING:
            account.reserved -= standing.cap or 0
            self.running.pop(result.item, None)
        elif standing.phase is Phase.RESTING:
            self._wake(result.item)
        # The line tells the sum over all attempts, so what was counted of them one by one goes.
        account.charged += (result.charged_micros or 0) - standing.charged
        unbounded = max(1, result.attempts) if result.charged_micros is None else 0
        account.unbounded += unbounded - standing.unbounded
        account.spent += (result.cost_micros or 0) - standing.spent
        account.unknown += (result.cost_micros is None) - standing.unknown
        standing.phase, standing.outcome = Phase.DONE, result.outcome
        self.outcomes[result.outcome] += 1
        self.failures += verdict_of(result.outcome) is Verdict.FAILED


def decide(batch: Batch, command: Command, now: float) -> tuple[Event, ...] | Why:
    """Return what a command comes to, or why it is refused. Changes nothing."""
    standing = batch.standing.get(command.item)
    if standing is None or command.item not in batch.items:
        return Why.UNKNOWN
    if standing.phase is Phase.DONE:
        return Why.DONE
    if isinstance(command, Start):
        return _may_start(batch, standing, command, now)
    if isinstance(command, Decline):
        if standing.phase is Phase.RUNNING:
            return Why.RUNNING
        return (Finished(result=declined(batch.items[command.item], command.why)),)
    if standing.phase is not Phase.RUNNING:
        return Why.NOT_RUNNING
    if standing.run_id != command.run_id:
        return Why.OTHER_RUN
    if isinstance(command, GiveBack):
        return (
            Returned(item=command.item, run_id=command.run_id, cost_micros=command.cost_micros),
        )
    return _conclude(batch, standing, command)


def retry_wait(tries: int, chance: float) -> float:
    """Return seconds to wait after so many failed tries, counted from 1.

    Full jitter: anything from nothing up to a bound that doubles from try to try, so that many
    items that failed together do not come back together.
    """
    return min(RETRY_CAP_S, RETRY_FIRST_S * 2.0 ** min(tries - 1, 30)) * chance


def _may_start(
    batch: Batch, standing: Standing, command: Start, now: float
) -> tuple[Event, ...] | Why:
    if standing.phase is Phase.RUNNING:
        return Why.RUNNING
    if batch.halt is not None:
        return Why.HALTED
    if standing.phase is Phase.RESTING and now < standing.due:
        return Why.RESTING
    if len(batch.running) >= batch.rules.jobs:
        return Why.NO_SLOT
    cap = batch.cap_of(command.item)
    if not batch.fits(cap):
        return Why.BUDGET
    return (Started(item=command.item, run_id=command.run_id, cap_micros=cap, at=command.at),)


def _conclude(batch: Batch, standing: Standing, command: Conclude) -> tuple[Event, ...]:
    ending = command.ending
    left = batch.cap_of(command.item)
    affordable = left is None or left - (ending.cost_micros or 0) > 0
    if ending.transient and standing.tries < batch.rules.retries and affordable:
        return (
            Rested(
                item=command.item,
                run_id=command.run_id,
                cost_micros=ending.cost_micros,
                wait_s=retry_wait(standing.tries + 1, command.chance),
                error=ending.error,
            ),
        )
    return (Finished(result=_result(batch.items[command.item], standing, command)),)


def _result(item: Item, standing: Standing, command: Conclude) -> Result:
    ending = command.ending
    known = ending.cost_micros is not None and standing.unknown == 0
    charge = standing.cap if ending.cost_micros is None else ending.cost_micros
    bounded = charge is not None and standing.unbounded == 0
    return Result(
        item=item.id,
        label=item.label,
        item_digest=item.digest,
        outcome=ending.outcome,
        exit=ending.exit,
        run_id=command.run_id,
        attempts=standing.attempts,
        cost_micros=standing.spent + (ending.cost_micros or 0) if known else None,
        cost_basis=ending.cost_basis if known else "unpriced",
        charged_micros=standing.charged + (charge or 0) if bounded else None,
        wall_ms=ending.wall_ms,
        stop=ending.stop,
        error=ending.error,
        answer=ending.answer.text,
        structured_answer=ending.answer.structured,
        answer_cut=ending.answer.cut,
        record=command.record,
    )
