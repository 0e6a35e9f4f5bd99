"""Rollouts by themselves: measure each stage, do what follows, take back what fails, find drift.

`pawl.changes.rollout.next_step` decides; here its question is put together and its answer carried
out. One tick looks at everything once. What goes wrong with one change is noted, and the others go
on; nothing that could not be looked at ever counts as good.
"""

from collections.abc import Callable, Iterator
from functools import partial
from typing import Protocol

from pawl.alerts.instants import instant, seconds
from pawl.base.errors import PawlError
from pawl.base.times import seconds_between
from pawl.changes.change import Change, Refusal, State
from pawl.changes.concern import Concern, asks, of_intent
from pawl.changes.executing import Errand, Intent, Progress, as_digest, numbers
from pawl.changes.manifest import parts_digest
from pawl.changes.rollout import Move, StageVerdict, Step, next_step
from pawl.changes.stage_metrics import (
    Judgement,
    Side,
    Sides,
    StageMetrics,
    judge_stage,
    not_measured,
)
from pawl.changes.verdict import Verdict
from pawl.governance.ledger import PAWL
from pawl.services.carrying_out import Carrier, Executors
from pawl.services.change_terms import PAWL_ITSELF, By, Told
from pawl.services.drift_looking import Branch, DriftLook
from pawl.services.drift_looking import Desk as DriftDesk
from pawl.services.rollout_turn import Did, Job, Ticked, Turn
from pawl.store.records.rollouts import RolloutRecords

_MANY = 100_000
"""Changes that one tick looks at."""
_RECORDED = frozenset({Move.ADVANCE, Move.FINISH, Move.ROLL_BACK})
"""Moves that rest on a verdict, which is then on record as it was at that moment."""


class Desk(DriftDesk, Protocol):
    """What a tick asks of the desk of changes."""

    def tick(self, by: By) -> tuple[Change, ...]:
        """Let time do what is due; return the changes that it moved."""

    def advance(
        self, id: str, verdicts: tuple[StageVerdict, ...], by: By, *, key: str = ""
    ) -> Told:
        """Go on to the next stage if this one has passed."""

    def finish(
        self, id: str, verdicts: tuple[StageVerdict, ...], read_back: str, by: By, *, key: str = ""
    ) -> Told:
        """Call a change live."""

    def confirm(self, id: str, read_back: str, by: By, *, key: str = "") -> Told:
        """Call a change rolled back."""

    def fail_rollback(self, id: str, reason: str, by: By, *, key: str = "") -> Told:
        """Give a rollback up."""

    def tell_people(self, id: str, concern: Concern) -> bool:
        """Tell who is meant that somebody has to see to a change; False where they know."""

    def tell_of_glass(self) -> None:
        """Tell who is meant of broken glass that is to be ratified soon."""


class Telemetry(Protocol):
    """What a tick asks of the events."""

    def stage_sides(
        self, change: str, digest: str, window: tuple[str, str], base: tuple[str, str]
    ) -> tuple[Side, Side]:
        """Return what was told of a change within a window, and of all else in the base's."""


