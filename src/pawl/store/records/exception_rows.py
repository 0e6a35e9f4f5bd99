"""Exceptions in the records: one row each, rebuilt from the ledger's events."""

from typing import Any

import msgspec

from pawl.base import typed
from pawl.governance.exceptions import GateException
from pawl.governance.ledger import Actor, Difference, Draft, EntryType
from pawl.store.records.change_rows import first_difference
from pawl.store.records.connection import Connection, Row, insert, update
from pawl.store.records.ledger import append, entries

PREFIX = "exception."
_ROWS = "SELECT id, digest, incident, requested_at, body FROM exceptions"
_ONE = "SELECT body FROM exceptions WHERE id = :id"
_NEAR = "SELECT body FROM exceptions WHERE digest = :digest OR incident > '' ORDER BY id"
_OF = "SELECT body FROM exceptions WHERE digest = :digest ORDER BY requested_at DESC, id DESC"
_ALL = "SELECT body FROM exceptions ORDER BY requested_at DESC, id DESC"
_FIRST = frozenset({EntryType.EXCEPTION_REQUESTED.value, EntryType.EXCEPTION_GLASS_BROKEN.value})


class ExceptionBook:
    """Exceptions in one transaction."""

    _connection: Connection

    def exception(self, identity: str) -> GateException | None:
        """Return an exception by its id."""
        rows = self._connection.execute(_ONE, {"id": identity})
        return _read(rows[0]["body"]) if rows else None

    def exceptions_near(self, digest: str) -> tuple[GateException, ...]:
        """Return all exceptions given for a content, ended ones too, and all broken glass."""
        rows = self._connection.execute(_NEAR, {"digest": digest})
        return tuple(_read(row["body"]) for row in rows)

    def exceptions(self, digest: str | None) -> tuple[GateException, ...]:
        """Return exceptions, newest first: of one content, or all."""
        if digest is None:
            rows = self._connection.execute(_ALL)
        else:
            rows = self._connection.execute(_OF, {"digest": digest})
        return tuple(_read(row["body"]) for row in rows)

    def keep_exception(
        self,
        kind: EntryType,
        before: GateException | None,
        later: GateException,
        actor: Actor,
        now: str,
        *,
        key: str = "",
        policy_digest: str | None = None,
    ) -> GateException:
        """Put what happened to an exception on record and return it as it is kept."""
        told = msgspec.to_builtins(later)
        known = {} if before is None else msgspec.to_builtins(before)
        sets = {name: value for name, value in told.items() if known.get(name, ...) != value}
        draft = Draft(
            type=kind.value,
            subject=later.id,
            actor=actor,
            body={"sets": sets},
            claimed_at=now,
            recorded_at=now,
            idempotency_key=key or f"{kind}|{later.id}|{len(later.uses)}",
            policy_digest=policy_digest,
        )
        if append(self._connection, draft) is None:
            return self.exception(later.id) or later
        row = exception_row(later)
        if before is None:
            insert(self._connection, "exceptions", row)
        else:
            update(self._connection, "exceptions", "id", row)
        return later


def exception_row(exception: GateException) -> Row:
    """Return an exception as its row."""
    return {
        "id": exception.id,
        "digest": exception.digest,
        "incident": exception.incident,
        "requested_at": exception.requested_at,
        "body": msgspec.json.encode(exception).decode(),
    }


def remade(connection: Connection) -> dict[str, Row]:
    """Return the rows that the entries make; raises ValueError for one that cannot follow."""
    found: dict[str, dict[str, Any]] = {}
    for entry in entries(connection, PREFIX):
        if (entry.subject in found) == (entry.type in _FIRST):
            raise ValueError(f"entry {entry.seq}: {entry.type} does not follow")
        sets = msgspec.json.decode(entry.body)["sets"]
        found[entry.subject] = found.get(entry.subject, {}) | sets
    return {
        identity: exception_row(typed.convert(values, GateException))
        for identity, values in found.items()
    }


def remake(connection: Connection) -> None:
    """Make the table anew of the entries."""
    rows = remade(connection)
    connection.execute("DELETE FROM exceptions")
    if rows:
        insert(connection, "exceptions", *rows.values())


def difference(connection: Connection) -> Difference | None:
    """Return the first exception that is not what its entries make of it."""
    try:
        wanted = remade(connection)
    except (ValueError, KeyError, TypeError) as error:
        return Difference(
            kind="table", place="exceptions", expected="entries that follow", found=str(error)[:300]
        )
    found = {row["id"]: row for row in connection.execute(_ROWS)}
    return first_difference("exceptions", wanted, found)


def _read(body: str) -> GateException:
    return typed.decode(body, type=GateException)
