"""Let the answers of one probe decide one need.

The newest answer that says yes or no leads. A yes and a no from different collectors or kinds of
source, close in time, contest each other however old both have become; a later observation of
either settles it. A stale answer still displaces the ones before it.
"""

from collections.abc import Iterable

import msgspec

from pawl.base.finding import Outcome
from pawl.maturity.compiled import CompiledNeed
from pawl.maturity.dossier import Dossier, Seen, Sight, without
from pawl.maturity.engine_numbers import EngineNumbers
from pawl.maturity.evidence import Kind
from pawl.maturity.verdict import Hit, NeedResult, Verdict
from pawl.maturity.weighing import (
    DAY_US,
    Stance,
    Weighed,
    fresh_until,
    shortfall,
    stance_of,
    thresholds_of,
    weigh,
    why_stale,
)

_CREDIT = frozenset({Verdict.MET, Verdict.NOT_APPLICABLE})
"""The verdicts that let a level pass; an integrity hit may never bring one of them about."""


_MET, _UNMET, _ERROR = Verdict.MET, Verdict.UNMET, Verdict.ERROR
_YES, _FAIL = Stance.YES, Outcome.FAIL


class Terms(msgspec.Struct, frozen=True):
    """The numbers that judging needs.

    `z` is the quantile of half of a sample's interval, `contest_us` the time within which
    opposite answers contest each other, in microseconds.
    """

    z: float
    contest_us: int


def terms_of(numbers: EngineNumbers) -> Terms:
    """Return the numbers that judging needs."""
    return Terms(numbers.interval.z, round(numbers.contest_seconds * 1_000_000))


class _Settled(msgspec.Struct, frozen=True, gc=False):
    """What a probe's answers come to, the record that says so, and until when it is fresh."""

    verdict: Verdict
    reason: str
    seen: Seen | None = None
    weighed: Weighed | None = None
    until: int = 0


def judge_need(
    need: CompiledNeed, dossier: Dossier, criterion: str, terms: Terms, *, decides: bool = False
) -> NeedResult:
    """Return how one need of a criterion stands and the record that says so.

    `decides` is for the need that says whether the criterion applies: there a no gives credit as
    well, so integrity hits leave it unknown instead of turning it.
    """
    sight = dossier.sight(need.probe)
    settled = _settle(need, sight, dossier, terms)
    verdict, reason = settled.verdict, settled.reason
    hits = dossier.hits_on(criterion, need.probe) if dossier.hits else ()
    if hits:
        sight, settled = _without_excluded(need, dossier, hits, settled, terms, decides=decides)
        verdict, reason = settled.verdict, settled.reason
        contesting = next((hit for hit in hits if hit.action == "contested"), None)
        if contesting is not None and verdict in _CREDIT:
            verdict = Verdict.CONTESTED
            reason = f"{contesting.detector} contests it: {contesting.indicator}"
    redundant = _is_redundant(need, sight, settled, dossier, terms)
    return _result(need, dossier, settled, verdict, reason, redundant, terms)


def credited_sight(need: CompiledNeed, dossier: Dossier, criterion: str) -> Sight:
    """Return what a need's probe has said, without what integrity hits exclude."""
    excluding = [h for h in dossier.hits_on(criterion, need.probe) if h.action == "excluded"]
    if not excluding:
        return dossier.sight(need.probe)
    return dossier.sight_without(need.probe, excluding)


def supporting_kinds(
    need: CompiledNeed, dossier: Dossier, criterion: str, terms: Terms
) -> set[Kind]:
    """Return the kinds of source that agree, freshly, that a need is met."""
    full, credited = dossier.sight(need.probe), credited_sight(need, dossier, criterion)
    kinds = _kinds(need, full, dossier, terms)
    # Taking an answer away may bring an older one to light: that one adds no kind.
    return kinds if credited is full else kinds & _kinds(need, credited, dossier, terms)


def _kinds(need: CompiledNeed, sight: Sight, dossier: Dossier, terms: Terms) -> set[Kind]:
    kinds: set[Kind] = set()
    for head in sight.heads:
        if stance_of(need, head.record, terms.z) is not Stance.YES:
            continue
        if dossier.now_us < fresh_until(need, head, dossier):
            kinds.update(head.record.kinds)
    if not need.attestation_counts:
        kinds.discard(Kind.ATTESTATION)
    return kinds


def _without_excluded(
    need: CompiledNeed,
    dossier: Dossier,
    hits: Iterable[Hit],
    before: _Settled,
    terms: Terms,
    *,
    decides: bool,
) -> tuple[Sight, _Settled]:
    """Settle again without what integrity hits exclude; it can only be worth less."""
    excluding = [hit for hit in hits if hit.action == "excluded"]
    sight = dossier.sight(need.probe)
    if not excluding:
        return sight, before
    sight = dossier.sight_without(need.probe, excluding)
    after = _settle(need, sight, dossier, terms)
    names = ", ".join(dict.fromkeys(hit.detector for hit in excluding))
    if after.seen is None:
        reason = f"The evidence of {need.probe} is set aside by {names}."
        return sight, _Settled(Verdict.UNKNOWN, reason)
    # Not even less credit of another kind: what does not apply need not have held for long.
    if after.verdict is not before.verdict and (decides or after.verdict in _CREDIT):
        reason = f"What {names} leaves cannot prove more than there was before."
        return sight, _Settled(Verdict.UNKNOWN, reason, after.seen, after.weighed, after.until)
    return sight, after


