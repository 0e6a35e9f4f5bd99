"""Timers of incidents: due pages go out, a promise that is broken is said once, and who watches."""

from pawl.incidents.event import Happened
from pawl.incidents.timer_audit import TimerFinding
from pawl.services.incident_ground import IncidentGround


class IncidentTimers(IncidentGround):
    """Let time do what is due."""

    def tick(self) -> tuple[Happened, ...]:
        """Let everything happen that is due, and prove that somebody looked."""
        raise NotImplementedError

    def next_due(self) -> str | None:
        """Return when the next deadline of any incident is; None where none is to come."""
        raise NotImplementedError

    def last_tick(self) -> str | None:
        """Return when the last tick was; None where there was none."""
        raise NotImplementedError

    def audit(self) -> tuple[TimerFinding, ...]:
        """Return every timer that did not do as it should, judged from the ledger alone."""
        raise NotImplementedError
