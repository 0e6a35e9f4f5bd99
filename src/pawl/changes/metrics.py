"""Figures about changes: each with numerator, denominator, value or none, and an interval.

A window is half-open and counts by our own time of record. Releases that went around everything are
in the denominators: a figure that only looks at those who ask gets better the fewer ask. Small
counts mislead, so every share carries its 95 % interval, and nothing over nothing is no value.
"""

from collections.abc import Callable, Iterable, Sequence
from statistics import fmean
from typing import Literal

import msgspec

from pawl.base.canonical import canonical_json
from pawl.base.intervals import wilson
from pawl.base.times import seconds_between
from pawl.changes.gate import Decision, GateResult, Requirement
from pawl.changes.gate_file import Mode
from pawl.changes.metric_definitions import Defined, defined, definitions
from pawl.changes.verdict import CONCLUSIVE

APPROVALS = "approvals-are-given"

Glass = Literal["", "in-time", "late", "never"]
"""How broken glass was ratified by the end of the window; empty where none was broken."""


class Release(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One release of a change. `decision` is what it was started by; None where nothing was asked.

    It is `managed` unless it was found to be live, and then nobody ever opened it.
    `first_commit_at` is git's word. `live_at` is None until it is, `stopped_at` when it began to go
    back. `failed` is whether it needed to; None while nobody knows.
    """

    change: str
    released_at: str
    opened_at: str | None = None
    managed: bool = True
    first_commit_at: str | None = None
    live_at: str | None = None
    stopped_at: str | None = None
    decision: Decision | None = None
    glass: Glass = ""
    failed: bool | None = None


class Recovery(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One rollback, from when it was first known to be needed until it was read back.

    `recorded_at` is when it began, by our own clock; `trigger_at` may be a claim of before. Without
    `done_at` it is not back yet. An `automatic` one was begun by Pawl itself. `released_at` is when
    what went back had gone out.
    """

    change: str
    recorded_at: str
    trigger_at: str
    done_at: str | None = None
    automatic: bool = False
    released_at: str | None = None


class Excepting(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One exception that somebody gave, as far as it is known at the end of the window.

    `over` says that it had ended or was taken back by then.
    """

    id: str
    given_at: str
    used: bool
    over: bool
    glass: Glass = ""


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


class Exceptions(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The exceptions of a window. `expired` ended unused; shares of glass are of the broken."""

    given: int
    used: Rate
    expired: Rate
    broken_glass: int
    ratified_in_time: Rate
    ratified_late: Rate
    unratified: Rate


class Figures(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """All figures of one window, as `metrics.yaml` defines them."""

    schema: Literal["pawl.change-figures/1"] = "pawl.change-figures/1"
    since: str
    until: str
    definitions: Defined
    releases: int
    unmanaged: int
    gate_coverage: Rate
    missing_approvals: Rate
    excepted_approvals: Rate
    ratified_late: Rate
    policy_audit: Rate
    change_failures: Rate
    earlier_failures: int
    unknown_outcomes: int
    lead_time: Times
    lead_time_to_live: Times
    commit_lead_time: Times
    unknown_first_commits: int
    rollback_time: Times
    exceptions: Exceptions


def figures(
    releases: Iterable[Release],
    recoveries: Iterable[Recovery],
    since: str,
    until: str,
    exceptions: Iterable[Excepting] = (),
) -> Figures:
    """Return the figures of what was released, went back or was excepted from `since` to `until`.

    What is told of it must be what was known before `until`, or the report could not be made again.
    """
    own = [each for each in releases if since <= each.released_at < until]
    asked = [each for each in own if needs_approval(each)]
    controls = [
        each
        for release in own
        if release.decision
        for each in _enforced(release.decision)
        if each.requirement is not Requirement.NOT_APPLICABLE
    ]
    known = [each for each in own if each.failed is not None]
    managed = [each for each in own if each.managed]
    backs = [each for each in recoveries if since <= each.recorded_at < until]
    return Figures(
        since=since,
        until=until,
        definitions=defined(),
        releases=len(own),
        unmanaged=len(own) - len(managed),
        gate_coverage=_rate(own, _is_covered),
        missing_approvals=_rate(asked, lacks_approval),
        excepted_approvals=_rate(
            asked, lambda each: approval_of(each.decision) is Requirement.OVERRIDDEN
        ),
        ratified_late=_rate(asked, lambda each: each.glass == "late"),
        policy_audit=rate(
            sum(each.requirement is Requirement.SATISFIED for each in controls), len(controls)
        ),
        change_failures=_rate(known, lambda each: bool(each.failed)),
        earlier_failures=sum((each.released_at or since) < since for each in backs),
        unknown_outcomes=len(own) - len(known),
        lead_time=times([(_span(each.opened_at, each.released_at), True) for each in managed]),
        lead_time_to_live=times([_to_live(each, each.opened_at, until) for each in managed]),
        commit_lead_time=times(
            [
                _to_live(each, each.first_commit_at, until)
                for each in managed
                if each.first_commit_at
            ]
        ),
        unknown_first_commits=sum(each.first_commit_at is None for each in managed),
        rollback_time=times([_took(each, until) for each in backs]),
        exceptions=_excepted([each for each in exceptions if since <= each.given_at < until]),
    )


def report_bytes(found: Figures) -> bytes:
    """Return a report as canonical JSON: what the same records must give again."""
    return canonical_json(msgspec.to_builtins(found))


def rate(numerator: int, denominator: int) -> Rate:
    """Return a share with its interval; of nothing there is none."""
    if denominator == 0:
        return Rate(numerator=0, denominator=0, value=None, low=None, high=None)
    low, high = wilson(numerator, denominator, definitions().z)
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


def approval_of(decision: Decision | None) -> Requirement | None:
    """Return how the approvals stood that a decision asked for; None where nothing was asked."""
    if decision is None:
        return None
    found = [each for each in _enforced(decision) if each.condition == APPROVALS]
    said = {each.requirement for each in found}
    for worst in _WORST_FIRST:
        if worst in said:
            return worst
    return Requirement.SATISFIED if Requirement.SATISFIED in said else Requirement.NOT_APPLICABLE


_WORST_FIRST = (
    *(Requirement.BYPASSED, Requirement.UNSATISFIED),
    *(Requirement.ERROR, Requirement.OVERRIDDEN),
)


def needs_approval(release: Release) -> bool:
    """Say whether a release needed an approval; what went around everything did."""
    return approval_of(release.decision) is not Requirement.NOT_APPLICABLE


def lacks_approval(release: Release) -> bool:
    """Say whether it went out unapproved: around everything, or by glass that nobody ratified.

    What was excepted beforehand by who may is counted apart, and is no approval either.
    """
    said = approval_of(release.decision)
    if said is Requirement.OVERRIDDEN:
        return release.glass == "never"
    return said is not Requirement.SATISFIED


def _span(start: str | None, end: str) -> float:
    # A claim of the start may be later than our own sight of the end.
    return max(0.0, seconds_between(start or end, end))


def _to_live(release: Release, start: str | None, until: str) -> tuple[float, bool]:
    """Return how long a release took to be live, or how long it has lasted without being it."""
    if release.live_at is not None:
        return _span(start, release.live_at), True
    return _span(start, min(release.stopped_at or until, until)), False


def _took(recovery: Recovery, until: str) -> tuple[float, bool]:
    """Return how long a rollback took, or has lasted at the end, and whether it is back."""
    done = recovery.done_at
    if done is None or done >= until:
        return _span(recovery.trigger_at, until), False
    return _span(recovery.trigger_at, done), True


def _excepted(given: Sequence[Excepting]) -> Exceptions:
    broken = [each for each in given if each.glass]

    def ratified(how: Glass) -> Rate:
        return rate(sum(each.glass == how for each in broken), len(broken))

    return Exceptions(
        given=len(given),
        used=rate(sum(each.used for each in given), len(given)),
        expired=rate(sum(each.over and not each.used for each in given), len(given)),
        broken_glass=len(broken),
        ratified_in_time=ratified("in-time"),
        ratified_late=ratified("late"),
        unratified=ratified("never"),
    )
