"""The cadence in the records: which routines are kept, what was recorded of each occurrence.

An occurrence is recorded once, whoever else records it at the same moment. What people were told is
an entry of its own under a key, so that nobody is told the same twice.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import msgspec

from pawl.alerts.alert import Notice
from pawl.base.canonical import digest
from pawl.governance.cadence import Cadence
from pawl.governance.cadence_keeping import Adopted, Record, adopted, premature
from pawl.governance.ledger import Actor, Draft, EntryType
from pawl.store.records.cadence_rows import (
    occurrence_row,
    read_record,
    read_routine,
    routine_row,
)
from pawl.store.records.connection import Connection, Engine, insert, update
from pawl.store.records.engine import reading, writing
from pawl.store.records.ledger import append
from pawl.store.records.outbox import enqueue

_ROUTINES = "SELECT body FROM cadence_routines ORDER BY id"
_ONE = "SELECT body FROM routine_occurrences WHERE id = :id"
_DUE = """
SELECT body FROM routine_occurrences WHERE due_at >= :since AND due_at < :until ORDER BY due_at, id
"""
_NEWEST = """
SELECT body FROM routine_occurrences WHERE routine = :routine AND due_at < :before
ORDER BY due_at DESC LIMIT :limit
"""
_LAST_ADOPTED = """
SELECT body FROM ledger WHERE type = 'cadence.adopted' ORDER BY seq DESC LIMIT 1
"""
_TYPES = {
    "done": EntryType.ROUTINE_DONE,
    "excused": EntryType.ROUTINE_EXCUSED,
    "missed": EntryType.ROUTINE_MISSED,
}


class CadenceRecords:
    """The cadence of one store, for any number of threads and processes."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    @contextmanager
    def reading(self) -> Iterator["CadenceBook"]:
        """One view of everything; it holds up nobody."""
        with reading(self._engine) as connection:
            yield CadenceBook(connection)

    @contextmanager
    def writing(self) -> Iterator["CadenceBook"]:
        """One writing transaction; it is undone when it raises."""
        with writing(self._engine) as connection:
            yield CadenceBook(connection)

    def dispose(self) -> None:
        """Give the records back."""
        self._engine.dispose()


class CadenceBook:
    """The cadence in one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def kept(self) -> dict[str, Adopted]:
        """Return the routines that are kept, by id; empty where nobody adopted a cadence yet."""
        rows = self._connection.execute(_ROUTINES)
        found = (read_routine(row["body"]) for row in rows)
        return {each.routine.id: each for each in found}

    def adopt(self, cadence: Cadence, actor: Actor, now: str) -> dict[str, Adopted]:
        """Return the routines that are kept once a cadence is seen; a new one goes on record."""
        known = self.kept()
        body = msgspec.json.decode(msgspec.json.encode(cadence))
        told = self._connection.execute(_LAST_ADOPTED)
        if told and msgspec.json.decode(told[0]["body"]) == body:
            return known
        # The same cadence may come back later, so the key says when as well.
        key = f"{digest(body)}|{now}"
        if not self._append(EntryType.CADENCE_ADOPTED, "cadence", body, actor, now, key):
            return known
        later = adopted(known, cadence, now)
        self._connection.execute("DELETE FROM cadence_routines")
        if later:
            insert(
                self._connection,
                "cadence_routines",
                *(routine_row(each) for each in later.values()),
            )
        return later

    def record(self, identity: str) -> Record | None:
        """Return what was recorded of an occurrence."""
        rows = self._connection.execute(_ONE, {"id": identity})
        return read_record(rows[0]["body"]) if rows else None

    def due(self, since: str, until: str) -> dict[str, Record]:
        """Return what was recorded of occurrences due in a window, by occurrence."""
        rows = self._connection.execute(_DUE, {"since": since, "until": until})
        found = (read_record(row["body"]) for row in rows)
        return {each.id: each for each in found}

    def newest(self, routine: str, before: str, limit: int) -> tuple[Record, ...]:
        """Return the last records of a routine that were due before a time, newest first."""
        asked: dict[str, Any] = {"routine": routine, "before": before, "limit": limit}
        return tuple(read_record(row["body"]) for row in self._connection.execute(_NEWEST, asked))

    def keep(self, record: Record, actor: Actor, now: str, *, key: str = "") -> Record:
        """Put an occurrence on record and return what is on record of it: the first stands."""
        before = self.record(record.id)
        if before is not None and (record.outcome == "missed" or not premature(before, now)):
            return before
        kind = _TYPES[record.outcome]
        body = msgspec.to_builtins(record)
        if not self._append(kind, record.id, body, actor, now, key or now):
            return self.record(record.id) or record
        if before is None:
            insert(self._connection, "routine_occurrences", occurrence_row(record))
        else:
            update(self._connection, "routine_occurrences", "id", occurrence_row(record))
        return record

    def tell(
        self, identity: str, what: str, notices: Iterable[Notice], actor: Actor, now: str
    ) -> bool:
        """Put messages about an occurrence in the outbox; False where people were told before."""
        body = {"what": what}
        if not self._append(EntryType.ROUTINE_TOLD, identity, body, actor, now, what):
            return False
        for notice in notices:
            enqueue(self._connection, notice, (notice.route,), now)
        return True

    def _append(
        self, kind: EntryType, subject: str, body: Any, actor: Actor, now: str, key: str
    ) -> bool:
        draft = Draft(
            type=kind.value,
            subject=subject,
            actor=actor,
            body=body,
            claimed_at=now,
            recorded_at=now,
            idempotency_key=f"{kind}|{subject}|{key}",
        )
        return append(self._connection, draft) is not None
