"""What a batch keeps of an item: how its attempt ended, and the one line that is its result."""

from enum import StrEnum
from typing import Literal

import msgspec

from pawl.base.money import MICROS_PER_USD
from pawl.runs.batch_item import Item
from pawl.runs.outcome import exit_code
from pawl.runs.record import Outcome, RunRecord

MAX_ANSWER = 64 * 1024
"""Characters of an answer in a result line; a longer one is cut and kept whole beside it."""
MAX_STRUCTURED = 64 * 1024
"""Bytes of a structured answer in a result line."""
MAX_ERROR = 2000


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """What the agent answered. `cut` says that some of it is in the whole record only."""

    text: str | None = None
    structured: msgspec.Raw | None = None
    cut: bool = False


class Verdict(StrEnum):
    """What an outcome means for the batch."""

    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANNOT_TELL = "cannot_tell"


_VERDICTS = {
    Outcome.SUCCEEDED: Verdict.SUCCEEDED,
    Outcome.AGENT_FAILED: Verdict.FAILED,
    Outcome.STOPPED: Verdict.FAILED,
    Outcome.REFUSED: Verdict.FAILED,
    Outcome.UNREADABLE: Verdict.CANNOT_TELL,
    Outcome.INTERRUPTED: Verdict.CANNOT_TELL,
}


def verdict_of(outcome: Outcome) -> Verdict:
    """Return what an outcome of an item means for the batch."""
    return _VERDICTS[outcome]


class Ending(msgspec.Struct, frozen=True, kw_only=True):
    """How one attempt ended. `cost_micros` is None when unknown; `wall_ms` likewise.

    `transient` says that another try may help; `lost` that nobody saw the ending.
    """

    outcome: Outcome
    exit: int
    transient: bool = False
    lost: bool = False
    cost_micros: int | None = None
    cost_basis: str = "unpriced"
    wall_ms: int | None = None
    error: str | None = None
    stop: str | None = None
    answer: Answer = Answer()


class Result(msgspec.Struct, frozen=True, kw_only=True):
    """The result line of an item, as `pawl.batch-result/1` documents it. None is *unknown*.

    `exit` is what `pawl run` exited with, `attempts` counts retries and what a crash undid.
    `cost_micros` is what all attempts together are known to have cost, None when one of them is
    unknown. `charged_micros` is what the budget of the batch counts: the cost where it is known,
    the item's cap where it is not, None where there is neither. `record` names the file with the
    whole record, where the answer did not fit. `wall_ms` is of the last attempt. Times are
    milliseconds, money is micro-USD.
    """

    schema: Literal["pawl.batch-result/1"] = "pawl.batch-result/1"
    item: str
    label: str
    item_digest: str
    outcome: Outcome
    exit: int
    run_id: str | None
    attempts: int
    cost_micros: int | None
    cost_basis: str
    charged_micros: int | None
    wall_ms: int | None
    stop: str | None = None
    error: str | None = None
    answer: str | None = None
    structured_answer: msgspec.Raw | None = None
    answer_cut: bool = False
    record: str | None = None


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """What a resumed batch reads of a result line."""

    schema: Literal["pawl.batch-result/1"]
    item: str
    item_digest: str
    outcome: Outcome
    attempts: int
    cost_micros: int | None
    charged_micros: int | None
    run_id: str | None = None
    record: str | None = None


def ending_of(record: RunRecord) -> Ending:
    """Return how a supervised run ended, from its record."""
    usd = record.cost.usd
    error = record.error
    return Ending(
        outcome=record.outcome,
        exit=exit_code(record),
        transient=(
            record.outcome is Outcome.AGENT_FAILED
            and error is not None
            and error.class_ == "transient"
        ),
        cost_micros=None if usd is None else round(usd * MICROS_PER_USD),
        cost_basis=record.cost.basis,
        wall_ms=record.duration_ms,
        error=None if error is None else error.message[:MAX_ERROR],
        stop=None if record.stop is None else record.stop.limit,
        answer=_answer(record),
    )


def lost(error: str) -> Ending:
    """Return the ending of an attempt that nobody saw: its supervisor is gone without a record."""
    return Ending(
        outcome=Outcome.INTERRUPTED, exit=143, transient=True, lost=True, error=error[:MAX_ERROR]
    )


def declined(item: Item, why: str) -> Result:
    """Return the result of an item that could not be started at all."""
    return Result(
        item=item.id,
        label=item.label,
        item_digest=item.digest,
        outcome=Outcome.REFUSED,
        exit=5,
        run_id=None,
        attempts=0,
        cost_micros=0,
        cost_basis="priced",
        charged_micros=0,
        wall_ms=0,
        error=why,
    )


def _answer(record: RunRecord) -> Answer:
    text, structured = record.result, record.structured_output
    cut = False
    if text is not None and len(text) > MAX_ANSWER:
        text, cut = text[:MAX_ANSWER], True
    if structured is not None and len(bytes(structured)) > MAX_STRUCTURED:
        structured, cut = None, True
    return Answer(text=text, structured=structured, cut=cut)
