"""The in-toto statement: what is verified is firm, and PASSED only means what was expected."""

import json
from typing import Any

import msgspec
import pytest
from hypothesis import given
from tests.render.hostile import hostile, made_of, plain_assessment

from pawl.base.errors import BadValue
from pawl.maturity.verdict import Assessment
from pawl.render.assessment_statement import assessment_digest, assessment_statement


def predicate(found: Assessment, *given: Any, **told: Any) -> dict[str, Any]:
    """Return the predicate of a statement that has the framework's four fields."""
    statement = assessment_statement(found, *given, **told)
    assert set(statement) == {"_type", "subject", "predicateType", "predicate"}
    assert statement["_type"] == "https://in-toto.io/Statement/v1"
    for subject in statement["subject"]:
        assert subject["digest"]
        assert all(subject["digest"].values())
    assert json.loads(json.dumps(statement)) == statement
    told_of: dict[str, Any] = statement["predicate"]
    return told_of


def test_the_baseline_is_what_is_expected() -> None:
    """Below the model's baseline in one dimension the statement fails and names it."""
    found, asked = plain_assessment()
    model = msgspec.structs.replace(asked, baseline=2)
    told = predicate(found, [model])
    assert told["verificationResult"] == "FAILED"
    assert told["notReached"] == ["eng.one"]
    assert told["verifiedLevels"] == ["eng.one.1", "eng.two.2"]


def test_what_is_expected_can_be_said() -> None:
    """With an expectation that is reached, the result is PASSED."""
    found, asked = plain_assessment()
    assert predicate(found, [asked], {"eng.two": 2})["verificationResult"] == "PASSED"
    assert predicate(found, [asked], {"eng.two": 3})["verificationResult"] == "FAILED"


def test_nothing_expected_is_nothing_passed() -> None:
    """A model without baseline and without an expectation does not pass by silence."""
    found, asked = plain_assessment()
    assert predicate(found, [asked])["verificationResult"] == "FAILED"


def test_an_incomplete_model_verifies_no_level() -> None:
    """Where a probe failed there is no level to verify, and any expectation of it fails."""
    found, asked = plain_assessment()
    broken = msgspec.structs.replace(found.models[0], complete=False)
    told = predicate(msgspec.structs.replace(found, models=(broken,)), [asked], {"eng.two": 1})
    assert (told["verifiedLevels"], told["verificationResult"]) == ([], "FAILED")


def test_a_provisional_level_is_not_verified() -> None:
    """Only the firm level leaves the house."""
    found, asked = plain_assessment()
    one, two = found.models[0].dimensions
    model = msgspec.structs.replace(
        found.models[0], dimensions=(one, msgspec.structs.replace(two, firm=1))
    )
    told = predicate(msgspec.structs.replace(found, models=(model,)), [asked])
    assert "eng.two.1" in told["verifiedLevels"]


def test_an_expectation_of_nothing_is_refused() -> None:
    """A dimension that was not assessed cannot be expected."""
    found, asked = plain_assessment()
    with pytest.raises(BadValue, match=r"eng\.three"):
        assessment_statement(found, [asked], {"eng.three": 1})


def test_the_subject_is_the_commit_or_else_the_evidence() -> None:
    """With a commit its digest names the subject, without one the evidence does."""
    found, asked = plain_assessment()
    (bare,) = assessment_statement(found, [asked])["subject"]
    assert bare["digest"] == {"sha256": found.evidence_root}
    committed = msgspec.structs.replace(found, commit="a" * 40, tree="b" * 40)
    (subject,) = assessment_statement(committed, [asked])["subject"]
    assert subject["digest"] == {"gitCommit": "a" * 40, "gitTree": "b" * 40}


def test_the_digest_covers_the_whole_assessment() -> None:
    """Any change of the assessment changes the digest that the statement names."""
    found, _ = plain_assessment()
    changed = msgspec.structs.replace(found, probes_run=found.probes_run + 1)
    assert assessment_digest(found) != assessment_digest(changed)


@given(hostile)
def test_hostile_text_stays_json(text: str) -> None:
    """Whatever the tree says, the statement is JSON of the same shape."""
    found, asked, _ = made_of(text)
    assert predicate(found, [asked])["resourceUri"].isprintable()
