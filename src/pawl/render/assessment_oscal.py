"""An assessment as OSCAL assessment results (JSON), for tools that audit controls.

OSCAL knows two states. Only a criterion that is met, and not provisionally, is `satisfied`;
everything else is `not-satisfied` and says in properties what it really is: unknown, stale,
contested, exempt, not applicable. Nothing is rounded up. The same assessment gives the same
identifiers, which are derived from its content.

Standard: NIST OSCAL 1.1.3, assessment-results model.
"""

import re
from typing import Any
from uuid import UUID, uuid5

from pawl.maturity.verdict import Assessment, CriterionResult, NeedResult, Verdict
from pawl.render.escaping import plain

VERSION = "1.1.3"
NAMESPACE = UUID("b3a5d2c4-6f0e-5a77-9d1b-5c2f8e4a1730")
"""Drawn once; identifiers of documents, results and findings are derived within it."""
PROPERTIES = "urn:pawl:oscal"
"""The namespace of the properties that OSCAL has no words for."""
_TOKEN = re.compile(r"[^A-Za-z0-9_.-]")


def assessment_oscal(assessment: Assessment) -> dict[str, Any]:
    """Return the document as a JSON value. A model that is incomplete satisfies nothing."""
    root = f"{assessment.subject}\n{assessment.as_of}\n{assessment.evidence_root}"
    findings: list[dict[str, Any]] = []
    observations: list[dict[str, Any]] = []
    controls: list[str] = []
    for model in assessment.models:
        for dimension in model.dimensions:
            for criterion in dimension.criteria:
                seen = [_observation(need, criterion, assessment, root) for need in criterion.needs]
                observations += seen
                controls.append(_token(criterion.id))
                name = f"{model.model}\n{criterion.id}"
                findings.append(_finding(criterion, seen, root, name, complete=model.complete))
    result: dict[str, Any] = {
        "uuid": _id(root, "result"),
        "title": f"Maturity of {_text(assessment.subject)}",
        "description": "Levels are never averaged; see the properties for what is not a yes or no.",
        "start": assessment.as_of,
        "end": assessment.as_of,
        "props": _levels(assessment),
        "reviewed-controls": {"control-selections": [_selection(controls)]},
    }
    if observations:
        result["observations"] = observations
    if findings:
        result["findings"] = findings
    return {
        "assessment-results": {
            "uuid": _id(root, "document"),
            "metadata": {
                "title": f"Maturity of {_text(assessment.subject)}",
                "last-modified": assessment.as_of,
                "version": assessment.evidence_root[:16] or "none",
                "oscal-version": VERSION,
            },
            "import-ap": {"href": f"#{_id(root, 'plan')}"},
            "results": [result],
            "back-matter": {
                "resources": [
                    {
                        "uuid": _id(root, "plan"),
                        "title": "The maturity models",
                        "description": "There is no other plan; the result names their digests.",
                    }
                ]
            },
        }
    }


def _selection(controls: list[str]) -> dict[str, Any]:
    if not controls:
        return {"description": "Nothing was asked."}
    return {"include-controls": [{"control-id": each} for each in dict.fromkeys(controls)]}


def _finding(
    criterion: CriterionResult,
    observations: list[dict[str, Any]],
    root: str,
    name: str,
    *,
    complete: bool,
) -> dict[str, Any]:
    satisfied = complete and criterion.verdict is Verdict.MET and not criterion.provisional
    failed = criterion.verdict is Verdict.UNMET
    props = [_prop("verdict", criterion.verdict.value), _prop("level", str(criterion.level))]
    if criterion.provisional:
        props.append(_prop("provisional", "yes"))
    if criterion.exemption:
        props.append(_prop("exemption", criterion.exemption))
        props.append(_prop("exemption-ends", criterion.exemption_ends or "unknown"))
    found: dict[str, Any] = {
        "uuid": _id(root, f"finding\n{name}"),
        "title": _text(criterion.statement),
        "description": _text(criterion.reason or criterion.statement),
        "props": props,
        "target": {
            "type": "objective-id",
            "target-id": _token(criterion.id),
            "status": {
                "state": "satisfied" if satisfied else "not-satisfied",
                "reason": "pass" if satisfied else "fail" if failed else "other",
            },
        },
    }
    if observations:
        found["related-observations"] = [
            {"observation-uuid": each["uuid"]} for each in observations
        ]
    return found


def _observation(
    need: NeedResult, criterion: CriterionResult, assessment: Assessment, root: str
) -> dict[str, Any]:
    props = [_prop("verdict", need.verdict.value), _prop("probe", need.probe)]
    if need.depth is not None:
        props.append(_prop("depth", need.depth.value))
    if need.assurance is not None:
        props.append(_prop("assurance", need.assurance.value))
    if need.evidence:
        props.append(_prop("evidence", need.evidence))
    found: dict[str, Any] = {
        "uuid": _id(root, f"observation\n{criterion.id}\n{need.name}"),
        "title": need.probe,
        "description": _text(need.reason or need.probe),
        "props": props,
        "methods": ["TEST"],
        "collected": need.observed_at or assessment.as_of,
    }
    if need.valid_to:
        found["expires"] = need.valid_to
    evidence = [{"description": _text(str(place))} for place in need.places]
    if evidence:
        found["relevant-evidence"] = evidence
    return found


def _levels(assessment: Assessment) -> list[dict[str, str]]:
    props = [
        _prop("evidence-root", assessment.evidence_root or "none"),
        _prop("engine", assessment.engine or "unknown"),
    ]
    for model in assessment.models:
        props.append(_prop("model", f"{model.model} {model.version} {model.digest}".strip()))
        for each in model.dimensions:
            level = str(each.measured) if model.complete else "not published"
            props.append(_prop("measured-level", f"{model.model}.{each.id} {level}"))
    props += [_prop("not-looked-at", each) for each in assessment.not_looked_at]
    return props


def _prop(name: str, value: str) -> dict[str, str]:
    return {"name": name, "ns": PROPERTIES, "value": _text(value)}


def _text(value: str) -> str:
    """Return text that OSCAL accepts: one line, trimmed, never empty."""
    return plain(value).strip() or "none"


def _token(name: str) -> str:
    """Return an OSCAL token: it begins with a letter or `_` and has no spaces."""
    token = _TOKEN.sub("-", name)
    return token if token[:1].isalpha() or token.startswith("_") else f"_{token}"


def _id(root: str, name: str) -> str:
    return str(uuid5(NAMESPACE, f"{root}\n{name}"))
