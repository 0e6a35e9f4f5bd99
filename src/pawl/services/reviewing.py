"""Review a change: an agent reads it part by part, and what it says is sifted.

Each part is one supervised run within its share of a budget for the whole. What no agent has read
is told; a review of a part is never shown as one of all of it, and a failure never as "nothing
found".
"""

from collections.abc import Callable, Sequence
from typing import Literal

import msgspec

from pawl.base.errors import Kind, PawlError
from pawl.base.finding import Severity
from pawl.base.money import micros_from_reported
from pawl.review.actionable import at_or_above, sift
from pawl.review.answer import read_answer
from pawl.review.budget import Allowance, Budget, Used, allowance
from pawl.review.diff import Change
from pawl.review.feedback import Thresholds
from pawl.review.finding import Dropped, Said
from pawl.review.parts import Part, part_text, split
from pawl.review.policy import ReviewPolicy
from pawl.review.prompt import prompt
from pawl.review.review import (
    NotReviewed,
    PartRun,
    Review,
    Status,
    named_dropped,
    named_unread,
    total_cost,
)
from pawl.runs.outcome import exit_code
from pawl.runs.record import Outcome, RunRecord

_FOUND, _UNREADABLE, _REFUSED, _LIMITED = 1, 3, 5, 6
_BASES: dict[str, Literal["priced", "reported", "unpriced"]] = {
    "priced": "priced",
    "reported": "reported",
}
_MAX_TEXT = 500


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """What is asked of one review. `dismissed` are findings that nobody wants to hear of again."""

    at: str
    budget: Budget
    fail_on: Severity
    number: int | None = None
    project: str | None = None
    dismissed: frozenset[str] = frozenset()
    warnings: tuple[str, ...] = ()


class Outside(msgspec.Struct, frozen=True, kw_only=True):
    """What a review needs of the world. `told` hears of each part as it ends."""

    agent: Callable[[str, Allowance], RunRecord]
    nonce: Callable[[], str]
    monotonic: Callable[[], float]
    told: Callable[[str], None] = lambda _: None


def review(
    wanted: Wanted,
    change: Change,
    policy: ReviewPolicy,
    thresholds: Thresholds,
    outside: Outside,
) -> Review:
    """Return the review of a change. Model failures, limits and nonsense end up in it."""
    cut = split(
        change,
        policy.skip,
        size=policy.size.part_characters,
        most=policy.size.max_parts,
    )
    reading = _Reading(wanted, outside, len(cut.parts))
    reading.read(cut.parts)
    read_files = {path for part in reading.answered for path in part.paths}
    sifted = sift(
        reading.said,
        [file for file in change.files if file.path in read_files],
        thresholds.by_category,
        policy.vague,
        most=policy.size.max_findings,
        dismissed=wanted.dismissed,
    )
    codes = set(reading.codes)
    unread = [each for each in cut.left_out if not each.by_choice]
    if unread:
        codes.add(_LIMITED if cut.limited else _UNREADABLE)
    found = at_or_above(sifted.findings, wanted.fail_on.value)
    runs = tuple(reading.runs)
    return Review(
        status=_status(reading, codes),
        exit_code=_exit_code(codes, found=found),
        at=wanted.at,
        base=change.base,
        head=change.head,
        number=wanted.number,
        project=wanted.project,
        fail_on=wanted.fail_on,
        files=len(read_files),
        parts=len(cut.parts),
        findings=sifted.findings,
        dropped=named_dropped((*reading.dropped, *sifted.dropped)),
        not_reviewed=named_unread((*reading.not_reviewed, *cut.left_out)),
        runs=runs,
        cost=total_cost(runs),
        thresholds={each.value: value for each, value in thresholds.by_category.items()},
        thresholds_version=policy.version,
        problem=reading.problem or (f"{unread[0].reason}." if unread else ""),
        warnings=wanted.warnings,
    )


def failed(wanted: Wanted, why: str, code: int) -> Review:
    """Return the review of a change that could not even be read."""
    return Review(
        status="failed",
        exit_code=code,
        at=wanted.at,
        base=None,
        head=None,
        number=wanted.number,
        project=wanted.project,
        fail_on=wanted.fail_on,
        problem=why[:_MAX_TEXT],
        warnings=wanted.warnings,
    )


