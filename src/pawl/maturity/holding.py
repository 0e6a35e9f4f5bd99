"""Since when a criterion has been met at every observation, and whether that is long enough.

Counted from the first to the last observation by our own first sight: waiting adds nothing, and
what a source says about its past adds nothing either. A no in between starts the count anew, a
gap between observations as well. A need that did not apply did not break the criterion, so its
row counts on from there when it begins to apply; but at either end something must say yes.
"""

import msgspec

from pawl.maturity.compiled import CompiledCriterion, CompiledNeed
from pawl.maturity.dossier import Dossier
from pawl.maturity.settling import Terms, credited_sight
from pawl.maturity.verdict import Verdict
from pawl.maturity.weighing import DAY_US, Stance, stance_of

_YES, _NO, _PARTLY = Stance.YES, Stance.NO, Stance.PARTLY


class _Row(msgspec.Struct, frozen=True, gc=False):
    """The newest unbroken row of yes and not applicable, in microseconds.

    `said` are the oldest and the newest yes in it, if any, `no_at` the no before it.
    """

    since: int
    until: int
    said: tuple[int, int] | None
    no_at: int | None = None


def held(
    criterion: CompiledCriterion, dossier: Dossier, terms: Terms
) -> tuple[Verdict, str, str | None]:
    """Return the verdict on a criterion whose needs are met today, why, and since when it held.

    Broken within the time asked for it is unmet; not observed for so long yet it is unknown.
    """
    hold_us = criterion.hold_us
    if hold_us is None:
        return Verdict.MET, "", None
    rows = [_row(need, criterion, dossier, terms) for need in criterion.needs]
    until = min(row.until for row in rows)
    said = [row.said for row in rows if row.said is not None]
    since = max(max(row.since for row in rows), min((first for first, _ in said), default=until))
    until = min(until, max((last for _, last in said), default=until))
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
    """Return the newest row of a need that is met or does not apply today."""
    since = until = said = None
    full = dossier.sight(need.probe)
    credited = credited_sight(need, dossier, criterion.source.id)
    kept = None if credited is full else {seen.record.id for seen in credited.conclusive}
    for seen in full.conclusive:
        at, stance = seen.at, stance_of(need, seen.record, terms.z)
        if stance is _NO:
            # A no that is newer than any yes leaves a row of no length.
            return _Row(since or at, until or at, said, no_at=at)
        # A no breaks the row even where integrity hits set its record aside.
        if stance is _PARTLY or (kept is not None and seen.record.id not in kept):
            continue
        if since is not None and since - at > criterion.gap_us:
            break
        since, until = at, at if until is None else until
        if stance is _YES:
            said = (at, at if said is None else said[1])
    if since is None or until is None:
        raise ValueError(f"{need.probe} was credited without any answer")
    return _Row(since, until, said)
