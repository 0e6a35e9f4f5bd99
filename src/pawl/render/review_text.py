"""A review for a terminal: findings, what waits, what was not read, what it cost."""

from collections.abc import Iterable

from pawl.render.escaping import cut, plain, wrapped
from pawl.render.review_comment import cost_text
from pawl.render.table import aligned, printable
from pawl.review.feedback import Thresholds
from pawl.review.queue import Queue
from pawl.review.review import Review


def review_text(review: Review) -> str:
    """Return a review, the worst finding first."""
    lines: list[str] = []
    for finding in review.shown:
        place = f"{finding.file}:{finding.line}"
        lines.append(
            f"{finding.severity.value:8} {plain(place)}  {finding.category.value}"
            f"  {finding.confidence:.2f}  {finding.id}"
        )
        lines += wrapped(finding.title, 9)
        lines += wrapped(f"→ {finding.suggestion}", 9)
    if lines:
        lines.append("")
    shown, queued = len(review.shown), len(review.queued)
    lines.append(
        f"{shown} shown, {queued} in the triage queue, {len(review.dropped)} dropped;"
        f" files: {review.files}, runs: {len(review.runs)}, cost: {cost_text(review.cost)}."
    )
    unread = [each for each in review.not_reviewed if not each.by_choice]
    for each in unread[:10]:
        lines.append(f"not reviewed: {plain(cut(each.file, 200))}: {plain(each.reason)}")
    if len(unread) > 10:
        lines.append(f"not reviewed: {len(unread) - 10} more")
    if review.problem:
        lines.append(f"{review.status}: {plain(review.problem)}")
    lines += [f"note: {plain(each)}" for each in review.warnings]
    return "\n".join(lines) + "\n"


def queue_text(queue: Queue) -> str:
    """Return what waits for a person, the surest first."""
    if not queue.waiting:
        return "Nothing waits.\n"
    head = ("finding", "severity", "category", "place", "title", "confidence", "asked for")
    body = [
        (
            each.id,
            each.severity.value,
            each.category.value,
            printable(f"{each.file}:{each.line}"),
            printable(each.title),
            f"{each.confidence:.2f}",
            f"{each.threshold:.2f}",
        )
        for each in queue.waiting
    ]
    return aligned(head, body, left=5)


def thresholds_text(thresholds: Thresholds) -> str:
    """Return the thresholds with why they are where they are."""
    head = ("category", "why", "threshold", "floor", "ceiling")
    body: Iterable[tuple[str, ...]] = [
        (
            each.category.value,
            each.why,
            f"{each.threshold:.2f}",
            f"{each.floor:.2f}",
            f"{each.ceiling:.2f}",
        )
        for each in thresholds.thresholds
    ]
    return aligned(head, list(body), left=2)
