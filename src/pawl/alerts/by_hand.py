"""What people do to alerts: acknowledge one, or say that it is over. Pure; the shell keeps it."""

import msgspec

from pawl.alerts.advance import Step, entry
from pawl.alerts.alert import Acknowledgement, Alert, Alerts, LogEntry, Silence
from pawl.alerts.state import Signal, State, follows
from pawl.base.errors import BadValue
from pawl.base.times import seconds_between

SILENCE_MAX_S = 90 * 86_400.0
"""A silence for longer is a rule switched off without anybody deciding so."""


def acknowledge(before: Alerts, alert_id: str, *, by: str, note: str, now: str) -> Step:
    """Return what follows when somebody takes a firing alert on; raises BadValue for another."""
    alert = _found(before, alert_id)
    if alert.state is not State.FIRING:
        raise BadValue(
            f"alert {alert.id} is {alert.state.value}.", hint="Acknowledge one that fires."
        )
    taken = Acknowledgement(by=by, at=now, note=note)
    after = msgspec.structs.replace(alert, acknowledged=taken)
    return _step(before, after, entry(alert, now, "acknowledged", f"{by}: {note}".rstrip(": ")))


def close(before: Alerts, alert_id: str, *, by: str, note: str, now: str) -> Step:
    """Return what follows when a person says that an alert is over; it may fire again.

    The way out for an alert whose data will never come back. Raises BadValue for an alert that
    neither fires nor is pending.
    """
    alert = _found(before, alert_id)
    state = follows(alert.state, Signal.CLOSED)
    if state is alert.state:
        raise BadValue(f"alert {alert.id} is {alert.state.value}, there is nothing to close.")
    after = msgspec.structs.replace(
        alert,
        state=state,
        since=now,
        held_since=None,
        resolved_at=now if alert.state is State.FIRING else alert.resolved_at,
        acknowledged=None,
        held_back="",
    )
    return _step(before, after, entry(after, now, "closed", f"{by}: {note}".rstrip(": ")))


def checked_silence(silence: Silence) -> Silence:
    """Return a silence that may be kept; raises BadValue without a reason or a sensible end."""
    if not silence.reason.strip() or not silence.by.strip():
        raise BadValue("a silence needs a reason and somebody who answers for it.")
    lasts = seconds_between(silence.starts_at, silence.ends_at)
    if not 0 < lasts <= SILENCE_MAX_S:
        raise BadValue(
            "a silence ends within 90 days of its beginning.",
            hint="Switch the rule off in pawl.toml when nobody wants it.",
        )
    return silence


def _found(before: Alerts, alert_id: str) -> Alert:
    """Return the alert whose id begins so; raises BadValue for none or several."""
    found = [alert for alert in before.alerts if alert_id and alert.id.startswith(alert_id)]
    if len(found) != 1:
        what = "no alert has" if not found else f"{len(found)} alerts have"
        raise BadValue(
            f"{what} an id that begins with {alert_id!r}.", hint="See `pawl alerts list`."
        )
    return found[0]


def _step(before: Alerts, changed: Alert, line: LogEntry) -> Step:
    alerts = tuple(changed if each.key == changed.key else each for each in before.alerts)
    after = msgspec.structs.replace(before, alerts=alerts)
    return Step(alerts=after, notices=(), log=(line,))
