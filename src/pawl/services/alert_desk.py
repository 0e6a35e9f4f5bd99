"""What people see of alerts and do to them: acknowledge, close, silence, send again."""

from collections.abc import Callable
from typing import Literal

import msgspec

from pawl.alerts import by_hand
from pawl.alerts.advance import Step
from pawl.alerts.alert import Alert, Alerts, LogEntry, Silence
from pawl.alerts.delivery import Numbers
from pawl.alerts.holding_back import silences as silences_it
from pawl.alerts.instants import instant, seconds
from pawl.alerts.reading import Level
from pawl.alerts.state import State
from pawl.base.errors import BadValue
from pawl.base.times import seconds_between
from pawl.governance.ledger import Actor
from pawl.store.records.alerts import AlertRecords, Decided
from pawl.store.records.connection import Engine
from pawl.store.records.outbox import DEAD, Letter, OutboxRecords
from pawl.store.records.silences import SilenceRecords
from pawl.store.records.timers import TimerRecords

LONGEST = 500
"""Characters of a name or a reason that a person gives."""
_TIMER = "alerts:"


class Watched(msgspec.Struct, frozen=True, kw_only=True):
    """Whether somebody looks. `state` is `never`, `looking`, `silent` or `failing`.

    `looked_at` is the latest sign of life of the servers on these records, `failure` what keeps
    one of them from looking.
    """

    state: Literal["never", "looking", "silent", "failing"]
    looked_at: str | None = None
    failure: str = ""

    @property
    def alive(self) -> bool:
        """Whether alerts are being looked at."""
        return self.state == "looking"


class AlertLine(msgspec.Struct, frozen=True, kw_only=True):
    """One alert as the latest look found it, and the silence that holds its notices back."""

    id: str
    store: str
    alert: Alert
    silence: Silence | None = None


class ChannelLine(msgspec.Struct, frozen=True, kw_only=True):
    """One channel's notices by what became of them, and why the channel does not work."""

    name: str
    waiting: int = 0
    sent: int = 0
    dead: int = 0
    problem: str = ""


class AlertsView(msgspec.Struct, frozen=True, kw_only=True):
    """Everything about alerts at one instant. `blind` are rules that cannot see their data."""

    schema: Literal["pawl.alert-list/1"] = "pawl.alert-list/1"
    at: str
    watched: Watched
    firing: tuple[AlertLine, ...] = ()
    pending: tuple[AlertLine, ...] = ()
    resolved: tuple[AlertLine, ...] = ()
    blind: tuple[AlertLine, ...] = ()
    silences: tuple[Silence, ...] = ()
    channels: tuple[ChannelLine, ...] = ()
    dead: tuple[Letter, ...] = ()
    log: tuple[LogEntry, ...] = ()


