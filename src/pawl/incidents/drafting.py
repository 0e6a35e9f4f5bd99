"""Begin a postmortem, and draft it of the timeline: facts only, and people by their role.

A draft says what happened and when, as it was recorded. Why it happened and which control failed
is for people to find, so those are left empty. Names are taken out, also of what people wrote, and
a sentence that puts the failure on somebody is left out and said to be.
"""

import re
from collections.abc import Iterable
from datetime import timedelta

import msgspec

from pawl.base.times import format_time, parse_time, seconds_between
from pawl.governance.roster import Kind, by_identity, plain_identity
from pawl.incidents.blameless import blaming
from pawl.incidents.event import Happened, after, made, plain
from pawl.incidents.incident import Happening, Incident, Milestone
from pawl.incidents.people import People
from pawl.incidents.postmortem import Content, Postmortem
from pawl.incidents.terms import Terms

MAX_LINES = 300
MAX_QUOTE = 500
LEFT_OUT = "[a sentence about a person is left out]"
_SENTENCE = re.compile(r"[^.!?\n]+[.!?\n]*")
_SAYS = {
    Happening.DECLARED: "The incident was declared by {who}.",
    Happening.SIGNALLED: "The same was signalled once more.",
    Happening.PAGED: "The {role} was paged{late}.",
    Happening.BREACHED: "Nobody had taken command by the deadline.",
    Happening.OFFERED: "Command was offered to another person.",
    Happening.ACCEPTED: "Command was taken.",
    Happening.JOINED: "A responder joined.",
    Happening.LEFT: "A responder left.",
    Happening.NOTED: "Noted by {who}: {text}",
    Happening.UPDATED: "Status: {status} Facts: {facts} Impact: {impact}",
    Happening.LINKED: "Linked{suspected}: the {kind} {id}.",
    Happening.RECLASSIFIED: "Severity or domain was corrected: {reason}",
    Happening.CLAIMED: "It is said to have been {milestone} at {at}.",
    Happening.MITIGATED: "It no longer hurt.",
    Happening.RESOLVED: "It was mended.",
    Happening.REOPENED: "It was back: {reason}",
    Happening.MERGED: "It was found to be the same as {into}.",
    Happening.DECLINED: "It was found to be no incident.",
    Happening.REPEAT_CONFIRMED: "It has the cause of the earlier {of}.",
}
"""What is told of each event; one that is not here is no fact of the matter."""


def begun(incident: Incident, identity: str, owner: str, now: str, *, by: str) -> Happened:
    """Return the event that the postmortem of an incident was begun; it belongs to `owner`."""
    new = Postmortem(id=identity, incident=incident.id, owner=owner.strip(), changed_at=now)
    return Happened(type="postmortem.begun", subject=identity, at=now, by=by, sets=plain(new))


def due_at(incident: Incident, terms: Terms) -> str | None:
    """Return until when a postmortem is to be published; None before it is resolved."""
    resolved = incident.recorded(Milestone.RESOLVED)
    if resolved is None:
        return None
    days = terms.rung(incident.severity).postmortem_days
    return format_time(parse_time(resolved) + timedelta(days=days))


def drafted(
    incident: Incident, happened: Iterable[Happened], people: People | None, terms: Terms
) -> Content:
    """Return what a timeline says already, given the events of one incident in their order.

    Without `people` no names are known, and only identities are taken out.
    """
    anonymous = _Anonymous(people)
    lines, impact = [], ""
    now: Incident | None = None
    for each in happened:
        if each.subject != incident.id:
            continue
        now = made(each, Incident) if now is None else after(now, each)
        if each.type == Happening.UPDATED:
            impact = anonymous.text(str(each.tells.get("impact", "")))
        says = _SAYS.get(Happening(each.type))
        if says:
            lines.append(f"- {_minute(each.at)}: {_told(says, each, now, anonymous)}")
    if len(lines) > MAX_LINES:
        more = len(lines) - MAX_LINES
        lines = [*lines[:MAX_LINES], f"- and {more} more entries of the timeline."]
    return Content(
        summary=anonymous.text(_summary(incident, terms)),
        impact=impact,
        what_happened="\n".join(lines)[:20_000],
    )


