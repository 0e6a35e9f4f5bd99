"""The sample's alerts: what the real rules find in its own events, and what its people did then.

The events are folded as at work, with a clock that goes through their times; nothing of what
fires is written down anywhere. Made for the sample are only the numbers that its team asks of two
rules, and the hands: who takes on, or silences, what fires by a rule, and how soon.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence

import msgspec

from pawl.alerts import by_hand
from pawl.alerts.advance import Step, advance
from pawl.alerts.alert import Alert, Alerts, Silence
from pawl.alerts.configuring import Setup, set_up
from pawl.alerts.holding_back import silences
from pawl.alerts.instants import instant, seconds
from pawl.alerts.rule import Rule
from pawl.alerts.state import State
from pawl.governance.ledger import Actor
from pawl.runs.alert_settings import AlertSettings
from pawl.services.alert_server import Alerting, AlertServer
from pawl.services.alerting import News
from pawl.store.records.alerts import AlertRecords, Decided
from pawl.store.records.connection import Engine
from pawl.store.records.silences import SilenceRecords
from pawl.telemetry.event import Event

SETTINGS = AlertSettings(
    rules={
        # What this team's small projects spend on a busy day, as budgets would say it.
        "cost-over-threshold": {"usd_per_day": 0.3},
        # A tool that is new stays worth a look for as long as a working day lasts.
        "unexpected-tool": {"hold_s": "8h"},
    }
)
"""The sample's `[alerts]`."""
WATCHED_S = 3 * 86_400.0
"""Seconds before now from which the rules are looked at; what came before only teaches them."""
_SLICE_S = 60.0
_QUIET_S = 1800.0
"""Seconds between two looks while nothing happens."""


class Hand(msgspec.Struct, frozen=True, kw_only=True):
    """What a person does once a rule fires in a project: silence it for `for_s`, or take it on."""

    rule: str
    project: str
    by: str
    says: str
    after_s: float
    for_s: float | None = None


HANDS = (
    Hand(
        rule="tool-errors",
        project="checkout",
        by="ada",
        says="The fixtures moved, so its checks fail; I put them back.",
        after_s=240.0,
    ),
    Hand(
        rule="cost-anomaly",
        project="search",
        by="grace",
        says="One long review was asked for.",
        after_s=600.0,
        for_s=14_400.0,
    ),
    Hand(
        rule="run-stopped",
        project="checkout",
        by="edsger",
        says="Its limit on time is meant to end it.",
        after_s=300.0,
        for_s=14_400.0,
    ),
)


class SampleAlerts(AlertServer):
    """The alert server of the sample: its looking begins once the sample is loaded."""

    def __init__(self, parts: Alerting, engine: Engine, news: News) -> None:
        super().__init__(parts, engine, news)
        self._parts = parts

    def start(self) -> None:
        """Wait: events that are still being loaded would look like silence."""

    def load(self, events: Iterable[Event], now: str) -> None:
        """Write what the rules find in the sample's events, then go on looking as at work.

        What was loaded before is kept as it is.
        """
        if not self.desk.alerts.alerts():
            ordered = sorted(events, key=lambda event: (event.time, event.id))
            _Past(self.desk.alerts, self.desk.silences, self._parts).play(ordered, now)
        super().start()


class _Past:
    """The looks of the days before, each written when something happened at it."""

    def __init__(self, records: AlertRecords, placed: SilenceRecords, parts: Alerting) -> None:
        self._records, self._placed, self._parts = records, placed, parts
        self._watching = parts.setup.watching(parts.price)
        self._policy = parts.setup.policy
        self._alerts = Alerts()

    def play(self, events: Sequence[Event], now: str) -> None:
        """Go through the events in order of time, up to `now`."""
        since = instant(seconds(now) - WATCHED_S)
        for batch, at in _looks(events, since, now):
            self._watching.see(batch, at)
            if at >= since:
                self._look(at, last=at == now)

    def _look(self, at: str, *, last: bool) -> None:
        step = advance(self._alerts, self._watching.look(at), at, self._policy)
        self._alerts = step.alerts
        hands = list(self._hands(at))
        if step.log or hands or last:
            self._keep(step, at)
        for hand, alert in hands:
            self._act(hand, alert, at)

    def _keep(self, step: Step, at: str) -> None:
        decided = Decided(alerts=step.alerts, log=step.log)
        parts = self._parts
        self._records.look(
            parts.store,
            parts.holder,
            at,
            lambda before, held: decided,
            every_s=0.0,
            stale_s=0.0,
        )

    def _hands(self, at: str) -> Iterator[tuple[Hand, Alert]]:
        """Yield who does what at an instant: once for each firing."""
        for alert in self._alerts.alerts:
            hand = _hand_of(alert)
            if hand is None or alert.state is not State.FIRING or alert.fired_at is None:
                continue
            held = any(silences(each, alert, at) for each in self._policy.silences)
            due = seconds(at) - seconds(alert.fired_at) >= hand.after_s
            if due and not held and alert.acknowledged is None:
                yield hand, alert

    def _act(self, hand: Hand, alert: Alert, at: str) -> None:
        actor = Actor(person=hand.by, source="sample", assurance="declared")
        if hand.for_s is None:

            def take(before: Alerts) -> Step:
                return by_hand.acknowledge(before, alert.id, by=hand.by, note=hand.says, now=at)

            def decide(before: Alerts) -> Decided:
                step = take(before)
                return Decided(alerts=step.alerts, log=step.log)

            self._records.by_hand(alert.id, decide, actor, at)
            self._alerts = take(self._alerts).alerts
            return
        silence = Silence(
            id=f"sil_sample{len(self._policy.silences)}",
            reason=hand.says,
            by=hand.by,
            starts_at=at,
            ends_at=instant(seconds(at) + hand.for_s),
            rule=alert.rule,
            scope=dict(alert.scope),
            level=alert.level,
        )
        self._placed.place(by_hand.checked_silence(silence), actor, at)
        held = (*self._policy.silences, silence)
        self._policy = msgspec.structs.replace(self._policy, silences=held)


def _hand_of(alert: Alert) -> Hand | None:
    project = dict(alert.scope).get("project")
    return next((h for h in HANDS if (h.rule, h.project) == (alert.rule, project)), None)


def sample_setup(rules: Mapping[str, Rule]) -> Setup:
    """Return the rules at work on the sample, with the numbers its team asks for."""
    return set_up(rules, SETTINGS, place="sample")


def _looks(events: Sequence[Event], since: str, now: str) -> Iterator[tuple[list[Event], str]]:
    """Yield what came in a minute with the minute's end, and quarters of an hour without events.

    The last look is at `now`. Before `since` nobody looks, so there the quiet times are left out.
    """
    batch: list[Event] = []
    end = begin = seconds(since)
    for event in events:
        at = seconds(event.time)
        if batch and at > end:
            yield batch, instant(end)
            batch = []
        if not batch:
            while at > begin and at - end > _QUIET_S and end >= begin:
                end += _QUIET_S
                yield [], instant(end)
            end = (at // _SLICE_S + 1) * _SLICE_S
        batch.append(event)
    if batch and end < seconds(now):
        yield batch, instant(end)
        batch = []
    while seconds(now) - end > _QUIET_S:
        end += _QUIET_S
        yield [], instant(end)
    yield batch, now
