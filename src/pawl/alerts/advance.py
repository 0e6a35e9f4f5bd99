"""Move all alerts by one look: what changed, what to tell whom, and why the rest is not told.

Pure: `advance(alerts, readings, now, policy)` gives the alerts that follow, notices to send and a
log. Alerts that no reading speaks of get the signal *no data*: silence of a rule never resolves.

A notice is of one rule, scope, threshold and period, and its id is the digest of those, so it is
told once however often the condition comes and goes within the period; the log says when a
repetition was not told. What is silenced, inhibited or noise stays due: it is told when the
silence ends while the alert still fires.
"""

from collections.abc import Iterable, Mapping

import msgspec

from pawl.alerts.alert import Alert, Alerts, Key, LogEntry, Notice, NoticeKind, notice_id
from pawl.alerts.holding_back import held_back
from pawl.alerts.instants import instant, seconds
from pawl.alerts.policy import Policy, RulePolicy
from pawl.alerts.reading import Condition, Reading
from pawl.alerts.routing import Due, routed
from pawl.alerts.state import Signal, State, follows
from pawl.base.times import seconds_between

_FOREVER_S = 60 * 86_400.0
"""Ids of notices and signatures told are forgotten after this; no period is longer."""
_PLAIN = RulePolicy()
_UNSEEN = "the rule no longer sees this scope."


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """What one look led to: the alerts that follow, notices to send, and why."""

    alerts: Alerts
    notices: tuple[Notice, ...]
    log: tuple[LogEntry, ...]


def advance(before: Alerts, readings: Iterable[Reading], now: str, policy: Policy) -> Step:
    """Return what follows from the readings of one look at `now`, a canonical time."""
    now = max(now, before.looked_at)
    latest: dict[Key, Reading] = {reading.key: reading for reading in readings}
    known = {alert.key: alert for alert in before.alerts}
    log: list[LogEntry] = []
    moved: dict[Key, Alert] = {}
    for key in sorted(known.keys() | latest.keys()):
        reading = latest.get(key)
        alert = known.get(key)
        if alert is None:
            if reading is None or reading.condition is Condition.CLEAR:
                continue
            rule, level, scope = key
            alert = Alert(rule=rule, level=level, scope=scope, since=now)
        moved[key] = _moved(alert, reading, now, _rule(policy, key[0]), log)
    return _told(before, moved, now, policy, log)


# -- one alert ----------------------------------------------------------------------------------


def _moved(
    alert: Alert, reading: Reading | None, now: str, rule: RulePolicy, log: list[LogEntry]
) -> Alert:
    signal = signal_of(alert, reading, now, rule)
    state = follows(alert.state, signal)
    changed = state is not alert.state
    blind = signal is Signal.NO_DATA
    values: dict[str, object] = {"state": state, "looked_at": now}
    if changed:
        values["since"] = now
        if state is State.FIRING:
            values |= {"fired_at": now, "peak": None, "acknowledged": None, "held_back": ""}
            values["told_at"] = None
        elif alert.state is State.FIRING:
            values |= {"resolved_at": now, "acknowledged": None, "held_back": ""}
    if signal in (Signal.HOLDS, Signal.DUE):
        values["held_since"] = alert.held_since or now
    else:
        # Whatever is not seen to hold starts the clock of `for` anew.
        values["held_since"] = None
    if blind:
        values["blind_since"] = alert.blind_since or now
        if state is State.INACTIVE:
            values["summary"] = _UNSEEN if reading is None else reading.summary
    else:
        values["blind_since"] = None
    if reading is not None and not blind:
        values |= _as_read(reading, alert, restarted=changed and state is State.FIRING)
    after = msgspec.structs.replace(alert, **values)
    if changed:
        log.append(entry(after, now, state.value, after.summary))
    if blind and alert.blind_since is None and state in (State.FIRING, State.PENDING):
        why = _UNSEEN if reading is None else reading.summary
        log.append(entry(after, now, "blind", f"stays {state.value}: {why}"))
    return after


def signal_of(alert: Alert, reading: Reading | None, now: str, rule: RulePolicy) -> Signal:
    """Return what a reading says to an alert in its present state."""
    if reading is None or reading.condition is Condition.NO_DATA:
        return Signal.NO_DATA
    if reading.condition is Condition.HOLDS:
        held = 0.0 if alert.held_since is None else seconds_between(alert.held_since, now)
        return Signal.DUE if held >= rule.for_s else Signal.HOLDS
    low = reading.clear_below
    if low is not None and reading.value is not None and reading.value >= low:
        return Signal.BETWEEN
    return Signal.CLEARS


def _as_read(reading: Reading, alert: Alert, *, restarted: bool) -> dict[str, object]:
    values: dict[str, object] = {
        "value": reading.value,
        "threshold": reading.threshold,
        "unit": reading.unit,
        "summary": reading.summary,
    }
    if reading.condition is Condition.HOLDS:
        peak = None if restarted else alert.peak
        values |= {
            "cause": reading.cause,
            "rows": reading.rows,
            "signature": reading.signature,
            "peak": reading.value if peak is None else max(peak, reading.value or peak),
        }
    return values


