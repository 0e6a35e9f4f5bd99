"""A lint for programs: JSON, JUnit, annotations of a code host."""

from typing import Any

from pawl.assets.lint import Found, Linted
from pawl.base.finding import Severity
from pawl.render.escaping import html_text, plain

_ANNOTATED = {
    Severity.CRITICAL: "error",
    Severity.HIGH: "error",
    Severity.MEDIUM: "warning",
    Severity.LOW: "notice",
    Severity.INFO: "notice",
}


def lint_json(linted: Linted) -> dict[str, Any]:
    """Return one `pawl.lint/1` object."""
    return {
        "schema": "pawl.lint/1",
        "failing": len(linted.failing),
        "fail_at": linted.fail_at,
        "looked_at": linted.looked_at,
        "rules": linted.rules,
        "findings": linted.findings,
        "void_waivers": linted.void,
        "unread": linted.unread,
        "failed_rules": linted.failed,
        "more": linted.more,
        "unseen": linted.unseen,
        "notes": linted.notes,
        "tools": linted.tools,
    }


def lint_annotations(linted: Linted) -> str:
    """Return new findings as GitHub's workflow commands, one a line."""
    told = "".join(f"{_annotation(f)}\n" for f in linted.findings if f.state == "new")
    left = (*linted.unread, *linted.unseen)
    told += "".join(f"::warning title=not looked at::{_message(each)}\n" for each in left)
    return told + "".join(f"::notice title=pawl lint::{_message(n)}\n" for n in linted.remarks)


def _annotation(found: Found) -> str:
    line = f",line={found.line}" if found.line is not None else ""
    title = _property(f"{found.rule} ({found.severity.value})")
    text = f"{found.message} {found.hint}".strip()
    kind = _ANNOTATED[found.severity]
    return f"::{kind} file={_property(found.path)}{line},title={title}::{_message(text)}"


def _message(text: str) -> str:
    return plain(text).replace("%", "%25")


def _property(text: str) -> str:
    return _message(text).replace(":", "%3A").replace(",", "%2C")


def lint_junit(linted: Linted) -> str:
    """Return JUnit XML: a test case a rule, failed by its findings, an error where it failed."""
    failing: dict[str, list[Found]] = {}
    for found in linted.failing:
        failing.setdefault(found.rule, []).append(found)
    cases = []
    others = sorted(set(failing) - set(linted.rules))
    for rule in (*linted.rules, *others):
        inside = ""
        if rule in linted.failed:
            inside = f'<error message="{html_text(linted.failed[rule])}"/>'
        elif rule in failing:
            texts = "\n".join(
                f"{f.path}{f':{f.line}' if f.line else ''}: {plain(f.message)}"
                for f in failing[rule]
            )
            first = html_text(failing[rule][0].message)
            body = "\n".join(html_text(line) for line in texts.split("\n"))
            inside = f'<failure message="{first}">{body}</failure>'
        name = html_text(rule)
        cases.append(f'    <testcase classname="pawl.lint" name="{name}">{inside}</testcase>\n')
    nothing = () if sum(linted.looked_at.values()) else ("looked-at-something",)
    if nothing:
        cases.append(
            '    <testcase classname="pawl.lint" name="looked-at-something">'
            '<error message="Nothing here steers an agent: no file was looked at."/></testcase>\n'
        )
    left = (*linted.unread, *linted.unseen)
    if left:
        told = html_text("; ".join(plain(each) for each in left))
        cases.append(
            '    <testcase classname="pawl.lint" name="looked-at-everything">'
            f'<error message="Not everything was looked at: {told}"/></testcase>\n'
        )
    errors = len(linted.failed) + len(nothing) + bool(left)
    said = "".join(f"{html_text(plain(note))}\n" for note in linted.remarks)
    notes = f"    <system-out>{said}</system-out>\n" if said else ""
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<testsuites>\n'
        f'  <testsuite name="pawl lint" tests="{len(cases)}" failures="{len(failing)}"'
        f' errors="{errors}">\n{"".join(cases)}{notes}  </testsuite>\n</testsuites>\n'
    )
