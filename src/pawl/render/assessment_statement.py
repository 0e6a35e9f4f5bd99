"""An assessment as an in-toto Statement v1 whose predicate follows SLSA's verification summary.

It says which levels were verified, by which policy, from which evidence, and whether that is what
was expected. Levels are those that count without anything provisional, and none of an incomplete
model: a statement leaves the house, so it never promises more than would be confirmed.

Standards: in-toto Attestation Framework, Statement v1; SLSA 1.x, verification summary.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from pawl.base.canonical import digest
from pawl.base.errors import BadValue
from pawl.maturity.model import Model
from pawl.maturity.verdict import Assessment, ModelResult
from pawl.render.escaping import plain

STATEMENT = "https://in-toto.io/Statement/v1"
PREDICATE = "urn:pawl:maturity-summary:1"
"""Not SLSA's own type: its levels are not ours, and nobody should mistake one for the other."""


def assessment_statement(
    assessment: Assessment,
    models: Sequence[Model],
    expected: Mapping[str, int] | None = None,
) -> dict[str, Any]:
    """Return the statement as a JSON value.

    `expected` are levels by `model.dimension`; without it each model's own baseline is expected.
    The result is PASSED only where every expected level is reached. Raises BadValue for an
    expectation of nothing that was assessed.
    """
    reached = {
        f"{model.model}.{dimension.id}": _firm(model, dimension.id)
        for model in assessment.models
        for dimension in model.dimensions
    }
    wanted = _baselines(assessment, models) if expected is None else dict(expected)
    for name in wanted:
        if name not in reached:
            raise BadValue(
                f"{name!r} was not assessed.",
                place="expected",
                hint=f"Assessed were: {', '.join(sorted(reached))}.",
            )
    short = sorted(
        name for name, level in wanted.items() if (found := reached[name]) is None or found < level
    )
    return {
        "_type": STATEMENT,
        "subject": [_subject(assessment)],
        "predicateType": PREDICATE,
        "predicate": {
            "verifier": {"id": "urn:pawl", "version": {"pawl": assessment.engine or "unknown"}},
            "timeVerified": assessment.as_of,
            "resourceUri": plain(assessment.subject),
            "policy": [
                {"name": f"{model.model} {model.version}", "digest": {"sha256": model.digest}}
                for model in assessment.models
            ],
            "inputAttestations": [
                {"name": "evidence", "digest": {"sha256": assessment.evidence_root}},
                {"name": "assessment", "digest": {"sha256": assessment_digest(assessment)}},
            ],
            # Nothing expected is nothing passed.
            "verificationResult": "PASSED" if wanted and not short else "FAILED",
            "verifiedLevels": [
                f"{name}.{level}" for name, level in sorted(reached.items()) if level is not None
            ],
            "expectedLevels": [f"{name}.{level}" for name, level in sorted(wanted.items())],
            "notReached": short,
            "notLookedAt": [plain(each) for each in assessment.not_looked_at],
        },
    }


def assessment_digest(assessment: Assessment) -> str:
    """Return the SHA-256 of an assessment as RFC 8785 writes it."""
    return digest(msgspec.to_builtins(assessment))


def _subject(assessment: Assessment) -> dict[str, Any]:
    found = {
        name: value
        for name, value in (("gitCommit", assessment.commit), ("gitTree", assessment.tree))
        if value
    }
    # A subject without a commit is named by the evidence about it.
    return {
        "name": plain(assessment.subject),
        "digest": found or {"sha256": assessment.evidence_root},
    }


def _firm(model: ModelResult, dimension: str) -> int | None:
    if not model.complete:
        return None
    found = next(each for each in model.dimensions if each.id == dimension)
    return found.measured if found.firm is None else min(found.firm, found.measured)


def _baselines(assessment: Assessment, models: Sequence[Model]) -> dict[str, int]:
    baselines = {model.id: model.baseline for model in models}
    return {
        f"{result.model}.{each.id}": baseline
        for result in assessment.models
        if (baseline := baselines.get(result.model)) is not None
        for each in result.dimensions
    }
