"""Emergencies that were declared, in the records: the ledger's entries and nothing beside them.

There are few, and whoever asks wants all of them; so no table repeats what the entries say.
"""

import msgspec

from pawl.base import typed
from pawl.governance.exceptions import Declared, over
from pawl.governance.ledger import Actor, Draft, EntryType
from pawl.store.records.connection import Connection
from pawl.store.records.ledger import append

_DECLARED = "SELECT body FROM ledger WHERE type = :type ORDER BY seq DESC LIMIT :limit"
_ENDED = "SELECT subject, recorded_at FROM ledger WHERE type = :type ORDER BY seq DESC LIMIT :limit"
NEWEST = 1_000
"""Older ones are not looked at: glass broken in one of those counts as broken and not ratified."""


class EmergencyBook:
    """Declared emergencies in one transaction."""

    _connection: Connection

    def emergencies(self) -> tuple[Declared, ...]:
        """Return emergencies, newest first, each with when it ended or will by itself."""
        ended = {
            row["subject"]: row["recorded_at"]
            for row in self._connection.execute(
                _ENDED, {"type": EntryType.EMERGENCY_ENDED.value, "limit": NEWEST}
            )
        }
        rows = self._connection.execute(
            _DECLARED, {"type": EntryType.EMERGENCY_DECLARED.value, "limit": NEWEST}
        )
        found = (typed.decode(row["body"], type=Declared) for row in rows)
        return tuple(over(each, ended.get(each.emergency.id)) for each in found)

    def keep_emergency(self, declared: Declared, actor: Actor, now: str, *, key: str = "") -> None:
        """Put on record that an emergency was declared."""
        name = declared.emergency.id
        self._tell(
            EntryType.EMERGENCY_DECLARED, name, actor, now, key, msgspec.to_builtins(declared)
        )

    def end_emergency(self, name: str, actor: Actor, now: str) -> None:
        """Put on record that an emergency is over."""
        self._tell(EntryType.EMERGENCY_ENDED, name, actor, now, "", {})

    def _tell(
        self, kind: EntryType, name: str, actor: Actor, now: str, key: str, body: dict[str, object]
    ) -> None:
        draft = Draft(
            type=kind.value,
            subject=name,
            actor=actor,
            body=body,
            claimed_at=now,
            recorded_at=now,
            idempotency_key=key or f"{kind}|{name}",
        )
        append(self._connection, draft)
