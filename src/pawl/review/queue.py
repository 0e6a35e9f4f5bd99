"""The triage queue: findings that are not sure enough to be shown, until somebody decides."""

from collections.abc import Iterable
from typing import Literal

import msgspec

from pawl.base.finding import Severity
from pawl.review.finding import Category, Finding


class Waiting(msgspec.Struct, frozen=True, kw_only=True):
    """One finding that waits. `at` is when its review began."""

    id: str
    fingerprint: str
    category: Category
    severity: Severity
    confidence: float
    threshold: float
    title: str
    file: str
    line: int
    at: str
    head: str | None = None
    number: int | None = None


class Queue(msgspec.Struct, frozen=True, kw_only=True):
    """All that wait, as `pawl.review-queue/1` documents them: the surest first."""

    schema: Literal["pawl.review-queue/1"] = "pawl.review-queue/1"
    project: str | None
    waiting: tuple[Waiting, ...]


def waits(finding: Finding, at: str, head: str | None, number: int | None) -> Waiting:
    """Return a queued finding as it waits."""
    return Waiting(
        id=finding.id,
        fingerprint=finding.fingerprint,
        category=finding.category,
        severity=finding.severity,
        confidence=finding.confidence,
        threshold=finding.threshold,
        title=finding.title,
        file=finding.file,
        line=finding.line,
        at=at,
        head=head,
        number=number,
    )


def queue(project: str | None, found: Iterable[Waiting], decided: Iterable[str]) -> Queue:
    """Return what waits: each finding once, as last seen, without those decided about."""
    gone = set(decided)
    last = {each.fingerprint: each for each in sorted(found, key=lambda each: each.at)}
    left = [each for each in last.values() if each.fingerprint not in gone]
    return Queue(
        project=project,
        waiting=tuple(sorted(left, key=lambda each: (-each.confidence, each.file, each.line))),
    )
