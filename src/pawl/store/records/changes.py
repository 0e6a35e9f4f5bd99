"""Changes in the records: one row each, rebuilt from the ledger's events, with all around them.

A command is decided on a `ChangeBook`, which is one transaction: what it reads nobody changes
before what it writes is written, so a quorum is reached once, a component is moved by one change at
most, and an exception is used as often as it may be and no more.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import msgspec

from pawl.alerts.alert import Notice
from pawl.base import typed
from pawl.changes.change import Change, Happened, Happening, State, after
from pawl.changes.concern import Concern
from pawl.changes.executing import Intent
from pawl.changes.gate import Decision
from pawl.changes.manifest import changed
from pawl.changes.registry import MOVES, Registry
from pawl.changes.releases import Window
from pawl.changes.rollout import StageVerdict
from pawl.governance.exceptions import GateException
from pawl.governance.ledger import Actor, Draft, EntryType
from pawl.store.records import change_rows, emergency_rows, exception_rows, gate_rows
from pawl.store.records.change_past import window_of
from pawl.store.records.change_rows import Component
from pawl.store.records.command_keys import ChangedMeanwhile as ChangedMeanwhile
from pawl.store.records.command_keys import command_key as command_key
from pawl.store.records.connection import Connection, Engine, Row, insert
from pawl.store.records.engine import reading, writing
from pawl.store.records.ledger import append
from pawl.store.records.outbox import enqueue
from pawl.store.records.rollouts import newest_intent, note_intent, verdicts_of

_ONE = "SELECT body FROM changes WHERE id = :id"
_LIKE = "SELECT id FROM changes WHERE id LIKE :start ESCAPE '/' ORDER BY id LIMIT 2"
_ALTER = """
UPDATE changes SET scope = :scope, state = :state, digest = :digest, version = :version,
    title = :title, opened_at = :opened_at, changed_at = :changed_at, body = :body
