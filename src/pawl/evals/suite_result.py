"""The one result of grading a suite: verdict, reasons, and every number they rest on.

The gate judges counts. What counts cannot tell is joined here, and can only make a verdict worse:
a case that was never shown to tell good from nothing is invalid and passes nothing; a record that
was altered, and a trial of which its record does not say how it went, leave a suite undecided.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Literal

import msgspec

from pawl.evals.baseline import Key
from pawl.evals.case_verdict import CaseDecision, CaseVerdict, set_aside
from pawl.evals.counts import CaseClass
from pawl.evals.gate import Decision, Reason, SuiteNumbers, Verdict, decide
from pawl.evals.gate_policy import GatePolicy
from pawl.evals.grade import MAX_CHANGED, Mark
from pawl.evals.lines import Line, Seen

INVALID = "invalid"
SEED = 1
"""Where signs are drawn, it is always from this seed: the same records, the same verdict."""
EXITS = {Verdict.PASS: 0, Verdict.REGRESS: 1}
"""What a verdict means to a shell; 3 for every other one."""

CaseSaid = Literal[
    "pass", "regress", "inconclusive", "stale", "no-baseline", "quarantined", "tracked", "invalid"
]


class Refused(msgspec.Struct, frozen=True, kw_only=True):
    """A record that proves nothing: altered, unreadable, or not where it belongs."""

    path: str
    case: str
    why: str


class TrialResult(msgspec.Struct, frozen=True, kw_only=True):
    """One trial that counted or could have; `cost_micros` is micro-USD, None when unknown."""

    address: str
    mark: Mark
    why: str
    recorded_at: str
    cost_micros: int | None = None
    wall_ms: int | None = None


class CaseResult(msgspec.Struct, frozen=True, kw_only=True):
    """One case on one key. `numbers` are the gate's and None where it was not asked.

    `changed` names what made records stale, at most twenty. `problems` say why a case is invalid,
    `notes` what else is to be known. `pooled` says that trials of the baseline are among those
    that counted, as nothing newer is there.
    """

    id: str
    case: str
    kind: CaseClass = msgspec.field(name="class")
    file: str
    key: Key | None
    verdict: CaseSaid
    reason: str
    incident: str | None = None
    problems: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    fresh: int = 0
    stale: int = 0
    infra: int = 0
    cannot_tell: int = 0
    pooled: bool = False
    changed: tuple[str, ...] = ()
    trials: tuple[TrialResult, ...] = ()
    numbers: CaseDecision | None = None


class SuiteResult(msgspec.Struct, frozen=True, kw_only=True):
    """What `pawl eval grade` and `run` answer, as `pawl.eval/1` documents it.

    `base` is the revision whose policy, quarantine and baselines judged, or None for the tree's.
    """

    schema: Literal["pawl.eval/1"] = "pawl.eval/1"
    verdict: Verdict
    reasons: tuple[Reason, ...]
    cases: tuple[CaseResult, ...]
    suite: SuiteNumbers
    refused: tuple[Refused, ...] = ()
    notes: tuple[str, ...] = ()
    base: str | None = None
    policy: str
    policy_version: str
    policy_digest: str
    today: date
    seed: int
    must_be_no_worse: bool = False

    @property
    def exit_code(self) -> int:
        """0 it passed, 1 it regressed, 3 nobody can tell."""
        return EXITS.get(self.verdict, 3)


class Judged(msgspec.Struct, frozen=True, kw_only=True):
    """A line, the file its case is from, and why the case is invalid, if it is."""

    line: Line
    file: str
    problems: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


class Judging(msgspec.Struct, frozen=True, kw_only=True):
    """What judges: the policy, where it is from, the day, and whether no drop is not enough."""

    policy: GatePolicy
    policy_place: str
    today: date
    base: str | None = None
    must_be_no_worse: bool = False


def judge(
    lines: Iterable[Judged],
    judging: Judging,
    *,
    refused: Sequence[Refused] = (),
    notes: Sequence[str] = (),
) -> SuiteResult:
    """Return the result of a suite; raises BadValue for one that the gate refuses."""
    given = sorted(lines, key=lambda each: each.line.counts.id)
    decision = decide(
        [each.line.counts for each in given if _is_asked(each)],
        judging.policy,
        today=judging.today,
        seed=SEED,
        must_be_no_worse=judging.must_be_no_worse,
    )
    told = {each.id: each for each in decision.cases}
    results = tuple(_result(each, told.get(each.line.counts.id), judging.today) for each in given)
    reasons = _reasons(decision, given, results, refused)
    return SuiteResult(
        verdict=reasons[0].verdict if reasons else Verdict.PASS,
        reasons=reasons,
        cases=results,
        suite=decision.suite,
        refused=tuple(sorted(refused, key=lambda each: each.path)),
        notes=tuple(notes),
        base=judging.base,
        policy=judging.policy_place,
        policy_version=decision.policy_version,
        policy_digest=decision.policy_digest,
        today=decision.today,
        seed=decision.seed,
        must_be_no_worse=decision.must_be_no_worse,
    )


def wanted(result: SuiteResult) -> Mapping[str, int]:
    """Return how many trials to run next, by the case's own id; none of them is 0."""
    found: dict[str, int] = {}
    for each in result.cases:
        if each.numbers is not None and each.numbers.wanted:
            found[each.case] = max(found.get(each.case, 0), each.numbers.wanted)
    return found


