"""What failed and was taken out of the count earns nothing by it."""

from tests.maturity.detectors.looking import hits, look, one, record

from pawl.maturity.detector import Look
from pawl.maturity.evidence import Share

CODE = "G09"


def _gone(days: float) -> Look:
    return look(
        record("flags-expire", "not-applicable"),
        past=(
            record("flags-expire", "fail", days=days + 10),
            record("flags-expire", "not-applicable", days=days),
        ),
    )


def _share(then: tuple[int, int], now: tuple[int, int], *, census: bool = True) -> Look:
    return look(
        record("tests-assert", asserting=Share(*now, census=census)),
        past=(record("tests-assert", days=20, asserting=Share(*then, census=census)),),
    )


def _live(then: int, now: int) -> Look:
    return look(
        record("exceptions-expire", live=now),
        past=(record("exceptions-expire", days=20, live=then),),
    )


def test_a_no_that_does_not_arise_any_more_is_contested() -> None:
    """It stays so for a quarter, however often somebody looks in between."""
    assert one(CODE, _gone(20)).action == "contested"
    assert hits(CODE, _gone(100)) == []


def test_what_never_applied_is_innocent() -> None:
    """No earlier no, no hit; a yes that went away is no trick either."""
    assert hits(CODE, look(record("flags-expire", "not-applicable"))) == []
    was_yes = (record("flags-expire", days=20),)
    assert hits(CODE, look(record("flags-expire", "not-applicable"), past=was_yes)) == []


def test_a_share_of_less_is_provisional() -> None:
    """Forty of fifty became thirty-nine of forty by dropping eleven."""
    assert one(CODE, _share((40, 50), (39, 40))).action == "provisional"


def test_a_share_that_was_worked_for_is_not() -> None:
    """More hits of a smaller whole were mended; a sample's size says nothing."""
    assert hits(CODE, _share((30, 50), (39, 40))) == []
    assert hits(CODE, _share((40, 50), (39, 40), census=False)) == []


def test_a_wave_of_exceptions_is_provisional() -> None:
    """Four exceptions became twelve; what they mute loses credit."""
    assert "secrets-are-scanned" in one(CODE, _live(4, 12)).probes
    assert hits(CODE, _live(4, 6)) == []
    assert hits(CODE, _live(40, 48)) == []


DECIDES = {
    "shrank_over": (0.3, lambda: _share((40, 50), (39, 40))),
    "things_min": (60, lambda: _share((40, 50), (39, 40))),
    "settles_days": (10, lambda: _gone(20)),
    "growth_over": (3.0, lambda: _live(4, 12)),
    "growth_min": (9, lambda: _live(4, 12)),
}
