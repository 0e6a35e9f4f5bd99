"""A review as SARIF: findings, what a person must look at, and what was no success."""

from tests.render.test_review_comment import review
from tests.review.making import finding

from pawl.render.review_sarif import review_sarif
from pawl.review.finding import Category
from pawl.review.review import NotReviewed


def test_findings_are_results_with_a_stable_fingerprint() -> None:
    """Place with both lines, level, rule and index belong together."""
    one = finding(last_line=4, category=Category.SECURITY, file="a b.py")
    run = review_sarif(review(one))["runs"][0]
    result = run["results"][0]
    place = result["locations"][0]["physicalLocation"]
    assert place["artifactLocation"]["uri"] == "a%20b.py"
    assert place["region"] == {"startLine": 2, "endLine": 4}
    assert run["tool"]["driver"]["rules"][result["ruleIndex"]]["id"] == result["ruleId"]
    assert (result["ruleId"], result["level"]) == ("review/security", "error")
    assert result["partialFingerprints"] == {"pawlReview/v1": one.fingerprint}
    assert run["invocations"][0] == {"executionSuccessful": True, "toolExecutionNotifications": []}


def test_what_waits_is_for_review_and_no_failure() -> None:
    """A queued finding has the kind that asks a person to look, and no level."""
    result = review_sarif(review(finding(state="queued")))["runs"][0]["results"][0]
    assert (result["kind"], result["level"]) == ("review", "none")


def test_removed_lines_have_the_file_as_their_place() -> None:
    """Their numbers mean nothing in the version that is shown."""
    result = review_sarif(review(finding(side="old")))["runs"][0]["results"][0]
    assert "region" not in result["locations"][0]["physicalLocation"]


def test_a_partial_review_was_no_success() -> None:
    """Problems and unread files are notifications."""
    unread = NotReviewed(file="x", reason="no budget")
    told = review_sarif(review(status="partial", problem="Stopped.", not_reviewed=(unread,)))
    invocation = told["runs"][0]["invocations"][0]
    assert invocation["executionSuccessful"] is False
    assert [each["level"] for each in invocation["toolExecutionNotifications"]] == [
        "error",
        "warning",
    ]
