"""What is put on record of an incident without moving it: handlers of those commands."""

from datetime import timedelta

from pawl.base.times import format_time, parse_time
from pawl.incidents.commands import (
    Attach,
    Claim,
    ConfirmRepeat,
    DismissRepeat,
    Note,
    Reclassify,
    Update,
)
from pawl.incidents.event import Answer, Refusal, plain, refused
from pawl.incidents.incident import (
    MAX_LIST,
    MAX_TEXT,
    ONGOING,
    Happening,
    Incident,
    Link,
    Milestone,
    State,
)
from pawl.incidents.people import answers_for, human
from pawl.incidents.step import no_reason, one, stamps_of


def note(incident: Incident, command: Note, now: str) -> Answer:
    """Put a text on the timeline."""
    bad = no_reason(command.text)
    return bad or one(incident, Happening.NOTED, now, command.by, {"text": command.text})


def update(incident: Incident, command: Update, now: str) -> Answer:
    """Tell everybody how it stands."""
    said = {each: getattr(command, each).strip() for each in ("facts", "impact", "status")}
    empty = tuple(f"It says nothing of the {each}." for each, text in said.items() if not text)
    if empty or any(len(text) > MAX_TEXT for text in said.values()):
        return refused("not-whole", *(empty or ("It is too long.",)))
    minutes = command.terms.rung(incident.severity).update_minutes
    following = None
    if incident.state in ONGOING:
        following = format_time(parse_time(now) + timedelta(minutes=minutes))
    told = {**said, "next_update_at": following}
    return one(incident, Happening.UPDATED, now, command.by, told, next_update_at=following)


def attach(incident: Incident, command: Attach, now: str) -> Answer:
    """Link something, or say of a link that it is suspected."""
    link = Link(kind=command.kind, id=command.id, suspected=command.suspected)
    if link in incident.links:
        return ()
    rest = tuple(each for each in incident.links if (each.kind, each.id) != (link.kind, link.id))
    if len(rest) >= MAX_LIST or not 0 < len(link.id) <= MAX_TEXT:
        return refused("too-many", "There are too many links, or it names nothing.")
    told = plain(link)
    return one(incident, Happening.LINKED, now, command.by, told, links=(*rest, link))


def reclassify(incident: Incident, command: Reclassify, now: str) -> Answer:
    """Say how bad it is, or of which domain."""
    severity = command.severity or incident.severity
    domain = command.domain or incident.domain
    if (severity, domain) == (incident.severity, incident.domain):
        return ()
    told = {"severity": incident.severity, "domain": incident.domain, "reason": command.reason}
    return no_reason(command.reason) or one(
        incident, Happening.RECLASSIFIED, now, command.by, told, severity=severity, domain=domain
    )


def claim(incident: Incident, command: Claim, now: str) -> Answer:
    """Say when it started or was detected."""
    if command.milestone not in (Milestone.STARTED, Milestone.DETECTED):
        return refused("not-claimed", f"When it was {command.milestone} is recorded, not claimed.")
    stamps = stamps_of(incident, {command.milestone: command.at}, now)
    if isinstance(stamps, Refusal):
        return stamps
    told = {"milestone": command.milestone.value, "at": stamps[command.milestone].at}
    return one(incident, Happening.CLAIMED, now, command.by, told, milestones=stamps)


def confirm_repeat(incident: Incident, command: ConfirmRepeat, now: str) -> Answer:
    """Say that an earlier one had the same cause."""
    person = human(command.people, command.by, now)
    if isinstance(person, Refusal):
        return person
    earlier = command.earlier
    resolved = earlier.recorded(Milestone.RESOLVED)
    declared = incident.recorded(Milestone.DECLARED)
    if earlier.id == incident.id or earlier.state in (State.MERGED, State.DECLINED):
        return refused("no-repeat", f"{earlier.id} is {earlier.state}, and nothing to repeat.")
    if resolved is None or declared is None or resolved > declared:
        return refused(
            "no-repeat",
            f"{earlier.id} was not resolved before this one was declared.",
            hint="If they are one event, merge them.",
        )
    if earlier.id in incident.repeats:
        return ()
    if len(incident.repeats) >= MAX_LIST:
        return refused("too-many", f"It repeats {MAX_LIST:,} already.")
    return one(
        incident,
        Happening.REPEAT_CONFIRMED,
        now,
        command.by,
        {"of": earlier.id},
        repeats=(*incident.repeats, earlier.id),
        dismissed=tuple(each for each in incident.dismissed if each != earlier.id),
    )


def dismiss_repeat(incident: Incident, command: DismissRepeat, now: str) -> Answer:
    """Say that another one had another cause."""
    person = human(command.people, command.by, now)
    if isinstance(person, Refusal):
        return person
    if command.earlier in incident.dismissed:
        return ()
    if command.earlier in incident.repeats:
        wrong = _not_taken_back(incident, command, person.id, now)
        if wrong is not None:
            return wrong
    if command.earlier == incident.id or len(incident.dismissed) >= MAX_LIST:
        return refused("no-repeat", "It is this one, or too many are dismissed already.")
    return one(
        incident,
        Happening.REPEAT_DISMISSED,
        now,
        command.by,
        {"of": command.earlier, **({"reason": command.reason} if command.reason else {})},
        repeats=tuple(each for each in incident.repeats if each != command.earlier),
        dismissed=(*incident.dismissed, command.earlier),
    )


def _not_taken_back(
    incident: Incident, command: DismissRepeat, person: str, now: str
) -> Refusal | None:
    """Return why what was confirmed cannot be taken back; None where it can."""
    if not command.reason.strip():
        return refused(
            "no-reason",
            f"That it repeats {command.earlier} was confirmed; taking that back takes a reason.",
            hint="Say why the causes differ.",
        )
    if len(command.reason) > MAX_TEXT:
        return refused("no-reason", f"The reason has more than {MAX_TEXT:,} characters.")
    if not answers_for(command.people, person, incident.domain, incident.scope, now):
        return refused(
            "not-accountable",
            f"{person} is not accountable for this; what was confirmed is not theirs to take back.",
            hint="Ask whoever is accountable for incidents here, or owns the domain.",
        )
    return None
