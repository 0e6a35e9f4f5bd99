"""What is known of incidents: lists, one incident's timeline, figures, and what gates ask."""

from pawl.changes.facts import Debt, OpenAction
from pawl.governance.exceptions import Emergency
from pawl.incidents.incident import Incident, State
from pawl.services.incident_ground import IncidentGround
from pawl.services.incident_terms import AllFigures, TimelineEntry


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
        raise NotImplementedError

    def ongoing(self) -> tuple[Incident, ...]:
        """Return the incidents that still hurt, the worst first."""
        raise NotImplementedError

    def counts(self) -> dict[State, int]:
        """Return how many incidents are in which state."""
        raise NotImplementedError

    def timeline(self, id: str) -> tuple[TimelineEntry, ...]:
        """Return everything that was recorded about an incident, oldest first."""
        raise NotImplementedError

    def figures(self, since: str, until: str) -> AllFigures:
        """Return the figures of what was declared, and of actions that were due, in a window."""
        raise NotImplementedError

    def emergencies(self, scope: str | None = None) -> tuple[Emergency, ...]:
        """Return the incidents whose commanders may break glass, of a scope and those above."""
        raise NotImplementedError

    def open_actions(self) -> tuple[OpenAction, ...]:
        """Return the actions that hold releases up, as gates ask for them."""
        raise NotImplementedError

    def open_debts(self) -> tuple[Debt, ...]:
        """Return the debts that are not paid, as gates ask for them."""
        raise NotImplementedError
