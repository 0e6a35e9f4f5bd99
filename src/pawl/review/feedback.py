"""What people decide about findings, and how that moves the thresholds, within bounds.

A threshold moves by `slope x (share dismissed - share put up with)`, where the share counts one
dismissal and one act more than there were (Laplace's rule of succession), so that few decisions
say little. The order of decisions does not count, and of several on one finding the last does.
"""

from collections.abc import Iterable, Mapping
from typing import Literal

import msgspec

from pawl.review.finding import Category
from pawl.review.policy import ReviewPolicy

Verdict = Literal["act", "dismiss"]


class Judged(msgspec.Struct, frozen=True, kw_only=True):
    """One decision about a finding. `reason` is what the person gave."""

    fingerprint: str
    category: Category
    verdict: Verdict
    reason: str = ""


class Threshold(msgspec.Struct, frozen=True, kw_only=True):
    """A category's threshold as it holds now, and why."""

    category: Category
    threshold: float
    shipped: float
    floor: float
    ceiling: float
    acted: int
    dismissed: int
    why: str


class Thresholds(msgspec.Struct, frozen=True, kw_only=True):
    """All thresholds, as `pawl.review-thresholds/1` documents them."""

    schema: Literal["pawl.review-thresholds/1"] = "pawl.review-thresholds/1"
    policy_version: str
    as_of: str
    project: str | None
    thresholds: tuple[Threshold, ...]

    @property
    def by_category(self) -> dict[Category, float]:
        """The numbers alone."""
        return {each.category: each.threshold for each in self.thresholds}


def dismissed_of(judged: Iterable[Judged]) -> frozenset[str]:
    """Return the fingerprints of findings whose last decision was to dismiss them."""
    last = {each.fingerprint: each.verdict for each in judged}
    return frozenset(name for name, verdict in last.items() if verdict == "dismiss")


def thresholds_after(
    policy: ReviewPolicy, judged: Iterable[Judged], *, project: str | None = None
) -> Thresholds:
    """Return the thresholds after these decisions, in the order they were made."""
    last = {each.fingerprint: each for each in judged}
    return Thresholds(
        policy_version=policy.version,
        as_of=policy.as_of,
        project=project,
        thresholds=tuple(_threshold(policy, each, last) for each in Category),
    )


def _threshold(policy: ReviewPolicy, category: Category, last: Mapping[str, Judged]) -> Threshold:
    bounds, numbers = policy.categories[category], policy.feedback
    own = [each.verdict for each in last.values() if each.category is category]
    acted, dismissed = own.count("act"), own.count("dismiss")
    wanted = bounds.threshold
    if len(own) >= numbers.least:
        share = (dismissed + 1) / (len(own) + 2)
        wanted = round(bounds.threshold + numbers.slope * (share - numbers.dismissed), 2)
    held = min(bounds.ceiling, max(bounds.floor, wanted))
    return Threshold(
        category=category,
        threshold=held,
        shipped=bounds.threshold,
        floor=bounds.floor,
        ceiling=bounds.ceiling,
        acted=acted,
        dismissed=dismissed,
        why=_why(len(own), dismissed, numbers.least, bounds.threshold, wanted, held),
    )


def _why(
    decided: int, dismissed: int, least: int, shipped: float, wanted: float, held: float
) -> str:
    if not decided:
        return "as shipped: nobody has decided about a finding"
    told = f"{dismissed} of {decided} dismissed"
    if decided < least:
        return f"as shipped: {told}, and {least} decisions are needed"
    if held != wanted:
        return f"{told}, which asks for {wanted:.2f}; held at its bound"
    if held == shipped:
        return f"as shipped: {told}"
    return f"{told}: {'up' if held > shipped else 'down'} from {shipped:.2f}"
