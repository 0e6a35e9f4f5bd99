"""Run rules over the past: when would each have fired, and when resolved?

The same fold and the same transitions as at work, with a clock that ticks through the events'
own times; so the same events give the same episodes, byte for byte.
"""

from collections.abc import Iterable, Iterator

import msgspec

from pawl.alerts.advance import advance
from pawl.alerts.alert import Alert, Alerts, Key
from pawl.alerts.configuring import Setup
from pawl.alerts.instants import instant, seconds
from pawl.alerts.reading import Level, Row, Scope
from pawl.alerts.requests import Price
from pawl.alerts.state import State
from pawl.alerts.watching import Taken
from pawl.telemetry.event import Event

TICK_S = 60.0


class Episode(msgspec.Struct, frozen=True, kw_only=True):
    """One firing, as it was when it fired.

    `resolved_at` is None when it was not seen to end; `blind` says that its data stopped instead.
    `pending_at` is when the condition began to hold, `peak` the largest value until its end.
    """

    rule: str
    level: Level
    scope: Scope
    pending_at: str
    fired_at: str
    resolved_at: str | None
    blind: bool
    value: float | None
    peak: float | None
    threshold: float | None
    unit: str
    summary: str
    cause: str
    rows: tuple[Row, ...]


class Replayed(msgspec.Struct, frozen=True, kw_only=True):
    """All episodes in the order of their firing, and what came in.

    `blind` counts readings that could not tell, by rule, and `notices` what would have been sent.
    """

    since: str | None
    until: str
    tick_s: float
    looks: int
    notices: int
    episodes: tuple[Episode, ...]
    blind: dict[str, str]
    taken: Taken


def replay(
    events: Iterable[Event],
    setup: Setup,
    *,
    price: Price | None = None,
    since: str | None = None,
    until: str | None = None,
    tick_s: float = TICK_S,
) -> Replayed:
    """Return what the rules of a setup would have done with events that come in order of time.

    `since` is when looking begins: events before it only teach the rules what is usual. `until`
    ends it, at the last event otherwise. Events after `until` are left out.
    """
    watching = setup.watching(price)
    alerts, fired = Alerts(), _Episodes()
    looks = notices = 0
    blind: dict[str, str] = {}
    for batch, tick in _ticks(events, since, until, tick_s):
        watching.see(batch, tick)
        if since is not None and tick < since:
            continue
        readings = watching.look(tick)
        looks += 1
        step = advance(alerts, readings, tick, setup.policy)
        notices += len(step.notices)
        fired.note(alerts, step.alerts)
        alerts = step.alerts
    for alert in alerts.alerts:
        if alert.blind_since is not None:
            blind.setdefault(alert.rule, alert.summary)
    return Replayed(
        since=since,
        until=watching.now if looks else until or "",
        tick_s=tick_s,
        looks=looks,
        notices=notices,
        episodes=fired.episodes(),
        blind=blind,
        taken=watching.taken,
    )


def _ticks(
    events: Iterable[Event], since: str | None, until: str | None, tick_s: float
) -> Iterator[tuple[list[Event], str]]:
    """Yield the events up to each tick with the tick; ticks stand at multiples of `tick_s`.

    Before `since` nobody looks, so there the ticks without events are left out.
    """
    batch: list[Event] = []
    tick: float | None = None
    last = None if until is None else seconds(until)
    begin = None if since is None else seconds(since)
    for event in events:
        try:
            at = seconds(event.time)
        except ValueError:
            continue
        if last is not None and at > last:
            break
        if tick is None:
            tick = (at // tick_s + 1) * tick_s
        while at >= tick:
            yield batch, instant(tick)
            batch = []
            tick += tick_s
            if begin is not None and tick < begin:
                tick = max(tick, (min(at, begin) // tick_s + 1) * tick_s)
        batch.append(event)
    if tick is None:
        return
    yield batch, instant(tick)
    while last is not None and tick + tick_s <= last:
        tick += tick_s
        yield [], instant(tick)


class _Episodes:
    """Collects firings from what changes between two looks."""

    def __init__(self) -> None:
        self._open: dict[Key, tuple[Alert, Alert, str]] = {}
        self._done: list[Episode] = []

    def note(self, before: Alerts, after: Alerts) -> None:
        known = {alert.key: alert for alert in before.alerts}
        for alert in after.alerts:
            earlier = known.get(alert.key)
            if alert.state is State.FIRING:
                begun = self._open.get(alert.key)
                pending = (earlier.held_since if earlier else None) or alert.held_since or ""
                first, since = (alert, pending) if begun is None else (begun[0], begun[2])
                self._open[alert.key] = (first, alert, since)
            elif alert.key in self._open:
                self._done.append(_episode(*self._open.pop(alert.key), alert.resolved_at))

    def episodes(self) -> tuple[Episode, ...]:
        still = [_episode(*each, None) for each in self._open.values()]
        return tuple(
            sorted([*self._done, *still], key=lambda e: (e.fired_at, e.rule, e.level, e.scope))
        )


def _episode(alert: Alert, last: Alert, since: str, resolved_at: str | None) -> Episode:
    return Episode(
        rule=alert.rule,
        level=alert.level,
        scope=alert.scope,
        pending_at=since,
        fired_at=alert.fired_at or "",
        resolved_at=resolved_at,
        blind=resolved_at is None and last.blind_since is not None,
        value=alert.value,
        peak=last.peak,
        threshold=alert.threshold,
        unit=alert.unit,
        summary=alert.summary,
        cause=alert.cause,
        rows=alert.rows,
    )
