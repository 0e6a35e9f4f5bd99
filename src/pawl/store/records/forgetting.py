"""Forget a person in the records: tables and entries alike, in one transaction.

An entry keeps its place and its hash; the newest entry then says which of them were altered and
what they say now, so that the chain still proves everything else.
"""

from typing import Any

import msgspec

from pawl.base import typed
from pawl.base.canonical import canonical_json
from pawl.governance.forgetting import FORGOTTEN, normal, without_person
from pawl.governance.ledger import Actor, Draft, Entry, EntryType, stored_digest
from pawl.store.records import (
    alert_rows,
    budget_rows,
    cadence_rows,
    change_rows,
    exception_rows,
    gate_forgetting,
    gate_rows,
    incident_rows,
)
from pawl.store.records.connection import Connection, Engine, update
from pawl.store.records.engine import writing
from pawl.store.records.kept_answers import forget_answers
from pawl.store.records.ledger import append, entries
from pawl.store.records.tokens import forget_tokens

_JSON_INSIDE = ("record", "spec")
"""Fields of an entry's body that hold a JSON document as text."""


_MEMORY = {
    "alert_looks": ("store", "id"),
    "alert_memory": ("store",),
    "alert_log": ("store", "alert_id", "at", "event"),
    "outbox": ("id", "channel"),
}
"""Tables whose rows hold a document that names people, with the columns that name a row."""


class Forgotten(msgspec.Struct, frozen=True, kw_only=True):
    """How many entries and rows no longer hold the person; all zero where nothing did."""

    entries: int = 0
    runs: int = 0
    ceremonies: int = 0


class _Kept(msgspec.Struct, frozen=True):
    entries: tuple[tuple[int, str], ...]
    reason: str
    rows: tuple[tuple[str, str], ...] = ()


def forget(
    engine: Engine, names: tuple[str, ...], actor: Actor, now: str, *, reason: str, key: str
) -> Forgotten:
    """Replace a person's names, and record that it was done; `key` makes it happen once.

    The entry that records it names nobody but its actor. Where nothing held the names nothing is
    recorded either. Raises RecordsBusy and RecordsUnavailable.
    """
    with writing(engine) as connection:
        names = gate_forgetting.all_names(connection, names)
        altered = _forget_entries(connection, names)
        rows = _forget_runs(connection, names)
        held = _forget_ceremonies(connection, names)
        _forget_working_memory(connection, names)
        forget_tokens(connection, names)
        forget_answers(connection, names)
        judged = gate_forgetting.forget(connection, names)
        if altered:
            # What entries make in full is made anew: a name may be part of a row's key.
            budget_rows.remake(connection)
            alert_rows.remake(connection)
            cadence_rows.remake(connection)
            change_rows.remake(connection)
            exception_rows.remake(connection)
            gate_rows.remake(connection)
            incident_rows.remake(connection)
        if altered or rows or held or judged:
            body = msgspec.to_builtins(_Kept(tuple(altered), reason, judged))
            if not judged:
                del body["rows"]
            draft = Draft(
                type=EntryType.PERSON_FORGOTTEN.value,
                subject="person",
                actor=actor,
                body=body,
                claimed_at=now,
                recorded_at=now,
                idempotency_key=f"{EntryType.PERSON_FORGOTTEN.value}:{key}",
            )
            if append(connection, draft) is None:
                raise ValueError("the key of a forgetting was used before")
        done = Forgotten(entries=len(altered), runs=rows, ceremonies=held)
    engine.scrub()
    return done


def _forget_entries(connection: Connection, names: tuple[str, ...]) -> list[tuple[int, str]]:
    altered = []
    for entry in _holding(connection, names):
        actor = msgspec.json.encode(entry.actor).decode()
        row = {"seq": entry.seq, "actor": actor, "body": entry.body}
        update(connection, "ledger", "seq", {**row, "idempotency_key": entry.idempotency_key})
        altered.append((entry.seq, stored_digest(entry)))
    return altered


