"""Alerts and notices made up for tests of delivering and keeping."""

from pawl.alerts.alert import Alert, Alerts, LogEntry, Notice, NoticeKind, Told
from pawl.alerts.instants import instant, seconds
from pawl.alerts.reading import Level, Row
from pawl.alerts.state import State

START = "2026-11-21T09:00:00.000000Z"
HOSTILE = (
    "<b>`*shop*`</b>\r\nBcc: all@example.org\n@channel <!here> [x](http://evil.example) \u202egnp"
)


def later(seconds_later: float, start: str = START) -> str:
    """Return an instant so many seconds after the start."""
    return instant(seconds(start) + seconds_later)


def an_alert(rule: str = "error-rate", state: State = State.FIRING, **values: object) -> Alert:
    """Return an alert about one project."""
    told = {
        "scope": (("project", "shop"),),
        "state": state,
        "since": START,
        "fired_at": START if state is State.FIRING else None,
        "value": 7.0,
        "threshold": 5.0,
        "unit": "%",
        "summary": "7 % of the calls failed.",
        "rows": (Row("run", "run_1"), Row("event", "e1")),
    }
    return Alert(rule=rule, level=Level.WARNING, **(told | values))  # type: ignore[arg-type]


def alerts(*each: Alert, at: str = START) -> Alerts:
    """Return what a look leaves behind."""
    return Alerts(looked_at=at, alerts=each)


def a_notice(
    name: str = "1", route: str = "hook", text: str = "7 % of the calls failed."
) -> Notice:
    """Return a notice of one firing alert; the same name has the same id."""
    alert = an_alert()
    told = Told(
        alert_id=alert.id,
        notice_id=name * 4,
        rule=alert.rule,
        level=alert.level,
        scope=(("project", text),),
        state=alert.state,
        summary=text,
        cause=text,
        response="See who asked for it.",
        rows=(Row("event", text),),
        since=START,
    )
    return Notice(
        id=f"notice{name}",
        kind=NoticeKind.FIRING,
        route=route,
        level=Level.WARNING,
        at=START,
        title=text,
        alerts=(told,),
    )


def a_line(
    alert: Alert, event: str = "firing", reason: str = "it fires", at: str = START
) -> LogEntry:
    """Return a line of the log about an alert."""
    return LogEntry(
        at=at, alert_id=alert.id, rule=alert.rule, level=alert.level, scope=alert.scope,
        event=event, reason=reason,
    )  # fmt: skip
