"""Decisions move a threshold within its bounds, whatever their order."""

from hypothesis import given
from hypothesis import strategies as st

from pawl.review.feedback import Judged, Threshold, Verdict, dismissed_of, thresholds_after
from pawl.review.finding import Category
from pawl.review.policy import shipped_policy

POLICY = shipped_policy()
ACT: Verdict = "act"
DISMISS: Verdict = "dismiss"


def judged(category: Category, *verdicts: Verdict) -> list[Judged]:
    return [
        Judged(fingerprint=f"{category}{number}", category=category, verdict=verdict)
        for number, verdict in enumerate(verdicts)
    ]


def of(category: Category, each: list[Judged]) -> Threshold:
    found = thresholds_after(POLICY, each).thresholds
    return next(one for one in found if one.category is category)


def test_few_decisions_move_nothing() -> None:
    """One person's mood is no evidence."""
    held = of(Category.TESTS, judged(Category.TESTS, *[DISMISS] * (POLICY.feedback.least - 1)))
    assert held.threshold == held.shipped
    assert "decisions are needed" in held.why


def test_dismissals_raise_and_acts_lower() -> None:
    """Up when most are dismissed, down when most are acted on, and other categories stay."""
    many = POLICY.feedback.least + 2
    up = of(Category.TESTS, judged(Category.TESTS, *[DISMISS] * many))
    down = of(Category.TESTS, judged(Category.TESTS, *[ACT] * many))
    assert down.threshold < down.shipped < up.threshold
    assert (up.dismissed, up.acted, down.acted) == (many, 0, many)
    untouched = of(Category.STYLE, judged(Category.TESTS, *[DISMISS] * many))
    assert untouched.threshold == untouched.shipped


def test_security_cannot_be_muted() -> None:
    """However many findings are dismissed, the ceiling holds, and the reason says so."""
    held = of(Category.SECURITY, judged(Category.SECURITY, *[DISMISS] * 500))
    assert held.threshold == POLICY.categories[Category.SECURITY].ceiling
    assert "held at its bound" in held.why


def test_the_last_decision_on_a_finding_counts() -> None:
    """Whoever changes their mind is counted once."""
    first = judged(Category.TESTS, *[DISMISS] * 9)
    again = judged(Category.TESTS, *[ACT] * 9)
    assert of(Category.TESTS, [*first, *again]).acted == 9
    assert dismissed_of([*first, *again]) == frozenset()
    assert len(dismissed_of([*again, *first])) == 9


_verdicts = st.lists(st.sampled_from(["act", "dismiss"]), max_size=40)


@given(_verdicts, st.sampled_from(Category), st.randoms(use_true_random=False))
def test_bounds_hold_and_order_does_not_count(
    verdicts: list[Verdict], category: Category, random: object
) -> None:
    """Any decisions about different findings, in any order, give one threshold within bounds."""
    each = judged(category, *verdicts)
    held = of(category, each)
    assert held.floor <= held.threshold <= held.ceiling
    random.shuffle(each)  # type: ignore[attr-defined]
    assert of(category, each) == held
    more = [*each, Judged(fingerprint="one more", category=category, verdict="dismiss")]
    if len(each) >= POLICY.feedback.least:
        assert of(category, more).threshold >= held.threshold
