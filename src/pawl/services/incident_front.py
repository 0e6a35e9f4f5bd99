"""The desk as far as declaring goes: what answers at once has nothing else of it."""

from pawl.services.incident_declaring import IncidentDeclaring
from pawl.services.incident_timers import IncidentTimers


class FrontDesk(IncidentDeclaring, IncidentTimers):
    """Declares incidents, and knows when somebody last looked at the clock."""

    def close_desk(self) -> None:
        """Close the records."""
        self._records.dispose()
