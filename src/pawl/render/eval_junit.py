"""The result of an eval suite as JUnit XML: a test case a case, its trials as properties.

A regression is a failure. What is stale, quarantined or tracked is skipped, with why. What nobody
can tell is an error, so that no reader of the file takes it for green.
"""

from collections.abc import Iterator

from pawl.evals.gate import Verdict
from pawl.evals.suite_result import CaseResult, SuiteResult
from pawl.render.escaping import cut, html_text
from pawl.render.eval_text import numbers_text

MAX_TRIALS = 100
"""Trials of a case that become properties."""
MAX_TEXT = 2_000
_ELEMENT = {
    "pass": "",
    "regress": "failure",
    "stale": "skipped",
    "quarantined": "skipped",
    "tracked": "skipped",
    "inconclusive": "error",
    "no-baseline": "error",
    "invalid": "error",
}


def eval_junit(result: SuiteResult) -> str:
    """Return JUnit XML; the last test case is the suite as a whole."""
    cases = [_case(case) for case in result.cases]
    cases += [_plain("record", each.path, "error", each.why) for each in result.refused]
    grounds = [reason for reason in result.reasons if not reason.case]
    whole = "; ".join(reason.text for reason in grounds)
    kind = "failure" if any(r.verdict is Verdict.REGRESS for r in grounds) else "error"
    cases.append(_plain("suite", "the suite as a whole", kind if grounds else "", whole))
    counts = {
        name: sum(element == name for element, _ in cases)
        for name in ("failure", "error", "skipped")
    }
    head = (
        f'tests="{len(cases)}" failures="{counts["failure"]}" errors="{counts["error"]}"'
        f' skipped="{counts["skipped"]}"'
    )
    body = "".join(text for _, text in cases)
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f"<testsuites {head}>\n"
        f'  <testsuite name="pawl eval" {head}>\n'
        f"    <properties>\n{_properties(_of_suite(result), 6)}    </properties>\n"
        f"{body}  </testsuite>\n</testsuites>\n"
    )


def _case(case: CaseResult) -> tuple[str, str]:
    element = _ELEMENT[case.verdict]
    wrong = [each for each in case.trials if each.mark.value != "pass"]
    lines = [f"{each.address[:12]} {each.mark.value}: {each.why}" for each in wrong[:MAX_TRIALS]]
    lines += [f"changed: {path}" for path in case.changed]
    lines += [*case.problems, *case.notes]
    inside = _properties(_of_case(case), 8)
    told = _element(element, case.reason, lines)
    text = (
        f'    <testcase classname="pawl.eval.{case.kind.value}" name="{html_text(case.id)}"'
        f' file="{html_text(case.file)}">\n      <properties>\n{inside}      </properties>\n'
        f"{told}    </testcase>\n"
    )
    return element, text


def _plain(kind: str, name: str, element: str, why: str) -> tuple[str, str]:
    text = (
        f'    <testcase classname="pawl.eval.{kind}" name="{html_text(name)}">\n'
        f"{_element(element, why, [])}    </testcase>\n"
    )
    return element, text


def _element(name: str, message: str, lines: list[str]) -> str:
    if not name:
        return ""
    told = html_text(cut(message, MAX_TEXT))
    body = "\n".join(html_text(cut(line, MAX_TEXT)) for line in lines)
    return f'      <{name} message="{told}">{body}</{name}>\n'


def _of_suite(result: SuiteResult) -> Iterator[tuple[str, str]]:
    yield "verdict", result.verdict.value
    yield "policy", f"{result.policy_version} {result.policy_digest}"
    yield "today", result.today.isoformat()
    if result.base is not None:
        yield "judged-by", result.base
    if result.suite.p is not None:
        yield "p", f"{result.suite.p:.6g}"
    if result.suite.change is not None:
        yield "change", f"{result.suite.change:.6g}"


def _of_case(case: CaseResult) -> Iterator[tuple[str, str]]:
    yield "verdict", case.verdict
    if case.key is not None:
        yield "on", case.key.label
    told = numbers_text(case)
    if told:
        yield "numbers", told
    for name, count in (
        ("fresh", case.fresh),
        ("stale", case.stale),
        ("infra", case.infra),
        ("cannot-tell", case.cannot_tell),
    ):
        yield name, str(count)
    for each in case.trials[:MAX_TRIALS]:
        yield f"trial.{each.address[:12]}", cut(f"{each.mark.value}: {each.why}", 300)


def _properties(pairs: Iterator[tuple[str, str]], indent: int) -> str:
    return "".join(
        f'{" " * indent}<property name="{html_text(name)}" value="{html_text(value)}"/>\n'
        for name, value in pairs
    )
