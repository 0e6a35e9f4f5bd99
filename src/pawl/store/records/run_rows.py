"""What each ledger entry about a run makes of its row: one fold, live and in replay.

The commands in `runs.py` and `pawl ledger verify --replay` use the same function, so a table
that disagrees with its ledger was changed by somebody else. Pure.
"""

from typing import Any

import msgspec

from pawl.base.money import micros_from_reported
from pawl.governance.ledger import EntryType
from pawl.runs.record import Outcome, Stop, read_record
from pawl.telemetry.event import Attribution
from pawl.telemetry.usage import Usage

RunRowValues = dict[str, Any]
"""The columns of one run by name."""

BUCKETS = Usage.__struct_fields__
OWNERS = Attribution.__struct_fields__
COLUMNS = (
    *("run_id", "agent", "agent_version", "status", "outcome", "spec_digest", "limits", *OWNERS),
    *("started_at", "ended_at", "stop", *BUCKETS, "cost_micros", "cost_basis", "reported_micros"),
    *("session_id", "warnings", "stderr_tail", "pid", "lock_path", "reason", "record", "models"),
)
"""The table's columns."""


def after(row: RunRowValues | None, kind: str, run_id: str, body: Any, at: str) -> RunRowValues:
    """Return the row after an entry of type `kind` whose body and time are given.

    Raises ValueError for an entry that cannot follow, such as a stop of a run never started.
    """
    changed = _after(row, kind, run_id, body, at)
    # PostgreSQL takes no NUL in text. The ledger's bodies keep it, escaped as JSON.
    return {
        name: value.replace("\0", "\ufffd") if isinstance(value, str) else value
        for name, value in changed.items()
    }


def _after(row: RunRowValues | None, kind: str, run_id: str, body: Any, at: str) -> RunRowValues:
    if kind == EntryType.RUN_STARTED:
        return _started(run_id, body, at)
    if kind == EntryType.RUN_SETTLED:
        return _settled(row or {"run_id": run_id}, body, at)
    if row is None:
        raise ValueError(f"{kind} for {run_id}, which never started")
    if kind == EntryType.RUN_STOPPED:
        return row | {"stop": _text(body["stop"])}
    if kind == EntryType.RUN_INTERRUPTED:
        ended = {"status": "ended", "outcome": Outcome.INTERRUPTED.value, "ended_at": at}
        return row | ended | {"reason": body["reason"]}
    raise ValueError(f"{kind} is no entry about a run")


def _started(run_id: str, body: Any, at: str) -> RunRowValues:
    return {
        "run_id": run_id,
        "agent": body["agent"],
        "status": "running",
        "spec_digest": body["spec_digest"],
        "limits": _text(body["limits"]),
        **{owner: body["attribution"].get(owner) for owner in OWNERS},
        "started_at": at,
        "pid": body["pid"],
        "lock_path": body["lock_path"],
    }


def _settled(row: RunRowValues, body: Any, at: str) -> RunRowValues:
    record = read_record(body["record"])
    usage = {} if record.usage is None else msgspec.structs.asdict(record.usage)
    dollars, reported = record.cost.usd, record.reported_cost_usd
    known = {owner: getattr(record, owner, None) for owner in OWNERS}
    return (
        row
        | {owner: value for owner, value in known.items() if value is not None}
        | {
            "agent": record.agent,
            "agent_version": record.agent_version,
            "status": "ended",
            "outcome": record.outcome.value,
            "started_at": row.get("started_at") or record.started_at,
            "ended_at": record.ended_at or at,
            "stop": _stop(record.stop) or row.get("stop"),
            **{bucket: usage.get(bucket) for bucket in BUCKETS},
            "cost_micros": None if dollars is None else micros_from_reported(dollars),
            "cost_basis": record.cost.basis,
            "reported_micros": None if reported is None else micros_from_reported(reported),
            "session_id": record.session_id,
            "warnings": _text(list(record.warnings)),
            "stderr_tail": record.stderr_tail,
            "reason": None,
            "record": body["record"],
            "models": _text(list(record.models)),
        }
    )


def _stop(stop: Stop | None) -> str | None:
    return None if stop is None else _text(msgspec.to_builtins(stop))


def _text(value: Any) -> str:
    return msgspec.json.encode(value, order="sorted").decode()