def _is_asked(judged: Judged) -> bool:
    """Say whether the gate is asked: an invalid case shows nothing, but a violation is one.

    It is asked of a guard in quarantine, too, and refuses it.
    """
    line = judged.line
    if line.case.case_class is CaseClass.GUARD:
        return not judged.problems or _violated(line) or line.counts.quarantine is not None
    return not judged.problems or line.case.case_class is CaseClass.CAPABILITY


def _violated(line: Line) -> bool:
    guard = line.case.case_class is CaseClass.GUARD
    return guard and line.counts.trials.passes < line.counts.trials.n


def _result(judged: Judged, decision: CaseDecision | None, today: date) -> CaseResult:
    line, case = judged.line, judged.line.case
    verdict, reason = _said(judged, decision, today)
    return CaseResult(
        id=line.counts.id,
        case=case.id,
        kind=case.case_class,
        file=judged.file,
        key=line.key,
        verdict=verdict,
        reason=reason,
        incident=case.provenance.incident,
        problems=judged.problems,
        notes=(*judged.notes, *line.notes),
        fresh=len(line.fresh),
        stale=line.stale,
        infra=len(line.infra),
        cannot_tell=len(line.cannot_tell),
        pooled=line.pooled,
        changed=line.changed[:MAX_CHANGED],
        trials=tuple(map(_trial, (*line.fresh, *line.infra, *line.cannot_tell))),
        numbers=decision,
    )


def _said(judged: Judged, decision: CaseDecision | None, today: date) -> tuple[CaseSaid, str]:
    """Return what is said of a line, and why: the gate's word, unless that would be too kind."""
    if decision is not None and decision.verdict is CaseVerdict.REGRESS:
        return "regress", decision.reason
    if judged.problems and not (
        decision is not None and decision.verdict in (CaseVerdict.TRACKED, CaseVerdict.QUARANTINED)
    ):
        held = judged.line.counts.quarantine
        if held is not None and set_aside(judged.line.counts, today):
            return "quarantined", f"set aside by {held.owner} until {held.expires.isoformat()}"
        return "invalid", " ".join(judged.problems)
    assert decision is not None
    untold = judged.line.cannot_tell
    if untold and decision.verdict is CaseVerdict.PASS:
        return "inconclusive", f"{_untold(untold)} {untold[-1].why}"
    return decision.verdict.value, decision.reason


def _untold(untold: Sequence[Seen]) -> str:
    return f"of {len(untold)} trials the record does not say how they went:"


def _reasons(
    decision: Decision,
    given: Sequence[Judged],
    results: Sequence[CaseResult],
    refused: Sequence[Refused],
) -> tuple[Reason, ...]:
    """Return all grounds, from the worst on; within one verdict the suite's own, then by case."""
    found = list(decision.reasons)
    for judged, result in zip(given, results, strict=True):
        if judged.line.case.case_class is CaseClass.CAPABILITY:
            continue
        if result.verdict == INVALID:
            text = f"the case is invalid: {result.reason}"
            found.append(Reason(Verdict.INCONCLUSIVE, result.id, text))
        elif result.verdict == "inconclusive" and judged.line.cannot_tell:
            found.append(Reason(Verdict.INCONCLUSIVE, result.id, result.reason))
    for each in refused:
        text = f"the record {each.path} is refused: {each.why}"
        found.append(Reason(Verdict.INCONCLUSIVE, each.case, text))
    order = list(Verdict)
    unique = {(each.verdict, each.case, each.text): each for each in found}
    return tuple(
        sorted(
            unique.values(),
            key=lambda reason: (-order.index(reason.verdict), reason.case, reason.text),
        )
    )


def _trial(seen: Seen) -> TrialResult:
    spent = seen.manifest.spent
    return TrialResult(
        address=seen.address,
        mark=seen.mark,
        why=seen.why,
        recorded_at=seen.manifest.recorded_at,
        cost_micros=spent.cost_micros,
        wall_ms=spent.wall_ms,
    )
