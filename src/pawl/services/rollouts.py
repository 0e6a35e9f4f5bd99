"""Rollouts by themselves: measure each stage, do what follows, take back what fails, find drift.

`pawl.changes.rollout.next_step` decides; here its question is put together and its answer carried
out. One tick looks at everything once. What goes wrong with one change is noted, and the others go
on; nothing that could not be looked at ever counts as good.
"""

from collections.abc import Callable, Iterator
from functools import partial
from typing import Protocol

import msgspec

from pawl.alerts.instants import instant, seconds
from pawl.base.errors import PawlError
from pawl.base.times import seconds_between
from pawl.changes.change import Change, Refusal, State
from pawl.changes.drift import drifted, manifest_of_drift
from pawl.changes.executing import Errand, Intent, Progress, as_digest, looking
from pawl.changes.manifest import Manifest, part_digest, parts_digest
from pawl.changes.parts import Part
from pawl.changes.registry import Registry
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
from pawl.store.records.rollouts import RolloutRecords

_MANY = 100_000
"""Changes that one tick looks at."""
_RECORDED = frozenset({Move.ADVANCE, Move.FINISH, Move.ROLL_BACK})
"""Moves that rest on a verdict, which is then on record as it was at that moment."""


class Desk(Protocol):
    """What a tick asks of the desk of changes."""

    def tick(self, by: By) -> tuple[Change, ...]:
        """Let time do what is due; return the changes that it moved."""

    def get(self, id: str) -> Change:
        """Return a change."""

    def list(
        self,
        states: tuple[State, ...] = (),
        *,
        scope: str | None = None,
        limit: int = 200,
        before: str = "",
    ) -> tuple[Change, ...]:
        """Return changes, last changed first."""

    def registry(self) -> Registry:
        """Return what every component is, was, and what moves it."""

    def advance(
        self, id: str, verdicts: tuple[StageVerdict, ...], by: By, *, key: str = ""
    ) -> Told:
        """Go on to the next stage if this one has passed."""

    def finish(
        self, id: str, verdicts: tuple[StageVerdict, ...], read_back: str, by: By, *, key: str = ""
    ) -> Told:
        """Call a change live."""

    def roll_back(
        self,
        id: str,
        reason: str,
        by: By,
        trigger_at: str | None = None,
        automatic: bool = False,
        ended: bool = False,
        *,
        key: str = "",
    ) -> Told:
        """Begin to go back."""

    def confirm(self, id: str, read_back: str, by: By, *, key: str = "") -> Told:
        """Call a change rolled back."""

    def fail_rollback(self, id: str, reason: str, by: By, *, key: str = "") -> Told:
        """Give a rollback up."""

    def found_unmanaged(self, manifest: Manifest, by: By, *, key: str = "") -> Told:
        """Record that something is live that was never a change here."""


class Telemetry(Protocol):
    """What a tick asks of the events."""

    def stage_sides(
        self, change: str, digest: str, window: tuple[str, str], base: tuple[str, str]
    ) -> tuple[Side, Side]:
        """Return what was told of a change within a window, and of all else in the base's."""


class Did(msgspec.Struct, frozen=True, kw_only=True):
    """What a tick did about one change, or why nothing: `moved` says which."""

    change: str
    what: str
    why: str
    moved: bool


