"""Figures about changes: each with numerator, denominator, value or none, and an interval.

A window is half-open and counts by our own time of record. Releases that went around everything are
in the denominators: a figure that only looks at those who ask gets better the fewer ask. Small
counts mislead, so every share carries its 95 % interval, and nothing over nothing is no value.
"""

from collections.abc import Callable, Iterable, Sequence
from statistics import fmean
from typing import Literal

import msgspec

from pawl.base.intervals import wilson
from pawl.base.times import seconds_between
from pawl.changes.gate import Decision, GateResult, Requirement
from pawl.changes.gate_file import Mode
from pawl.changes.verdict import CONCLUSIVE

Z_95 = 1.959963984540054
"""The 0.975 quantile of the normal distribution."""
APPROVALS = "approvals-are-given"


class Release(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One release of a change. `decision` is what it was started by; None where nothing was asked.

    `glass` says how broken glass among its exceptions was ratified. `failed` is whether it needed
    a rollback, a hotfix or an incident; None while nobody knows.
    """

    change: str
    released_at: str
    opened_at: str
    decision: Decision | None = None
    glass: Literal["", "in-time", "late", "never"] = ""
    failed: bool | None = None


class Recovery(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One rollback, from when it was first known to be needed until it was read back.

    Without `done_at` it is not back yet.
    """

    change: str
    trigger_at: str
    done_at: str | None = None


class Rate(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A share. `value`, `low` and `high` are None where the denominator is none."""

    numerator: int
    denominator: int
    value: float | None
    low: float | None
    high: float | None


class Times(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How long something took, in seconds.

    `running` have not ended; they are in the quantiles for as long as they have lasted (Kaplan and
    Meier), so a rollback that never ends makes the figure worse. `mean_s` is of the ended only,
    and a quantile that was not reached is None.
    """

    ended: int
    running: int
    mean_s: float | None
    median_s: float | None
    p90_s: float | None


class Figures(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """All figures of one window."""

    schema: Literal["pawl.change-figures/1"] = "pawl.change-figures/1"
    since: str
    until: str
    releases: int
    gate_coverage: Rate
    missing_approvals: Rate
    excepted_approvals: Rate
    ratified_late: Rate
    policy_audit: Rate
    change_failures: Rate
    unknown_outcomes: int
    lead_time: Times
    rollback_time: Times


def figures(
    releases: Iterable[Release], recoveries: Iterable[Recovery], since: str, until: str
) -> Figures:
    """Return the figures of what was released, and what had to go back, from `since` to `until`."""
    own = [each for each in releases if since <= each.released_at < until]
    asked = [each for each in own if _needs_approval(each)]
    controls = [
        each
        for release in own
        if release.decision
        for each in _enforced(release.decision)
        if each.requirement is not Requirement.NOT_APPLICABLE
    ]
    known = [each for each in own if each.failed is not None]
    backs = [each for each in recoveries if since <= each.trigger_at < until]
    return Figures(
        since=since,
        until=until,
        releases=len(own),
        gate_coverage=_rate(own, _is_covered),
        missing_approvals=_rate(asked, _lacks_approval),
        excepted_approvals=_rate(asked, lambda each: _approval(each) is Requirement.OVERRIDDEN),
        ratified_late=_rate(asked, lambda each: each.glass == "late"),
        policy_audit=rate(
            sum(each.requirement is Requirement.SATISFIED for each in controls), len(controls)
        ),
        change_failures=_rate(known, lambda each: bool(each.failed)),
        unknown_outcomes=len(own) - len(known),
        lead_time=times([_lead(each) for each in own]),
        rollback_time=times([_took(each, until) for each in backs]),
    )


def rate(numerator: int, denominator: int) -> Rate:
    """Return a share with its interval; of nothing there is none."""
    if denominator == 0:
        return Rate(numerator=0, denominator=0, value=None, low=None, high=None)
    low, high = wilson(numerator, denominator, Z_95)
    return Rate(
        numerator=numerator,
        denominator=denominator,
        value=numerator / denominator,
        low=low,
        high=high,
    )


def times(lasted: Sequence[tuple[float, bool]]) -> Times:
    """Return how long things took, of seconds and whether each has ended."""
    ended = [seconds for seconds, over in lasted if over]
    return Times(
        ended=len(ended),
        running=len(lasted) - len(ended),
        mean_s=fmean(ended) if ended else None,
        median_s=_quantile(lasted, 0.5),
        p90_s=_quantile(lasted, 0.9),
    )


def _quantile(lasted: Sequence[tuple[float, bool]], share: float) -> float | None:
    """Return by when a share has ended, or None where too many still run.

    E. L. Kaplan and P. Meier, "Nonparametric estimation from incomplete observations", Journal of
    the American Statistical Association 53 (1958).
    """
    still = 1.0
    left = len(lasted)
    # Of one length what has ended comes first: what still runs then had lasted as long.
    for seconds, over in sorted(lasted, key=lambda each: (each[0], not each[1])):
        if over:
            still *= 1 - 1 / left
            if still <= 1 - share + 1e-12:
                return seconds
        left -= 1
    return None


def _rate(releases: Sequence[Release], holds: Callable[[Release], bool]) -> Rate:
    return rate(sum(holds(each) for each in releases), len(releases))


def _enforced(decision: Decision) -> list[GateResult]:
    return [each for each in decision.gates if each.mode is Mode.ENFORCE]


def _is_covered(release: Release) -> bool:
    """Say whether every gate that applied had a conclusive verdict of its own before the start."""
    if release.decision is None:
        return False
    applied = [
        each
        for each in _enforced(release.decision)
        if each.requirement is not Requirement.NOT_APPLICABLE
    ]
    return bool(applied) and all(
        each.verdict in CONCLUSIVE and each.requirement is Requirement.SATISFIED for each in applied
    )


def _approval(release: Release) -> Requirement | None:
    if release.decision is None:
        return None
    found = [each for each in _enforced(release.decision) if each.condition == APPROVALS]
    said = {each.requirement for each in found}
    for worst in _WORST_FIRST:
        if worst in said:
            return worst
    return Requirement.SATISFIED if Requirement.SATISFIED in said else Requirement.NOT_APPLICABLE


_WORST_FIRST = (
    *(Requirement.BYPASSED, Requirement.UNSATISFIED),
    *(Requirement.ERROR, Requirement.OVERRIDDEN),
)


def _needs_approval(release: Release) -> bool:
    return _approval(release) is not Requirement.NOT_APPLICABLE


def _lacks_approval(release: Release) -> bool:
    """Say whether it went out unapproved: around everything, or by glass that nobody ratified.

    What was excepted beforehand by who may is counted apart, and is no approval either.
    """
    said = _approval(release)
    if said is Requirement.OVERRIDDEN:
        return release.glass == "never"
    return said is not Requirement.SATISFIED


def _lead(release: Release) -> tuple[float, bool]:
    return seconds_between(release.opened_at, release.released_at), True


def _took(recovery: Recovery, until: str) -> tuple[float, bool]:
    """Return how long a rollback took, or has lasted at the end, and whether it is back."""
    done = recovery.done_at
    if done is None or done >= until:
        return seconds_between(recovery.trigger_at, until), False
    # A claim of the trigger may be later than our own sight of the end.
    return max(0.0, seconds_between(recovery.trigger_at, done)), True
