"""What is kept of a run: the one object `pawl run --json` prints and every page shows."""

from enum import StrEnum
from typing import Literal

import msgspec

from pawl.base import typed
from pawl.runs.agent import AgentError
from pawl.telemetry.usage import Usage


class Outcome(StrEnum):
    """How a run ended. A run that has not ended has no outcome yet."""

    SUCCEEDED = "succeeded"
    AGENT_FAILED = "agent_failed"
    UNREADABLE = "unreadable"
    """The agent ended, and what it printed cannot be read as an answer."""
    REFUSED = "refused"
    """Pawl did not start it."""
    STOPPED = "stopped"
    """A limit, loop or tool policy of Pawl's ended it."""
    INTERRUPTED = "interrupted"
    """A person, a signal or a crash ended it."""


class Stop(msgspec.Struct, frozen=True, kw_only=True):
    """The limit that ended a run; `value` and `threshold` in the limit's own unit."""

    limit: str
    value: float
    threshold: float
    detail: str = ""


class RunCost(msgspec.Struct, frozen=True, kw_only=True):
    """Dollars of a run; None when unpriced. `basis` is `priced`, `reported` or `unpriced`."""

    usd: float | None
    basis: str


class ProcessesLeft(msgspec.Struct, frozen=True, kw_only=True):
    """What the ending of the process tree took: how many were told, and how many killed."""

    terminated: int
    killed: int


class RunRecord(msgspec.Struct, frozen=True, kw_only=True):
    """One supervised run, as `pawl.run/1` documents it. None is *unknown*, never zero."""

    schema: Literal["pawl.run/1"] = "pawl.run/1"
    run_id: str
    agent: str
    agent_version: str | None = None
    outcome: Outcome
    stop: Stop | None = None
    result: str | None = None
    structured_output: msgspec.Raw | None = None
    exit_code: int | None = None
    signal: int | None = None
    error: AgentError | None = None
    session_id: str | None = None
    models: tuple[str, ...] = ()
    turns: int | None = None
    started_at: str | None = None
    ended_at: str | None = None
    duration_ms: int | None = None
    usage: Usage | None = None
    cost: RunCost
    reported_cost_usd: float | None = None
    tool_calls: dict[str, int] = {}
    permission_denials: tuple[msgspec.Raw, ...] = ()
    attempts: int = 1
    processes: ProcessesLeft | None = None
    stderr_tail: str = ""
    warnings: tuple[str, ...] = ()
    project: str | None = None
    repo: str | None = None
    branch: str | None = None
    commit: str | None = None


def read_record(text: bytes | str) -> RunRecord:
    """Return the record in its JSON text; raises msgspec.DecodeError.

    The decoder cannot choose between a raw value and null, so that one field is read apart.
    """
    parts = typed.decode(text, type=dict[str, msgspec.Raw])
    structured = parts.pop("structured_output", None)
    record = typed.decode(msgspec.json.encode(parts), type=RunRecord)
    if structured is None or bytes(structured) == b"null":
        return record
    return msgspec.structs.replace(record, structured_output=structured.copy())


class RunRow(msgspec.Struct, frozen=True, kw_only=True):
    """A run in a list: supervised by Pawl, or observed in a transcript (`observed`).

    `outcome` is None while it runs, and for observed sessions, whose ending nobody saw.
    Money in micro-USD; `cost_basis` is `unpriced` when any request had no price.
    """

    run_id: str
    agent: str
    observed: bool
    running: bool
    started_at: str
    ended_at: str | None
    outcome: str | None
    stop_limit: str | None
    project: str | None
    developer: str | None
    branch: str | None
    models: tuple[str, ...]
    turns: int | None
    requests: int
    tool_calls: int
    errors: int
    usage: Usage
    cost_micros: int | None
    cost_basis: str


class RunLine(msgspec.Struct, frozen=True, kw_only=True):
    """A supervised run in `pawl.runs/1`. None is unknown; `outcome` is None while it runs."""

    run_id: str
    agent: str
    outcome: str | None
    stop_limit: str | None
    started_at: str | None
    ended_at: str | None
    project: str | None
    branch: str | None
    developer: str | None
    session_id: str | None
    turns: int | None
    usage: Usage | None
    cost: RunCost


class RunLines(msgspec.Struct, frozen=True, kw_only=True):
    """The newest supervised runs, newest first."""

    schema: Literal["pawl.runs/1"] = "pawl.runs/1"
    runs: tuple[RunLine, ...]
