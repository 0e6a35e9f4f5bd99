"""Forget a person in what decisions rest on: rosters, evidence, snapshots and the decisions.

These are kept under digests of what they were. What is altered no longer has its digest, so the
entry that records the forgetting lists each with the digest of what it says now: a check of the
ledger accepts that and nothing else, and a replay says that names were replaced.
"""

from typing import Any

import msgspec

from pawl.base.canonical import canonical_json, sha256_hex
from pawl.governance.forgetting import known_as, unworded, without_person
from pawl.store.records.connection import Connection

_ROSTERS = "SELECT body FROM gate_parts WHERE kind = 'roster'"
_PARTS = "SELECT digest, kind, body FROM gate_parts"
_PAGE = "SELECT {columns} FROM {table} WHERE id > :after ORDER BY id LIMIT 200"
_ALTER = "UPDATE {table} SET {column} = :text WHERE {where}"


def all_names(connection: Connection, names: tuple[str, ...]) -> tuple[str, ...]:
    """Return the names with all others that any kept roster gives to the same people."""
    found = frozenset(names)
    before: frozenset[str] = frozenset()
    rosters = [msgspec.json.decode(row["body"]) for row in connection.execute(_ROSTERS)]
    while found != before:
        before = found
        for roster in rosters:
            found |= known_as(roster, found)
    return tuple(dict.fromkeys((*names, *sorted(found))))


def forget(connection: Connection, names: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
    """Replace the names; return each altered place with the digest of what it says now."""
    altered = []
    for row in connection.execute(_PARTS):
        text = _without(row["body"], names)
        if text is not None:
            where = {"digest": row["digest"], "kind": row["kind"]}
            _alter(connection, "gate_parts", "body", text, where)
            altered.append((f"gate_parts {row['kind']} {row['digest']}", _digest(text)))
    for table, columns in (("change_evidence", ("body",)), ("gate_decisions", _JUDGED)):
        altered += _forget_rows(connection, table, columns, names)
    return tuple(altered)


_JUDGED = ("body", "snapshot")


def _forget_rows(
    connection: Connection, table: str, columns: tuple[str, ...], names: tuple[str, ...]
) -> list[tuple[str, str]]:
    altered = []
    page = _PAGE.format(columns=", ".join(("id", *columns)), table=table)
    rows = connection.execute(page, {"after": ""})
    while rows:
        for row in rows:
            for column in columns:
                text = _without(row[column], names, judged=columns is _JUDGED)
                if text is None:
                    continue
                _alter(connection, table, column, text, {"id": row["id"]})
                place = f"{table} {row['id']}"
                name = f"{place} {column}" if columns is _JUDGED else place
                altered.append((name, _digest(text)))
        rows = connection.execute(page, {"after": rows[-1]["id"]})
    return altered


def _without(text: str, names: tuple[str, ...], *, judged: bool = False) -> str | None:
    """Return a JSON text without the names, None where it does not hold them."""
    value: Any = msgspec.json.decode(text)
    changed = without_person(value, names)
    if judged:
        changed = unworded(changed, names)
    if changed == value:
        return None
    return canonical_json(changed).decode()


def _alter(
    connection: Connection, table: str, column: str, text: str, where: dict[str, str]
) -> None:
    named = " AND ".join(f"{name} = :{name}" for name in where)
    # The names of tables and columns are our own.
    connection.execute(
        _ALTER.format(table=table, column=column, where=named), {**where, "text": text}
    )


def _digest(text: str) -> str:
    return sha256_hex(text.encode())
