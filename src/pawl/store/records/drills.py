"""Runs of drills in the records: one row each, made of the ledger's entries, also in replay."""

from collections.abc import Callable, Iterable

import msgspec

from pawl.alerts.alert import Notice
from pawl.base import typed
from pawl.governance.ledger import Actor, Difference, Draft, EntryType
from pawl.incidents.drill_run import DrillRun, Happening, State
from pawl.incidents.event import Happened, after, made
from pawl.store.records.change_rows import first_difference
from pawl.store.records.changes import ChangedMeanwhile
from pawl.store.records.connection import Connection, Engine, Row, insert, update
from pawl.store.records.engine import reading, writing
from pawl.store.records.incident_rows import happened_in
from pawl.store.records.ledger import append, entries
from pawl.store.records.outbox import enqueue

_OWN = tuple(each.value for each in Happening)
_COLUMNS = "id, drill, kind, state, verdict, planned_at, ended_at, version, body"
_ONE = "SELECT body FROM drill_runs WHERE id = :id"
_NAMED = "SELECT id FROM drill_runs WHERE id >= :start AND id < :end ORDER BY id LIMIT 2"
_NEWEST = """
SELECT body FROM drill_runs WHERE :drill = '' OR drill = :drill
ORDER BY planned_at DESC, id LIMIT :limit
"""
_WINDOW = """
SELECT body FROM drill_runs WHERE planned_at >= :since AND planned_at < :until
ORDER BY planned_at, id
"""
_GOING = "SELECT body FROM drill_runs WHERE state = :planned OR state = :running ORDER BY id"
_TOLD = "SELECT subject FROM ledger WHERE idempotency_key = :key"
_ROWS = f"SELECT {_COLUMNS} FROM drill_runs"  # noqa: S608


class DrillRecords:
    """Runs of drills of one store."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def told(self, key: str) -> DrillRun | None:
        """Return the run that a command with this key was told of, if it was."""
        with reading(self._engine) as connection:
            rows = connection.execute(_TOLD, {"key": key})
            return _get(connection, str(rows[0]["subject"])) if rows else None

    def record(
        self,
        run: DrillRun | None,
        events: Iterable[Happened],
        actor: Actor,
        *,
        key: str = "",
        letters: Callable[[DrillRun], Iterable[Notice]] = lambda run: (),
    ) -> DrillRun:
        """Put events on record and return the run after them; `key` is the first one's.

        The letters of the run as it is then go into the outbox with them, or neither does. Raises
        ChangedMeanwhile where somebody else was first.
        """
        with writing(self._engine) as connection:
            for happened in events:
                run = _record(connection, run, happened, actor, key)
                key = ""
            if run is None:
                raise ValueError("nothing happened")
            for notice in letters(run):
                enqueue(connection, notice, (notice.route,), run.changed_at)
        return run

    def get(self, identity: str) -> DrillRun | None:
        """Return a run; its id may be shortened as far as that is clear."""
        with reading(self._engine) as connection:
            found = _get(connection, identity)
            if found is None and identity:
                span = {"start": identity, "end": f"{identity}\x7f"}
                rows = connection.execute(_NAMED, span)
                found = _get(connection, rows[0]["id"]) if len(rows) == 1 else None
        return found

    def newest(self, drill: str = "", limit: int = 200) -> tuple[DrillRun, ...]:
        """Return the newest runs, of one drill or of all."""
        return self._read(_NEWEST, {"drill": drill, "limit": limit})

    def window(self, since: str, until: str) -> tuple[DrillRun, ...]:
        """Return the runs that were planned from one time to another, oldest first."""
        return self._read(_WINDOW, {"since": since, "until": until})

    def going(self) -> tuple[DrillRun, ...]:
        """Return the runs that have not ended."""
        return self._read(_GOING, {"planned": State.PLANNED.value, "running": State.RUNNING.value})

    def dispose(self) -> None:
        """Close what is open."""
        self._engine.dispose()

    def _read(self, statement: str, values: Row) -> tuple[DrillRun, ...]:
        with reading(self._engine) as connection:
            return tuple(_run(row["body"]) for row in connection.execute(statement, values))


def remade(connection: Connection) -> dict[str, Row]:
    """Return the rows that the entries make; raises ValueError for one that does not follow."""
    found: dict[str, DrillRun] = {}
    for entry in entries(connection, "drill."):
        if entry.type not in _OWN:
            continue  # A rehearsed rollback, which belongs to changes.
        try:
            found[entry.subject] = _folded(found.get(entry.subject), happened_in(entry))
        except (ValueError, KeyError, TypeError) as error:
            raise ValueError(f"entry {entry.seq}: {entry.type}: {error}") from error
    return {identity: _row(run) for identity, run in found.items()}


def remake(connection: Connection) -> None:
    """Make the table anew of the entries."""
    rows = remade(connection)
    connection.execute("DELETE FROM drill_runs")
    if rows:
        insert(connection, "drill_runs", *rows.values())


def difference(connection: Connection) -> Difference | None:
    """Return the first run that is not what its entries make of it."""
    try:
        wanted = remade(connection)
    except ValueError as error:
        return Difference(
            kind="table", place="drill_runs", expected="entries that follow", found=str(error)[:300]
        )
    found = {row["id"]: row for row in connection.execute(_ROWS)}
    return first_difference("drill_runs", wanted, found)


def _record(
    connection: Connection, run: DrillRun | None, happened: Happened, actor: Actor, key: str
) -> DrillRun:
    version = 1 if run is None else run.version + 1
    if run is not None:
        now = _get(connection, run.id)
        if now is None or now.version != run.version:
            raise ChangedMeanwhile(happened.subject)
    draft = Draft(
        type=EntryType(happened.type).value,
        subject=happened.subject,
        actor=actor,
        body={"by": happened.by, "sets": happened.sets, "tells": happened.tells},
        claimed_at=happened.at,
        recorded_at=happened.at,
        idempotency_key=key or f"{happened.type}|{happened.subject}|{version}",
    )
    entry = append(connection, draft)
    if entry is None:
        raise ChangedMeanwhile(happened.subject)
    # What the ledger has is what a replay reads: 31.0 as 31, keys sorted.
    after_it = _folded(run, happened_in(entry))
    if run is None:
        insert(connection, "drill_runs", _row(after_it))
    else:
        update(connection, "drill_runs", "id", _row(after_it))
    return after_it


def _folded(before: DrillRun | None, happened: Happened) -> DrillRun:
    if (before is None) != (happened.type == Happening.PLANNED):
        raise ValueError("it does not follow")
    return made(happened, DrillRun) if before is None else after(before, happened)


def _get(connection: Connection, identity: str) -> DrillRun | None:
    rows = connection.execute(_ONE, {"id": identity})
    return _run(rows[0]["body"]) if rows else None


def _run(body: str) -> DrillRun:
    return typed.decode(body, type=DrillRun)


def _row(run: DrillRun) -> Row:
    return {
        "id": run.id,
        "drill": run.drill.id,
        "kind": run.drill.kind.value,
        "state": run.state.value,
        "verdict": run.verdict.value if run.verdict else None,
        "planned_at": run.planned_at,
        "ended_at": run.ended_at,
        "version": run.version,
        "body": msgspec.json.encode(run, order="deterministic").decode(),
    }
