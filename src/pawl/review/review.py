"""A review as it is kept, handed on, and read back from whoever had it in between.

The job that runs the agent writes it; a job with a token that may comment reads it. So what is
read is of bounded length in every field, and nothing in it decides where anything is written.
"""

from collections import Counter
from collections.abc import Sequence
from typing import Annotated, Literal

import msgspec

from pawl.base import typed
from pawl.base.errors import CannotTell
from pawl.base.finding import Severity
from pawl.base.times import canonical_time
from pawl.review.finding import MAX_PATH, Dropped, Finding, Share

MAX_BYTES = 8 * 1024 * 1024
"""Bytes of a review's file."""
MAX_FINDINGS = 500
MAX_LISTED = 500
"""Files that were not reviewed, and findings that were dropped, which are named."""
_MAX_LISTED = 2 * MAX_LISTED

ObjectId = Annotated[str, msgspec.Meta(pattern="^([0-9a-f]{40}|[0-9a-f]{64})$")]
Word = Annotated[str, msgspec.Meta(max_length=200)]
Sentence = Annotated[str, msgspec.Meta(max_length=2_000)]
Basis = Literal["priced", "reported", "mixed", "unpriced", "none"]
Status = Literal["reviewed", "partial", "failed"]


class NotReviewed(msgspec.Struct, frozen=True, kw_only=True):
    """A file, or a part of one, that no agent has read. `by_choice` says that it need not be.

    Beyond those that are listed one entry stands for `count` files.
    """

    file: Annotated[str, msgspec.Meta(max_length=MAX_PATH)]
    reason: Sentence
    by_choice: bool = False
    count: Annotated[int, msgspec.Meta(ge=1)] = 1


class PartRun(msgspec.Struct, frozen=True, kw_only=True):
    """One run of the agent, as its record says. `files` is how many it was shown.

    `answer` says whether the answer could be read: `read`, `unreadable`, or `none` where the
    run did not come to one. `cost_micros` is None where nobody knows it.
    """

    run_id: Word
    agent: Word
    outcome: Word
    answer: Literal["read", "unreadable", "none"]
    files: int
    cost_micros: Annotated[int, msgspec.Meta(ge=0)] | None
    cost_basis: Literal["priced", "reported", "unpriced"]
    attempts: int = 1
    turns: int | None = None
    duration_ms: int | None = None
    models: Annotated[tuple[Word, ...], msgspec.Meta(max_length=50)] = ()
    problem: Sentence = ""


class Cost(msgspec.Struct, frozen=True, kw_only=True):
    """What all runs cost together. `usd` sums those that have a price: where `unknown` is above
    zero it is the least it can have been, and None when no run has one."""

    usd: float | None
    basis: Basis
    unknown: int = 0


class Review(msgspec.Struct, frozen=True, kw_only=True):
    """A whole review, as `pawl.review/1` documents it. `problem` says why it failed or is partial.

    `exit_code` is what the command exited with, `at` when it began; `thresholds` are those that
    held, by category.
    """

    schema: Literal["pawl.review/1"] = "pawl.review/1"
    status: Status
    exit_code: int
    at: Annotated[str, msgspec.Meta(max_length=40)]
    base: ObjectId | None
    head: ObjectId | None
    number: Annotated[int, msgspec.Meta(ge=1)] | None = None
    project: Word | None = None
    fail_on: Severity = Severity.HIGH
    files: int = 0
    parts: int = 0
    findings: Annotated[tuple[Finding, ...], msgspec.Meta(max_length=MAX_FINDINGS)] = ()
    dropped: Annotated[tuple[Dropped, ...], msgspec.Meta(max_length=_MAX_LISTED)] = ()
    not_reviewed: Annotated[tuple[NotReviewed, ...], msgspec.Meta(max_length=_MAX_LISTED)] = ()
    runs: Annotated[tuple[PartRun, ...], msgspec.Meta(max_length=1_000)] = ()
    cost: Cost = Cost(usd=None, basis="none")
    thresholds: dict[str, Share] = {}
    thresholds_version: Word = ""
    problem: Sentence = ""
    warnings: Annotated[tuple[Sentence, ...], msgspec.Meta(max_length=200)] = ()

    @property
    def shown(self) -> tuple[Finding, ...]:
        """The findings that are sure enough to be shown."""
        return tuple(each for each in self.findings if each.state == "shown")

    @property
    def queued(self) -> tuple[Finding, ...]:
        """The findings that wait for a person to look at them."""
        return tuple(each for each in self.findings if each.state == "queued")


def read_review(content: bytes, *, place: str) -> Review:
    """Return the review in a file; raises CannotTell for anything that is none."""
    if len(content) > MAX_BYTES:
        raise CannotTell(f"larger than {MAX_BYTES:,} bytes.", place=place)
    try:
        found = typed.decode(content, type=Review)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError, ValueError) as error:
        raise CannotTell(
            f"no review: {str(error)[:200]}.",
            place=place,
            hint="Name a file that `pawl review --out` wrote.",
        ) from error
    try:
        canonical = canonical_time(found.at) == found.at
    except ValueError:
        canonical = False
    if not canonical:
        raise CannotTell("no review: its time is none.", place=place)
    return found


def named_unread(listed: Sequence[NotReviewed]) -> tuple[NotReviewed, ...]:
    """Return what was not reviewed, of bounded length: the unread first, the rest as counts."""
    ordered = sorted(listed, key=lambda each: each.by_choice)
    named = [
        msgspec.structs.replace(each, file=each.file[:MAX_PATH]) for each in ordered[:MAX_LISTED]
    ]
    more = Counter((each.reason, each.by_choice) for each in ordered[MAX_LISTED:])
    for (reason, by_choice), count in more.most_common(MAX_LISTED):
        named.append(
            NotReviewed(file=f"({count:,} more)", reason=reason, by_choice=by_choice, count=count)
        )
    return tuple(named)


def named_dropped(listed: Sequence[Dropped]) -> tuple[Dropped, ...]:
    """Return what was dropped, of bounded length."""
    if len(listed) <= MAX_LISTED:
        return tuple(listed)
    more = Dropped(reason=f"{len(listed) - MAX_LISTED:,} more were dropped")
    return (*listed[:MAX_LISTED], more)


def to_be_posted(review: Review, *, number: int, head: str | None, now: str) -> Review:
    """Return a review as it may be shown under a change; raises CannotTell for another's.

    `head` is the commit that it must be of, where that is known. A time to come becomes now: a
    comment from the future would keep every later one out.
    """
    if review.number not in (None, number):
        raise CannotTell(f"the result is of change {review.number}.")
    if head is not None and review.head not in (None, head):
        raise CannotTell(f"the result is of another commit, {review.head}.")
    return msgspec.structs.replace(review, at=min(review.at, now))


def total_cost(runs: tuple[PartRun, ...]) -> Cost:
    """Return what runs cost together, to the micro-USD; a missing price makes the sum a least."""
    known = [run.cost_micros for run in runs if run.cost_micros is not None]
    unknown = len(runs) - len(known)
    if not runs:
        return Cost(usd=None, basis="none")
    if not known:
        return Cost(usd=None, basis="unpriced", unknown=unknown)
    bases = {run.cost_basis for run in runs if run.cost_micros is not None}
    basis: Basis = "mixed" if len(bases) > 1 else bases.pop()
    return Cost(usd=sum(known) / 1_000_000, basis=basis, unknown=unknown)