class _Reading:
    """Has an agent read part after part, and keeps what becomes of each."""

    def __init__(self, wanted: Wanted, outside: Outside, parts: int) -> None:
        self.said: list[Said] = []
        self.dropped: list[Dropped] = []
        self.answered: list[Part] = []
        self.not_reviewed: list[NotReviewed] = []
        self.runs: list[PartRun] = []
        self.codes: set[int] = set()
        self.problem = ""
        self._wanted = wanted
        self._outside = outside
        self._parts = parts
        self._used_micros = 0
        self._began = outside.monotonic()
        self._over = ""

    def read(self, parts: Sequence[Part]) -> None:
        for number, part in enumerate(parts, 1):
            if not self._over:
                used = Used(self._used_micros, self._outside.monotonic() - self._began)
                allowed = allowance(self._wanted.budget, used, self._parts - number + 1)
                if allowed.reason:
                    self.codes.add(_LIMITED)
                    self._stop(allowed.reason)
                else:
                    self._read(part, number, allowed)
                    continue
            self._leave(part, self._over)

    def _read(self, part: Part, number: int, allowed: Allowance) -> None:
        question = prompt(
            part_text(part), part=number, parts=self._parts, nonce=self._outside.nonce()
        )
        try:
            record = self._outside.agent(question, allowed)
        except PawlError as error:
            if not self.runs and error.kind is Kind.ASKED_WRONGLY:
                raise
            # What the parts before have found has been paid for, and is not lost.
            self.codes.add(_REFUSED if error.kind is Kind.REFUSED else _UNREADABLE)
            self._leave(part, error.message[:_MAX_TEXT])
            self._stop(f"the run could not be made: {error.message}")
            return
        micros = None if record.cost.usd is None else micros_from_reported(record.cost.usd)
        self._used_micros += (allowed.usd_micros or 0) if micros is None else micros
        problem, answer = self._judge(part, record)
        told = PartRun(
            run_id=record.run_id,
            agent=record.agent[:200],
            outcome=record.outcome.value,
            answer=answer,
            files=len(part.paths),
            cost_micros=micros,
            cost_basis=_BASES.get(record.cost.basis, "unpriced"),
            attempts=record.attempts,
            turns=record.turns,
            duration_ms=record.duration_ms,
            models=tuple(model[:200] for model in record.models[:50]),
            problem=problem,
        )
        self.runs.append(told)
        self._outside.told(
            f"part {number} of {self._parts}, files: {len(part.paths)}, {record.run_id}: "
            f"{problem or 'read'}"
        )

    def _judge(
        self, part: Part, record: RunRecord
    ) -> tuple[str, Literal["read", "unreadable", "none"]]:
        """Take what a run came to; return what is wrong with it, and whether it answered."""
        if record.outcome is not Outcome.SUCCEEDED:
            why = _why(record)
            self.codes.add(_code(record))
            self._leave(part, why)
            self.problem = self.problem or f"{why}."
            if _is_for_all(record):
                self._stop(f"a run before it ended the review: {why}")
            return why, "none"
        structured = record.structured_output
        answer = read_answer(record.result, None if structured is None else bytes(structured))
        self.dropped += answer.dropped
        if answer.unreadable:
            self.codes.add(_UNREADABLE)
            self._leave(part, answer.unreadable)
            self.problem = self.problem or f"{answer.unreadable}."
            return answer.unreadable, "unreadable"
        self.said += answer.said
        self.answered.append(part)
        return "", "read"

    def _stop(self, why: str) -> None:
        self._over = why[:_MAX_TEXT].rstrip(".")
        self.problem = self.problem or f"{self._over}."

    def _leave(self, part: Part, why: str) -> None:
        self.not_reviewed += [NotReviewed(file=path, reason=why) for path in part.paths]


def _why(record: RunRecord) -> str:
    said = record.error.message.strip().rstrip(".") if record.error is not None else ""
    plain = "".join(each if each.isprintable() else " " for each in said)[: _MAX_TEXT - 100]
    if record.outcome is Outcome.STOPPED and record.stop is not None:
        return f"the agent was stopped by a limit ({record.stop.limit})"
    told = {
        Outcome.AGENT_FAILED: "the agent failed",
        Outcome.UNREADABLE: "the agent's output cannot be read",
        Outcome.REFUSED: "the agent was not started",
        Outcome.INTERRUPTED: "it was interrupted",
    }.get(record.outcome, "the agent did not finish")
    return f"{told}: {plain}" if plain else told


def _code(record: RunRecord) -> int:
    code = exit_code(record)
    return _UNREADABLE if record.outcome is Outcome.AGENT_FAILED else code


def _is_for_all(record: RunRecord) -> bool:
    """Whether the next part would fare no better: refused, interrupted, or a lasting failure."""
    if record.outcome in (Outcome.REFUSED, Outcome.INTERRUPTED):
        return True
    error = record.error
    return (
        record.outcome is Outcome.AGENT_FAILED and error is not None and error.class_ != "transient"
    )


def _status(reading: _Reading, codes: set[int]) -> Status:
    if not codes:
        return "reviewed"
    return "partial" if reading.answered else "failed"


def _exit_code(codes: set[int], *, found: bool) -> int:
    """Return what to exit with: interrupted, found, and then what says least about the change."""
    interrupted = [code for code in codes if code > 100]
    if interrupted:
        return interrupted[0]
    if found:
        return _FOUND
    return next((code for code in (_UNREADABLE, _REFUSED, _LIMITED) if code in codes), 0)
