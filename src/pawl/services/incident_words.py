"""What people type of an incident, read as far as it can be; nothing of it stops a declaration."""

import re
from collections.abc import Iterable
from datetime import timedelta

from pawl.base.durations import parse_duration
from pawl.base.errors import BadValue
from pawl.base.times import format_time, parse_time
from pawl.governance.priority import Domain
from pawl.incidents.declaring import Said
from pawl.incidents.incident import Link, LinkKind

_AGO = re.compile(r"(?:\d{1,9}(?:\.\d{1,3})?(?:s|m|h|d|w))+")
_SEVERITY = re.compile(r"(?i)\s*(?:sev|severity|s|p)?[\s\-_:]*(\d{1,9})\s*")


def said_of(
    title: str,
    now: str,
    *,
    severity: str = "",
    domains: Iterable[str] = (),
    scope: str = "",
    components: Iterable[str] = (),
    key: str = "",
    text: str = "",
    started: str = "",
    detected: str = "",
    links: Iterable[str] = (),
) -> Said:
    """Return a declaration of what somebody typed; what means nothing is said in its text."""
    unread: list[str] = []
    number = _SEVERITY.fullmatch(severity)
    if severity.strip() and number is None:
        unread.append(f"severity: {severity}")
    known: list[Domain] = []
    for each in domains:
        if each.strip().lower() in tuple(Domain):
            known.append(Domain(each.strip().lower()))
        else:
            unread.append(f"domain: {each}")
    linked = []
    for each in links:
        link = link_of(each)
        if link is None:
            unread.append(f"link: {each}")
        else:
            linked.append(link)
    return Said(
        title=sendable(title),
        severity=int(number[1]) if number else None,
        domains=tuple(known),
        scope=sendable(scope),
        components=tuple(map(sendable, components)),
        key=sendable(key),
        text=sendable("\n".join((*filter(None, (text,)), *unread))),
        started_at=sendable(instant_of(started, now)),
        detected_at=sendable(instant_of(detected, now)),
        links=tuple(linked),
    )


def link_of(text: str) -> Link | None:
    """Return a link of `KIND:ID`, which ends in `?` where it is suspected; None for no link."""
    kind, colon, identity = text.strip().partition(":")
    suspected = identity.endswith("?")
    identity = sendable(identity.removesuffix("?").strip())
    if not colon or not identity or kind.strip().lower() not in tuple(LinkKind):
        return None
    return Link(kind=LinkKind(kind.strip().lower()), id=identity, suspected=suspected)


def instant_of(text: str, now: str, *, ahead: bool = False) -> str:
    """Return a time of how long ago or `ahead` it is, such as `10m`; anything else as it is."""
    ago = text.strip().lower().removesuffix("ago").strip()
    if not _AGO.fullmatch(ago):
        return text.strip()
    try:
        seconds = parse_duration(ago)
        away = timedelta(seconds=seconds if ahead else -seconds)
        return format_time(parse_time(now) + away)
    except (BadValue, OverflowError):
        return text.strip()


def sendable(text: str) -> str:
    """Return a text that JSON can carry: a byte that was no UTF-8 becomes `?`."""
    return text.encode("utf-8", "replace").decode()
