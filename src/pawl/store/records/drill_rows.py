"""Drills as they were recorded, of every component, for whoever looks back over a window."""

from pawl.base import typed
from pawl.changes.facts import Drill
from pawl.store.records.connection import Engine
from pawl.store.records.engine import reading

_DRILLS = """
SELECT body FROM change_drills WHERE at >= :since AND at < :until ORDER BY at DESC, id DESC
LIMIT 1000
"""


def recorded_drills(engine: Engine, since: str, until: str) -> tuple[Drill, ...]:
    """Return the drills from one time to another, newest first."""
    with reading(engine) as connection:
        rows = connection.execute(_DRILLS, {"since": since, "until": until})
    return tuple(typed.decode(row["body"], type=Drill) for row in rows)
