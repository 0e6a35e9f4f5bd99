"""What Pawl's own records tell an assessment of operation, each kind since it is recorded."""

from typing import Any

from pawl.maturity.facts.operations import Operations, Shift
from pawl.services.cadence_terms import Zones
from pawl.services.practice_alerts import alerts_told
from pawl.services.practice_cadence import routines_told
from pawl.services.practice_drills import drills_told
from pawl.services.practice_incidents import began, incidents_of
from pawl.store.records.connection import Engine
from pawl.store.records.engine import reading
from pawl.store.records.incident_history import history

SOURCE = "pawl:records"
"""What these facts name as their source."""
_FIRST = "SELECT recorded_at FROM ledger ORDER BY seq LIMIT 1"
Shifts = tuple[str, tuple[Shift, ...]] | None
"""Since when somebody is on call by a schedule, and who was; None without a schedule."""


def operated(
    engine: Engine | None,
    since: str,
    until: str,
    project: str | None,
    *,
    zones: Zones,
    shifts: Shifts = None,
) -> Operations | None:
    """Return what was recorded until a canonical time; None where nothing ever was.

    Kinds of which there is no record at all stay unknown: a team that declares no incidents here
    may keep them elsewhere. Only drills are known from the first entry of the ledger on: nothing
    can be drilled here without being recorded. `shifts` are those of the assessed commit.
    """
    found: dict[str, Any] = {}
    times: dict[str, str] = {}

    def tell(kind: str, told: tuple[str, tuple[Any, ...]] | None) -> None:
        if told is not None and told[0] < until:
            times[kind], found[kind] = told

    tell("shifts", shifts)
    if engine is not None:
        known = history(engine, until)
        first = began(known)
        tell("incidents", None if first is None else (first, incidents_of(known, project)))
        tell("alerts", alerts_told(engine, known, since, until, project))
        tell("routines", routines_told(engine, zones, since, until))
        opened = _first_entry(engine)
        tell("drills", None if opened is None else (opened, drills_told(engine, since, until)))
    if not times:
        return None
    return Operations(source=SOURCE, complete_since=min(times.values()), began=times, **found)


def _first_entry(engine: Engine) -> str | None:
    with reading(engine) as connection:
        rows = connection.execute(_FIRST)
    return str(rows[0]["recorded_at"]) if rows else None
