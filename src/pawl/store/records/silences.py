"""Silences in the records: placed with a reason and an end, and lifted before it by a person."""

from pawl.alerts.alert import Silence
from pawl.base import typed
from pawl.governance.ledger import Actor, Draft, EntryType
from pawl.store.records.alert_rows import plain, silence_row
from pawl.store.records.connection import Connection, Engine, insert
from pawl.store.records.engine import reading, writing
from pawl.store.records.ledger import append

_STANDING = """
SELECT body FROM silences WHERE lifted_at IS NULL AND ends_at > :now ORDER BY ends_at, id
"""
_LIFT = """
UPDATE silences SET lifted_at = :now WHERE id = :id AND lifted_at IS NULL AND ends_at > :now
RETURNING id
"""


class SilenceRecords:
    """Silences of all servers on these records."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def place(self, silence: Silence, actor: Actor, now: str) -> bool:
        """Record a silence; False when one of its id is there."""
        body = {"silence": plain(silence)}
        draft = _draft(EntryType.SILENCE_PLACED, silence.id, body, actor, now)
        with writing(self._engine) as connection:
            if append(connection, draft) is None:
                return False
            insert(connection, "silences", silence_row(body, silence.id))
            return True

    def lift(self, identity: str, reason: str, actor: Actor, now: str) -> bool:
        """End a silence now; False when there is none of this id that still holds."""
        with writing(self._engine) as connection:
            if not connection.execute(_LIFT, {"id": identity, "now": now}):
                return False
            body: dict[str, object] = {"reason": reason}
            append(connection, _draft(EntryType.SILENCE_LIFTED, identity, body, actor, now))
            return True

    def standing(self, now: str) -> tuple[Silence, ...]:
        """Return the silences that hold, or will, the first to end first."""
        with reading(self._engine) as connection:
            return standing(connection, now)


def standing(connection: Connection, now: str) -> tuple[Silence, ...]:
    """Return the silences that hold, or will, as a transaction sees them."""
    rows = connection.execute(_STANDING, {"now": now})
    return tuple(typed.decode(row["body"], type=Silence) for row in rows)


def _draft(
    kind: EntryType, identity: str, body: dict[str, object], actor: Actor, now: str
) -> Draft:
    return Draft(
        type=kind.value,
        subject=identity,
        actor=actor,
        body=body,
        claimed_at=now,
        recorded_at=now,
        idempotency_key=f"{kind.value}:{identity}",
    )
