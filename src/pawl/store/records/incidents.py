"""Incidents in the records, with their actions, postmortems and debts: rows made of the ledger.

A command is decided on an `IncidentBook`, which is one transaction: what it reads nobody changes
before what it writes is written. So a key is held by one incident at most, a deadline is acted on
once however many servers look, and a command that was told twice is found out.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

import msgspec

from pawl.alerts.alert import Notice
from pawl.alerts.budget_letter import Mailing
from pawl.governance.ledger import Actor, Draft, EntryType
from pawl.incidents.event import Happened
from pawl.store.records.changes import ChangedMeanwhile
from pawl.store.records.connection import Connection, Engine, Row, insert
from pawl.store.records.engine import reading, writing
from pawl.store.records.incident_past import IncidentPast
from pawl.store.records.incident_rows import (
    STEPS,
    StepDone,
    folded,
    happened_in,
    kind_of,
    row_of,
    step_row,
)
from pawl.store.records.ledger import append
from pawl.store.records.outbox import enqueue
from pawl.store.records.timers import TimerRecords, beat

T = TypeVar("T", bound=msgspec.Struct)
TICKER = "incidents"
"""The heartbeat of whatever lets time do what is due to incidents."""
_TOLD = "SELECT subject FROM ledger WHERE idempotency_key = :key"
_STEPS = f"SELECT * FROM {STEPS} WHERE incident = :incident ORDER BY done_at, key"  # noqa: S608


class IncidentRecords:
    """Incidents of one store, for any number of threads and processes."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine

    @contextmanager
    def reading(self) -> Iterator["IncidentBook"]:
        """One view of everything; it holds up nobody."""
        with reading(self.engine) as connection:
            yield IncidentBook(connection)

    @contextmanager
    def writing(self) -> Iterator["IncidentBook"]:
        """One writing transaction; it is undone when it raises."""
        with writing(self.engine) as connection:
            yield IncidentBook(connection)

    def last_tick(self) -> str | None:
        """Return when somebody last let time do what is due."""
        beat = TimerRecords(self.engine).heartbeats().get(TICKER)
        return beat.at if beat else None

    def dispose(self) -> None:
        """Close what is open."""
        self.engine.dispose()


class IncidentBook(IncidentPast):
    """Incidents and what they left behind, in one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self.mailing: Mailing | None = None
        """Whom this machine tells, as read before the transaction."""

    @property
    def connection(self) -> Connection:
        """The transaction itself, for what is kept beside incidents."""
        return self._connection

    def told(self, key: str) -> str | None:
        """Return the id of what a command with this key was told of, if it was."""
        rows = self._connection.execute(_TOLD, {"key": key})
        return str(rows[0]["subject"]) if rows else None

    def begin(
        self, kind: type[T], happened: Happened, actor: Actor, *, key: str = "",
        claimed_at: str = "", policy_digest: str | None = None,
    ) -> T:  # fmt: skip
        """Put the first event of a value on record and return the value it makes."""
        made = self._record(None, happened, actor, key, claimed_at, policy_digest)
        assert isinstance(made, kind)
        return made

    def record(
        self, before: T, happened: Happened, actor: Actor, *, key: str = "",
        claimed_at: str = "", policy_digest: str | None = None,
    ) -> T:  # fmt: skip
        """Put an event on record and return the value after it.

        `key` is the event's own idempotency key, made of the version where there is none. Raises
        ChangedMeanwhile where the value is no longer at the version it was read at.
        """
        after = self._record(before, happened, actor, key, claimed_at, policy_digest)
        assert isinstance(after, type(before))
        return after

    def _record(
        self, before: Any, happened: Happened, actor: Actor, key: str, claimed_at: str,
        policy_digest: str | None,
    ) -> Any:  # fmt: skip
        version = 1 if before is None else before.version + 1
        draft = Draft(
            type=EntryType(happened.type).value,
            subject=happened.subject,
            actor=actor,
            body={"by": happened.by, "sets": happened.sets, "tells": happened.tells},
            claimed_at=claimed_at or happened.at,
            recorded_at=happened.at,
            idempotency_key=key or f"{happened.type}|{happened.subject}|{version}",
            policy_digest=policy_digest,
        )
        entry = append(self._connection, draft)
        if entry is None:
            raise ChangedMeanwhile(happened.subject)
        kind = kind_of(happened.type)
        # What the ledger has is what a replay reads: 31.0 as 31, keys sorted.
        value = folded(kind, before, happened_in(entry))
        self._save(kind.table, row_of(kind, value), None if before is None else before.version)
        return value

    def _save(self, table: str, row: Row, was: int | None) -> None:
        if was is None:
            insert(self._connection, table, row)
            return
        # The names of tables and columns are our own.
        changed = ", ".join(f'"{name}" = :{name}' for name in row if name != "id")
        statement = (
            f"UPDATE {table} SET {changed} "  # noqa: S608
            "WHERE id = :id AND version = :was RETURNING id"
        )
        if not self._connection.execute(statement, row | {"was": was}):
            raise ChangedMeanwhile(str(row["id"]))

    def keep_step(self, step: StepDone, actor: Actor) -> bool:
        """Keep that a step of a learning was done; False where it had been, under its key."""
        body = {"key": step.key, "incident": step.incident, "kind": step.kind}
        draft = Draft(
            type=EntryType.LEARNING_STEP_DONE.value,
            subject=step.incident,
            actor=actor,
            body={**body, "result": step.result},
            claimed_at=step.done_at,
            recorded_at=step.done_at,
            idempotency_key=f"{EntryType.LEARNING_STEP_DONE}|{step.key}",
        )
        entry = append(self._connection, draft)
        if entry is not None:
            insert(self._connection, STEPS, step_row(entry))
        return entry is not None

    def steps_done(self, incident: str) -> tuple[StepDone, ...]:
        """Return the steps of an incident's learning that were done, oldest first."""
        rows = self._connection.execute(_STEPS, {"incident": incident})
        return tuple(StepDone(**row) for row in rows)

    def tell(self, notices: Iterable[Notice], now: str) -> None:
        """Put notices into the outbox, to be sent once this transaction is kept."""
        for notice in notices:
            enqueue(self._connection, notice, (notice.route,), now)

    def beat(self, now: str, failure: str = "") -> None:
        """Note that somebody let time do what is due, and what kept it from that."""
        beat(self._connection, TICKER, now, failure)
