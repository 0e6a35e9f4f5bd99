"""What Pawl's own gates say is evidence, word for word: a yes is a pass and nothing else is."""

from typing import Any

import msgspec
import pytest
from tests.changes.made_changes import NOW, at, decided, manifest
from tests.evals.suites import asked, case

from pawl.assets.lint import Found, Linted
from pawl.base.finding import Confidence, Severity
from pawl.changes.evidence import Evidence, is_whole
from pawl.changes.manifest import manifest_digest, parts_digest
from pawl.changes.own_evidence import evidence_of_evals, evidence_of_lint
from pawl.changes.verdict import Verdict
from pawl.evals.gate import Verdict as EvalVerdict

PLAN = manifest()
BOUND: dict[str, Any] = {
    "identity": "own-1",
    "digest": manifest_digest(PLAN),
    "base_digest": parts_digest(PLAN.base),
    "at": at(-1),
    "recorded_at": at(-1),
    "producer": "pawl",
}
GOOD = asked([case(f"c{number}") for number in range(9)])


@pytest.mark.parametrize("said", EvalVerdict)
def test_only_a_plain_yes_of_the_evals_is_a_pass(said: EvalVerdict) -> None:
    """A regression is a no; no baseline, stale records and a doubt are doubts."""
    decision = msgspec.structs.replace(GOOD, verdict=said)
    found = evidence_of_evals(decision, {"recurrence": "r" * 64}, **BOUND)
    wanted = {EvalVerdict.PASS: Verdict.PASS, EvalVerdict.REGRESS: Verdict.FAIL}
    assert found.verdict is wanted.get(said, Verdict.INCONCLUSIVE)
    assert is_whole(found)


def test_a_suite_that_holds_opens_its_gate() -> None:
    """The eval gate's own decision is enough for the condition, sets, data and all."""
    found = evidence_of_evals(GOOD, {"recurrence": "r" * 64}, **BOUND)
    assert GOOD.verdict is EvalVerdict.PASS
    assert found.events == 27
    assert _gate("evals", found).verdict is Verdict.PASS
    without = evidence_of_evals(GOOD, {}, **BOUND)
    assert _gate("evals", without).verdict is Verdict.INCONCLUSIVE


FINDING = Found(
    rule="a",
    severity=Severity.HIGH,
    confidence=Confidence.HIGH,
    path="a.md",
    line=1,
    message="No.",
    hint="",
    fingerprint="f",
)
CLEAN = Linted(findings=(), looked_at={"skill": 3}, rules=("a",))


@pytest.mark.parametrize(
    ("fields", "verdict"),
    [
        ({}, Verdict.PASS),
        ({"findings": (FINDING,)}, Verdict.FAIL),
        ({"findings": (msgspec.structs.replace(FINDING, severity=Severity.LOW),)}, Verdict.PASS),
        ({"looked_at": {}}, Verdict.INCONCLUSIVE),
        ({"unread": ("a.md",)}, Verdict.INCONCLUSIVE),
        ({"failed": {"a": "ZeroDivisionError"}}, Verdict.INCONCLUSIVE),
    ],
)
def test_a_lint_that_saw_half_is_no_pass(fields: dict[str, Any], verdict: Verdict) -> None:
    """Nothing looked at, a file that nobody could read, or a rule that failed leave it open."""
    found = evidence_of_lint(msgspec.structs.replace(CLEAN, **fields), **BOUND)
    assert found.verdict is verdict
    assert _gate("lint", found).verdict is verdict
    assert found.recorded_at < NOW


def _gate(name: str, piece: Evidence) -> Any:
    found = decided(evidence=(piece,), recorded=())
    return next(each for each in found.gates if each.gate == name)
