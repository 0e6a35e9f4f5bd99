"""Tests that could not fail take credit from what counts them."""

from tests.maturity.detectors.looking import hits, look, one, record

from pawl.maturity.detector import Look
from pawl.maturity.evidence import Share

CODE = "G07"


def _seen(asserting: int, of: int) -> Look:
    return look(record("tests-assert", asserting=Share(asserting, of), places=("tests/test_a.py",)))


def test_empty_tests_are_noticed() -> None:
    """Six of six contest what counts them; a third of them makes it provisional."""
    assert one(CODE, _seen(0, 6)).action == "contested"
    hit = one(CODE, _seen(20, 30))
    assert hit.action == "provisional"
    assert "tests-are-executed" in hit.probes


def test_good_tests_are_not() -> None:
    """One in a hundred is a healthy repository."""
    assert hits(CODE, _seen(99, 100)) == []


def test_one_smoke_test_among_five_is_innocent() -> None:
    """Of a few tests, one says nothing about the others."""
    assert hits(CODE, _seen(4, 5)) == []


def test_helpers_that_assert_are_believed() -> None:
    """A test that rests on a helper of a package counts as one that asserts."""
    from tests.maturity.told import facts

    from pawl.maturity.probe import ask
    from pawl.maturity.probes.tests_assert import PROBE

    text = "from shop.testing import assert_shop\n\n" + "".join(
        f"def test_{at}():\n    assert_shop({at})\n\n" for at in range(12)
    )
    told = ask("tests-assert", PROBE, facts({"tests/test_a.py": text, "shop.py": "x = 1\n"}))
    assert hits(CODE, look(told)) == []


DECIDES = {
    "share_over": (0.5, lambda: _seen(20, 30)),
    "contested_over": (0.9, lambda: _seen(0, 6)),
    "z": (9.0, lambda: _seen(20, 30)),
}
