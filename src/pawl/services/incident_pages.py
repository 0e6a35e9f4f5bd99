"""The use cases behind the pages on incidents: what each shows, and what its forms do.

Reading goes on where roster or terms cannot be read: the page says so, and everything that needs no
name still works. Nothing is decided here.
"""

from collections.abc import Callable, Iterable, Mapping
from datetime import timedelta
from typing import TypeVar

import msgspec

from pawl.base.canonical import digest
from pawl.base.errors import PawlError
from pawl.base.times import format_time, parse_time
from pawl.governance.roster import by_identity, plain_identity
from pawl.incidents.acting import open_actions
from pawl.incidents.event import Refusal
from pawl.incidents.incident import Incident, LinkKind, State
from pawl.incidents.people import People
from pawl.incidents.postmortem import Content
from pawl.incidents.root_cause import RootCause
from pawl.incidents.terms import Rung, Terms, shipped_terms
from pawl.services.action_board_view import ActionsView, action_card, actions_view
from pawl.services.change_terms import By
from pawl.services.debts_view import DebtsView, debts_view
from pawl.services.incident_board_view import BoardView, IncidentRow, board_view, incident_row
from pawl.services.incident_figures_view import FiguresView, figures_view, quarter_bounds
from pawl.services.incident_forms import ABOUT_STATE, COMMANDS, Done
from pawl.services.incident_offers import humans, names_of
from pawl.services.incident_room_view import Around, RoomView, moved, room_view
from pawl.services.incident_terms import NoSuchIncident
from pawl.services.incidents import IncidentDesk
from pawl.services.postmortem_view import PostmortemView, content_of, postmortem_view

T = TypeVar("T")
S = TypeVar("S")
MOST = 1_000
"""Newest incidents that the board, and titles, are looked up in."""
SIMILAR = 8
QUARTERS = 5
"""Quarters of which the completion of actions is told."""

Title = Callable[[LinkKind, str], str]
"""Gives the title of what an incident is linked with; empty where nobody knows one."""


class Moved(msgspec.Struct, frozen=True, kw_only=True):
    """What moved since somebody looked, in sentences. Nothing was done."""

    reasons: tuple[str, ...]


class Severities(msgspec.Struct, frozen=True, kw_only=True):
    """The ladder of severities, and the one that is taken where none is said."""

    rungs: tuple[Rung, ...]
    unsaid: int


