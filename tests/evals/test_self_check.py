"""A case is fit to use only when a good record passes it and an empty one fails it."""

from tests.evals.cases import RELEASE, case
from tests.evals.test_grade import FORCE, TAG, record
from tests.evals.trials import Given

from pawl.evals.grade import Mark
from pawl.evals.record import Sight
from pawl.evals.self_check import self_check


def test_a_sound_case_is_valid() -> None:
    """The oracle passes and the null fails, whatever assets the two were made with."""
    of = case()
    found = self_check(of, record(of, Given(calls=(TAG,)), assets={}), record(of, Given()))
    assert found.valid
    assert (found.oracle, found.null) == (Mark.PASS, Mark.FAIL)


def test_a_case_that_nothing_fails_is_rejected() -> None:
    """A guard that doing nothing passes proves nothing, and the null record is named."""
    of = case(RELEASE.replace("when: all", "when: no-force"))
    found = self_check(of, record(of, Given(calls=(TAG,))), record(of, Given()))
    assert not found.valid
    assert found.problems == (
        "The null record must be graded fail and is pass: All that the case asks holds.",
    )


def test_a_case_that_doing_right_fails_is_rejected() -> None:
    """An oracle that fails is named with the assertion that fails it."""
    of = case()
    found = self_check(of, record(of, Given(calls=(TAG, FORCE))), record(of, Given()))
    assert [problem.split(":")[0] for problem in found.problems] == [
        "The oracle record must be graded pass and is fail"
    ]
    assert "no-force" in found.problems[0]


def test_unknown_is_no_proof() -> None:
    """A null record that cannot be graded does not count as failing; a missing one is missing."""
    of = case()
    blind = record(of, Given(sees=(Sight.FINAL,)))
    found = self_check(of, None, blind)
    assert (found.oracle, found.null) == (None, Mark.CANNOT_TELL)
    assert found.problems[0] == "The oracle record is missing."
    assert "cannot-tell" in found.problems[1]
    strange = self_check(of, record(of, Given(calls=(TAG,)), case="x"), record(of, Given()))
    assert strange.problems == ("The oracle record is of the case 'x'.",)


def test_a_case_must_go_on_failing_on_the_run_it_came_from() -> None:
    """What was drafted from an incident and then edited until that passes is rejected."""
    of = case()
    good, nothing = record(of, Given(calls=(TAG,))), record(of, Given())
    bad = record(of, Given(calls=(TAG, FORCE), sees=(Sight.TOOLS, Sight.TOOL_ARGS)))
    assert self_check(of, good, nothing, bad).origin is Mark.FAIL
    found = self_check(of, good, nothing, good)
    assert found.problems == (
        "The origin record must be graded fail and is pass: All that the case asks holds.",
    )