class Rollouts:
    """Everything that moves, of one store. `is_gone` says of a holder that it lives no more."""

    def __init__(
        self,
        desk: Desk,
        records: RolloutRecords,
        carrier: Carrier,
        executors: Executors,
        telemetry: Telemetry,
        metrics: StageMetrics,
        *,
        now: Callable[[], str],
        is_gone: Callable[[str], bool] = lambda holder: False,
        branch: Branch | None = None,
    ) -> None:
        """`branch` tells what the protected branch has; without it only executors are asked."""
        self._desk, self._records, self._carrier = desk, records, carrier
        self._executors, self._telemetry, self._metrics = executors, telemetry, metrics
        self._now, self._is_gone = now, is_gone
        self._drift = DriftLook(desk, executors, now=now, branch=branch)

    def tick(self, *, drift: bool = True) -> Ticked:
        """Do once all that is due; `drift` looks for what was changed outside as well."""
        turn, now = Turn(), self._now()
        # What a look decides is carried out at once, and not with the next tick.
        for _ in range(2):
            for what, act in self.jobs():
                turn.each(what, act)
        if drift:
            turn.each("drift", self.find_drift)
        return turn.ticked(now)

    def jobs(self) -> Iterator[tuple[str, Job]]:
        """Yield what there is to be done now, each by a name; none waits for another.

        A job that is still being done when its name comes again is left alone. The first word of a
        name is its kind: `out`, `back` and `look` are as many as there are changes.
        """
        yield "time", self._time
        yield "glass", lambda turn: self._desk.tell_of_glass()
        yield "claims", lambda turn: self._records.release_gone(self._is_gone, self._now())
        for intent in self._records.due(self._now()):
            way = "back" if intent.kind is Errand.ROLLBACK else "out"
            yield f"{way} {intent.id}", partial(self._carry_out, intent)
        for change in self._desk.list((State.ROLLING_OUT,), limit=_MANY):
            yield f"look {change.id}", partial(self._look, change)
        for change in self._desk.list((State.ROLLING_BACK,), limit=_MANY):
            yield f"back {change.id}", partial(self._back, change)

    def judge(self, change: Change) -> Judgement:
        """Return what telemetry says of the present stage of a change that is rolling out."""
        plan, now = change.manifest, self._now()
        stage = plan.rollout.stages[change.stage]
        since = change.stage_at or change.changed_at
        window = (since, max(now, since))
        concurrent = stage.exposure < 1
        try:
            own, base = self._telemetry.stage_sides(
                change.id, change.digest, window, window if concurrent else self._before(change)
            )
        except PawlError as error:
            return not_measured(str(error))
        sides = Sides(stage=own, base=base, concurrent=concurrent)
        return judge_stage(sides, self._metrics, plan.experiment, stage.exposure)

    def _before(self, change: Change) -> tuple[str, str]:
        """Return the time before a rollout: who reaches everybody has nobody beside it."""
        started = change.started_at or change.changed_at
        lasted = seconds_between(change.stage_at or started, max(self._now(), started))
        length = max(lasted, self._metrics.base_before_s)
        return instant(seconds(started) - length), started

    def _time(self, turn: Turn) -> None:
        for change in self._desk.tick(PAWL_ITSELF):
            turn.note(change, change.state.value, change.why, moved=True)

    def _carry_out(self, due: Intent, turn: Turn) -> None:
        intent = self._carrier.carry_out(due)
        if intent is not None:
            what = f"{intent.kind.value} {intent.state.value}"
            moved = intent.state is Progress.CONFIRMED
            turn.did.append(
                Did(change=intent.change_id, what=what, why=intent.failure, moved=moved)
            )
            known = self._desk.get(intent.change_id)
            for concern in of_intent(known, intent, numbers().tell_after_attempts):
                self._desk.tell_people(known.id, concern)

    def _look(self, change: Change, turn: Turn) -> None:
        intent = self._records.newest(change.id)
        if intent is not None and intent.state is Progress.FAILED:
            self._not_out(change, intent, turn)
            return
        if intent is None or intent.state is not Progress.CONFIRMED:
            # Nothing is out yet that could be measured; an experiment may still be over.
            self._follow(change, next_step(change, (), self._now()), (), intent, turn)
            return
        judgement = self.judge(change)
        verdict = self._verdict(change, judgement)
        known = [each.verdict for each in self._records.verdicts(change.id)]
        failed = tuple(each for each in known if each.verdict is Verdict.FAIL)
        step = next_step(change, (*failed, verdict), self._now())
        newest = known[-1] if known else None
        rests_on_it = step.move in _RECORDED and step.verdict == verdict.id
        if rests_on_it or newest is None or _is_other(newest, verdict):
            self._records.judge(change.id, verdict, judgement, PAWL)
        self._follow(change, step, (*failed, verdict), intent, turn)

    def _verdict(self, change: Change, judgement: Judgement) -> StageVerdict:
        at = max(self._now(), change.changed_at)
        return StageVerdict(
            id=f"{change.id}.s{change.stage}.{at}",
            stage=change.stage,
            digest=change.digest,
            verdict=judgement.verdict,
            at=at,
            events=judgement.events,
            reason=judgement.reason,
        )

    def _follow(
        self,
        change: Change,
        step: Step,
        verdicts: tuple[StageVerdict, ...],
        intent: Intent | None,
        turn: Turn,
    ) -> None:
        match step.move:
            case Move.ADVANCE:
                turn.told(change, step, self._desk.advance(change.id, verdicts, PAWL_ITSELF))
            case Move.FINISH if intent is not None:
                self._finish(change, step, verdicts, intent, turn)
            case Move.ROLL_BACK:
                first = min(each.at for each in verdicts if each.verdict is Verdict.FAIL)
                self._take_back(change, step.why, first, turn)
            case Move.END:
                done = self._desk.roll_back(change.id, step.why, PAWL_ITSELF, None, ended=True)
                turn.told(change, step, done)
            case Move.ASK:
                self._ask(change, step.why, turn)
            case _:
                turn.note(change, step.move.value, step.why)

    def _finish(
        self,
        change: Change,
        step: Step,
        verdicts: tuple[StageVerdict, ...],
        intent: Intent,
        turn: Turn,
    ) -> None:
        seen = self._carrier.read_back(change, intent)
        read = as_digest(seen, change.manifest)
        done = self._desk.finish(change.id, verdicts, read, PAWL_ITSELF)
        if isinstance(done, Refusal) and read != parts_digest(change.manifest.parts):
            # It was there when the stage began: something moved it since.
            self._take_back(change, " ".join(done.reasons), self._now(), turn)
            return
        turn.told(change, step, done)

    def _not_out(self, change: Change, intent: Intent, turn: Turn) -> None:
        why = f"It could not be brought out. {intent.failure}"
        self._take_back(change, why, intent.ended_at or self._now(), turn)

    def _take_back(self, change: Change, why: str, trigger_at: str, turn: Turn) -> None:
        if not change.manifest.rollout.automatic_rollback:
            self._ask(change, why, turn)
            return
        done = self._desk.roll_back(change.id, why, PAWL_ITSELF, trigger_at, automatic=True)
        turn.told(change, Step(move=Move.ROLL_BACK, why=why), done)

    def _ask(self, change: Change, why: str, turn: Turn) -> None:
        turn.asks.append(change.id)
        turn.note(change, Move.ASK.value, why)
        self._desk.tell_people(change.id, asks(change, why, self._now()))

    def _back(self, change: Change, turn: Turn) -> None:
        intent = self._records.newest(change.id)
        if intent is None or intent.state not in (Progress.CONFIRMED, Progress.FAILED):
            turn.note(change, "rolling-back", intent.failure if intent else "")
        elif intent.state is Progress.CONFIRMED:
            done = self._desk.confirm(change.id, intent.read_back, PAWL_ITSELF)
            turn.said(change, "confirm", "What stood before was read back.", done)
        else:
            done = self._desk.fail_rollback(change.id, intent.failure, PAWL_ITSELF)
            turn.said(change, "fail-rollback", intent.failure, done)

    def find_drift(self, turn: Turn) -> None:
        """Read back what is live and put on record what was changed outside."""
        self._drift.look(turn)


def _is_other(one: StageVerdict, other: StageVerdict) -> bool:
    return (one.verdict, one.stage, one.digest) != (other.verdict, other.stage, other.digest)
