"""What each ledger entry about incidents makes of its row, also in replay.

Incidents, actions, postmortems and debts are kept alike: the value as a document, and beside it the
columns that are asked for. Steps of learning are rows of their own, one for each entry.
"""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import msgspec

from pawl.base import typed
from pawl.governance.ledger import Difference, Entry, EntryType
from pawl.incidents.action import DONE, Action
from pawl.incidents.debt import OperationalDebt
from pawl.incidents.event import Happened, after, made
from pawl.incidents.incident import ONGOING, Incident, Milestone
from pawl.incidents.paging import pending
from pawl.incidents.postmortem import Postmortem
from pawl.store.records.change_rows import first_difference
from pawl.store.records.connection import Connection, Row, insert
from pawl.store.records.ledger import entries

Value = Incident | Action | Postmortem | OperationalDebt


class StepDone(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One step of applying a learning that was done. `result` says what it made, such as an id."""

    key: str
    incident: str
    kind: str
    done_at: str
    result: str


class Kind(NamedTuple):
    """One kind of value: its table, the event that begins it, and its columns besides the body."""

    type: type[Any]
    table: str
    first: str
    columns: Callable[[Any], Row]


def _incident(one: Incident) -> Row:
    waits = [each.due_at for each in pending(one)]
    return {
        "scope": one.scope,
        "state": one.state.value,
        "ongoing": int(one.state in ONGOING),
        "severity": one.severity,
        "domain": one.domain.value,
        "title": one.title,
        "same_key": one.key,
        "open_key": one.open_key,
        "fingerprint": one.fingerprint,
        "root_cause_key": one.root_cause_key,
        "declared_at": one.recorded(Milestone.DECLARED),
        "next_due_at": min(waits, default=None),
    }


def _action(one: Action) -> Row:
    return {
        "incident": one.incident,
        "component": one.component,
        "state": one.state.value,
        "done": int(one.state in DONE),
        "blocker": int(one.blocker),
        "owner": one.owner,
        "due_at": one.due_at,
        "first_due_at": one.first_due_at,
    }


def _postmortem(one: Postmortem) -> Row:
    return {
        "incident": one.incident,
        "state": one.state.value,
        "owner": one.owner,
        "root_cause_key": one.root_cause_key,
        "published_at": one.published_at,
    }


def _debt(one: OperationalDebt) -> Row:
    return {
        "root_cause_key": one.root_cause_key,
        "component": one.component,
        "state": one.state.value,
        "last_seen_at": one.last_seen_at,
    }


KINDS: Mapping[str, Kind] = {
    "incident": Kind(Incident, "incidents", EntryType.INCIDENT_DECLARED.value, _incident),
    "action": Kind(Action, "actions", EntryType.ACTION_OPENED.value, _action),
    "postmortem": Kind(Postmortem, "postmortems", EntryType.POSTMORTEM_BEGUN.value, _postmortem),
    "debt": Kind(OperationalDebt, "debts", EntryType.DEBT_OWED.value, _debt),
}
"""Kinds by what the types of their entries begin with."""
STEPS = "learning_steps"


def kind_of(type: str) -> Kind:
    """Return the kind of value that a type of event is about; raises KeyError."""
    return KINDS[type.partition(".")[0]]


def happened_in(entry: Entry) -> Happened:
    """Return the event in an entry; raises ValueError for one that holds none."""
    return happened_of(entry.type, entry.subject, entry.recorded_at, entry.body)


def happened_of(type: str, subject: str, at: str, text: str) -> Happened:
    """Return the event in the columns of an entry."""
    body = msgspec.json.decode(text)
    return Happened(
        type=type,
        subject=subject,
        at=at,
        by=str(body["by"]),
        sets=body["sets"],
        tells=body["tells"],
    )


def row_of(kind: Kind, value: Any) -> Row:
    """Return a value as its row."""
    return {
        "id": value.id,
        **kind.columns(value),
        "version": value.version,
        "changed_at": value.changed_at,
        "body": msgspec.json.encode(value, order="deterministic").decode(),
    }


def read_value(kind: Kind, body: str) -> Any:
    """Return the value in a row's body."""
    return typed.decode(body, type=kind.type)


def folded(kind: Kind, before: Any, happened: Happened) -> Any:
    """Return a value after an event; raises ValueError for one that does not follow."""
    if (before is None) != (happened.type == kind.first):
        raise ValueError("it does not follow")
    return made(happened, kind.type) if before is None else after(before, happened)


def step_row(entry: Entry) -> Row:
    """Return the row of a step of learning that an entry tells of."""
    return {**msgspec.json.decode(entry.body), "done_at": entry.recorded_at}


def remade(connection: Connection) -> dict[str, dict[str, Row]]:
    """Return the rows of each table that the entries make, by their keys.

    Raises ValueError for an entry that cannot follow what was before it.
    """
    values: dict[str, Any] = {}
    steps: dict[str, Row] = {}
    prefixes = [f"{name}." for name in KINDS]
    for entry in entries(connection, *prefixes, EntryType.LEARNING_STEP_DONE.value):
        try:
            if entry.type == EntryType.LEARNING_STEP_DONE:
                row = step_row(entry)
                steps[row["key"]] = row
                continue
            kind = kind_of(entry.type)
            known = values.get(entry.subject)
            values[entry.subject] = folded(kind, known, happened_in(entry))
        except (ValueError, KeyError, TypeError) as error:
            raise ValueError(f"entry {entry.seq}: {entry.type}: {error}") from error
    rows: dict[str, dict[str, Row]] = {kind.table: {} for kind in KINDS.values()}
    for identity, value in values.items():
        kind = next(each for each in KINDS.values() if isinstance(value, each.type))
        rows[kind.table][identity] = row_of(kind, value)
    return {**rows, STEPS: steps}


def remake(connection: Connection) -> None:
    """Make the tables anew of the entries."""
    for table, rows in remade(connection).items():
        connection.execute(f"DELETE FROM {table}")  # noqa: S608
        if rows:
            insert(connection, table, *rows.values())


def difference(connection: Connection) -> Difference | None:
    """Return the first row that is not what its entries make of it."""
    try:
        wanted = remade(connection)
    except ValueError as error:
        return Difference(
            kind="table", place="incidents", expected="entries that follow", found=str(error)[:300]
        )
    for table, rows in wanted.items():
        name = "key" if table == STEPS else "id"
        # The names of tables are our own.
        found = {row[name]: row for row in connection.execute(f"SELECT * FROM {table}")}  # noqa: S608
        differs = first_difference(table, rows, found)
        if differs is not None:
            return differs
    return None
