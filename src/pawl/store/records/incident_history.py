"""What the records tell of incidents over time, and what each left behind, for an assessment."""

import msgspec

from pawl.base import typed
from pawl.incidents.action import Action
from pawl.incidents.incident import Happening, Incident
from pawl.store.records.connection import Connection, Engine
from pawl.store.records.engine import reading
from pawl.store.records.incident_rows import STEPS, StepDone

_INCIDENTS = "SELECT body FROM incidents WHERE declared_at < :until ORDER BY declared_at, id"
_CLOSED = """
SELECT body FROM incidents WHERE state = 'closed' AND changed_at >= :since
ORDER BY declared_at, id
"""
_ACTIONS = "SELECT body FROM actions ORDER BY id"
_STEPS = f"SELECT key, incident, kind, done_at, result FROM {STEPS} ORDER BY done_at, key"  # noqa: S608
_RECLASSIFIED = """
SELECT subject, recorded_at, body FROM ledger
WHERE type = :type AND recorded_at < :until ORDER BY seq
"""


class History(msgspec.Struct, frozen=True, kw_only=True):
    """Incidents declared before a time, and by incident what became of each.

    `lowered` says when the severity of an incident was last made less grave.
    """

    incidents: tuple[Incident, ...]
    actions: dict[str, tuple[Action, ...]]
    steps: dict[str, tuple[StepDone, ...]]
    lowered: dict[str, str]


class _Sets(msgspec.Struct, frozen=True):
    severity: int


class _Tells(msgspec.Struct, frozen=True):
    severity: int


class _Body(msgspec.Struct, frozen=True):
    sets: _Sets
    tells: _Tells


def history(engine: Engine, until: str) -> History:
    """Return every incident that was declared before a canonical time, oldest first."""
    with reading(engine) as connection:
        bodies = connection.execute(_INCIDENTS, {"until": until})
        actions = connection.execute(_ACTIONS)
        steps = connection.execute(_STEPS)
        lowered = _lowered(connection, until)
    by_incident: dict[str, tuple[Action, ...]] = {}
    for row in actions:
        action = typed.decode(row["body"], type=Action)
        by_incident[action.incident] = (*by_incident.get(action.incident, ()), action)
    done: dict[str, tuple[StepDone, ...]] = {}
    for row in steps:
        step = StepDone(**row)
        done[step.incident] = (*done.get(step.incident, ()), step)
    return History(
        incidents=tuple(typed.decode(row["body"], type=Incident) for row in bodies),
        actions=by_incident,
        steps=done,
        lowered=lowered,
    )


def closed_since(engine: Engine, since: str) -> tuple[Incident, ...]:
    """Return the incidents that are closed and were so, or changed, from a time on."""
    with reading(engine) as connection:
        rows = connection.execute(_CLOSED, {"since": since})
    return tuple(typed.decode(row["body"], type=Incident) for row in rows)


def _lowered(connection: Connection, until: str) -> dict[str, str]:
    asked = {"type": Happening.RECLASSIFIED.value, "until": until}
    found = {}
    for row in connection.execute(_RECLASSIFIED, asked):
        body = typed.decode(row["body"], type=_Body)
        # 1 is the worst, so a greater number is less grave.
        if body.sets.severity > body.tells.severity:
            found[row["subject"]] = row["recorded_at"]
    return found