class Ticked(msgspec.Struct, frozen=True, kw_only=True):
    """What one tick did. `asks` are changes about which a person has to decide."""

    at: str
    did: tuple[Did, ...] = ()
    asks: tuple[str, ...] = ()
    troubles: tuple[str, ...] = ()


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
    ) -> None:
        self._desk, self._records, self._carrier = desk, records, carrier
        self._executors, self._telemetry, self._metrics = executors, telemetry, metrics
        self._now, self._is_gone = now, is_gone

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

    def jobs(self) -> Iterator[tuple[str, "Job"]]:
        """Yield what there is to be done now, each by a name; none waits for another.

        A job that is still being done when its name comes again is left alone. The first word of a
        name is its kind: `out`, `back` and `look` are as many as there are changes.
        """
        yield "time", self._time
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

    def _time(self, turn: "Turn") -> None:
        for change in self._desk.tick(PAWL_ITSELF):
            turn.note(change, change.state.value, change.why, moved=True)

    def _carry_out(self, due: Intent, turn: "Turn") -> None:
        intent = self._carrier.carry_out(due)
        if intent is not None:
            what = f"{intent.kind.value} {intent.state.value}"
            moved = intent.state is Progress.CONFIRMED
            turn.did.append(
                Did(change=intent.change_id, what=what, why=intent.failure, moved=moved)
            )

    def _look(self, change: Change, turn: "Turn") -> None:
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
        turn: "Turn",
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
                turn.asks.append(change.id)
                turn.note(change, step.move.value, step.why)
            case _:
                turn.note(change, step.move.value, step.why)

    def _finish(
        self,
        change: Change,
        step: Step,
        verdicts: tuple[StageVerdict, ...],
        intent: Intent,
        turn: "Turn",
    ) -> None:
        seen = self._carrier.read_back(change, intent)
        read = as_digest(seen, change.manifest)
        done = self._desk.finish(change.id, verdicts, read, PAWL_ITSELF)
        if isinstance(done, Refusal) and read != parts_digest(change.manifest.parts):
            # It was there when the stage began: something moved it since.
            self._take_back(change, " ".join(done.reasons), self._now(), turn)
            return
        turn.told(change, step, done)

    def _not_out(self, change: Change, intent: Intent, turn: "Turn") -> None:
        why = f"It could not be brought out. {intent.failure}"
        self._take_back(change, why, intent.ended_at or self._now(), turn)

    def _take_back(self, change: Change, why: str, trigger_at: str, turn: "Turn") -> None:
        if not change.manifest.rollout.automatic_rollback:
            turn.asks.append(change.id)
            turn.note(change, Move.ASK.value, why)
            return
        done = self._desk.roll_back(change.id, why, PAWL_ITSELF, trigger_at, automatic=True)
        turn.told(change, Step(move=Move.ROLL_BACK, why=why), done)

    def _back(self, change: Change, turn: "Turn") -> None:
        intent = self._records.newest(change.id)
        if intent is None or intent.state not in (Progress.CONFIRMED, Progress.FAILED):
            turn.note(change, "rolling-back", intent.failure if intent else "")
        elif intent.state is Progress.CONFIRMED:
            done = self._desk.confirm(change.id, intent.read_back, PAWL_ITSELF)
            turn.said(change, "confirm", "What stood before was read back.", done)
        else:
            done = self._desk.fail_rollback(change.id, intent.failure, PAWL_ITSELF)
            turn.said(change, "fail-rollback", intent.failure, done)

    def find_drift(self, turn: "Turn") -> None:
        """Read back what is live and put on record what was changed outside."""
        registry = self._desk.registry()
        by_change: dict[str, list[str]] = {}
        for name in registry.history:
            live = registry.live(name)
            if live is not None and live.change and name not in registry.rolling:
                by_change.setdefault(live.change, []).append(name)
        for change_id, names in sorted(by_change.items()):
            known = self._desk.get(change_id)
            job = partial(self._look_for_drift, known, names, registry)
            turn.each(f"drift of {change_id}", job)

    def _look_for_drift(
        self, change: Change, names: list[str], registry: Registry, turn: "Turn"
    ) -> None:
        known = {name: part for name in names for part in _known(change, name, registry)}
        if not known:
            return
        order = looking(known, f"look.{change.id}.{self._now()}")
        seen = self._executors(change.manifest.rollout.executor).read_back(order)
        if seen.parts is None:
            return  # Digests say that it is another, and not what: nothing could be put on record.
        going = self._desk.list(
            (State.APPROVED, State.ROLLING_OUT, State.ROLLING_BACK), limit=_MANY
        )
        # Read again: what began to move while the executor was asked is no drift.
        found = drifted(self._desk.registry(), seen.parts, going)
        if not found:
            return
        there = {name: seen.parts[name] for name in found}
        manifest = manifest_of_drift(known, there, change.manifest)
        key = f"drift|{change.id}|{parts_digest(there)}|{_since(registry, found)}"
        done = self._desk.found_unmanaged(manifest, PAWL_ITSELF, key=key)
        turn.said(change, "found-unmanaged", manifest.title, done)


class Turn:
    """What has been done so far."""

    def __init__(self) -> None:
        self.did: list[Did] = []
        self.asks: list[str] = []
        self.troubles: list[str] = []

    def ticked(self, at: str) -> Ticked:
        """Return it as a value."""
        asks = tuple(dict.fromkeys(self.asks))
        return Ticked(at=at, did=tuple(self.did), asks=asks, troubles=tuple(self.troubles))

    def each(self, what: str, act: "Job") -> None:
        """Do one thing; what goes wrong with it is noted and holds up no other."""
        try:
            act(self)
        except (PawlError, OSError) as error:
            self.troubles.append(f"{what}: {error}")

    def note(self, change: Change, what: str, why: str, *, moved: bool = False) -> None:
        """Note what was done, or why nothing."""
        self.did.append(Did(change=change.id, what=what, why=why, moved=moved))

    def told(self, change: Change, step: Step, done: Told) -> None:
        """Note how a move ended."""
        self.said(change, step.move.value, step.why, done)

    def said(self, change: Change, what: str, why: str, done: Told) -> None:
        """Note how a command ended."""
        if isinstance(done, Refusal):
            self.troubles.append(f"{change.id}: {what} was refused. {' '.join(done.reasons)}")
        else:
            self.note(change, what, why, moved=True)


Job = Callable[[Turn], None]
"""One thing to be done; it tells the turn what it did."""


def _since(registry: Registry, names: tuple[str, ...]) -> str:
    """Return what tells one drift of components from a later one to the same content."""
    found = [live.since for name in names if (live := registry.live(name)) is not None]
    return max(found, default="")


def _known(change: Change, name: str, registry: Registry) -> tuple[Part | None, ...]:
    """Return what a component is known to be, as a value of one or none that can be told."""
    live = registry.live(name)
    for parts in (change.manifest.parts, change.manifest.base):
        if live is not None and name in parts and part_digest(parts[name]) == live.part:
            return (parts[name],)
    return ()


def _is_other(one: StageVerdict, other: StageVerdict) -> bool:
    return (one.verdict, one.stage, one.digest) != (other.verdict, other.stage, other.digest)
