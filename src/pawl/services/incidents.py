"""Incidents: every command, in one transaction with all that follows from it."""

from pawl.services.incident_actions import ActionKeeping
from pawl.services.incident_commanding import IncidentCommanding
from pawl.services.incident_debts import DebtKeeping
from pawl.services.incident_learning import Learning
from pawl.services.incident_postmortems import PostmortemKeeping
from pawl.services.incident_reading import IncidentReading
from pawl.services.incident_similar import SimilarFinding
from pawl.services.incident_timers import IncidentTimers


class IncidentDesk(
    IncidentCommanding,
    IncidentTimers,
    IncidentReading,
    ActionKeeping,
    PostmortemKeeping,
    Learning,
    DebtKeeping,
    SimilarFinding,
):
    """Incidents of one data folder. A `key` makes a command that is told twice happen once.

    Commands return the incident, action, postmortem or debt as it is then, or a Refusal with every
    reason. They raise NoSuchIncident for an id that is none, and CannotTell where people, schedule
    or terms cannot be read. Declaring never does: what cannot be read is a doubt on its timeline.
    """

    def close_desk(self) -> None:
        """Close the records; `close` is a command to an incident."""
        self._records.dispose()
