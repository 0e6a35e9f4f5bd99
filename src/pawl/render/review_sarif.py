"""A review as SARIF 2.1.0, for code hosts and other tools.

What is below its category's threshold is a result of kind `review`: a person has to look. A review
that failed or is partial was no successful run: nobody reads a clean bill out of it.

Standard: OASIS, Static Analysis Results Interchange Format 2.1.0 (2020-03-27).
"""

from typing import Any

from pawl import __version__
from pawl.render.escaping import plain
from pawl.render.sarif import LEVELS, ROOTS, SCHEMA, location
from pawl.review.finding import Category, Finding
from pawl.review.review import Review

_TITLES = {
    Category.SECURITY: "A security problem",
    Category.CORRECTNESS: "A wrong result, loss or crash",
    Category.API_MISUSE: "An interface used against its contract",
    Category.TESTS: "Behaviour without a test",
    Category.COMPLEXITY: "A construction that will be misread",
    Category.CONSISTENCY: "Unlike the rest of the repository",
    Category.STYLE: "Style",
    Category.OTHER: "Something else",
}
_MOST_NOTES = 500


def review_sarif(review: Review) -> dict[str, Any]:
    """Return a SARIF log as a JSON value."""
    return {
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [
            {
                "tool": {
                    "driver": {
                        "name": "Pawl review",
                        "semanticVersion": __version__,
                        "rules": [_rule(category) for category in Category],
                    }
                },
                "columnKind": "unicodeCodePoints",
                "originalUriBaseIds": ROOTS,
                "invocations": [_invocation(review)],
                "results": [_result(finding) for finding in review.findings],
            }
        ],
    }


def _rule(category: Category) -> dict[str, Any]:
    return {
        "id": f"review/{category.value}",
        "shortDescription": {"text": f"{_TITLES[category]}."},
        "help": {"text": "An agent found it in the change. Judge it yourself."},
    }


def _result(finding: Finding) -> dict[str, Any]:
    # Lines that are gone have no place in the new version: the file stands for them.
    place = location(finding.file, finding.line if finding.side == "new" else None)
    region = place["physicalLocation"].get("region")
    if region is not None and finding.last_line > finding.line:
        region["endLine"] = finding.last_line
    told: dict[str, Any] = {
        "ruleId": f"review/{finding.category.value}",
        "ruleIndex": list(Category).index(finding.category),
        "message": {"text": f"{plain(finding.title)}\n→ {plain(finding.suggestion)}"},
        "locations": [place],
        "partialFingerprints": {"pawlReview/v1": finding.fingerprint},
        "properties": {
            "severity": finding.severity.value,
            "confidence": finding.confidence,
            "threshold": finding.threshold,
        },
    }
    if finding.state == "queued":
        return told | {"kind": "review", "level": "none"}
    return told | {"level": LEVELS[finding.severity]}


def _invocation(review: Review) -> dict[str, Any]:
    notes = []
    if review.problem:
        notes.append({"level": "error", "message": {"text": plain(review.problem)}})
    notes += [
        {
            "level": "note" if each.by_choice else "warning",
            "message": {"text": f"Not reviewed: {plain(each.file)}: {plain(each.reason)}"},
        }
        for each in review.not_reviewed[:_MOST_NOTES]
    ]
    return {
        "executionSuccessful": review.status == "reviewed",
        "toolExecutionNotifications": notes,
    }