def _holding(connection: Connection, names: tuple[str, ...]) -> list[Entry]:
    """Return the entries that hold a name, as they are without it."""
    found = []
    for entry in entries(connection):
        actor = typed.convert(without_person(msgspec.to_builtins(entry.actor), names), type=Actor)
        body = _text_without(entry.body, names, canonical=True)
        key = _key_without(entry, names)
        if (actor, body, key) != (entry.actor, entry.body, entry.idempotency_key):
            altered = {"actor": actor, "body": body, "idempotency_key": key}
            found.append(msgspec.structs.replace(entry, **altered))
    return found


def _key_without(entry: Entry, names: tuple[str, ...]) -> str:
    """Return the key of an entry without the names it is made of; it stays the only one."""
    parts = entry.idempotency_key.split("|")
    known = frozenset(map(normal, names))
    return "|".join(f"{FORGOTTEN}-{entry.seq}" if normal(p) in known else p for p in parts)


def _forget_runs(connection: Connection, names: tuple[str, ...]) -> int:
    changed = 0
    for row in connection.execute("SELECT run_id, developer, record FROM runs"):
        after = without_person(row, names)
        if row["record"] is not None:
            after["record"] = _text_without(row["record"], names)
        if after != row:
            update(connection, "runs", "run_id", after)
            changed += 1
    return changed


def _forget_ceremonies(connection: Connection, names: tuple[str, ...]) -> int:
    changed = 0
    for row in connection.execute("SELECT id, body FROM ceremonies"):
        body = _text_without(row["body"], names)
        if body != row["body"]:
            update(connection, "ceremonies", "id", {"id": row["id"], "body": body})
            changed += 1
    return changed


def _forget_working_memory(connection: Connection, names: tuple[str, ...]) -> None:
    """Take the names out of what is no decision: observed spend, looks at alerts, notices."""
    for row in connection.execute("SELECT DISTINCT developer FROM observed_spend"):
        if without_person(row, names) != row:
            change = "UPDATE observed_spend SET developer = :new WHERE developer = :developer"
            connection.execute(change, {**row, "new": FORGOTTEN})
    for table, keys in _MEMORY.items():
        columns = ", ".join((*keys, "body"))
        mine = " AND ".join(f"{key} = :{key}" for key in keys)
        # The names of tables and columns are our own.
        for row in connection.execute(f"SELECT {columns} FROM {table}"):  # noqa: S608
            body = _text_without(row["body"], names)
            if body != row["body"]:
                change = f"UPDATE {table} SET body = :body WHERE {mine}"  # noqa: S608
                connection.execute(change, {**row, "body": body})


def _text_without(text: str, names: tuple[str, ...], *, canonical: bool = False) -> str:
    """Return a JSON text without the names; the very same text where it does not hold them.

    Fields stay in their order, unless the text is one in canonical form.
    """
    try:
        value = msgspec.json.decode(text)
    except msgspec.DecodeError:
        return text  # Altered by somebody: for the check of the chain to find.
    opened = _opened(value)
    changed = without_person(opened, names)
    if changed == opened:
        return text
    closed = _closed(changed, opened, value)
    return (canonical_json(closed) if canonical else msgspec.json.encode(closed)).decode()


def _opened(value: Any) -> Any:
    """Return a body with the documents that it holds as text opened."""
    if not isinstance(value, dict):
        return value
    opened = dict(value)
    for name in _JSON_INSIDE:
        if isinstance(value.get(name), str):
            try:
                opened[name] = msgspec.json.decode(value[name])
            except msgspec.DecodeError:
                continue
    return opened


def _closed(changed: Any, opened: Any, before: Any) -> Any:
    """Return the documents as text again: as they were where nothing changed in them."""
    if not isinstance(changed, dict):
        return changed
    for name in _JSON_INSIDE:
        if isinstance(before.get(name), str) and name in opened:
            same = changed[name] == opened[name]
            changed[name] = before[name] if same else msgspec.json.encode(changed[name]).decode()
    return changed
