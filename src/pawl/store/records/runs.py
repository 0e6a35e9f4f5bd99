"""Runs in the records: started, stopped, settled or interrupted."""

from typing import Any

import msgspec

from pawl.base import typed
from pawl.base.canonical import digest
from pawl.governance.ledger import PAWL, Actor, Draft, EntryType
from pawl.runs.record import Outcome, RunRecord, Stop, read_record
from pawl.runs.spec import Limits, RunSpec
from pawl.store.records import reservation
from pawl.store.records.connection import Connection, Engine, Row, insert, update
from pawl.store.records.engine import reading, writing
from pawl.store.records.ledger import append
from pawl.store.records.run_rows import BUCKETS, COLUMNS, OWNERS, after
from pawl.telemetry.event import Attribution
from pawl.telemetry.usage import Usage

_COLUMNS = ", ".join(f'"{name}"' for name in COLUMNS)
_ALL = f"SELECT {_COLUMNS} FROM runs"  # noqa: S608
_ONE = f"{_ALL} WHERE run_id = :run_id"
_UNFINISHED = f"{_ALL} WHERE status = 'running' ORDER BY started_at"
_RECENT = f"{_ALL} ORDER BY run_id DESC LIMIT :limit"


class RunState(msgspec.Struct, frozen=True, kw_only=True):
    """What the records know of a run. None is unknown; `record` is there once it has ended.

    `status` is `running` or `ended`. `pid` and `lock_path` are its supervisor's: the supervisor
    holds a lock on that file while it lives. `reason` says why a run was marked interrupted.
    """

    run_id: str
    agent: str
    status: str
    outcome: Outcome | None
    spec_digest: str | None
    limits: Limits | None
    attribution: Attribution
    started_at: str | None
    ended_at: str | None
    stop: Stop | None
    usage: Usage | None
    cost_micros: int | None
    cost_basis: str | None
    reported_micros: int | None
    session_id: str | None
    agent_version: str | None
    warnings: tuple[str, ...]
    stderr_tail: str
    pid: int | None
    lock_path: str | None
    reason: str | None
    record: RunRecord | None


class RunRecords:
    """Supervised runs. Each command appends to the ledger and changes the table at once.

    Every command is idempotent: told a second time it changes nothing and returns False. `now` is
    a canonical time. Raises `RecordsBusy` when another process holds the records too long and
    `RecordsUnavailable` when they do not answer.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def start(self, spec: RunSpec, actor: Actor, now: str, *, pid: int, lock_path: str) -> bool:
        """Record that a run starts; `pid` and `lock_path` are its supervisor's.

        The command is kept as a digest only: it may hold a prompt.
        """
        body = {
            "agent": spec.agent,
            "command_digest": digest(list(map(_plain, spec.command))),
            "spec_digest": digest(_plain_values(msgspec.to_builtins(spec))),
            "limits": msgspec.to_builtins(spec.limits),
            "attribution": _plain_values(msgspec.to_builtins(spec.attribution)),
            "untrusted": spec.untrusted,
            "pid": pid,
            "lock_path": lock_path,
        }
        return self._append(EntryType.RUN_STARTED, spec.run_id, body, actor, now)

    def stop(self, run_id: str, stop: Stop, now: str, *, actor: Actor = PAWL) -> bool:
        """Record that a limit, loop or policy stops the run; it is still running."""
        body = {"stop": _plain_values(msgspec.to_builtins(stop))}
        return self._append(EntryType.RUN_STOPPED, run_id, body, actor, now)

    def settle(self, record: RunRecord, now: str, *, actor: Actor = PAWL) -> bool:
        """Record how the run ended. A run refused before its start is settled without one.

        What its supervisor says at last holds, even if the run was taken for interrupted.
        """
        # The record is kept as its own text: an agent's output may hold numbers that have no
        # canonical form, and a replay must give back what was printed, byte for byte.
        body = {"record": _record_text(record)}
        return self._append(EntryType.RUN_SETTLED, record.run_id, body, actor, now)

    def interrupt(self, run_id: str, reason: str, now: str, *, actor: Actor = PAWL) -> bool:
        """Record that the run ended with nobody to settle it; a settled run stays settled."""
        body = {"reason": _plain(reason)}
        return self._append(EntryType.RUN_INTERRUPTED, run_id, body, actor, now)

    def unfinished(self) -> list[RunState]:
        """Return the runs that have started and neither settled nor been interrupted."""
        with reading(self._engine) as connection:
            return [_state(row) for row in connection.execute(_UNFINISHED)]

    def recent(self, limit: int) -> list[RunState]:
        """Return the newest runs, newest first; refused ones are among them."""
        with reading(self._engine) as connection:
            return [_state(row) for row in connection.execute(_RECENT, {"limit": limit})]

    def get(self, run_id: str) -> RunState | None:
        """Return a run, or None."""
        with reading(self._engine) as connection:
            found = _one(connection, run_id)
        return None if found is None else _state(found)

    def _append(
        self, kind: EntryType, run_id: str, body: dict[str, Any], actor: Actor, now: str
    ) -> bool:
        draft = Draft(
            type=kind.value,
            subject=run_id,
            actor=actor,
            body=body,
            claimed_at=now,
            recorded_at=now,
            idempotency_key=f"{kind.value}:{run_id}",
        )
        with writing(self._engine) as connection:
            row = _one(connection, run_id)
            if not _applies(kind, row):
                return False
            entry = append(connection, draft)
            if entry is None:
                return False
            # From the entry as stored, so that a replay sees what is seen here.
            stored = msgspec.json.decode(entry.body)
            _save(connection, after(row, kind.value, run_id, stored, now), new=row is None)
            reservation.follow(connection, kind.value, run_id, now)
            return True


def table_rows(connection: Connection) -> dict[str, dict[str, Any]]:
    """Return the table's rows by run id, without the columns that are null."""
    return {
        row["run_id"]: {name: value for name, value in row.items() if value is not None}
        for row in connection.execute(_ALL)
    }


