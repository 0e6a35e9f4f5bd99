"""What each ledger entry about alerts and silences makes of its row: one fold, live and in replay.

`alerts` and `silences` are made of entries only. What a look finds in between two transitions
(a value that goes up) is in `alert_looks`, which is working memory and not replayed.
"""

from typing import Any

import msgspec

from pawl.alerts.alert import Alert
from pawl.alerts.state import State
from pawl.base.canonical import canonical_json
from pawl.governance.ledger import Difference, EntryType
from pawl.store.records.connection import Connection, Row, insert
from pawl.store.records.ledger import entries

_ALERTS = "SELECT store, id, rule, level, state, since, body FROM alerts"
_SILENCES = "SELECT id, ends_at, lifted_at, body FROM silences"

OF_STATE = {
    State.INACTIVE: EntryType.ALERT_INACTIVE,
    State.PENDING: EntryType.ALERT_PENDING,
    State.FIRING: EntryType.ALERT_FIRING,
    State.RESOLVED: EntryType.ALERT_RESOLVED,
}
"""The entry that says an alert came into a state."""


def transition(known: Alert | None, alert: Alert) -> EntryType | None:
    """Return which entry the way from what the table knows to an alert is; None for none.

    An alert that never was more than inactive is not worth an entry.
    """
    before = State.INACTIVE if known is None else known.state
    if alert.state is not before or (known is not None and alert.since != known.since):
        return OF_STATE[alert.state]
    if known is None:
        return None
    if (known.blind_since is None) is not (alert.blind_since is None):
        return EntryType.ALERT_SEEING if alert.blind_since is None else EntryType.ALERT_BLIND
    if alert.acknowledged is not None and alert.acknowledged != known.acknowledged:
        return EntryType.ALERT_ACKNOWLEDGED
    return None


def plain(value: msgspec.Struct) -> Any:
    """Return a value as JSON has it; a number that JSON has not is null."""
    return msgspec.json.decode(msgspec.json.encode(value))


def alert_row(body: dict[str, Any], identity: str) -> Row:
    """Return the row that an entry's body makes."""
    alert = body["alert"]
    return {
        "store": body["store"],
        "id": identity,
        "rule": alert["rule"],
        "level": alert["level"],
        "state": alert["state"],
        "since": alert["since"],
        "body": canonical_json(alert).decode(),
    }


def silence_row(body: dict[str, Any], identity: str) -> Row:
    """Return the row that the entry which placed a silence makes."""
    silence = body["silence"]
    return {
        "id": identity,
        "ends_at": silence["ends_at"],
        "lifted_at": None,
        "body": canonical_json(silence).decode(),
    }


_Rows = dict[tuple[str, ...], Row]


def difference(connection: Connection) -> Difference | None:
    """Return the first alert or silence that is not what its entries make of it."""
    made = _made(connection)
    if isinstance(made, Difference):
        return made
    alerts, silences = made
    found = {(row["store"], row["id"]): row for row in connection.execute(_ALERTS)}
    held = {(row["id"],): row for row in connection.execute(_SILENCES)}
    return _first("alerts", alerts, found) or _first("silences", silences, held)


def remake(connection: Connection) -> None:
    """Make both tables anew from the ledger; raises ValueError where that cannot be done."""
    made = _made(connection)
    if isinstance(made, Difference):
        raise ValueError(f"{made.place}: {made.found}")
    for table, rows in zip(("alerts", "silences"), made, strict=True):
        connection.execute(f"DELETE FROM {table}")  # noqa: S608 - one of ours
        for row in rows.values():
            insert(connection, table, row)


def _made(connection: Connection) -> tuple[_Rows, _Rows] | Difference:
    alerts: _Rows = {}
    silences: _Rows = {}
    for entry in entries(connection, "alert.", "silence."):
        body = msgspec.json.decode(entry.body)
        if entry.type == EntryType.ALERT_FORGOTTEN:
            alerts.pop((body["store"], entry.subject), None)
        elif entry.type.startswith("alert."):
            row = alert_row(body, entry.subject)
            alerts[(row["store"], entry.subject)] = row
        elif entry.type == EntryType.SILENCE_PLACED:
            silences[(entry.subject,)] = silence_row(body, entry.subject)
        elif entry.type == EntryType.SILENCE_LIFTED:
            known = silences.get((entry.subject,))
            if known is None:
                return _differs(f"entry {entry.seq}", "a placed silence", "none")
            known["lifted_at"] = entry.recorded_at
    return alerts, silences


def _first(
    table: str, wanted: dict[tuple[str, ...], Row], found: dict[Any, Row]
) -> Difference | None:
    for key in sorted(wanted.keys() | found.keys()):
        if wanted.get(key) != found.get(key):
            return _differs(
                f"{table} {' '.join(key).strip()}",
                "a row" if key in wanted else "no row",
                "another row" if key in found else "none",
            )
    return None


def _differs(place: str, expected: str, found: str) -> Difference:
    return Difference(kind="table", place=place, expected=expected, found=found)
