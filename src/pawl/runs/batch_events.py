"""What may happen to a batch: the commands, the events they come to, the reasons against.

The events but `Finished` are the lines of the journal.
"""

from enum import StrEnum
from typing import Literal, NamedTuple

import msgspec

from pawl.runs.batch_result import Ending, Result


class Why(StrEnum):
    """Why a command is refused."""

    UNKNOWN = "unknown-item"
    RUNNING = "already-running"
    RESTING = "not-due-yet"
    DONE = "already-done"
    NOT_RUNNING = "not-running"
    OTHER_RUN = "another-run"
    HALTED = "halted"
    NO_SLOT = "no-slot"
    BUDGET = "budget"


class Rules(msgspec.Struct, frozen=True, kw_only=True):
    """What this call of the batch is held to. Money in micro-USD; None is no ceiling."""

    jobs: int = 4
    retries: int = 0
    max_usd: int | None = None
    per_item: int | None = None
    stop_after_failures: int | None = None


class Halt(msgspec.Struct, frozen=True, kw_only=True):
    """Why nothing more is started: `max-usd`, `deadline`, `stop-after-failures`, `refused`,
    `interrupted` or `asked-wrongly`."""

    by: str
    detail: str
    signal: int | None = None


class Begun(msgspec.Struct, frozen=True, kw_only=True, tag="begun"):
    """The first line: which command the batch runs."""

    schema: Literal["pawl.batch-journal/1"] = "pawl.batch-journal/1"
    command_digest: str
    at: str


class Started(msgspec.Struct, frozen=True, kw_only=True, tag="started"):
    """An attempt is about to start; durable before it does."""

    item: str
    run_id: str
    cap_micros: int | None
    at: str


class Rested(msgspec.Struct, frozen=True, kw_only=True, tag="rested"):
    """An attempt failed and another is due after `wait_s`."""

    item: str
    run_id: str
    cost_micros: int | None
    wait_s: float
    error: str | None


class Returned(msgspec.Struct, frozen=True, kw_only=True, tag="returned"):
    """An attempt was undone through no doing of its own; the item waits as before."""

    item: str
    run_id: str
    cost_micros: int | None


class Finished(msgspec.Struct, frozen=True, kw_only=True, tag="finished"):
    """The item has its result. Not in the journal: the result line is this event."""

    result: Result


Line = Begun | Started | Rested | Returned
Event = Started | Rested | Returned | Finished


class Start(NamedTuple):
    """Start an attempt; `at` is the canonical time for the journal."""

    item: str
    run_id: str
    at: str


class Conclude(NamedTuple):
    """An attempt ended. `chance` in [0, 1) spreads the wait; `record` names a kept record."""

    item: str
    run_id: str
    ending: Ending
    chance: float = 0.0
    record: str | None = None


class GiveBack(NamedTuple):
    """An attempt was undone by the end of the batch; its cost is None when unknown."""

    item: str
    run_id: str
    cost_micros: int | None


class Decline(NamedTuple):
    """An item cannot be started at all."""

    item: str
    why: str


Command = Start | Conclude | GiveBack | Decline