WHERE id = :id AND version = :was
RETURNING id
"""
_LIST = """
SELECT body FROM changes WHERE {where} ORDER BY changed_at DESC, id DESC LIMIT :limit
"""
_COUNTS = "SELECT state, COUNT(*) AS changes FROM changes GROUP BY state"
_TOLD = "SELECT subject FROM ledger WHERE idempotency_key = :key"
_COMPONENT = """
SELECT component, rolling, quarantine, history FROM change_components WHERE component = :name
"""
_GUARD = "SELECT component, rolling, quarantine FROM change_components WHERE component = :name"
_COMPONENTS = "SELECT component, rolling, quarantine, history FROM change_components"
_TIMELINE = """
SELECT seq, type, subject, actor, recorded_at, body, hash FROM ledger
WHERE subject = :subject ORDER BY seq
"""
_OF_DIGEST = "SELECT body FROM changes WHERE digest = :digest ORDER BY changed_at DESC, id"
_HAPPENED = """
SELECT l.type, l.subject, l.recorded_at, l.body
FROM changes c JOIN ledger l ON l.subject = c.id
WHERE c.opened_at < :until AND l.recorded_at < :until AND l.type LIKE 'change.%'
ORDER BY l.seq
"""


Alongside = Callable[[Connection, Change, Happened], None]
"""What is done in the transaction of an event, with the change as it is after it."""


class ChangeRecords:
    """Changes of one store, for any number of threads and processes.

    What an event asks to be carried out is written with it. Each of `alongside` is called for every
    event, in the transaction that keeps it.
    """

    def __init__(self, engine: Engine, alongside: tuple[Alongside, ...] = ()) -> None:
        self._engine = engine
        self._alongside = alongside

    @contextmanager
    def reading(self) -> Iterator["ChangeBook"]:
        """One view of everything; it holds up nobody."""
        with reading(self._engine) as connection:
            yield ChangeBook(connection)

    @contextmanager
    def writing(self) -> Iterator["ChangeBook"]:
        """One writing transaction; it is undone when it raises."""
        with writing(self._engine) as connection:
            yield ChangeBook(connection, self._alongside)

    def happened(self, until: str) -> tuple[Happened, ...]:
        """Return every event of every change before a time, in the order of the ledger."""
        with self.reading() as book:
            return book.happened(until)

    def decision_by(self, digest: str) -> Decision | None:
        """Return the stored decision with a digest."""
        with self.reading() as book:
            stored = book.decision(digest)
        return None if stored is None else typed.decode(stored.body, type=Decision)

    def given_exceptions(self) -> tuple[GateException, ...]:
        """Return every exception there ever was, newest first."""
        with self.reading() as book:
            return book.exceptions(None)

    def window(self, since: str, until: str) -> Window:
        """Return all that the figures from one time to another are made of."""
        with reading(self._engine) as connection:
            return window_of(connection, ChangeBook(connection).exceptions(None), since, until)

    def dispose(self) -> None:
        """Close what is open."""
        self._engine.dispose()


class ChangeBook(gate_rows.GateBook, exception_rows.ExceptionBook, emergency_rows.EmergencyBook):
    """Changes and all around them in one transaction."""

    def __init__(self, connection: Connection, alongside: tuple[Alongside, ...] = ()) -> None:
        self._connection = connection
        self._alongside = alongside

    def change(self, identity: str) -> Change | None:
        """Return a change by its whole id."""
        rows = self._connection.execute(_ONE, {"id": identity})
        return change_rows.read_change(rows[0]["body"]) if rows else None

    def named(self, start: str) -> tuple[str, ...]:
        """Return up to two ids of changes that begin with a text."""
        escaped = start.replace("/", "//").replace("%", "/%").replace("_", "/_")
        rows = self._connection.execute(_LIKE, {"start": f"{escaped}%"})
        return tuple(row["id"] for row in rows)

    def told(self, key: str) -> str | None:
        """Return the id of the change that a command with this key was told of, if it was."""
        rows = self._connection.execute(_TOLD, {"key": key})
        return str(rows[0]["subject"]) if rows else None

    def record(
        self,
        before: Change | None,
        happened: Happened,
        actor: Actor,
        *,
        key: str = "",
        claimed_at: str = "",
        policy_digest: str | None = None,
    ) -> Change:
        """Put an event on record and return the change after it.

        `key` is the event's own idempotency key, made of the version where there is none. Raises
        ChangedMeanwhile where the change is no longer at the version it was read at.
        """
        version = 1 if before is None else before.version + 1
        draft = Draft(
            type=happened.type.value,
            subject=happened.change,
            actor=actor,
            body={"by": happened.by, "sets": happened.sets},
            claimed_at=claimed_at or happened.at,
            recorded_at=happened.at,
            idempotency_key=key or f"{happened.type}|{happened.change}|{version}",
            policy_digest=policy_digest,
        )
        entry = append(self._connection, draft)
        if entry is None:
            raise ChangedMeanwhile(happened.change)
        # What the ledger has is what a replay reads: 31.0 as 31, keys sorted.
        stored = change_rows.happened_in(entry)
        change = after(before, stored)
        self._save(before, change)
        self._move(change, stored)
        for each in (note_intent, *self._alongside):
            each(self._connection, change, stored)
        return change

    def registry(self, names: Iterable[str] | None = None) -> Registry:
        """Return what is known of some components, or of all."""
        known = self._components(names)
        return change_rows.registry_of(known, known)

    def guarding(self, change: Change) -> tuple[dict[str, tuple[str, ...]], dict[str, str]]:
        """Return what moves the components of a change, and which of its parts were rolled back.

        The history of a component is not read: it may be long, and no gate asks for it.
        """
        found: dict[str, Component] = {}
        for name in changed(change.manifest):
            for row in self._connection.execute(_GUARD, {"name": name}):
                found[name] = change_rows.read_component(row | {"history": "[]"})
        registry = change_rows.registry_of(found, found)
        return registry.rolling, registry.quarantine

    def board(
        self, states: tuple[State, ...], scope: str | None, limit: int, before: str
    ) -> tuple[Change, ...]:
        """Return changes, last changed first: in some states or all, of one scope and below."""
        where, values = ["1 = 1"], dict[str, Any](limit=limit)
        if states:
            names = {f"state{number}": state.value for number, state in enumerate(states)}
            where.append(f"state IN ({', '.join(f':{name}' for name in names)})")
            values |= names
        if scope:
            where.append("(scope = :scope OR scope LIKE :below ESCAPE '!')")
            escaped = scope.replace("!", "!!").replace("%", "!%").replace("_", "!_")
            values |= {"scope": scope, "below": f"{escaped}/%"}
        if before:
            where.append("changed_at < :before")
            values["before"] = before
        rows = self._connection.execute(_LIST.format(where=" AND ".join(where)), values)
        return tuple(change_rows.read_change(row["body"]) for row in rows)

    def counts(self) -> dict[State, int]:
        """Return how many changes are in which state."""
        rows = self._connection.execute(_COUNTS)
        return {State(row["state"]): row["changes"] for row in rows}

    def verdicts(self, change: str) -> tuple[StageVerdict, ...]:
        """Return every verdict on stages of a change that is on record, oldest first."""
        return tuple(each.verdict for each in verdicts_of(self._connection, change))

    def timeline(self, *subjects: str) -> list[Row]:
        """Return the entries about some subjects in the order of the ledger."""
        found: dict[int, Row] = {}
        for subject in subjects:
            for row in self._connection.execute(_TIMELINE, {"subject": subject}):
                found[row["seq"]] = row
        return [found[seq] for seq in sorted(found)]

    def of_digest(self, digest: str) -> tuple[Change, ...]:
        """Return the changes whose content has a digest, last changed first."""
        rows = self._connection.execute(_OF_DIGEST, {"digest": digest})
        return tuple(change_rows.read_change(row["body"]) for row in rows)

    def happened(self, until: str) -> tuple[Happened, ...]:
        """Return every event of every change before a time, in the order of the ledger."""
        return tuple(_event(row) for row in self._connection.execute(_HAPPENED, {"until": until}))

    def tell(self, notices: Iterable[Notice], now: str) -> None:
        """Put notices into the outbox, to be sent once this transaction is kept."""
        for notice in notices:
            enqueue(self._connection, notice, (notice.route,), now)

    def keep_concern(
        self, change: str, concern: Concern, actor: Actor, now: str, *, key: str
    ) -> bool:
        """Keep that people were told of a concern; False where they had been, under this key."""
        draft = Draft(
            type=EntryType.CONCERN_TOLD.value,
            subject=change,
            actor=actor,
            body=msgspec.to_builtins(concern),
            claimed_at=now,
            recorded_at=now,
            idempotency_key=key,
        )
        return append(self._connection, draft) is not None

    def intent(self, change: str) -> Intent | None:
        """Return what is, or was last, to be carried out for a change."""
        return newest_intent(self._connection, change)

    def _save(self, before: Change | None, change: Change) -> None:
        row = change_rows.change_row(change)
        if before is None:
            insert(self._connection, "changes", row)
        elif not self._connection.execute(_ALTER, row | {"was": before.version}):
            raise ChangedMeanwhile(change.id)

    def _move(self, change: Change, happened: Happened) -> None:
        if happened.type not in MOVES:
            return
        known = self._components(changed(change.manifest))
        change_rows.keep_components(self._connection, change_rows.moved(known, change, happened))

    def _components(self, names: Iterable[str] | None) -> Mapping[str, Component]:
        if names is None:
            rows = self._connection.execute(_COMPONENTS)
        else:
            rows = [
                row
                for name in names
                for row in self._connection.execute(_COMPONENT, {"name": name})
            ]
        return {row["component"]: change_rows.read_component(row) for row in rows}


def _event(row: Row) -> Happened:
    body = msgspec.json.decode(row["body"])
    return Happened(
        type=Happening(row["type"]),
        change=row["subject"],
        at=row["recorded_at"],
        by=body["by"],
        sets=body["sets"],
    )
