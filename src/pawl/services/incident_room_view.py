"""One incident as its room shows it: who leads, which clocks run, what happened, what is to do."""

from collections.abc import Callable, Mapping, Sequence

import msgspec

from pawl.incidents.incident import (
    ONGOING,
    OVER,
    Deadline,
    Happening,
    Incident,
    Link,
    LinkKind,
    Milestone,
    Stamp,
    State,
)
from pawl.incidents.people import People
from pawl.incidents.postmortem import Postmortem, required
from pawl.incidents.similarity import Similar
from pawl.incidents.terms import Rung, Terms
from pawl.services.action_board_view import ActionCard
from pawl.services.incident_board_view import IncidentRow, incident_row
from pawl.services.incident_offers import Permitted, humans, names_of, offers
from pawl.services.incident_terms import TimelineEntry

WAY = (
    State.DECLARED,
    State.COMMANDED,
    State.MITIGATED,
    State.RESOLVED,
    State.POSTMORTEM,
    State.ACTIONS_OPEN,
    State.CLOSED,
)
"""The way of an incident from which something is learned."""
SHOWN = 60
"""Newest entries of a timeline that are shown unfolded."""


class LinkLine(msgspec.Struct, frozen=True, kw_only=True):
    """Something linked: `href` leads to it, empty where we have no page of it."""

    link: Link
    title: str
    href: str


class SimilarLine(msgspec.Struct, frozen=True, kw_only=True):
    """An earlier incident that may have the same cause; `repeat` says that somebody confirmed."""

    similar: Similar | None
    id: str
    title: str
    state: str
    repeat: bool


class Page(msgspec.Struct, frozen=True, kw_only=True):
    """One deadline of paging, and whether it was acted on."""

    deadline: Deadline
    fired: bool


class Around(msgspec.Struct, frozen=True, kw_only=True):
    """What is known around an incident. `about` gives title and state of another one by its id,
    `titles` titles of what is linked. `people` is None where nobody can tell who is who.
    """

    terms: Terms
    people: People | None
    visitor: str
    identity: str
    timeline: Sequence[TimelineEntry]
    actions: tuple[ActionCard, ...]
    postmortem: Postmortem | None
    unmet: tuple[str, ...]
    similar: tuple[Similar, ...]
    about: Callable[[str], tuple[str, str]]
    titles: Mapping[tuple[LinkKind, str], str]
    trouble: tuple[str, ...] = ()


class RoomView(msgspec.Struct, frozen=True, kw_only=True):
    """Everything of one incident. `stands_in_the_way` is of closing; `needs_postmortem` says why.

    `events` are newest first, `told` is the last status update.
    """

    row: IncidentRow
    rung: Rung
    way: tuple[tuple[State, str], ...]
    visitor: str
    names: Mapping[str, str]
    pages: tuple[Page, ...]
    events: tuple[TimelineEntry, ...]
    older: tuple[TimelineEntry, ...]
    told: TimelineEntry | None
    links: tuple[LinkLine, ...]
    similar: tuple[SimilarLine, ...]
    actions: tuple[ActionCard, ...]
    postmortem: Postmortem | None
    needs_postmortem: tuple[str, ...]
    stands_in_the_way: tuple[str, ...]
    offers: Mapping[str, Permitted]
    milestones: tuple[tuple[Milestone, Stamp], ...]
    humans: tuple[str, ...]
    seen: str
    trouble: tuple[str, ...]
    emergency: bool

    @property
    def incident(self) -> Incident:
        """The incident itself."""
        return self.row.incident

    @property
    def suspected(self) -> tuple[LinkLine, ...]:
        """The changes that may be the cause."""
        return tuple(each for each in self.links if each.link.suspected)

    def may(self, command: str) -> bool:
        """Say whether whoever looks may give a command now."""
        found = self.offers.get(command)
        return found is not None and found.allowed

    def why_not(self, command: str) -> tuple[str, ...]:
        """Return why whoever looks may not give a command that this state has."""
        found = self.offers.get(command)
        return found.reasons if found else ()


def room_view(incident: Incident, around: Around, now: str) -> RoomView:
    """Return everything of one incident."""
    events = tuple(sorted(around.timeline, key=lambda each: each.seq, reverse=True))
    fired = set(incident.paging.fired)
    return RoomView(
        row=incident_row(incident, around.terms, now),
        rung=around.terms.rung(incident.severity),
        way=way_of(incident),
        visitor=around.visitor,
        names=names_of(around.people),
        pages=tuple(
            Page(deadline=each, fired=each.id in fired) for each in incident.paging.deadlines
        ),
        events=events[:SHOWN],
        older=events[SHOWN:],
        told=next((each for each in events if each.type == Happening.UPDATED), None),
        links=tuple(_link(each, around.titles) for each in incident.links),
        similar=_similar(incident, around),
        actions=around.actions,
        postmortem=around.postmortem,
        needs_postmortem=required(incident, around.terms, None),
        stands_in_the_way=() if incident.state in OVER else around.unmet,
        offers=offers(incident, around.identity, around.people, now),
        humans=humans(around.people, now),
        milestones=tuple(
            (each, incident.milestones[each]) for each in Milestone if each in incident.milestones
        ),
        seen=seen(incident),
        trouble=around.trouble,
        emergency=incident.state in ONGOING,
    )


def seen(incident: Incident) -> str:
    """Return what a form is about: where the incident stands and who commands."""
    return f"{incident.state}/{incident.spell}/{incident.commander}"


def moved(before: str, incident: Incident) -> tuple[str, ...]:
    """Return in sentences what differs from what somebody saw; nothing where nothing does."""
    if before == seen(incident):
        return ()
    state, _, rest = before.partition("/")
    spell, _, commander = rest.partition("/")
    found = []
    if state != incident.state:
        found.append(f"It is {incident.state} now; you saw it {state[:40]}.")
    elif spell != str(incident.spell):
        found.append("It was resolved and opened again meanwhile.")
    if commander != incident.commander:
        found.append(
            f"{incident.commander} commands now."
            if incident.commander
            else "Nobody commands it any more."
        )
    return tuple(found) or ("It is not what you looked at.",)


def way_of(incident: Incident) -> tuple[tuple[State, str], ...]:
    """Return the states on the way with `done`, `now` or `next`; an end beside it comes last."""
    if incident.state not in WAY:
        begun = [State.DECLARED, State.COMMANDED] if incident.commanders else [State.DECLARED]
        return (*((each, "done") for each in begun), (incident.state, "now"))
    here = WAY.index(incident.state)
    return tuple(
        (each, "now" if place == here else "done" if place < here else "next")
        for place, each in enumerate(WAY)
    )


def _link(link: Link, titles: Mapping[tuple[LinkKind, str], str]) -> LinkLine:
    roots = {LinkKind.ALERT: "/alerts/", LinkKind.CHANGE: "/changes/", LinkKind.RUN: "/runs/"}
    return LinkLine(
        link=link,
        title=titles.get((link.kind, link.id), ""),
        href=roots.get(link.kind, ""),
    )


def _similar(incident: Incident, around: Around) -> tuple[SimilarLine, ...]:
    found = {each.incident: each for each in around.similar}
    names = (*incident.repeats, *(each for each in found if each not in incident.repeats))
    lines = []
    for each in names:
        title, state = around.about(each)
        lines.append(
            SimilarLine(
                similar=found.get(each),
                id=each,
                title=title,
                state=state,
                repeat=each in incident.repeats,
            )
        )
    return tuple(lines)
