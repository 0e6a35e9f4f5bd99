"""Since when a criterion has been met at every observation, and whether that is long enough.

Counted from the first to the last observation by our own first sight: waiting adds nothing, and
what a source says about its past adds nothing either. A no in between starts the count anew, a
gap between observations as well.
"""

import msgspec

from pawl.maturity.compiled import CompiledCriterion, CompiledNeed
from pawl.maturity.dossier import Dossier
from pawl.maturity.settling import Terms, credited_sight
from pawl.maturity.verdict import NeedResult, Verdict
from pawl.maturity.weighing import DAY_US, Stance, stance_of

_YES, _NO = Stance.YES, Stance.NO


class _Row(msgspec.Struct, frozen=True):
    """The newest unbroken row of yes, in microseconds; `no_at` is the no before it."""

    since: int
    until: int
    no_at: int | None = None


def held(
    criterion: CompiledCriterion, needs: tuple[NeedResult, ...], dossier: Dossier, terms: Terms
) -> tuple[Verdict, str, str | None]:
    """Return the verdict on a criterion whose needs are met today, why, and since when it held.

    Broken within the time asked for it is unmet; not observed for so long yet it is unknown.
    """
    hold_us = criterion.hold_us
    if hold_us is None:
        return Verdict.MET, "", None
    rows = [
        _row(need, criterion, dossier, terms)
        for need, result in zip(criterion.needs, needs, strict=True)
        if result.verdict is Verdict.MET
    ]
    since, until = max(row.since for row in rows), min(row.until for row in rows)
    held_since = dossier.text(since)
    if dossier.now_us - until > criterion.gap_us:
        days = (dossier.now_us - until) / DAY_US
        reason = (
            f"It was last observed {days:.0f} days ago, and no gap may be above "
            f"{criterion.source.max_gap}."
        )
        return Verdict.UNKNOWN, reason, held_since
    if until - since >= hold_us:
        return Verdict.MET, "", held_since
    days = max(0, until - since) / DAY_US
    reason = f"It is seen to hold for {days:.0f} days; {criterion.source.hold_for} is needed."
    broken = any(row.no_at is not None and until - row.no_at < hold_us for row in rows)
    return Verdict.UNMET if broken else Verdict.UNKNOWN, reason, held_since


def _row(need: CompiledNeed, criterion: CompiledCriterion, dossier: Dossier, terms: Terms) -> _Row:
    since = until = None
    full = dossier.sight(need.probe)
    credited = credited_sight(need, dossier, criterion.source.id)
    kept = None if credited is full else {seen.record.id for seen in credited.conclusive}
    for seen in full.conclusive:
        stance = stance_of(need, seen.record, terms.z)
        if stance is _NO:
            # A no that is newer than any yes leaves a row of no length.
            return _Row(since or seen.at, until or seen.at, seen.at)
        # A no breaks the row even where integrity hits set its record aside.
        if stance is _YES and (kept is None or seen.record.id in kept):
            if since is not None and since - seen.at > criterion.gap_us:
                break
            since = seen.at
            until = seen.at if until is None else until
    if since is None or until is None:
        raise ValueError(f"{need.probe} was met without any yes")
    return _Row(since, until)
