"""Findings for people: one a line, the remedy below it."""

from collections.abc import Iterable

from pawl.base.finding import Finding, Outcome, Severity

_MARKS = {
    Outcome.PASS: "ok    ",
    Outcome.FAIL: "wrong ",
    Outcome.CANNOT_TELL: "?     ",
    Outcome.NOT_APPLICABLE: "-     ",
    Outcome.ERROR: "error ",
}


def findings_text(findings: Iterable[Finding]) -> str:
    """Return the findings in their order; control characters are shown as `?`."""
    lines: list[str] = []
    for finding in findings:
        place = f"  {finding.place}" if finding.place else ""
        lines.append(_plain(f"{_mark(finding)}{finding.message}{place}"))
        if finding.hint:
            lines.append(_plain(f"      {finding.hint}"))
    return "".join(f"{line}\n" for line in lines)


def _mark(finding: Finding) -> str:
    light = finding.severity in (Severity.INFO, Severity.LOW)
    return "note  " if light and finding.outcome is Outcome.FAIL else _MARKS[finding.outcome]


def _plain(text: str) -> str:
    return "".join(character if character.isprintable() else "?" for character in text)