def _settle(
    need: CompiledNeed,
    sight: Sight,
    dossier: Dossier,
    terms: Terms,
) -> _Settled:
    if sight.errors and sight.error is not None:
        return _Settled(_ERROR, sight.error.record.reason, sight.error)
    heads = sight.heads
    if not heads:
        if sight.blanks:
            return _Settled(Verdict.UNKNOWN, sight.blanks[0].record.reason, sight.blanks[0])
        return _Settled(Verdict.UNKNOWN, f"There is no evidence from {need.probe}.")
    lead = weigh(need, heads[0], terms.z)
    if len(heads) > 1:
        others = [weigh(need, head, terms.z) for head in heads[1:]]
        lead, against = _lead([lead, *others], need, dossier, terms)
        if against is not None:
            until = fresh_until(need, lead.seen, dossier)
            reason = _contest(lead, against)
            return _Settled(Verdict.CONTESTED, reason, lead.seen, lead, until)
    until = fresh_until(need, lead.seen, dossier)
    if dossier.now_us >= until:
        reason = why_stale(lead.seen, until, dossier)
        return _Settled(Verdict.STALE, reason, lead.seen, lead, until)
    record = lead.seen.record
    verdict, reason = _MET if lead.stance is _YES else _UNMET, record.reason
    if lead.stance is not _YES and record.outcome is not _FAIL:
        verdict, reason = _short(need, lead, terms)
    return _Settled(verdict, reason, lead.seen, lead, until)


def _short(need: CompiledNeed, lead: Weighed, terms: Terms) -> tuple[Verdict, str]:
    """Return the verdict on an answer that neither denies nor proves the claim, and why."""
    record = lead.seen.record
    if lead.stance is Stance.NOT_APPLICABLE:
        return Verdict.NOT_APPLICABLE, record.reason
    missed, reason = shortfall(need, record, terms.z)
    return Verdict.UNMET if missed else Verdict.UNKNOWN, reason


def _lead(
    weighed: list[Weighed], need: CompiledNeed, dossier: Dossier, terms: Terms
) -> tuple[Weighed, Weighed | None]:
    """Return what leads and what contests it, out of the streams' newest, newest first."""
    newest = weighed[0]
    if newest.stance is Stance.NOT_APPLICABLE:
        # Whoever could look at it, about then, shows that the question does arise.
        asked = [
            each
            for each in weighed
            if each.stance is not Stance.NOT_APPLICABLE and _near(newest, each, terms)
        ]
        if not asked:
            return newest, None
        weighed = asked
    decisive = [each for each in weighed if each.stance in (Stance.YES, Stance.NO)]
    if not decisive:
        return weighed[0], None
    lead = decisive[0]
    for each in decisive[1:]:
        if each.stance is not lead.stance and _near(lead, each, terms):
            return lead, each
    if lead.stance is Stance.YES:
        # An agreeing source that is still fresh serves as well as the newest.
        for each in decisive:
            if each.stance is Stance.YES and dossier.now_us < fresh_until(need, each.seen, dossier):
                return each, None
    return lead, None


def _near(one: Weighed, other: Weighed, terms: Terms) -> bool:
    return abs(one.seen.at - other.seen.at) <= terms.contest_us


def _contest(lead: Weighed, against: Weighed) -> str:
    words = {Stance.YES: "yes", Stance.NO: "no"}
    sides = [
        f"{' and '.join(each.seen.record.kinds) or each.seen.record.collector} "
        f"({each.seen.record.collector}) says {words[each.stance]}"
        for each in sorted((lead, against), key=lambda each: each.stance)
    ]
    return f"Sources disagree: {sides[0]}, {sides[1]}."


def _is_redundant(
    need: CompiledNeed, sight: Sight, settled: _Settled, dossier: Dossier, terms: Terms
) -> bool:
    """Say whether the need would stand the same without the record that it names.

    Of what is unknown it says nothing: without a record that is unknown as well.
    """
    if settled.seen is None or settled.verdict is Verdict.UNKNOWN:
        return False
    if len(sight.conclusive) + len(sight.errors) < 2:
        return False
    left = without(sight, settled.seen.record.id)
    return _settle(need, left, dossier, terms).verdict is settled.verdict


def _result(
    need: CompiledNeed,
    dossier: Dossier,
    settled: _Settled,
    verdict: Verdict,
    reason: str,
    redundant: bool,
    terms: Terms,
) -> NeedResult:
    seen, weighed = settled.seen, settled.weighed
    if seen is None:
        return NeedResult(
            name=need.name,
            probe=need.probe,
            verdict=verdict,
            reason=reason,
            wanted_depth=need.depth,
        )
    record = seen.record
    return NeedResult(
        name=need.name,
        probe=need.probe,
        verdict=verdict,
        reason=reason,
        wanted_depth=need.depth,
        # How deep, how vouched and how long only means something of an answer.
        depth=None if weighed is None else record.depth,
        kinds=record.kinds,
        assurance=None if weighed is None else record.assurance,
        thresholds=() if weighed is None else thresholds_of(need, record, terms.z),
        places=record.places,
        evidence=record.id,
        observed_at=record.observed_at,
        age_days=(dossier.now_us - seen.at) / DAY_US,
        valid_to=None if weighed is None else dossier.text(settled.until),
        redundant=redundant,
    )
