"""The result of an eval suite as Markdown for a comment: bounded, and no text of a case acts."""

from collections.abc import Iterator

from pawl.evals.suite_result import CaseResult, SuiteResult
from pawl.render.escaping import cut, markdown_code, markdown_text
from pawl.render.eval_text import by_weight, share, suite_text, verdict_text

MAX_ROWS = 50
MAX_CHARACTERS = 30_000
"""Half of what hosts take in one comment."""
_MARKS = {
    "regress": "❌", "stale": "⏳", "no-baseline": "❔", "invalid": "⚠️", "inconclusive": "❔",
    "quarantined": "⏸️", "tracked": "🔎", "pass": "✅",
}  # fmt: skip
_VERDICTS = {"pass": "✅", "regress": "❌"}


def eval_markdown(result: SuiteResult) -> str:
    """Return a suite's result: the verdict, then what is wrong, then what passes."""
    lines: list[str] = []
    size = 0
    left = 0
    for line in _lines(result):
        size += len(line) + 1
        if size > MAX_CHARACTERS:
            left += 1
        else:
            lines.append(line)
    if left:
        lines += ["", f"{left} more lines are in the job's own output."]
    return "\n".join(lines) + "\n"


def _lines(result: SuiteResult) -> Iterator[str]:
    mark = _VERDICTS.get(result.verdict.value, "❔")
    yield f"### {mark} Evals: {verdict_text(result)}"
    yield ""
    told = suite_text(result)
    if told:
        yield f"{told}."
        yield ""
    for reason in result.reasons:
        if not reason.case:
            yield f"- {reason.verdict.value}: {markdown_text(cut(reason.text, 300))}"
    for each in result.refused[:MAX_ROWS]:
        yield f"- refused: {markdown_code(each.path)}: {markdown_text(cut(each.why, 200))}"
    for note in result.notes[:MAX_ROWS]:
        yield f"- {markdown_text(cut(note, 200))}"
    yield ""
    cases = by_weight(result)
    if cases:
        yield "| | case | class | passed | pass@1 | pass^k | baseline | why |"
        yield "|---|---|---|---:|---:|---:|---:|---|"
        yield from map(_row, cases[:MAX_ROWS])
    if len(cases) > MAX_ROWS:
        yield ""
        yield f"{len(cases) - MAX_ROWS} more cases are in the job's own output."
    yield ""
    base = "" if result.base is None else f" of {markdown_code(result.base)}"
    yield (
        f"Judged on {result.today.isoformat()} by policy "
        f"{markdown_text(result.policy_version)}{base}, {markdown_code(result.policy_digest[:12])}."
    )


def _row(case: CaseResult) -> str:
    found = case.numbers
    passed = f"{found.trials.passes} of {found.trials.n}" if found and found.trials.n else "-"
    before = f"{found.baseline.passes} of {found.baseline.n}" if found and found.baseline.n else "-"
    pass_1 = f"{share(found.pass_1)}" if found else "-"
    steady = f"{share(found.pass_hat_k)}" if found else "-"
    changed = f"; changed: {', '.join(case.changed[:3])}" if case.verdict == "stale" else ""
    why = markdown_text(cut(f"{case.reason}{changed}", 300))
    name = markdown_text(cut(case.id, 120))
    return (
        f"| {_MARKS[case.verdict]} {case.verdict} | {name} | {case.kind.value} | {passed} "
        f"| {pass_1} | {steady} | {before} | {why} |"
    )
