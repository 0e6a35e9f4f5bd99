"""What an integrity detector is: a pure look at evidence for signs of proving less than it says.

A hit names its innocent explanation and only removes credit: it never lowers a level below what
other evidence supports, and never names a person. Its numbers come from a versioned file.
"""

from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from pawl.maturity.evidence import Record
from pawl.maturity.facts import Facts
from pawl.maturity.verdict import Hit


class Look(msgspec.Struct, frozen=True, kw_only=True):
    """What a detector may look at.

    `records` are today's by probe id; `past` every earlier record of the subject, oldest first;
    `base` the records that the base version of the definitions would give, where there is one.
    `numbers` are the detector's own, from the thresholds file. `serves` maps a probe id to the
    criteria that cite it. `assessed_on` is the date of a formal assessment, where one is due.
    """

    facts: Facts
    records: Mapping[str, Record]
    past: tuple[Record, ...]
    numbers: Mapping[str, Any]
    serves: Mapping[str, tuple[str, ...]] = {}
    levels: Mapping[str, int] = {}
    """Criterion id to its level."""
    edited: tuple[str, ...] = ()
    """Definitions (models, thresholds, exemptions, probes) that the assessed change edits."""
    assessed_on: str | None = None
    others: Mapping[str, tuple[Record, ...]] = {}
    """Records of other subjects, by subject."""
    team: tuple[str, ...] = ()
    """Accounts and addresses of the assessed side, as the base version lists them. Never shown."""
    pairs: Mapping[str, tuple[str, ...]] = {}
    """Outcome pair (`lint.OUTCOME_PAIRS`) to the criteria that it guards."""
    series: Mapping[str, tuple[tuple[str, float], ...]] = {}
    """Figures over time that no facts hold, as `(time, value)`: `cost-per-run`, `eval-pass`."""
    gaps: tuple[tuple[str, str], ...] = ()
    """Stretches in which no telemetry arrived although there was work, as `(start, end)`."""
    seen_commits: tuple[str, ...] = ()
    """Commits of the default branch that earlier assessments looked at."""


class Detector(msgspec.Struct, frozen=True, kw_only=True):
    """One detector. `code` is its short name, `G01` to `G16`."""

    code: str
    name: str
    what: str
    innocent: str
    remedy: str
    look: Callable[[Look], list[Hit]]