class AlertDesk:
    """Alerts on one set of records. `new_id` makes the ids of silences.

    `problems` tells why channels of this process do not work, by name; all that it names exist.
    """

    def __init__(
        self,
        engine: Engine,
        *,
        now: Callable[[], str],
        new_id: Callable[[], str],
        numbers: Numbers,
        problems: Callable[[], dict[str, str]] = dict,
    ) -> None:
        self.alerts, self.outbox = AlertRecords(engine), OutboxRecords(engine)
        self.silences, self.timers = SilenceRecords(engine), TimerRecords(engine)
        self._now, self._new_id = now, new_id
        self._numbers, self._problems = numbers, problems

    def view(self) -> AlertsView:
        """Return what there is to see now."""
        now = self._now()
        standing = self.silences.standing(now)
        lines: dict[State, list[AlertLine]] = {state: [] for state in State}
        for kept in self.alerts.alerts():
            alert = kept.alert
            silence = next((each for each in standing if silences_it(each, alert, now)), None)
            line = AlertLine(id=alert.id, store=kept.store, alert=alert, silence=silence)
            lines[alert.state].append(line)
        for each in lines.values():
            each.sort(key=lambda line: (line.alert.since, line.id), reverse=True)
            each.sort(key=lambda line: line.alert.level is not Level.CRITICAL)
        return AlertsView(
            at=now,
            watched=self.watched(now),
            firing=tuple(lines[State.FIRING]),
            pending=tuple(lines[State.PENDING]),
            resolved=tuple(lines[State.RESOLVED]),
            blind=tuple(lines[State.INACTIVE]),
            silences=standing,
            channels=self._channels(),
            dead=self.outbox.letters(DEAD),
            log=self.alerts.log(),
        )

    def watched(self, now: str) -> Watched:
        """Say whether somebody looks at alerts."""
        beats = [beat for name, beat in self.timers.heartbeats().items() if name.startswith(_TIMER)]
        if not beats:
            return Watched(state="never")
        latest = max(beats, key=lambda beat: beat.at)
        if seconds_between(latest.at, now) > self._numbers.silent_s:
            return Watched(state="silent", looked_at=latest.at, failure=latest.failure)
        if latest.failure:
            return Watched(state="failing", looked_at=latest.at, failure=latest.failure)
        return Watched(state="looking", looked_at=latest.at)

    def acknowledge(self, identity: str, *, by: str, note: str, actor: Actor) -> None:
        """Take a firing alert on; raises BadValue for one that does not fire."""
        name, why = _said(by, "by", "Say who looks after it."), _bounded(note, "note")
        now = self._now()

        def decide(before: Alerts) -> Decided:
            return _decided(by_hand.acknowledge(before, identity, by=name, note=why, now=now))

        self.alerts.by_hand(identity, decide, actor, now)

    def close(self, identity: str, *, by: str, note: str, actor: Actor) -> None:
        """Say that an alert is over, whose data will not come back; raises BadValue."""
        name, why = (
            _said(by, "by", "Say who says so."),
            _said(note, "reason", "Say why it is over."),
        )
        now = self._now()

        def decide(before: Alerts) -> Decided:
            return _decided(by_hand.close(before, identity, by=name, note=why, now=now))

        self.alerts.by_hand(identity, decide, actor, now)

    def silence(
        self,
        *,
        rule: str,
        scope: dict[str, str],
        for_s: float,
        reason: str,
        by: str,
        actor: Actor,
        level: Level | None = None,
    ) -> Silence:
        """Hold notices back for a time; raises BadValue without a reason or a sensible end."""
        now = self._now()
        silence = Silence(
            id=self._new_id(),
            reason=_said(reason, "reason", "Say why nobody needs to be told."),
            by=_said(by, "by", "Say who answers for it."),
            starts_at=now,
            ends_at=instant(seconds(now) + min(max(for_s, 0.0), 10.0**9)),
            rule=_bounded(rule, "rule") or "*",
            scope={
                _bounded(key, "scope"): _bounded(value, "scope") for key, value in scope.items()
            },
            level=level,
        )
        self.silences.place(by_hand.checked_silence(silence), actor, now)
        return silence

    def silence_alert(
        self, identity: str, *, for_s: float, reason: str, by: str, actor: Actor
    ) -> Silence:
        """Silence exactly one alert, whatever its scope holds; raises BadValue."""
        found = {
            kept.alert.id: kept.alert
            for kept in self.alerts.alerts()
            if identity and kept.alert.id.startswith(identity)
        }
        if len(found) != 1:
            raise BadValue(
                f"{len(found) or 'no'} alerts have an id that begins with {identity[:60]!r}.",
                hint="See `pawl alerts list`.",
            )
        (alert,) = found.values()
        return self.silence(
            rule=_exactly(alert.rule),
            scope={key: _exactly(value) for key, value in alert.scope},
            for_s=for_s,
            reason=reason,
            by=by,
            actor=actor,
            level=alert.level,
        )

    def lift(self, identity: str, *, reason: str, actor: Actor) -> None:
        """End a silence now; raises BadValue for one that does not hold."""
        if not self.silences.lift(identity, _bounded(reason, "reason"), actor, self._now()):
            raise BadValue(f"no silence {identity[:60]!r} holds.", hint="See `pawl alerts list`.")

    def resend(self, identity: str, channel: str, actor: Actor) -> None:
        """Send a dead notice again; raises BadValue where there is none."""
        if not self.outbox.resend(identity, channel, actor, self._now()):
            raise BadValue(
                f"no dead notice {identity[:60]!r} to {channel[:60]!r}.",
                hint="See `pawl alerts dead`.",
            )

    def _channels(self) -> tuple[ChannelLine, ...]:
        counts, problems = self.outbox.counts(), self._problems()
        return tuple(
            ChannelLine(name=name, problem=problems.get(name, ""), **counts.get(name, {}))
            for name in sorted(counts.keys() | problems.keys())
        )


def _decided(step: Step) -> Decided:
    return Decided(alerts=step.alerts, log=step.log)


def _exactly(text: str) -> str:
    """Return a glob that matches this text alone."""
    return "".join(f"[{letter}]" if letter in "*?[" else letter for letter in text)


def _said(text: str, place: str, hint: str) -> str:
    if not text.strip():
        raise BadValue("something is missing.", place=place, hint=hint)
    return _bounded(text, place)


def _bounded(text: str, place: str) -> str:
    # PostgreSQL takes no NUL in text.
    plain = text.strip().replace("\0", "\ufffd")
    if len(plain) > LONGEST:
        raise BadValue(f"longer than {LONGEST} characters.", place=place)
    return plain
