"""What people decide about findings, kept in the ledger, and what waits for them to decide."""

from collections.abc import Iterable
from typing import Any, Protocol

import msgspec

from pawl.base.errors import BadValue
from pawl.governance.ledger import Actor
from pawl.review.feedback import Judged, Threshold, Thresholds, Verdict, thresholds_after
from pawl.review.finding import Finding
from pawl.review.policy import ReviewPolicy
from pawl.review.queue import Queue, Waiting, queue, waits
from pawl.review.review import Review

_SHORTEST = 6
"""Characters of a finding's id that must be typed."""
MAX_REASON = 500


class Records(Protocol):
    """Reviews and decisions in the ledger."""

    def record(self, body: dict[str, Any], subject: str, actor: Actor, now: str) -> None:
        """Keep what a review found."""

    def judge(self, judged: Judged, project: str | None, actor: Actor, now: str) -> None:
        """Keep a decision."""

    def judged(self, project: str | None) -> tuple[Judged, ...]:
        """Return the decisions about a project's findings."""

    def waiting(self, project: str | None) -> tuple[Waiting, ...]:
        """Return what its reviews put into the queue."""


def keep(records: Records, review: Review, actor: Actor, now: str) -> None:
    """Record a review in the ledger: what it came to, and what waits to be decided about."""
    body = {
        "project": review.project,
        "status": review.status,
        "exit_code": review.exit_code,
        "at": review.at,
        "base": review.base,
        "head": review.head,
        "number": review.number,
        "shown": [each.fingerprint for each in review.shown],
        "waiting": [msgspec.to_builtins(each) for each in _waiting(review)],
        "runs": [each.run_id for each in review.runs],
        "thresholds": {**review.thresholds, "version": review.thresholds_version},
    }
    records.record(body, f"review:{review.head or 'none'}", actor, now)


def judge(
    records: Records,
    policy: ReviewPolicy,
    review: Review,
    name: str,
    verdict: Verdict,
    reason: str,
    *,
    project: str | None,
    actor: Actor,
    now: str,
) -> tuple[Finding, Threshold, Threshold]:
    """Keep a decision about a finding; return it, and its category's threshold before and after.

    Raises BadValue for a name that no finding of the review has, or several have.
    """
    finding = finding_named(review, name)
    if not reason.strip() or len(reason) > MAX_REASON:
        raise BadValue(
            f"a decision needs a reason of at most {MAX_REASON} characters.", place="--reason"
        )
    before = records.judged(project)
    decided = Judged(
        fingerprint=finding.fingerprint,
        category=finding.category,
        verdict=verdict,
        reason=reason.strip(),
    )
    if _last(before, finding.fingerprint) != verdict:
        records.judge(decided, project, actor, now)
    old, new = (
        _of(thresholds_after(policy, judged, project=project), finding)
        for judged in (before, (*before, decided))
    )
    return finding, old, new


def current_thresholds(
    records: Records | None, policy: ReviewPolicy, project: str | None
) -> Thresholds:
    """Return the thresholds that hold for a project; as shipped where nothing was ever decided."""
    judged = () if records is None else records.judged(project)
    return thresholds_after(policy, judged, project=project)


def current_queue(
    records: Records | None, project: str | None, more: Iterable[Review] = ()
) -> Queue:
    """Return what waits in a project, with what the files of `more` reviews hold."""
    found = [] if records is None else list(records.waiting(project))
    for each in more:
        found += _waiting(each)
    decided = () if records is None else records.judged(project)
    return queue(project, found, (each.fingerprint for each in decided))


def finding_named(review: Review, name: str) -> Finding:
    """Return the finding with this id, or the beginning of one; raises BadValue."""
    wanted = name.strip().lower()
    found = [each for each in review.findings if each.fingerprint.startswith(wanted)]
    if len(found) == 1 and len(wanted) >= _SHORTEST:
        return found[0]
    known = ", ".join(each.id for each in review.findings[:10]) or "none"
    raise BadValue(
        f"{name[:80]!r} is {'no' if not found else 'not one'} finding of this review.",
        place="FINDING",
        hint=f"Its findings: {known}.",
    )


def _waiting(review: Review) -> list[Waiting]:
    return [waits(each, review.at, review.head, review.number) for each in review.queued]


def _last(judged: Iterable[Judged], fingerprint: str) -> str:
    own = [each.verdict for each in judged if each.fingerprint == fingerprint]
    return own[-1] if own else ""


def _of(thresholds: Thresholds, finding: Finding) -> Threshold:
    return next(each for each in thresholds.thresholds if each.category is finding.category)
