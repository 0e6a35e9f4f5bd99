"""The engine's numbers of judgement, as a frozen value read from a versioned file.

The file is `engine.yaml` beside this module; each number has its source there. Durations are
parsed once, here.
"""

from typing import Literal

import msgspec

from pawl.base.canonical import digest
from pawl.base.durations import parse_duration
from pawl.base.errors import BadFile
from pawl.base.loading import load_yaml


class Interval(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How sure a small sample must make us. `z` is the quantile of the interval's half."""

    z: float


class Contest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How close in time opposite answers must be to contest each other."""

    window: str


class ExemptionLimits(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How much may be set aside, for how many days, and who must agree.

    `level_share` is of a level's criteria, from 0 to 1; `level_floor` is allowed in any case.
    """

    default_days: int
    cap_days: int
    level_share: float
    level_floor: int
    live_per_dimension: int
    leadership_from_renewal: int


class Confirmation(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How long a confirmed level is valid, and how long it may be below before it falls."""

    validity: str
    below_for: str


class Stagnation(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """After how many formal assessments a gap that stays, or no step, calls for intervention."""

    same_gap: int
    no_step: int


class EngineNumbers(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """All of them, with where each comes from."""

    schema: Literal["pawl.maturity-engine/1"]
    version: str
    as_of: str
    interval: Interval
    contest: Contest
    exemptions: ExemptionLimits
    confirmation: Confirmation
    stagnation: Stagnation
    sources: dict[str, str]

    @property
    def digest(self) -> str:
        """The digest of the file's content, whatever its spacing."""
        return digest(msgspec.to_builtins(self))

    @property
    def contest_seconds(self) -> float:
        """The contest window in seconds."""
        return parse_duration(self.contest.window)

    @property
    def validity_seconds(self) -> float:
        """How long a confirmed level is valid at most, in seconds."""
        return parse_duration(self.confirmation.validity)

    @property
    def below_seconds(self) -> float:
        """How long a level may be below what was confirmed, in seconds."""
        return parse_duration(self.confirmation.below_for)


def load_numbers(text: str, *, place: str = "engine.yaml") -> EngineNumbers:
    """Return the numbers in a file's text; raises BadFile for any that is missing or senseless."""
    numbers = load_yaml(text, EngineNumbers, place=place)
    limits, stagnation = numbers.exemptions, numbers.stagnation
    sensible = {
        "interval.z": 0 < numbers.interval.z < 10,
        "exemptions.default_days": 0 < limits.default_days <= limits.cap_days,
        "exemptions.level_share": 0 <= limits.level_share <= 1,
        "exemptions.level_floor": limits.level_floor >= 0,
        "exemptions.live_per_dimension": limits.live_per_dimension >= 0,
        "exemptions.leadership_from_renewal": limits.leadership_from_renewal >= 1,
        "stagnation.same_gap": stagnation.same_gap >= 2,
        "stagnation.no_step": stagnation.no_step >= 2,
    }
    for name, holds in sensible.items():
        if not holds:
            raise BadFile(f"{name} makes no sense.", place=place, hint="See the file's sources.")
    for duration in (numbers.contest.window, numbers.confirmation.validity):
        parse_duration(duration, place=place)
    parse_duration(numbers.confirmation.below_for, place=place)
    return numbers
