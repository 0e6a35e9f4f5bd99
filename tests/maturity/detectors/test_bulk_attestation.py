"""Attestations in bulk are provisional, and a sample of them is to be proved."""

from collections.abc import Sequence

import pytest
from tests.maturity.detectors.looking import hits, look, one, record

from pawl.maturity.detector import Look

CODE = "G03"
WORDS = "the on call rota was walked through with everybody on shift and two gaps were closed"
DAY = 86_400


def _given(
    seconds: Sequence[float], reasons: list[str] | None = None, kind: str = "attestation"
) -> Look:
    said = reasons or [f"reason number {at} is quite its own {at * at}" for at in range(99)]
    past = tuple(
        record(f"p{at}", kinds=(kind,), days=second / DAY, collector="x", reason=said[at])
        for at, second in enumerate(seconds)
    )
    return look(past=past)


FIVE = [0, 100, 200, 300, 400]
ALIKE = [WORDS, WORDS, f"{WORDS} again"]
APART = [0, 5 * DAY, 10 * DAY]


def test_five_in_ten_minutes_are_noticed() -> None:
    """They stay provisional, and one of five is to be proved."""
    hit = one(CODE, _given(FIVE))
    assert hit.action == "provisional"
    assert hit.remedy == "Prove 1 of the 5 by other evidence."
    assert len(hit.evidence) == 5


def test_the_same_words_are_noticed() -> None:
    """Three texts that share nearly all their words are one text."""
    assert "same words" in one(CODE, _given(APART, ALIKE)).indicator


def test_faster_than_reading_is_noticed() -> None:
    """Three that each came seconds after the one before."""
    assert "seconds" in one(CODE, _given([0, 10, 20, 30])).indicator


def test_one_a_week_in_its_own_words_is_not() -> None:
    """Attestations that took their time are believed."""
    assert hits(CODE, _given(APART)) == []


def test_one_probe_asked_again_and_again_is_not() -> None:
    """Its sentence is the same at each look because the question is, and only the newest counts."""
    past = tuple(
        record("p", kinds=("attestation",), days=days, collector="x", reason=WORDS)
        for days in (0, 0.001, 0.002, 7, 14, 21, 28)
    )
    assert hits(CODE, look(past=past)) == []


@pytest.mark.parametrize("outcome", ["cannot-tell", "error"])
def test_what_says_nothing_is_no_attestation(outcome: str) -> None:
    """Questions of several probes that nobody answered are worded alike, and vouch for nothing."""
    past = tuple(
        record(f"p{at}", outcome, kinds=("attestation",), collector="x", reason=WORDS)
        for at in range(9)
    )
    assert hits(CODE, look(past=past)) == []


def test_records_of_machines_are_never_in_bulk() -> None:
    """Whatever a collector reads comes at once."""
    assert hits(CODE, _given(FIVE, kind="ci")) == []


DECIDES = {
    "count_min": (6, lambda: _given(FIVE)),
    "window_minutes": (5, lambda: _given(FIVE)),
    "alike_over": (0.99, lambda: _given(APART, ALIKE)),
    "alike_min": (4, lambda: _given(APART, ALIKE)),
    "dwell_seconds": (9, lambda: _given([0, 10, 20, 30])),
    "dwell_min": (4, lambda: _given([0, 10, 20, 30])),
    "sample_share": (0.5, lambda: _given(FIVE)),
}
