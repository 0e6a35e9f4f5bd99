"""What a call of a batch came to: one summary, and what `pawl batch` exits with."""

from typing import Literal

import msgspec

from pawl.runs.batch import Batch
from pawl.runs.batch_events import Halt
from pawl.runs.batch_result import Verdict

_SIGINT = 2
_OF_FAILURE = {"asked-wrongly": 2, "supervisor": 3}
_REFUSALS = {"refused", "max-usd"}


class Summary(msgspec.Struct, frozen=True, kw_only=True):
    """The answer of `pawl batch --json`, as `pawl.batch/1` documents it.

    Counts are of the whole batch, earlier calls included; `resumed` had their result before this
    one, `attempts` were started by it. `known_cost_micros` is what is known, in micro-USD;
    `unknown_costs` counts the results and attempts it knows nothing of. `charged_micros` is what
    the batch's budget counts. `stopped` says why items are left.
    """

    schema: Literal["pawl.batch/1"] = "pawl.batch/1"
    exit: int
    results: str
    items: int
    succeeded: int
    failed: int
    cannot_tell: int
    left: int
    resumed: int
    attempts: int
    outcomes: dict[str, int]
    known_cost_micros: int
    unknown_costs: int
    charged_micros: int
    wall_ms: int
    stopped: Halt | None


def summary(batch: Batch, *, results: str, resumed: int, wall_ms: int) -> Summary:
    """Return what a call of a batch came to."""
    verdicts = batch.verdicts()
    return Summary(
        exit=exit_status(batch),
        results=results,
        items=len(batch.items),
        succeeded=verdicts[Verdict.SUCCEEDED],
        failed=verdicts[Verdict.FAILED],
        cannot_tell=verdicts[Verdict.CANNOT_TELL],
        left=batch.left,
        resumed=resumed,
        attempts=batch.started,
        outcomes={outcome.value: count for outcome, count in batch.outcomes.items() if count},
        known_cost_micros=batch.account.spent,
        unknown_costs=batch.account.unknown,
        charged_micros=batch.account.committed(batch.rules.per_item),
        wall_ms=wall_ms,
        stopped=batch.halt if batch.left else None,
    )


def exit_status(batch: Batch) -> int:
    """Return what `pawl batch` exits with.

    While items are left: why. Else 0 where all succeeded, 1 where one failed, and 3 where none
    failed but one cannot be told.
    """
    if batch.left:
        return _unfinished(batch)
    verdicts = batch.verdicts()
    if verdicts[Verdict.FAILED]:
        return 1
    return 3 if verdicts[Verdict.CANNOT_TELL] else 0


def _unfinished(batch: Batch) -> int:
    halt = batch.halt
    if halt is None:
        return 3
    if halt.signal is not None:
        return 130 if halt.signal == _SIGINT else 143
    if halt.by in _OF_FAILURE:
        return _OF_FAILURE[halt.by]
    # A refused attempt never started its agent.
    return 5 if batch.started == batch.undone and halt.by in _REFUSALS else 6
