"""A lint as SARIF 2.1.0, for code hosts and other tools.

Fingerprints leave line numbers out. What a baseline knew is `unchanged`, what somebody allows is a
result with a suppression and its reason. What could not be looked at is a notification, and then
the run was not successful: nobody reads a clean bill out of it.

Standard: OASIS, Static Analysis Results Interchange Format 2.1.0 (2020-03-27).
"""

from collections.abc import Mapping
from typing import Any

from pawl import __version__
from pawl.assets.lint import Found, Linted
from pawl.assets.rule import Rule
from pawl.base.finding import Confidence, Severity
from pawl.render.escaping import plain
from pawl.render.sarif import LEVELS, ROOTS, SCHEMA, location

_SCORES = {
    Severity.CRITICAL: "9.5",
    Severity.HIGH: "8.0",
    Severity.MEDIUM: "5.5",
    Severity.LOW: "3.0",
    Severity.INFO: "1.0",
}
"""`security-severity` as a code host sorts by it: the middle of each band of CVSS."""
_PRECISION = {Confidence.HIGH: "high", Confidence.MEDIUM: "medium", Confidence.LOW: "low"}


def lint_sarif(linted: Linted, rules: Mapping[str, Rule]) -> dict[str, Any]:
    """Return a SARIF log as a JSON value."""
    named = [name for name in linted.rules if name in rules]
    at = {name: number for number, name in enumerate(named)}
    return {
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [
            {
                "tool": {
                    "driver": {
                        "name": "Pawl lint",
                        "semanticVersion": __version__,
                        "rules": [_rule(name, rules[name]) for name in named],
                    }
                },
                "columnKind": "unicodeCodePoints",
                "originalUriBaseIds": ROOTS,
                "invocations": [_invocation(linted)],
                "results": [_result(f, at) for f in linted.findings if not f.tool],
            },
            *(_others(linted, tool) for tool in linted.tools),
        ],
    }


def _others(linted: Linted, tool: str) -> dict[str, Any]:
    """Return another tool's findings as a run of its own, under its own name."""
    found = [each for each in linted.findings if each.tool == tool]
    named = sorted({each.rule for each in found})
    return {
        "tool": {"driver": {"name": tool, "rules": [{"id": name} for name in named]}},
        "columnKind": "unicodeCodePoints",
        "originalUriBaseIds": ROOTS,
        "automationDetails": {"id": f"pawl-lint/{tool}/"},
        "results": [_result(each, {name: at for at, name in enumerate(named)}) for each in found],
    }


def _rule(name: str, rule: Rule) -> dict[str, Any]:
    told: dict[str, Any] = {
        "id": name,
        "shortDescription": {"text": f"{rule.title}."},
        "help": {"text": rule.hint},
        "defaultConfiguration": {"level": LEVELS[rule.severity]},
        "properties": {
            "precision": _PRECISION[rule.confidence],
            "security-severity": _SCORES[rule.severity],
        },
    }
    if "://" in rule.source:
        told["helpUri"] = rule.source
    return told


def _result(found: Found, at: Mapping[str, int]) -> dict[str, Any]:
    trail = "".join(f"\n→ {plain(step)}" for step in found.trail)
    told: dict[str, Any] = {
        "ruleId": found.rule,
        "level": LEVELS[found.severity],
        "message": {"text": f"{plain(found.message)} {plain(found.hint)}{trail}".strip()},
        "locations": [location(found.path, found.line)],
        "partialFingerprints": {"pawlFinding/v1": found.fingerprint},
        "baselineState": "unchanged" if found.state == "known" else "new",
        "properties": {"severity": found.severity.value, "confidence": found.confidence.value},
    }
    if found.also:
        told["properties"]["also"] = list(found.also)
    if found.rule in at:
        told["ruleIndex"] = at[found.rule]
    if found.state == "waived":
        told["suppressions"] = [{"kind": "inSource", "justification": plain(found.reason)}]
    return told


def _invocation(linted: Linted) -> dict[str, Any]:
    notes = [
        {"level": "error", "message": {"text": f"The rule {name} failed: {plain(why)}"}}
        for name, why in linted.failed.items()
    ]
    notes += [
        {"level": "warning", "message": {"text": f"Not looked at: {plain(path)}"}}
        for path in linted.unread
    ]
    notes += [
        {"level": "warning", "message": {"text": f"Not everything was looked at: {plain(each)}"}}
        for each in linted.unseen
    ]
    if not sum(linted.looked_at.values()):
        notes.append({"level": "error", "message": {"text": "No file was looked at."}})
    ended = not notes
    notes += [{"level": "note", "message": {"text": plain(each)}} for each in linted.remarks]
    return {"executionSuccessful": ended, "toolExecutionNotifications": notes}
