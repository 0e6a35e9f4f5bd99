"""What people are told of an incident: who is paged, that nobody came, how it stands, that it ends.

A message is of one incident, at one of its versions: its id is a digest of those, so the same thing
told twice is one message. Routes see it as an alert of the rule `incident`, whose scope holds the
incident, its severity and domain, and of a page the person and the role that is meant. A route with
`scope = {person = "ann"}` is Ann's own: only there goes the link with which she answers.
"""

import re
import unicodedata
from datetime import timedelta

from pawl.alerts.alert import Alert, Invitation, Notice, NoticeKind
from pawl.alerts.budget_letter import Mailing
from pawl.alerts.delivery import INCIDENT, numbers, one_line
from pawl.alerts.reading import Level, scope_of
from pawl.alerts.routing import Due
from pawl.alerts.state import State as AlertState
from pawl.base.canonical import digest
from pawl.base.times import format_time, parse_time
from pawl.incidents.event import Happened
from pawl.incidents.incident import Happening, Incident

RULE = INCIDENT
_TEXT = 8_000
"""Characters of an update that a message holds."""
_MARKS = re.compile(r"([\\`*_\[\]<>#|!~])")
_ASKS = frozenset({Happening.PAGED, Happening.BREACHED, Happening.OFFERED})
"""What asks a person to take command."""
_CRITICAL = frozenset({Happening.PAGED, Happening.BREACHED})


def letters_of(
    incident: Incident, happened: Happened, mailing: Mailing, now: str
) -> tuple[Notice, ...]:
    """Return the messages that an event makes, one for each channel that is told.

    `incident` is as it is after the event. Most events are told to nobody.
    """
    if not mailing.channels and not mailing.shared:
        return ()
    words = _words(incident, happened)
    if not words:
        return ()
    kind = Happening(happened.type)
    person = _person(happened)
    due = _due(
        incident,
        f"{words}",
        digest([RULE, incident.id, incident.version, happened.type])[:32],
        now,
        level=Level.CRITICAL if kind in _CRITICAL else Level.WARNING,
        person=person,
        role=str(happened.tells.get("role", "")),
        response=_response(incident, kind),
    )
    invites = None
    if person and kind in _ASKS:
        until = format_time(parse_time(now) + timedelta(seconds=numbers().invitation_s))
        invites = Invitation(incident=incident.id, spell=incident.spell, person=person, until=until)
    text = update_markdown(incident, happened) if kind is Happening.UPDATED else ""
    return mailing.told(due, now, text=text, invites=invites)


def reminder(
    incident: Incident, what: str, words: str, response: str, mailing: Mailing, now: str,
    *, person: str = "",
) -> tuple[Notice, ...]:  # fmt: skip
    """Return the messages that something is due; `what` tells one reminder from another for good.

    `person` is whose it is to do.
    """
    told = digest([RULE, incident.id, what])[:32]
    due = _due(
        incident, words, told, now, level=Level.WARNING, person=person, role="", response=response
    )
    return mailing.told(due, now)


def update_markdown(incident: Incident, happened: Happened) -> str:
    """Return a status update as Markdown in which nothing that people wrote is markup."""
    following = happened.tells.get("next_update_at")
    commander = incident.commander
    lines = [
        f"## SEV{incident.severity} {_plain(one_line(incident.title, 200))}",
        "",
        f"Incident {incident.id}, {incident.state.value}, at {_time(happened.at)}.",
    ]
    for name in ("facts", "impact", "status"):
        lines += ["", f"**{name.capitalize()}**", "", _quoted(str(happened.tells.get(name, "")))]
    lines += ["", f"Commander: {_plain(commander) if commander else 'nobody yet'}."]
    lines += [f"Next update: {_time(following) if following else 'none is due'}."]
    return "\n".join(lines) + "\n"


def _words(incident: Incident, happened: Happened) -> str:
    """Return what a message says of an event; empty for one that nobody is told of."""
    tells = happened.tells
    person, role = one_line(_person(happened), 80), one_line(str(tells.get("role", "")), 80)
    told = {
        Happening.PAGED: f"pages {person or 'nobody'} as {role}: who takes command?",
        Happening.BREACHED: "has nobody who commands, and the promise of a commander is broken."
        f" {person or 'Nobody'} is named as {role}.",
        Happening.ACCEPTED: f"has a commander: {person}.",
        Happening.OFFERED: f"is offered to {person}, who has not taken command yet.",
        Happening.UPDATED: "has an update.",
        Happening.RECLASSIFIED: f"was reclassified: it is SEV{incident.severity} now.",
        Happening.MITIGATED: "no longer hurts.",
        Happening.RESOLVED: "is resolved.",
        Happening.REOPENED: "is back.",
        Happening.DECLINED: "was declined: it is no incident.",
        Happening.MERGED: f"was merged into {incident.merged_into}.",
    }
    return next((words for kind, words in told.items() if kind == happened.type), "")


def _person(happened: Happened) -> str:
    name = "to" if happened.type == Happening.OFFERED else "person"
    return str(happened.tells.get(name) or "")


def _response(incident: Incident, kind: Happening) -> str:
    if kind in _ASKS:
        return f"Take command: pawl incident accept {incident.id}"
    return f"Look at it: pawl incident show {incident.id}"


def _due(
    incident: Incident,
    words: str,
    told: str,
    now: str,
    *,
    level: Level,
    person: str,
    role: str,
    response: str,
) -> Due:
    scope = {
        "incident": incident.id,
        "severity": str(incident.severity),
        "domain": incident.domain.value,
        "scope": incident.scope or None,
        "person": person or None,
        "roles": role or None,
    }
    alert = Alert(
        rule=RULE,
        level=level,
        scope=scope_of(**scope),
        state=AlertState.FIRING,
        since=now,
        fired_at=now,
        looked_at=now,
        summary=f"SEV{incident.severity} {incident.title[:200]} ({incident.id}) {words}",
    )
    return Due(alert, NoticeKind.FIRING, told, response)


def _quoted(text: str) -> str:
    kept = "".join(
        letter
        for letter in text[:_TEXT]
        if letter == "\n" or unicodedata.category(letter)[0] != "C"
    )
    return "\n".join(f"> {_plain(line)}".rstrip() for line in kept.split("\n"))


def _plain(text: str) -> str:
    return _MARKS.sub(r"\\\1", text).replace("@", "&#64;")


def _time(at: str) -> str:
    return f"{at[:16].replace('T', ' ')}Z"