# -- telling ------------------------------------------------------------------------------------


def _told(
    before: Alerts, moved: dict[Key, Alert], now: str, policy: Policy, log: list[LogEntry]
) -> Step:
    told, seen = dict(before.told), dict(before.seen)
    known = {alert.key: alert for alert in before.alerts}
    firing = [alert for alert in moved.values() if alert.state is State.FIRING]
    due: list[Due] = []
    for key, alert in moved.items():
        rule = _rule(policy, alert.rule)
        kind = _kind(known.get(key), alert, now)
        if kind is None:
            continue
        notice = notice_id(
            kind, alert.rule, alert.level, alert.scope, alert.threshold, _period(alert, rule, kind)
        )
        if notice in told:
            if kind is NoticeKind.FIRING and alert.told_at is None:
                moved[key] = alert = msgspec.structs.replace(alert, told_at=told[notice])
            if _news(known.get(key), alert):
                text = f"{kind.value} was told in this period already"
                log.append(entry(alert, now, "repeated", text))
            continue
        why = held_back(alert, kind, firing, now, policy, rule, seen)
        if why is not None:
            if alert.held_back != why.text:
                log.append(entry(alert, now, why.event, why.text))
                moved[key] = msgspec.structs.replace(alert, held_back=why.text)
            continue
        if kind is not NoticeKind.FIRING and alert.told_at is None:
            continue  # Nobody was told that it fired, so nobody is told that it ended.
        told[notice] = now
        if kind is NoticeKind.FIRING:
            seen[f"{alert.rule}|{alert.signature}"] = now
            moved[key] = alert = msgspec.structs.replace(alert, held_back="", told_at=now)
        due.append(Due(alert, kind, notice, rule.response))
    kept = _kept(moved, now, policy, log)
    after = Alerts(looked_at=now, alerts=kept, seen=_recent(seen, now), told=_recent(told, now))
    return Step(alerts=after, notices=routed(due, now, policy), log=tuple(log))


def _kind(before: Alert | None, alert: Alert, now: str) -> NoticeKind | None:
    if alert.state is State.FIRING:
        return NoticeKind.NO_DATA if alert.blind_since == now else NoticeKind.FIRING
    if before is not None and before.state is State.FIRING:
        return NoticeKind.RESOLVED
    return None


def _news(before: Alert | None, alert: Alert) -> bool:
    return before is None or before.state is not alert.state


def _period(alert: Alert, rule: RulePolicy, kind: NoticeKind) -> str:
    """Return the period a notice belongs to: that of the firing it tells of.

    A firing that lasts is told of again in each later period; how it ended, and that it cannot be
    seen, once for each firing's period.
    """
    at = alert.looked_at if kind is NoticeKind.FIRING else (alert.fired_at or alert.since)
    return instant(seconds(at) // rule.period_s * rule.period_s)


# -- bounds -------------------------------------------------------------------------------------


def _kept(
    moved: Mapping[Key, Alert], now: str, policy: Policy, log: list[LogEntry]
) -> tuple[Alert, ...]:
    kept = []
    for alert in moved.values():
        if alert.state is State.INACTIVE and alert.blind_since is None:
            continue
        if alert.state is State.INACTIVE and _age(alert.blind_since, now) > policy.quiet_s:
            continue
        if alert.state is State.RESOLVED and _age(alert.since, now) > policy.keep_resolved_s:
            continue
        kept.append(alert)
    if len(kept) > policy.alerts_max:
        kept.sort(key=_worth_keeping, reverse=True)
        for alert in kept[policy.alerts_max :]:
            if alert.state is State.FIRING:
                why = "too many alerts are kept; this one was never seen to end"
                log.append(entry(alert, now, "dropped", why))
        kept = kept[: policy.alerts_max]
    return tuple(sorted(kept, key=lambda alert: alert.key))


def _worth_keeping(alert: Alert) -> tuple[object, ...]:
    rank = (State.INACTIVE, State.RESOLVED, State.PENDING, State.FIRING).index(alert.state)
    return (rank, alert.blind_since is None, alert.blind_since or alert.since, alert.id)


def _recent(times: dict[str, str], now: str) -> dict[str, str]:
    oldest = instant(seconds(now) - _FOREVER_S)
    return {name: at for name, at in sorted(times.items()) if at > oldest}


def _age(since: str | None, now: str) -> float:
    return 0.0 if since is None else seconds_between(since, now)


def _rule(policy: Policy, name: str) -> RulePolicy:
    return policy.rules.get(name, _PLAIN)


def entry(alert: Alert, now: str, event: str, reason: str) -> LogEntry:
    """Return a line of the log about an alert."""
    return LogEntry(
        at=now,
        alert_id=alert.id,
        rule=alert.rule,
        level=alert.level,
        scope=alert.scope,
        event=event,
        reason=reason,
    )
