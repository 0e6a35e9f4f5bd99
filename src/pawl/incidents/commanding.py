"""Who commands and who fixes: handlers of the commands that change it."""

from pawl.governance.exceptions import Command as Spell
from pawl.governance.roster import Person
from pawl.incidents.commands import Accept, Join, Leave, Offer, TakeOver
from pawl.incidents.event import Answer, Happened, Refusal, refused
from pawl.incidents.incident import MAX_LIST, Happening, Incident, Milestone, State, stamped
from pawl.incidents.paging import breach_if_late
from pawl.incidents.people import answers_for, human
from pawl.incidents.step import ended, no_reason, one


def accept(incident: Incident, command: Accept, now: str) -> Answer:
    """Take command."""
    person = human(command.people, command.by, now)
    if isinstance(person, Refusal):
        return person
    if not command.proved:
        return _take(incident, person, now, command.by)
    if incident.unproved:
        return (
            *breach_if_late(incident, now, command.by),
            _commands(incident, person, now, command.by),
        )
    if person.id == incident.commander:
        return ()
    if incident.commander and incident.offered_to != person.id:
        return refused(
            "not-offered",
            f"{incident.commander} commands and has not offered it to {person.id}.",
            hint="Ask for it, or take over with a reason if you answer for the domain.",
        )
    return (
        *breach_if_late(incident, now, command.by),
        _commands(incident, person, now, command.by),
    )


def offer(incident: Incident, command: Offer, now: str) -> Answer:
    """Offer command to a person."""
    giver = human(command.people, command.by, now)
    taker = human(command.people, command.to, now)
    for each in (giver, taker):
        if isinstance(each, Refusal):
            return each
    assert isinstance(giver, Person)
    assert isinstance(taker, Person)
    if giver.id != incident.commander:
        return refused("not-theirs", f"{giver.id} does not command, and has nothing to offer.")
    if taker.id in (incident.commander, incident.offered_to):
        return ()
    told = {"from": giver.id, "to": taker.id}
    return one(incident, Happening.OFFERED, now, command.by, told, offered_to=taker.id)


def take_over(incident: Incident, command: TakeOver, now: str) -> Answer:
    """Relieve whoever commands, in two events."""
    person = human(command.people, command.by, now)
    if isinstance(person, Refusal):
        return person
    bad = no_reason(command.reason)
    if bad:
        return bad
    if person.id == incident.commander and not incident.unproved:
        return ()
    if not answers_for(command.people, person.id, incident.domain, incident.scope, now):
        return refused("not-theirs", f"{person.id} answers for neither incidents nor its domain.")
    told = {"from": incident.commander, "to": person.id, "reason": command.reason}
    return (
        *breach_if_late(incident, now, command.by),
        *one(incident, Happening.OFFERED, now, command.by, told, offered_to=person.id),
        _commands(incident, person, now, command.by),
    )


def _take(incident: Incident, person: Person, now: str, by: str) -> Answer:
    """Let somebody command on their word: work can begin, and people are paged all the same."""
    if person.id == incident.commander:
        return ()
    if incident.commander:
        return refused(
            "weak-source",
            f"{incident.commander} commands, and a name that was typed relieves nobody.",
            hint="Sign in, or follow the signed link of the page.",
        )
    return one(
        incident,
        Happening.TAKEN,
        now,
        by,
        {"person": person.id},
        state=State.COMMANDED,
        commanders=(*ended(incident, now), Spell(person=person.id, since=now)),
        unproved=True,
        responders=tuple(each for each in incident.responders if each != person.id),
    )


def _commands(incident: Incident, person: Person, now: str, by: str) -> Happened:
    """Return the event that somebody commands from now on, and nobody else does."""
    stamps = incident.milestones
    if Milestone.ACCEPTED not in stamps:
        found = stamped(stamps, {Milestone.ACCEPTED: now}, now)
        assert not isinstance(found, str)
        stamps = found
    first = incident.state is State.DECLARED
    return one(
        incident,
        Happening.ACCEPTED,
        now,
        by,
        {"person": person.id},
        state=State.COMMANDED if first else incident.state,
        milestones=stamps,
        commanders=(*ended(incident, now), Spell(person=person.id, since=now)),
        offered_to="",
        unproved=False,
        # Whoever commands does not fix.
        responders=tuple(each for each in incident.responders if each != person.id),
    )[0]


def join(incident: Incident, command: Join, now: str) -> Answer:
    """Become a responder."""
    person = human(command.people, command.by, now)
    if isinstance(person, Refusal):
        return person
    if person.id == incident.commander:
        return refused(
            "commands",
            f"{person.id} commands; whoever commands does not fix.",
            hint="Hand command over first.",
        )
    if person.id in incident.responders:
        return ()
    if len(incident.responders) >= MAX_LIST:
        return refused("too-many", f"There are {MAX_LIST:,} responders.")
    responders = (*incident.responders, person.id)
    return one(incident, Happening.JOINED, now, command.by, responders=responders)


def leave(incident: Incident, command: Leave, now: str) -> Answer:
    """Stop being a responder."""
    person = human(command.people, command.by, now)
    if isinstance(person, Refusal):
        return person
    if person.id not in incident.responders:
        return ()
    responders = tuple(each for each in incident.responders if each != person.id)
    return one(incident, Happening.LEFT, now, command.by, responders=responders)
