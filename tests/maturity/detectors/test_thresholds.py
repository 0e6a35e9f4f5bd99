"""Every number of the detectors has a source and decides an outcome."""

import importlib
from pathlib import Path
from typing import Any

import msgspec
import pytest
from tests.maturity.detectors.looking import detectors, hits, look, thresholds

from pawl.maturity.lint import OUTCOME_PAIRS
from pawl.maturity.verdict import Hit

MODULES = sorted(
    path.stem for path in Path(__file__).parent.glob("test_*.py") if path.stem != "test_thresholds"
)


def _decides() -> list[tuple[str, str, Any, Any]]:
    found = []
    for stem in MODULES:
        module = importlib.import_module(f"tests.maturity.detectors.{stem}")
        for name, (other, scene) in getattr(module, "DECIDES", {}).items():
            found.append((module.CODE, name, other, scene))
    return found


DECIDES = _decides()


@pytest.mark.parametrize(
    ("code", "name", "other", "scene"), DECIDES, ids=[f"{d[0]}.{d[1]}" for d in DECIDES]
)
def test_a_number_decides_an_outcome(code: str, name: str, other: Any, scene: Any) -> None:
    """The same look with another number is noticed otherwise."""
    seen = scene()
    assert _outcome(hits(code, seen)) != _outcome(hits(code, seen, **{name: other}))


def _outcome(found: list[Hit]) -> list[Hit]:
    """Return what was noticed without its words, which may only repeat the number."""
    return [msgspec.structs.replace(each, indicator="") for each in found]


def test_every_number_has_such_a_case_and_a_source() -> None:
    """No number stands in the file that nothing hangs on or that came from nowhere."""
    numbers = {f"{code}.{name}" for code, named in thresholds().detectors.items() for name in named}
    assert {f"{code}.{name}" for code, name, _, _ in DECIDES} == numbers
    assert set(thresholds().sources) == numbers
    assert all(len(source) > 10 for source in thresholds().sources.values())


def test_there_are_sixteen_detectors() -> None:
    """Each code has one detector, one row of numbers and words for users."""
    codes = [f"G{number:02}" for number in range(1, 17)]
    assert sorted(detectors()) == codes == sorted(thresholds().detectors)
    for detector in detectors().values():
        assert detector.innocent
        assert detector.remedy
        assert detector.what.endswith(".")


@pytest.mark.parametrize("code", sorted(thresholds().detectors))
def test_nothing_to_look_at_is_nothing_to_notice(code: str) -> None:
    """Absent facts and no records accuse nobody."""
    assert hits(code, look()) == []


def test_every_outcome_pair_is_looked_at() -> None:
    """Each pair that a criterion may name is one that the detector knows."""
    from pawl.maturity.detectors.goodhart_pair import PAIRS

    assert PAIRS.keys() == OUTCOME_PAIRS.keys()
