"""Which channel is told what: routes in order, and alerts that belong together in one notice."""

from collections.abc import Sequence
from fnmatch import fnmatchcase
from typing import NamedTuple

import msgspec

from pawl.alerts.alert import Alert, Invitation, Notice, NoticeKind, Told
from pawl.alerts.holding_back import matches
from pawl.alerts.policy import Policy, Route
from pawl.alerts.reading import Level, Scope, scope_text
from pawl.base.canonical import digest

ALERTS_IN_NOTICE = 20
"""Alerts that one notice holds; more of a group go into further notices."""


class Due(NamedTuple):
    """An alert to tell of, the id of that telling and what to do first."""

    alert: Alert
    kind: NoticeKind
    id: str
    response: str


def routed(due: Sequence[Due], now: str, policy: Policy) -> tuple[Notice, ...]:
    """Return notices by channel and group, in a fixed order.

    The id of a notice is the digest of its channel and of what it tells, so sending it again
    cannot be mistaken for news. An alert that no route takes is told to nobody.
    """
    groups: dict[tuple[str, str, Scope, str], list[Due]] = {}
    for each in due:
        for channel, route in routes_of(each.alert, each.kind, policy):
            scope = dict(each.alert.scope)
            group = tuple((name, scope[name]) for name in sorted(route.group_by) if name in scope)
            key = (channel, each.kind.value, group, each.alert.level.value)
            groups.setdefault(key, []).append(each)
    notices = []
    for (channel, _, group, _), together in sorted(groups.items()):
        together.sort(key=lambda each: each.alert.key)
        for begin in range(0, len(together), ALERTS_IN_NOTICE):
            part = together[begin : begin + ALERTS_IN_NOTICE]
            notices.append(_notice(channel, group, part, now))
    return tuple(notices)


def addressed(
    notices: Sequence[Notice], alert: Alert, policy: Policy, invites: Invitation | None, text: str
) -> tuple[Notice, ...]:
    """Return notices of one alert with a text, and an invitation where one person alone reads it.

    That is where the route names the person and nobody else: `scope = {person = "ann"}`. In a
    channel of many anybody could answer in their name; one that is a second person's as well is
    such a channel.
    """
    taken = dict(routes_of(alert, NoticeKind.FIRING, policy))

    def of(notice: Notice) -> Invitation | None:
        route = taken.get(notice.route)
        named = "" if route is None else route.scope.get("person", "")
        readers = {
            each.scope["person"]
            for each in policy.routes
            if notice.route in each.to and "person" in each.scope
        }
        return invites if invites is not None and readers == {named} == {invites.person} else None

    return tuple(msgspec.structs.replace(each, text=text, invites=of(each)) for each in notices)


def routes_of(alert: Alert, kind: NoticeKind, policy: Policy) -> list[tuple[str, Route]]:
    """Return the channels that are told of an alert, each once, with the route that says so."""
    found: dict[str, Route] = {}
    for route in policy.routes:
        if not _takes(route, alert):
            continue
        if kind is not NoticeKind.RESOLVED or route.resolved:
            for channel in route.to:
                found.setdefault(channel, route)
        if not route.go_on:
            break
    return list(found.items())


def _takes(route: Route, alert: Alert) -> bool:
    return (
        alert.level in route.levels
        and any(fnmatchcase(alert.rule, glob) for glob in route.rules)
        and matches(route.scope, alert)
    )


def _notice(channel: str, group: Scope, part: list[Due], now: str) -> Notice:
    first = part[0]
    ids = sorted(each.id for each in part)
    return Notice(
        id=digest({"route": channel, "tells": ids})[:32],
        kind=first.kind,
        route=channel,
        level=first.alert.level,
        at=now,
        title=_title(group, part),
        group=group,
        alerts=tuple(_told(each) for each in part),
    )


_WORDS = {
    NoticeKind.FIRING: "",
    NoticeKind.RESOLVED: "resolved: ",
    NoticeKind.NO_DATA: "no data: ",
}


def _title(group: Scope, part: list[Due]) -> str:
    alert, kind = part[0].alert, part[0].kind
    if len(part) == 1:
        mark = "critical: " if alert.level is Level.CRITICAL and kind is NoticeKind.FIRING else ""
        blind = alert.blind_since if kind is NoticeKind.FIRING else None
        since = f" (no data since {blind})" if blind is not None else ""
        return f"{mark}{_WORDS[kind]}{alert.summary}{since}"
    rules = sorted({each.alert.rule for each in part})
    where = f" in {scope_text(group)}" if group else ""
    return f"{_WORDS[kind]}{len(part)} alerts{where}: {', '.join(rules)}"


def _told(due: Due) -> Told:
    alert = due.alert
    return Told(
        alert_id=alert.id,
        notice_id=due.id,
        rule=alert.rule,
        level=alert.level,
        scope=alert.scope,
        state=alert.state,
        summary=alert.summary,
        cause=alert.cause,
        response=due.response,
        value=alert.value,
        threshold=alert.threshold,
        unit=alert.unit,
        rows=alert.rows,
        since=alert.fired_at or alert.since,
    )
