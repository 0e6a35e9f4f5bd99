"""Evidence out of Pawl's own records: what the eval gate decided, and what lint found.

Neither is softened on the way: only their plain yes is a pass, their no is a fail, and all else,
a missing baseline or a file that nobody could read, is inconclusive.
"""

from collections.abc import Mapping

from pawl.assets.lint import Linted
from pawl.changes.evidence import Evidence, sealed
from pawl.changes.verdict import Verdict
from pawl.evals.gate import Decision as EvalDecision
from pawl.evals.gate import Verdict as EvalVerdict

_OF_EVALS = {EvalVerdict.PASS: Verdict.PASS, EvalVerdict.REGRESS: Verdict.FAIL}
_OF_LINT = {0: Verdict.PASS, 1: Verdict.FAIL, 3: Verdict.INCONCLUSIVE}


def evidence_of_evals(
    decision: EvalDecision,
    sets: Mapping[str, str],
    *,
    identity: str,
    digest: str,
    base_digest: str,
    at: str,
    recorded_at: str,
    producer: str,
) -> Evidence:
    """Return the evidence that a suite's decision is; `sets` are the eval sets in it, by digest.

    It rests on as many events as trials were compared.
    """
    return sealed(
        Evidence(
            id=identity,
            kind="evals",
            digest=digest,
            base_digest=base_digest,
            verdict=_OF_EVALS.get(decision.verdict, Verdict.INCONCLUSIVE),
            produced_at=at,
            recorded_at=recorded_at,
            producer=producer,
            payload_digest="",
            payload={
                "sets": dict(sets),
                "verdict": decision.verdict.value,
                "reasons": [f"{each.case}: {each.text}" for each in decision.reasons[:MAX_REASONS]],
                "policy": decision.policy_digest,
            },
            events=decision.suite.trials,
        )
    )


def evidence_of_lint(
    linted: Linted,
    *,
    identity: str,
    digest: str,
    base_digest: str,
    at: str,
    recorded_at: str,
    producer: str,
) -> Evidence:
    """Return the evidence that a lint is; it rests on as many events as assets were looked at."""
    return sealed(
        Evidence(
            id=identity,
            kind="lint",
            digest=digest,
            base_digest=base_digest,
            verdict=_OF_LINT[linted.exit_code],
            produced_at=at,
            recorded_at=recorded_at,
            producer=producer,
            payload_digest="",
            payload={
                "failing": len(linted.failing),
                "fail_at": linted.fail_at.value,
                "unread": len(linted.unread),
                "failed_rules": sorted(linted.failed),
            },
            events=sum(linted.looked_at.values()),
        )
    )


MAX_REASONS = 50
"""Reasons of a suite's decision that the evidence repeats; the decision has them all."""
