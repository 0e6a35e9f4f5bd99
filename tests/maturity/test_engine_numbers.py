"""The engine's numbers come from one versioned file, each with its source."""

import msgspec
import pytest
from tests.maturity.judged import ENGINE, NUMBERS

from pawl.base.errors import BadFile, PawlError
from pawl.maturity.engine_numbers import load_numbers

TEXT = ENGINE.read_text()


def test_each_number_has_a_source_and_each_source_a_number() -> None:
    """No number of judgement stands without saying where it comes from."""
    content = msgspec.to_builtins(NUMBERS)
    groups = ("interval", "contest", "exemptions", "confirmation", "stagnation")
    named = {f"{group}.{name}" for group in groups for name in content[group]}
    assert set(NUMBERS.sources) == named


def test_durations_are_seconds() -> None:
    """Validity of a quarter, two weeks below, a week of contest."""
    day = 86_400
    assert NUMBERS.validity_seconds == 92 * day
    assert NUMBERS.below_seconds == 14 * day
    assert NUMBERS.contest_seconds == 7 * day


def test_the_digest_is_of_the_content() -> None:
    """A comment changes nothing, a number does."""
    assert load_numbers(TEXT + "\n# a comment\n").digest == NUMBERS.digest
    assert load_numbers(TEXT.replace("cap_days: 180", "cap_days: 181")).digest != NUMBERS.digest


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("cap_days: 180", "cap_days: 80"),
        ("level_share: 0.10", "level_share: 1.5"),
        ("level_floor: 1", "level_floor: -1"),
        ("same_gap: 2", "same_gap: 1"),
        ("z: 1.959963984540054", "z: 0"),
        ("window: 7d", "window: soon"),
        ("below_for: 14d", "below_for: never"),
        ("live_per_dimension: 3", "surprise: 3"),
    ],
)
def test_senseless_numbers_are_refused(old: str, new: str) -> None:
    """A number out of range, a duration that is none, a missing name: the file does not load."""
    with pytest.raises((BadFile, PawlError)):
        load_numbers(TEXT.replace(old, new, 1))
