"""The result of an eval suite for people: each case with its numbers, the verdict last."""

from collections.abc import Iterator

from pawl.evals.case_verdict import CaseDecision
from pawl.evals.counts import CaseClass
from pawl.evals.suite_result import CaseResult, SuiteResult
from pawl.render.escaping import cut, plain

_INDENT = " " * 14
_SHOWN = 5
"""Changed files and failed trials that are named."""
ORDER = (
    "regress", "stale", "no-baseline", "invalid", "inconclusive", "quarantined", "tracked", "pass",
)  # fmt: skip
"""What is to be read first."""


def eval_text(result: SuiteResult) -> str:
    """Return a suite's result as lines; the last one is the verdict."""
    return "".join(f"{plain(line)}\n" for line in _lines(result))


def by_weight(result: SuiteResult) -> list[CaseResult]:
    """Return the cases, what is wrong first."""
    return sorted(result.cases, key=lambda case: (ORDER.index(case.verdict), case.id))


def share(number: float | None) -> str:
    """Return a share of one in percent; a dash where it is unknown."""
    return "-" if number is None else f"{100 * number:.1f} %"


def points(number: float | None) -> str:
    """Return a difference of shares in points, with its sign; a dash where it is unknown."""
    return "-" if number is None else f"{100 * number:+.1f} points"


def between(low: float | None, high: float | None) -> str:
    """Return the interval of a share in percent."""
    return f"{share(low).removesuffix(' %')} to {share(high)}"


def around(low: float | None, high: float | None) -> str:
    """Return the interval of a difference in points."""
    return f"{points(low).removesuffix(' points')} to {points(high)}"


def numbers_text(case: CaseResult) -> str:
    """Return the numbers of a case on one line; empty where nothing was counted."""
    found = case.numbers
    if found is None or not found.trials.n:
        return ""
    parts = [
        f"pass@1 {share(found.pass_1)} ({between(found.low, found.high)})",
        f"pass^{found.k} {share(found.pass_hat_k)}",
        f"n {found.trials.n}",
    ]
    if found.baseline.n:
        parts.append(f"baseline {found.baseline.passes} of {found.baseline.n}")
    if found.p is not None:
        held = "" if found.p_adjusted is None else f", {found.p_adjusted:.2g} among all cases"
        parts.append(f"p {found.p:.2g}{held}")
    if case.kind is CaseClass.BEHAVIOUR and found.baseline.n:
        parts.append(_detectable(found))
    if case.infra:
        parts.append(f"{case.infra} lost to infra")
    return ", ".join(parts)


def suite_text(result: SuiteResult) -> str:
    """Return the suite's numbers on one line; empty where nothing was compared."""
    suite = result.suite
    if not suite.compared:
        return ""
    least = suite.detectable_drop
    seen = "too few to see any drop" if least is None else f"least drop seen {share(least)}"
    change = f"{points(suite.change)} ({around(suite.low, suite.high)})"
    p = "-" if suite.p is None else f"{suite.p:.2g}"
    return (
        f"{suite.compared} compared in {suite.clusters} clusters, n {suite.trials}: "
        f"pass@1 {share(suite.pass_1)} after {share(suite.baseline_pass_1)}, {change}, p {p}, "
        f"pass^k {share(suite.pass_hat_k)}, {seen}"
    )


def verdict_text(result: SuiteResult) -> str:
    """Return the verdict with how many cases came to what."""
    counts = dict.fromkeys(ORDER, 0)
    for case in result.cases:
        counts[case.verdict] += 1
    told = ", ".join(f"{count} {name}" for name, count in counts.items() if count)
    return f"{result.verdict.value}: {told or 'there is no case'}"


def _detectable(found: CaseDecision) -> str:
    if found.detectable_drop is None:
        return "too few to see any drop"
    return f"least drop seen {share(found.detectable_drop)}"


def _lines(result: SuiteResult) -> Iterator[str]:
    for case in by_weight(result):
        yield from _case(case)
    for each in result.refused:
        yield f"{'refused':<13} {each.path}: {each.why}"
    for note in result.notes:
        yield f"note: {note}"
    told = suite_text(result)
    if told:
        yield told
    for reason in result.reasons:
        if not reason.case:
            yield f"{reason.verdict.value}: {reason.text}"
    base = "" if result.base is None else f", of {result.base}"
    yield f"policy {result.policy_version} ({result.policy}{base}), {result.today.isoformat()}"
    yield verdict_text(result)


def _case(case: CaseResult) -> Iterator[str]:
    yield f"{case.verdict:<13} {case.id} ({case.kind.value}): {case.reason}"
    told = numbers_text(case)
    if told:
        yield f"{_INDENT}{told}"
    if case.verdict == "regress" and case.incident:
        yield f"{_INDENT}it keeps {case.incident} from happening again"
    if case.verdict in ("stale", "inconclusive") and case.changed:
        more = f" and {len(case.changed) - _SHOWN} more" if len(case.changed) > _SHOWN else ""
        yield f"{_INDENT}changed: {', '.join(case.changed[:_SHOWN])}{more}"
    if case.verdict in ("regress", "inconclusive"):
        wrong = [each for each in case.trials if each.mark.value != "pass"]
        for each in wrong[:_SHOWN]:
            yield f"{_INDENT}{each.address[:12]} {each.mark.value}: {cut(each.why, 300)}"
        if len(wrong) > _SHOWN:
            yield f"{_INDENT}and {len(wrong) - _SHOWN} more"
    if case.pooled and case.verdict == "pass" and case.kind is CaseClass.BEHAVIOUR:
        yield f"{_INDENT}as it was blessed: nothing newer is recorded"
    if case.verdict == "tracked":
        yield from (f"{_INDENT}{problem}" for problem in case.problems)
    yield from (f"{_INDENT}note: {note}" for note in case.notes)
