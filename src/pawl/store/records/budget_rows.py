"""What each ledger entry about budgets makes of their tables: one fold, live and in replay."""

from collections.abc import Mapping
from typing import Any

import msgspec

from pawl.alerts.budget import Budget
from pawl.alerts.budget_notice import Notice
from pawl.alerts.budget_policy import Known
from pawl.base import typed
from pawl.governance.ledger import Difference, EntryType
from pawl.store.records import reservation
from pawl.store.records.connection import Connection, Row, insert
from pawl.store.records.ledger import entries


def after(row: Row | None, kind: str, key: str, body: Any, at: str) -> Row:
    """Return a budget's row after an entry about it; raises ValueError for one that cannot follow.

    A declaration ends no raise by command: that one has its own end.
    """
    if "budget" in body:
        budget = typed.convert(body["budget"], Budget)
        kept = {
            name: row[name] for name in ("raised_micros", "raised_until") if row and name in row
        }
        text = msgspec.json.encode(budget, order="deterministic").decode()
        return kept | {
            "key": key,
            "source": budget.source,
            "state": "in force",
            "body": text,
            "changed_at": at,
        }
    if row is None:
        raise ValueError(f"{kind} for {key}, which was never declared")
    if kind == EntryType.BUDGET_WITHDRAWN:
        return row | {"state": "withdrawn", "changed_at": at}
    return row | {
        "raised_micros": body["micros"],
        "raised_until": body["until"],
        "changed_at": at,
    }


def noticed(body: Any, at: str) -> Row:
    """Return the row that an entry `budget.noticed` makes."""
    told = typed.convert({name: body[name] for name in Notice.__struct_fields__}, Notice)
    found = {
        "key": told.key,
        "budget": told.budget,
        "who": told.who,
        "period": told.period,
        "kind": told.limit,
        "percent": told.percent,
        "spent_micros": told.spent_micros,
        "limit_micros": told.limit_micros,
        "run_id": body["run_id"],
        "noticed_at": at,
        "text": told.text,
    }
    return _plain({name: value for name, value in found.items() if value is not None})


def notice(row: Mapping[Any, Any]) -> Notice:
    """Return a row of notices as a value."""
    return Notice(
        budget=row["budget"],
        who=row["who"],
        period=row["period"],
        limit=row["kind"],
        percent=row["percent"],
        spent_micros=row["spent_micros"],
        limit_micros=row["limit_micros"],
        text=row["text"],
    )


def read(row: Mapping[str, Any]) -> Known:
    """Return a budget's row as a value."""
    return Known(
        budget=typed.decode(row["body"], type=Budget),
        raised_micros=row.get("raised_micros"),
        raised_until=row.get("raised_until"),
        withdrawn=row["state"] == "withdrawn",
    )


def known(connection: Connection) -> dict[str, Known]:
    """Return every budget ever declared, by key."""
    rows = connection.execute("SELECT * FROM budgets")
    return {row["key"]: read(row) for row in sorted(rows, key=lambda row: str(row["key"]))}


def row(connection: Connection, key: str) -> Row | None:
    """Return one budget's row, columns that are null left out, or None."""
    for found in connection.execute("SELECT * FROM budgets WHERE key = :key", {"key": key}):
        return _dense(found)
    return None


_TABLES = {
    "budgets": "key",
    "budget_reservations": "run_id",
    "budget_notices": "key",
}
"""The tables that entries make, with the column that names a row."""


def difference(connection: Connection) -> Difference | None:
    """Return the first row of the three tables that is not what the ledger makes of it."""
    wanted = _made(connection)
    if isinstance(wanted, Difference):
        return wanted
    for table, key in _TABLES.items():
        found = _compared(connection, wanted[table], table, key)
        if found is not None:
            return found
    return None


def remake(connection: Connection) -> None:
    """Make the three tables anew from the ledger; raises ValueError where that cannot be done."""
    wanted = _made(connection)
    if isinstance(wanted, Difference):
        raise ValueError(f"{wanted.place}: {wanted.found}")
    for table, rows in wanted.items():
        connection.execute(f"DELETE FROM {table}")  # noqa: S608 - one of ours
        for row in rows.values():
            insert(connection, table, row)


def _made(connection: Connection) -> dict[str, dict[str, Row]] | Difference:
    wanted: dict[str, dict[str, Row]] = {table: {} for table in _TABLES}
    for entry in entries(connection, "budget.", "run."):
        try:
            _apply(wanted, entry.type, entry.subject, entry.body, entry.recorded_at)
        except (ValueError, KeyError, TypeError, msgspec.ValidationError) as error:
            return Difference(
                kind="table",
                place=f"entry {entry.seq}",
                expected="an entry that can be applied",
                found=f"{entry.type}: {error}",
            )
    return wanted


def _apply(wanted: dict[str, dict[str, Row]], kind: str, subject: str, text: str, at: str) -> None:
    if kind.startswith("run."):
        row = wanted["budget_reservations"].get(subject)
        if row is not None:
            wanted["budget_reservations"][subject] = reservation.closed(row, kind, at)
        return
    if kind == EntryType.BUDGET_REFUSED:
        return
    body = msgspec.json.decode(text)
    if kind == EntryType.BUDGET_RESERVED:
        wanted["budget_reservations"][subject] = reservation.reserved(subject, body)
    elif kind == EntryType.BUDGET_NOTICED:
        made = noticed(body, at)
        wanted["budget_notices"][made["key"]] = made
    else:
        rows = wanted["budgets"]
        rows[subject] = after(rows.get(subject), kind, subject, body, at)


def _compared(
    connection: Connection, wanted: dict[str, Row], table: str, key: str
) -> Difference | None:
    rows = connection.execute(f"SELECT * FROM {table}")  # noqa: S608 - one of ours
    found = {row[key]: _dense(row) for row in rows}
    for name in sorted(wanted.keys() | found.keys()):
        if wanted.get(name) != found.get(name):
            return Difference(
                kind="table",
                place=f"{table} {name}",
                expected="the row its entries make" if name in wanted else "no row",
                found="another row" if name in found else "none",
            )
    return None


def _dense(row: Mapping[Any, Any]) -> Row:
    return {str(name): value for name, value in row.items() if value is not None}


def _plain(row: Row) -> Row:
    # PostgreSQL takes no NUL in text. The ledger's bodies keep it, escaped as JSON.
    return {
        name: value.replace("\0", "\ufffd") if isinstance(value, str) else value
        for name, value in row.items()
    }
