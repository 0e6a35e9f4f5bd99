"""What Pawl's own records tell an assessment of operation: incidents and what they left behind."""

from pawl.maturity.facts.operations import Operations
from pawl.services.practice_incidents import began, incidents_of
from pawl.store.records.connection import Engine
from pawl.store.records.incident_history import history

SOURCE = "pawl:records"
"""What these facts name as their source."""


def operated(engine: Engine, since: str, until: str, project: str | None) -> Operations | None:
    """Return what was recorded until a canonical time; None where nothing ever was.

    Kinds of which there is no record at all stay unknown: a team that declares no incidents here
    may keep them elsewhere.
    """
    told = history(engine, until)
    first = began(told)
    if first is None:
        return None
    return Operations(
        source=SOURCE,
        complete_since=first,
        began={"incidents": first},
        incidents=incidents_of(told, project),
    )
