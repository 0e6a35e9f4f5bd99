"""How an incident begins: a title is enough, and nothing that is wrong with the rest stops it.

What cannot be believed of the rest, a severity that there is not or a time yet to come, is left out
and said on the timeline. The only other answer is that the very thing is open already.
"""

from collections.abc import Iterable

import msgspec

from pawl.base.canonical import sha256_hex
from pawl.base.times import canonical_time, seconds_between
from pawl.governance.priority import Domain, highest
from pawl.incidents.event import Answer, Happened, plain, refused
from pawl.incidents.incident import (
    MAX_LIST,
    MAX_TEXT,
    OVER,
    Happening,
    Incident,
    Link,
    Milestone,
    Paging,
    Stamp,
    State,
)
from pawl.incidents.paging import promised_at
from pawl.incidents.terms import Terms

MAX_TITLE = 300
MAX_ID = 1_000
"""Characters of a component or of a link's id."""
MAX_SIGNALLED = 100
"""Links that an incident has after a signal: whoever only declares fills no list up."""
_HOURLY_S = 3_600


class Said(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What whoever declares says. `domains` are all that it touches; the weightiest leads.

    `declared_at` is for what was declared without a connection. `key` is what the same event has
    again, such as an alert's rule and scope.
    """

    title: str
    severity: int | None = None
    domains: tuple[Domain, ...] = ()
    scope: str = ""
    components: tuple[str, ...] = ()
    key: str = ""
    fingerprint: str = ""
    text: str = ""
    started_at: str = ""
    detected_at: str = ""
    declared_at: str = ""
    links: tuple[Link, ...] = ()


def domain_of(said: Said, terms: Terms) -> Domain:
    """Return the domain whose owner commands unless somebody else does."""
    return highest(said.domains) if said.domains else terms.domain_unsaid


def declare(
    identity: str, said: Said, paging: Paging, terms: Terms, now: str, *, by: str
) -> Answer:
    """Return the event that an incident was declared; a title that is empty is refused."""
    title = " ".join(plain_words(said.title).split())[:MAX_TITLE]
    if not title:
        return refused("no-title", "It has no title.", hint="Say in a few words what is wrong.")
    milestones, doubts = _milestones(said, now)
    severity = next(
        (each.severity for each in terms.severities if each.severity == said.severity), None
    )
    if said.severity is not None and severity is None:
        doubts += (f"There is no severity {said.severity}.",)
    if whole_links(said.links) != said.links or any(map(_too_long, said.components)):
        doubts += (f"Ids that are empty or longer than {MAX_ID:,} characters are left out.",)
    incident = Incident(
        id=identity,
        title=title,
        state=State.DECLARED,
        severity=severity or terms.severity_unsaid,
        domain=domain_of(said, terms),
        scope=plain_words(said.scope)[:MAX_TITLE],
        components=tuple(dict.fromkeys(each for each in said.components if not _too_long(each)))[
            :MAX_LIST
        ],
        key=plain_key(said.key),
        fingerprint=plain_words(said.fingerprint)[:MAX_TITLE],
        declared_by=by,
        changed_at=now,
        milestones=milestones,
        paging=paging,
        promised_at=promised_at(paging, now),
        links=tuple(dict.fromkeys(whole_links(said.links)))[:MAX_LIST],
    )
    return (
        Happened(
            type=Happening.DECLARED,
            subject=identity,
            at=now,
            by=by,
            sets=plain(incident),
            tells={"text": said.text[:MAX_TEXT], "doubts": list(doubts)},
        ),
    )


def signalled(incident: Incident, said: Said, now: str, *, by: str) -> Answer:
    """Return the event that what is open was declared once more: one incident, two signals."""
    links = tuple(dict.fromkeys((*incident.links, *whole_links(said.links))))
    links = links[: max(len(incident.links), MAX_SIGNALLED)]
    return (
        Happened(
            type=Happening.SIGNALLED,
            subject=incident.id,
            at=max(now, incident.changed_at),
            by=by,
            sets={"links": plain(links)} if links != incident.links else {},
            tells={"title": said.title[:MAX_TITLE], "text": said.text[:MAX_TEXT]},
        ),
    )


def plain_key(key: str) -> str:
    """Return a key as it is compared; a long one is its digest."""
    key = plain_words(key).strip()
    return key if len(key) <= MAX_TITLE else sha256_hex(key.encode("utf-8", "replace"))


def plain_words(text: str) -> str:
    """Return a text without what no store and no terminal takes as text: control characters."""
    return "".join(letter if ord(letter) > 31 and ord(letter) != 127 else " " for letter in text)


def whole_links(links: Iterable[Link]) -> tuple[Link, ...]:
    """Return the links whose ids are ids."""
    return tuple(each for each in links if not _too_long(each.id))


def _too_long(identity: str) -> bool:
    return not 0 < len(identity) <= MAX_ID or plain_words(identity) != identity


def holder_of(key: str, incidents: Iterable[Incident]) -> Incident | None:
    """Return the ongoing incident that holds a key, if there is one; the empty key is nobody's."""
    wanted = plain_key(key)
    return next((each for each in incidents if wanted and each.open_key == wanted), None)


def may_be_back(key: str, incidents: Iterable[Incident], terms: Terms, now: str) -> Incident | None:
    """Return the incident of a key that was resolved so lately that this is it again."""
    wanted = plain_key(key)
    found = [
        (resolved, each.id, each)
        for each in incidents
        if wanted
        and each.key == wanted
        and each.state not in OVER
        and each.open_key is None
        and (resolved := each.recorded(Milestone.RESOLVED))
        and seconds_between(resolved, now) < terms.reopen_hours * _HOURLY_S
    ]
    return max(found)[2] if found else None


def _milestones(said: Said, now: str) -> tuple[dict[Milestone, Stamp], tuple[str, ...]]:
    doubts: list[str] = []
    latest = now

    def believed(milestone: Milestone, text: str) -> Stamp | None:
        """Return a claim if it is before all that it must be before."""
        nonlocal latest
        if not text:
            return None
        try:
            at = canonical_time(text)
        except (ValueError, OverflowError):
            doubts.append(f"{text[:60]!r} is not a time.")
            return None
        if at > latest:
            doubts.append(f"It cannot have been {milestone} at {at[:19]}Z.")
            return None
        latest = at
        return Stamp(at=at, recorded_at=now)

    declared = believed(Milestone.DECLARED, said.declared_at) or Stamp(at=now, recorded_at=now)
    detected = believed(Milestone.DETECTED, said.detected_at)
    started = believed(Milestone.STARTED, said.started_at)
    stamps = {
        Milestone.STARTED: started,
        Milestone.DETECTED: detected,
        Milestone.DECLARED: declared,
        Milestone.OFFERED: Stamp(at=now, recorded_at=now),
    }
    return {each: stamp for each, stamp in stamps.items() if stamp}, tuple(doubts)