def _one(connection: Connection, run_id: str) -> Row | None:
    return next(iter(connection.execute(_ONE, {"run_id": run_id})), None)


def _applies(kind: EntryType, row: dict[str, Any] | None) -> bool:
    """Whether an entry fits the run's state; one that comes too late changes nothing."""
    if kind is EntryType.RUN_STARTED:
        return row is None
    if kind is EntryType.RUN_SETTLED:
        return row is None or row["record"] is None
    return row is not None and row["status"] == "running"


def _save(connection: Connection, row: Row, *, new: bool) -> None:
    if new:
        insert(connection, "runs", row)
    else:
        update(connection, "runs", "run_id", row)


def _state(row: Row) -> RunState:
    values = dict(row)
    usage = {bucket: values.pop(bucket) for bucket in BUCKETS}
    owners = {owner: values.pop(owner) for owner in OWNERS}
    known = usage["input"] is not None
    texts = {name: values.pop(name) for name in ("limits", "stop", "warnings", "record")}
    del values["models"]  # The record tells them, too.
    return RunState(
        **(values | {"stderr_tail": values["stderr_tail"] or ""}),
        attribution=Attribution(**owners),
        usage=Usage(**usage) if known else None,
        limits=_read(texts["limits"], Limits),
        stop=_read(texts["stop"], Stop),
        warnings=_read(texts["warnings"], tuple[str, ...]) or (),
        record=None if texts["record"] is None else read_record(texts["record"]),
    )


def _read(text: str | None, kind: Any) -> Any:
    return None if text is None else typed.decode(text, type=kind)


def _record_text(record: RunRecord) -> str:
    try:
        return msgspec.json.encode(record).decode()
    except UnicodeEncodeError:
        return msgspec.json.encode(_plain_values(record)).decode()


def _plain_values(value: Any) -> Any:
    """Return a value whose texts all have a UTF-8 form; lone surrogates become `?`."""
    if type(value) is str:
        return _plain(value)
    if isinstance(value, msgspec.Struct):
        fields = msgspec.structs.asdict(value)
        return msgspec.structs.replace(
            value, **{name: _plain_values(item) for name, item in fields.items()}
        )
    if isinstance(value, dict):
        return {_plain(key): _plain_values(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain_values(item) for item in value]
    return value


def _plain(text: str) -> str:
    return text.encode("utf-8", "replace").decode()