class IncidentPages:
    """What the pages on incidents show and do."""

    def __init__(
        self,
        desk: IncidentDesk,
        *,
        now: Callable[[], str],
        title: Title = lambda kind, identity: "",
    ) -> None:
        self.desk = desk
        self._now = now
        self._title = title

    @property
    def severities(self) -> Severities:
        """The ladder of severities."""
        terms = self._terms()
        return Severities(rungs=terms.severities, unsaid=terms.severity_unsaid)

    def board(
        self,
        text: str = "",
        state: State | None = None,
        severity: int | None = None,
        page: int = 1,
    ) -> BoardView:
        """Return the newest thousand incidents and all that go on, as far as they match."""
        found = {each.id: each for each in (*self.desk.list(limit=MOST), *self.desk.ongoing())}
        return board_view(
            found.values(),
            self._terms(),
            self._now(),
            text=text,
            state=state,
            severity=severity,
            page=page,
        )

    def ongoing(self) -> tuple[IncidentRow, ...]:
        """Return what goes on, as other pages show it on top."""
        terms, now = self._terms(), self._now()
        return tuple(incident_row(each, terms, now) for each in self.desk.ongoing())

    def linked(self, kind: LinkKind, identity: str) -> tuple[Incident, ...]:
        """Return the newest incidents that are linked with an alert, change or run."""
        return tuple(
            each
            for each in self.desk.list(limit=MOST)
            if any((one.kind, one.id) == (kind, identity) for one in each.links)
        )

    def room(self, identity: str, by: By, *, live: bool = False) -> RoomView:
        """Return one incident; raises NoSuchIncident. With `live` nothing that takes long is in it.

        An open page asks for that every few seconds, and shows only clocks and timeline of it.
        """
        incident = self.desk.get(identity)
        now = max(self._now(), incident.changed_at)
        trouble: list[str] = []
        people = self._people(incident.scope, trouble)
        terms = self._terms(trouble)
        actions = self.desk.actions(incident=incident.id)
        blocking = {each.id for each in open_actions(actions)}
        names = names_of(people)
        around = Around(
            terms=terms,
            people=people,
            visitor=person_of(people, by),
            identity=by.identity,
            timeline=self.desk.timeline(incident.id),
            actions=tuple(action_card(each, {}, blocking, now, names) for each in actions),
            postmortem=self.desk.postmortem(incident.id),
            unmet=self._or(self.desk.unmet, incident.id, (), trouble),
            similar=() if live else self._or(self.desk.similar, incident.id, (), trouble)[:SIMILAR],
            about=self._about,
            titles={
                (each.kind, each.id): self._title(each.kind, each.id) for each in incident.links
            },
            trouble=tuple(trouble),
        )
        return room_view(incident, around, now)

    def paper(self, identity: str, typed: Mapping[str, str] | None = None) -> PostmortemView:
        """Return the editor of an incident's postmortem; `typed` is what is not saved."""
        incident = self.desk.get(identity)
        found = self.desk.postmortem(incident.id)
        now = self._now()
        people = self._people(incident.scope, [])
        fresh = found is not None and found.content == Content()
        return postmortem_view(
            incident,
            found,
            blame=self._or(self.desk.blame, incident.id, (), []) if found else (),
            actions=self.desk.actions(incident=incident.id),
            people=people,
            now=now,
            typed=typed,
            draft=self._or(self.desk.draft, incident.id, None, []) if fresh else None,
        )

    def actions(self, owner: str = "", incident: str = "") -> ActionsView:
        """Return the board of actions."""
        return actions_view(
            self.desk.actions(), self._titles(), self._now(), names_of(self._people("", [])),
            owner=owner, incident=incident,
        )  # fmt: skip

    def debts(self) -> DebtsView:
        """Return all operational debt."""
        found = self.desk.debts()
        causes: dict[str, RootCause] = {}
        for each in found:
            cause = self._cause(each.incidents, each.root_cause_key)
            if cause is not None:
                causes[each.root_cause_key] = cause
        return debts_view(found, self._titles(), causes, self._terms(), self._now())

    def figures(self, days: int) -> FiguresView:
        """Return the figures of so many days up to now, and of the last quarters."""
        now = self._now()
        since = format_time(parse_time(now) - timedelta(days=days))
        quarters = tuple(
            self.desk.figures(*quarter_bounds(now, back)).actions for back in range(QUARTERS)
        )
        return figures_view(self.desk.figures(since, now).incidents, quarters, days, now)

    def humans(self, scope: str = "") -> tuple[str, ...]:
        """Return everybody who could own something."""
        return humans(self._people(scope, []), self._now())

    # What forms do.

    def command(self, name: str, identity: str, fields: Mapping[str, str], by: By) -> Done | Moved:
        """Give one of `COMMANDS` about an incident, as it was seen; else what moved since."""
        incident = self.desk.get(identity)
        if name in ABOUT_STATE:
            differs = moved(fields["seen"], incident)
            people = self._people(incident.scope, [])
            # Who commands already has accepted, however often they press.
            own = name == "accept" and person_of(people, by) == (incident.commander or None)
            if differs and not own:
                return Moved(reasons=differs)
        return COMMANDS[name](self.desk, incident, fields, by, pressed(name, identity, fields, by))

    def save(self, identity: str, version: int, fields: Mapping[str, str], by: By) -> Done | Moved:
        """Write a postmortem anew, unless somebody else did since `version` was seen."""
        incident = self.desk.get(identity)
        found = self.desk.postmortem(incident.id)
        if found is None:
            raise NoSuchIncident(f"{incident.id} has no postmortem yet.")
        content = content_of(fields, found.content, incident.id)
        if not isinstance(content, Content):
            return Refusal(code="not-whole", reasons=content, hint="Nothing was saved.")
        # Pressed twice it is as it was typed, and nobody else's.
        same = (content, fields["owner"] or found.owner) == (found.content, found.owner)
        if found.version != version and not same:
            return Moved(
                reasons=("Somebody saved it since you opened it; nothing of theirs was changed.",)
            )
        if same:
            return found
        return self.desk.revise(
            incident.id, content, by, fields["owner"], seen=found.version,
            key=pressed("revise", incident.id, {**fields, "version": str(version)}, by),
        )  # fmt: skip

    # What they are made of.

    def _or(
        self, ask: Callable[[str], T], identity: str, otherwise: S, trouble: list[str]
    ) -> T | S:
        """Return what the desk says of an incident, and something else where it cannot tell."""
        try:
            return ask(identity)
        except PawlError as error:
            trouble.append(error.message)
            return otherwise

    def _people(self, scope: str, trouble: list[str]) -> People | None:
        try:
            return self.desk.sources.people(scope)
        except PawlError as error:
            trouble.append(f"Nobody can tell who is who: {error.message}")
            return None

    def _terms(self, trouble: list[str] | None = None) -> Terms:
        """Return the terms in force, the shipped ones where those do not read."""
        try:
            return self.desk.sources.terms()
        except PawlError as error:
            if trouble is not None:
                trouble.append(f"The terms are those that come with Pawl: {error.message}")
            return shipped_terms()

    def _about(self, identity: str) -> tuple[str, str]:
        try:
            found = self.desk.get(identity)
        except NoSuchIncident:
            return "", ""
        return found.title, found.state.value

    def _titles(self) -> dict[str, str]:
        return {each.id: each.title for each in self.desk.list(limit=MOST)}

    def _cause(self, incidents: Iterable[str], key: str) -> RootCause | None:
        """Return the root cause in words, of the newest postmortem that names it."""
        for each in reversed(tuple(incidents)):
            paper = self.desk.postmortem(each)
            if paper is not None and paper.root_cause_key == key:
                return paper.content.root_cause
        return None


def person_of(people: People | None, by: By) -> str:
    """Return who of the roster gives commands, empty where nobody of it does."""
    if people is None or not by.identity:
        return ""
    found = by_identity(people.roster).get(plain_identity(by.identity))
    return found.id if found else ""


def pressed(name: str, identity: str, fields: Mapping[str, str], by: By) -> str:
    """Return the key of one press of a button: pressed twice on one page it is done once."""
    told = {each: text for each, text in sorted(fields.items()) if each != "csrf"}
    return f"page:{digest([name, identity, by.identity, told])}"
