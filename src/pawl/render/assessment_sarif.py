"""An assessment as SARIF 2.1.0: what a code host shows beside the lines it is about.

Only what has a place in a file becomes a result; the rest of an assessment is not about lines.
One result is one place that one probe names, whatever number of criteria of whatever models rest
on it. What was seen to fail is a failure; what nobody could tell is for review, never a failure.
Fingerprints leave line numbers out, so a result keeps its identity when code moves.

Standard: OASIS, Static Analysis Results Interchange Format 2.1.0 (2020-03-27).
"""

import re
from collections.abc import Mapping
from typing import Any

from pawl.base.canonical import digest
from pawl.base.finding import Place
from pawl.maturity.probe import Remedy
from pawl.maturity.verdict import BLAMELESS, Assessment, CriterionResult, Hit, NeedResult, Verdict
from pawl.render.escaping import plain
from pawl.render.sarif import ROOTS, SCHEMA, location

_OPEN = frozenset({Verdict.UNMET, *BLAMELESS})
_SCHEME = re.compile(r"^[A-Za-z][A-Za-z0-9+.-]+:")


def assessment_sarif(
    assessment: Assessment, remedies: Mapping[str, Remedy] | None = None
) -> dict[str, Any]:
    """Return a SARIF log as a JSON value; `remedies` are by probe id and become the rules' help."""
    found = [*_needs(assessment), *_hits(assessment)]
    rules = sorted({each["ruleId"] for each in found})
    places = {name: index for index, name in enumerate(rules)}
    known = remedies or {}
    run: dict[str, Any] = {
        "tool": {
            "driver": {
                "name": "Pawl",
                "semanticVersion": _version(assessment.engine),
                "rules": [_rule(name, assessment, known) for name in rules],
            }
        },
        "columnKind": "unicodeCodePoints",
        "originalUriBaseIds": ROOTS,
        "results": [{**each, "ruleIndex": places[each["ruleId"]]} for each in found],
        "properties": {"evidenceRoot": assessment.evidence_root, "asOf": assessment.as_of},
    }
    if assessment.commit:
        run["properties"]["commit"] = assessment.commit
    if not run["tool"]["driver"]["semanticVersion"]:
        del run["tool"]["driver"]["semanticVersion"]
    return {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}


def _needs(assessment: Assessment) -> list[dict[str, Any]]:
    """Return one result for each place that an open need names, by probe and path."""
    found: dict[tuple[str, Place], list[tuple[CriterionResult, NeedResult, bool]]] = {}
    for model in assessment.models:
        for dimension in model.dimensions:
            for criterion in dimension.criteria:
                if criterion.verdict not in _OPEN:
                    continue
                blocks = criterion.id in dimension.blocking
                for need in criterion.needs:
                    for place in need.places if need.verdict in _OPEN else ():
                        if _in_tree(place):
                            key = need.probe, place
                            found.setdefault(key, []).append((criterion, need, blocks))
    times: dict[tuple[str, str], int] = {}
    results = []
    for (probe, place), rests in sorted(found.items(), key=lambda item: _key(*item[0])):
        number = times[probe, place.path] = times.get((probe, place.path), 0) + 1
        failed = [need for _, need, _ in rests if need.verdict is Verdict.UNMET]
        blocks = any(blocking for _, _, blocking in rests)
        said = (failed or [need for _, need, _ in rests])[0]
        criteria = sorted({criterion.id for criterion, _, _ in rests})
        results.append(
            {
                "ruleId": probe,
                **({"level": "warning" if blocks else "note"} if failed else _REVIEW),
                "message": {"text": plain(said.reason) or "It could not be told."},
                "locations": [location(place.path, place.line)],
                "partialFingerprints": {
                    "pawlPlace/v1": digest([assessment.subject, probe, place.path, number])
                },
                "properties": {"criteria": criteria, "verdict": said.verdict.value},
            }
        )
    return results


_REVIEW = {"kind": "review", "level": "none"}
"""What SARIF asks of a result that is no failure: a kind, and no level."""


def _hits(assessment: Assessment) -> list[dict[str, Any]]:
    times: dict[tuple[str, str], int] = {}
    results = []
    for hit in assessment.hits:
        for place in hit.places:
            if not _in_tree(place):
                continue
            number = times[hit.detector, place.path] = times.get((hit.detector, place.path), 0) + 1
            results.append(
                {
                    "ruleId": hit.detector,
                    **_REVIEW,
                    "message": {"text": plain(_told(hit))},
                    "locations": [location(place.path, place.line)],
                    "partialFingerprints": {
                        "pawlPlace/v1": digest(
                            [assessment.subject, hit.detector, place.path, number]
                        )
                    },
                    "properties": {"action": hit.action, "strength": hit.strength},
                }
            )
    return results


def _told(hit: Hit) -> str:
    return f"{hit.indicator} It may be honest: {hit.innocent} {hit.remedy}".strip()


def _rule(name: str, assessment: Assessment, remedies: Mapping[str, Remedy]) -> dict[str, Any]:
    rule: dict[str, Any] = {"id": name, "shortDescription": {"text": name.replace("-", " ")}}
    remedy = remedies.get(name)
    hit = next((each for each in assessment.hits if each.detector == name), None)
    help_text = remedy.text if remedy else hit.remedy if hit else ""
    if help_text:
        rule["help"] = {"text": plain(help_text)}
    return rule


def _in_tree(place: Place) -> bool:
    """Say whether a place is a file of the tree: no run, no URL, nothing outside."""
    path = place.path
    outside = path.startswith(("/", "\\")) or ".." in path.split("/")
    return bool(path) and not outside and not _SCHEME.match(path)


def _key(probe: str, place: Place) -> tuple[str, str, int]:
    return probe, place.path, place.line or 0


def _version(engine: str) -> str:
    """Return the semantic version in an engine's name, or nothing."""
    match = re.search(r"\d+\.\d+\.\d+(?:[-+][0-9A-Za-z.-]+)?", engine)
    return match[0] if match else ""
