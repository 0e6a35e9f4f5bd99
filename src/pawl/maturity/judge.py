"""Judge one criterion over one subject's evidence: a verdict with the reasons for it.

Eight verdicts, three values underneath: yes, no, cannot tell. A criterion is met when each of its
needs is, by enough independent kinds of source, for long enough. What cannot be told blocks like
a no and is told apart from it.
"""

from pawl.maturity.compiled import CompiledCriterion
from pawl.maturity.dossier import Dossier
from pawl.maturity.evidence import Assurance, Kind
from pawl.maturity.holding import held
from pawl.maturity.settling import Terms, judge_need, supporting_kinds
from pawl.maturity.verdict import CriterionResult, NeedResult, Verdict

_ORDER = (
    Verdict.ERROR,
    Verdict.UNMET,
    Verdict.CONTESTED,
    Verdict.STALE,
    Verdict.UNKNOWN,
    Verdict.MET,
    Verdict.NOT_APPLICABLE,
)
"""Which verdict of several needs is the criterion's: the first of these that occurs."""


def judge_criterion(
    criterion: CompiledCriterion, dossier: Dossier, terms: Terms
) -> CriterionResult:
    """Return how a criterion stands, exemptions apart."""
    source = criterion.source
    if criterion.applies_when is not None:
        asked = judge_need(criterion.applies_when, dossier, source.id, terms, decides=True)
        verdict, reason = _applies(asked)
        if verdict is not Verdict.MET:
            return _result(criterion, (asked,), verdict, reason, None, dossier)
    needs = tuple([judge_need(need, dossier, source.id, terms) for need in criterion.needs])
    verdict, reason = _together(needs)
    held_since = None
    if source.min_kinds > 1 and verdict is Verdict.MET:
        verdict, reason = _independent(criterion, needs, dossier, terms, reason)
    if criterion.hold_us is not None and verdict is Verdict.MET:
        verdict, why, held_since = held(criterion, dossier, terms)
        reason = why or reason
    return _result(criterion, needs, verdict, reason, held_since, dossier)


def _applies(asked: NeedResult) -> tuple[Verdict, str]:
    """Return met where the criterion applies, not applicable with the fact, or why unknown."""
    if asked.verdict is Verdict.MET:
        return Verdict.MET, ""
    if asked.verdict in (Verdict.UNMET, Verdict.NOT_APPLICABLE):
        # A declaration alone must not take a criterion out of the count.
        if asked.assurance is None or asked.assurance < Assurance.OBSERVED:
            return Verdict.UNKNOWN, f"Only declared not to apply: {asked.reason}"
        if asked.kinds == (Kind.ATTESTATION,):
            return Verdict.UNKNOWN, f"Only attested not to apply: {asked.reason}"
        return Verdict.NOT_APPLICABLE, f"It does not apply: {asked.reason}"
    return asked.verdict, f"Whether it applies cannot be told: {asked.reason}"


def _together(needs: tuple[NeedResult, ...]) -> tuple[Verdict, str]:
    """Return the verdict of all needs together and the reason of the one that decides."""
    if len(needs) == 1:
        return needs[0].verdict, needs[0].reason
    for verdict in _ORDER:
        for need in needs:
            if need.verdict is verdict:
                return verdict, need.reason
    return Verdict.UNKNOWN, "It names nothing that would prove it."


def _independent(
    criterion: CompiledCriterion,
    needs: tuple[NeedResult, ...],
    dossier: Dossier,
    terms: Terms,
    reason: str,
) -> tuple[Verdict, str]:
    """Say whether enough independent kinds of source agree."""
    kinds: set[Kind] = set()
    for need, result in zip(criterion.needs, needs, strict=True):
        if result.verdict is Verdict.MET:
            kinds |= supporting_kinds(need, dossier, criterion.source.id, terms)
    if len(kinds) >= criterion.source.min_kinds:
        return Verdict.MET, reason
    names = ", ".join(sorted(kinds)) or "none"
    wanted = criterion.source.min_kinds
    return Verdict.UNKNOWN, f"Kinds of source that agree: {names}; {wanted} are needed."


def _result(
    criterion: CompiledCriterion,
    needs: tuple[NeedResult, ...],
    verdict: Verdict,
    reason: str,
    held_since: str | None,
    dossier: Dossier,
) -> CriterionResult:
    source = criterion.source
    provisional, removing = _touched(criterion, verdict, needs, dossier)
    return CriterionResult(
        id=source.id,
        statement=source.statement,
        level=source.level,
        origin=source.origin,
        verdict=verdict,
        reason=reason,
        needs=needs,
        provisional=provisional,
        held_since=held_since,
        hits=removing,
        added=source.added,
    )


def _touched(
    criterion: CompiledCriterion,
    verdict: Verdict,
    needs: tuple[NeedResult, ...],
    dossier: Dossier,
) -> tuple[bool, tuple[str, ...]]:
    """Return whether the verdict is provisional, and the detectors that took credit away."""
    if not dossier.hits:
        return False, ()
    credited = verdict in (Verdict.MET, Verdict.NOT_APPLICABLE)
    hits = [
        hit
        for need in needs
        for hit in dossier.hits_on(criterion.source.id, need.probe)
        if credited or hit.action != "provisional"
    ]
    provisional = any(hit.action == "provisional" for hit in hits)
    return provisional, tuple(sorted({hit.detector for hit in hits}))
