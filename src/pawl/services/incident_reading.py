"""What is known of incidents: lists, one incident's timeline, figures, and what gates ask."""

from msgspec.structs import replace

from pawl.base.errors import PawlError
from pawl.changes.facts import Debt, OpenAction
from pawl.governance.exceptions import Emergency
from pawl.governance.roster import by_identity, covers, plain_identity
from pawl.incidents.acting import open_actions
from pawl.incidents.closing import unmet
from pawl.incidents.debt import State as DebtState
from pawl.incidents.debt import debts_on
from pawl.incidents.emergency import as_emergency
from pawl.incidents.incident import Incident, State
from pawl.incidents.metrics import AllFigures, action_figures, figures
from pawl.services.incident_ground import IncidentGround
from pawl.services.incident_terms import TimelineEntry
from pawl.services.incident_timeline import entry_of

MOST = 1_000
"""Incidents that one question returns."""


class IncidentReading(IncidentGround):
    """Read, and change nothing."""

    def list(
        self,
        states: tuple[State, ...] = (),
        *,
        scope: str | None = None,
        limit: int = 200,
        before: str = "",
    ) -> tuple[Incident, ...]:
        """Return incidents, last declared first; `before` is the id of one to go on from."""
        with self._records.reading() as book:
            return book.board(states, scope, min(limit, MOST), before)

    def ongoing(self) -> tuple[Incident, ...]:
        """Return the incidents that still hurt, the worst first."""
        with self._records.reading() as book:
            return book.ongoing()

    def counts(self) -> dict[State, int]:
        """Return how many incidents are in which state."""
        with self._records.reading() as book:
            return book.counts()

    def timeline(self, id: str) -> tuple[TimelineEntry, ...]:
        """Return everything that was recorded about an incident and what it left, oldest first."""
        with self._records.reading() as book:
            incident = self._got(book, id)
            paper = book.postmortem_of(incident.id)
            papers = (paper.id,) if paper else ()
            actions = (each.id for each in book.actions(incident=incident.id))
            rows = book.timeline(incident.id, *papers, *actions)
        return tuple(map(entry_of, rows))

    def named_timeline(self, id: str) -> tuple[TimelineEntry, ...]:
        """Return the timeline with the people behind its names, where the roster can be read."""
        entries = self.timeline(id)
        try:
            known = by_identity(self.sources.people(self.get(id).scope).roster)
        except PawlError:
            return entries
        behind = {key: person.id for key, person in known.items()}
        return tuple(
            replace(each, person=behind.get(plain_identity(each.by), "")) for each in entries
        )

    def unmet(self, id: str) -> tuple[str, ...]:
        """Return every reason why an incident cannot be closed; raises CannotTell."""
        terms = self._terms()
        used = self._budget_used(self.get(id))
        with self._records.reading() as book:
            incident = self._got(book, id)
            paper = book.postmortem_of(incident.id)
            return unmet(incident, paper, book.actions(incident=incident.id), terms, used)

    def figures(self, since: str, until: str) -> AllFigures:
        """Return the figures of what was declared, and of actions that were due, in a window."""
        with self._records.reading() as book:
            own, earlier, actions = book.window(since, until)
        return AllFigures(
            incidents=figures(
                own, since, until, resolved=earlier, repeat_days=self._terms().repeat_days
            ),
            actions=action_figures(actions, since, until),
        )

    def emergencies(self, scope: str | None = None) -> tuple[Emergency, ...]:
        """Return the incidents whose commanders may break glass, of a scope and those above."""
        with self._records.reading() as book:
            found = book.emergencies()
        return tuple(
            as_emergency(each) for each in found if scope is None or covers(each.scope, scope)
        )

    def open_actions(self) -> tuple[OpenAction, ...]:
        """Return the actions that hold releases up, as gates ask for them."""
        with self._records.reading() as book:
            return open_actions(book.blocking())

    def open_debts(self) -> tuple[Debt, ...]:
        """Return the debts that are not paid, as gates ask for them."""
        with self._records.reading() as book:
            return debts_on(book.debts((DebtState.OPEN,)))