def _summary(incident: Incident, terms: Terms) -> str:
    title = incident.title if incident.title.endswith((".", "!", "?")) else f"{incident.title}."
    rung = terms.rung(incident.severity)
    parts = [title, f"Severity {incident.severity} ({rung.title.lower()}), {incident.domain}."]
    spans = (
        ("It hurt for {}.", Milestone.STARTED, Milestone.MITIGATED),
        ("It took {} from its declaration until somebody commanded.", Milestone.DECLARED,
         Milestone.ACCEPTED),
        ("It took {} from its declaration until it was mended.", Milestone.DECLARED,
         Milestone.RESOLVED),
    )  # fmt: skip
    for words, start, end in spans:
        first, last = incident.claimed(start), incident.claimed(end)
        if first and last:
            parts.append(words.format(_span(max(0.0, seconds_between(first, last)))))
    return " ".join(parts)


def _told(says: str, event: Happened, incident: Incident, anonymous: "_Anonymous") -> str:
    tells = event.tells
    late = float(tells.get("late_s", 0) or 0)
    known = {
        "who": anonymous.role(event.by, incident),
        "role": str(tells.get("role", "") or "person on call").replace("-", " "),
        "late": f", {_span(late)} late" if late >= 1 else "",
        "suspected": " as a suspect" if tells.get("suspected") else "",
        "at": _minute(str(tells.get("at", ""))),
    }
    names = ("text", "status", "facts", "impact", "reason", "kind", "id", "milestone", "into", "of")
    quoted = {name: anonymous.text(str(tells.get(name, ""))) for name in names}
    return says.format(**{**quoted, **known})


class _Anonymous:
    """Takes names out of what was written, and calls people what they are in an incident."""

    def __init__(self, people: People | None) -> None:
        self._known = by_identity(people.roster) if people else {}
        names: set[str] = set()
        for each in people.roster.people if people else ():
            bare = (one.partition(":")[2] for one in each.identities)
            told = (each.id, *each.identities, *bare)
            names |= {name for name in told if len(name) > 1 and not name.isdigit()}
        self._names = tuple(sorted(names, key=lambda name: (-len(name), name)))
        pattern = "|".join(map(re.escape, self._names))
        self._pattern = (
            re.compile(rf"(?<![\w-])@?(?:{pattern})(?![\w-])", re.IGNORECASE) if pattern else None
        )

    def role(self, identity: str, incident: Incident) -> str:
        """Return what somebody is in an incident at a time."""
        if identity == "pawl":
            return "Pawl"
        key = identity if ":" in identity else f"person:{identity.casefold()}"
        person = self._known.get(plain_identity(key))
        if person is None:
            return "somebody"
        if person.kind is not Kind.HUMAN:
            return f"an {person.kind}" if person.kind is Kind.AGENT else "a service"
        if person.id == incident.commander:
            return "the commander"
        return "a responder" if person.id in incident.responders else "a colleague"

    def text(self, text: str) -> str:
        """Return what somebody wrote, short, without names and without what blames anybody."""
        kept = []
        for sentence in _SENTENCE.findall(text[: 4 * MAX_QUOTE].replace("\r", "")):
            blames = blaming(Content(what_happened=sentence), self._names[:1_000])
            kept.append(f"{LEFT_OUT} " if blames else sentence)
        short = " ".join("".join(kept).split())
        if self._pattern is not None:
            short = self._pattern.sub("a person", short)
        return short if len(short) <= MAX_QUOTE else f"{short[: MAX_QUOTE - 1]}…"


def _minute(at: str) -> str:
    return f"{at[:10]} {at[11:19]} UTC" if at else "an unknown time"


def _span(seconds: float) -> str:
    if seconds < 90:
        return f"{seconds:.0f} s"
    if seconds < 5_400:
        return f"{seconds / 60:.0f} min"
    return f"{seconds / 3_600:.1f} h" if seconds < 172_800 else f"{seconds / 86_400:.1f} days"


def names_of(people: People) -> tuple[str, ...]:
    """Return what the lint for blame takes for names: the ids of everybody in the roster."""
    return tuple(each.id for each in people.roster.people if each.kind is Kind.HUMAN)


def without(content: Content, before: Content) -> Content:
    """Return content whose signature is the one that was there: only signing makes another."""
    return msgspec.structs.replace(content, no_change=before.no_change)
