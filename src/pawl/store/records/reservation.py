"""What runs reserve of budgets: made at a run's start, gone with its end.

The entries of a run close its reservation: `run.settled` with its true cost, `run.interrupted`
without one. So it happens in the same transaction, and a replay of the ledger sees it too.
"""

from typing import Any

from pawl.governance.ledger import EntryType
from pawl.store.records.connection import Connection, insert, update

OPEN = "open"
_CLOSED_BY = {EntryType.RUN_SETTLED: "settled", EntryType.RUN_INTERRUPTED: "expired"}

ReservationRow = dict[str, Any]
"""The columns of one reservation by name, those that are null left out."""


def reserve(connection: Connection, run_id: str, body: dict[str, Any]) -> None:
    """Make the row that an entry `budget.reserved` makes."""
    insert(connection, "budget_reservations", reserved(run_id, body))


def follow(connection: Connection, kind: str, run_id: str, at: str) -> None:
    """Close the run's reservation when an entry about the run ends it."""
    if kind not in _CLOSED_BY:
        return
    mine = "SELECT * FROM budget_reservations WHERE run_id = :run_id"
    for row in connection.execute(mine, {"run_id": run_id}):
        update(connection, "budget_reservations", "run_id", closed(row, kind, at))


def reserved(run_id: str, body: dict[str, Any]) -> ReservationRow:
    """Return the row after a reservation. Pure."""
    row = {
        "run_id": run_id,
        "state": OPEN,
        "amount_micros": body["amount_micros"],
        "project": body["project"],
        "developer": body["developer"],
        "agent": body["agent"],
        "models": body["models"],
        "started_at": body["started_at"],
        "expires_at": body["expires_at"],
    }
    return {name: value for name, value in row.items() if value is not None}


def closed(row: ReservationRow, kind: str, at: str) -> ReservationRow:
    """Return the row after an entry about its run. What a supervisor settles late holds. Pure."""
    state = _CLOSED_BY.get(EntryType(kind))
    return row if state is None else row | {"state": state, "ended_at": at}
