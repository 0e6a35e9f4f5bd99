"""A maturity model as data: dimensions, levels, descriptors, criteria with declared thresholds.

One schema for every model. Models are never averaged or converted into each other; a crosswalk
explains where they touch. Each row says whether its source states it (`seed`) or we wrote it
(`authored`).
"""

from typing import Literal

import msgspec

from pawl.maturity.evidence import Assurance, Depth

Origin = Literal["seed", "authored"]


class Threshold(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What one named value must be. A share is compared from 0 to 1; a sample by its interval."""

    at_least: float | None = None
    at_most: float | None = None
    equals: bool | int | float | str | None = None


class Need(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Evidence that a criterion needs: a probe's yes, so deep, so fresh, with these values.

    `depth` and `fresh_for` (a duration) default to the level's own. A depth below the level's
    says why in `because`.
    """

    probe: str
    where: dict[str, Threshold] = {}
    depth: Depth | None = None
    fresh_for: str | None = None
    because: str = ""


class Criterion(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One requirement of one level in one dimension.

    Where its `applies_when` is answered with no, it does not apply. `descriptors` are the ids of
    the source's own words that it proves. `min_kinds` independent kinds of source must agree;
    `hold_for` (a duration) is how long it must have held at every observation, without a gap above
    `max_gap`. `risk` from 1 to 5 is our estimate of the harm that meeting it removes, for ordering
    a roadmap. A retired id stays in `replaces`.
    """

    id: str
    dimension: str
    level: int
    origin: Origin
    statement: str
    needs: dict[str, Need]
    descriptors: tuple[str, ...] = ()
    applies_when: Need | None = None
    min_kinds: int = 1
    min_assurance: Assurance = Assurance.OBSERVED
    hold_for: str | None = None
    max_gap: str = "7d"
    pairs: tuple[str, ...] = ()
    exemptible: bool = True
    risk: int = 3
    indicator: str = ""
    replaces: tuple[str, ...] = ()
    added: bool = False
    """An organisation's overlay added it: it is required, but counts neither towards the share of
    met criteria nor as a level's one proof, so that an easy row cannot lift a level."""


class Dimension(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One thing that a model rates apart from the others."""

    id: str
    name: str
    origin: Origin = "seed"


class Level(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One level. `id` is namespaced by the model: `eng.L2`, `ops.L2`, `adopt.S3`.

    `min_depth` is how deep evidence must reach from here on, `fresh_for` how long it lasts.
    `recheck` is how long the level stands without being proved again. `entry` marks the level
    where everybody starts: it asks for nothing and always holds.
    """

    ordinal: int
    id: str
    name: str
    description: str
    origin: Origin = "seed"
    risk: str = ""
    focus: str = ""
    benefit: str = ""
    allowed: str = ""
    exit_condition: str = ""
    entry: bool = False
    min_depth: Depth = Depth.SUBSTANTIVE
    fresh_for: str = "180d"
    recheck: str | None = None


class Descriptor(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One statement of the source about a level, in its words, tagged with a dimension.

    `carried_by` says why no criterion proves it, where none does: it is shown as text only.
    """

    id: str
    level: int
    dimension: str
    text: str
    origin: Origin = "seed"
    carried_by: str = ""


class Cell(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A level of a dimension about which the source says nothing.

    `treatment` says whether we wrote criteria for it, or pass through it without rating.
    """

    level: int
    dimension: str
    treatment: Literal["authored", "unrated"]


class Source(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where a model comes from and when it was read."""

    title: str
    section: str = ""
    as_of: str


class Model(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One maturity model. `max_step` is how many levels one assessment may add, None any number.

    `digest` is of the file's canonical content, filled when it is loaded.
    """

    schema: Literal["pawl.maturity-model/1"] = "pawl.maturity-model/1"
    id: str
    version: str
    name: str
    purpose: str
    source: Source
    rates: Literal["team", "organisation", "repository"]
    forbidden_uses: tuple[str, ...]
    dimensions: tuple[Dimension, ...]
    levels: tuple[Level, ...]
    descriptors: tuple[Descriptor, ...] = ()
    empty_cells: tuple[Cell, ...] = ()
    criteria: tuple[Criterion, ...]
    max_step: int | None = 1
    baseline: int | None = None
    validity: str = "92d"
    met_share: float = 0.6
    rules: dict[str, tuple[str, ...]] = {}
    digest: str = ""

    def level(self, ordinal: int) -> Level:
        """Return a level by its ordinal; raises KeyError."""
        for level in self.levels:
            if level.ordinal == ordinal:
                return level
        raise KeyError(ordinal)

    def cell(self, dimension: str, ordinal: int) -> tuple[Criterion, ...]:
        """Return the criteria of one level of one dimension, in the file's order."""
        return tuple(
            each for each in self.criteria if each.dimension == dimension and each.level == ordinal
        )
