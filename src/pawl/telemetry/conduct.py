"""How the supervised runs of a period behaved: endings and reasons, spread, bounds.

Counts only; what they mean for a person is said where they are shown. None is unknown.
"""

from collections.abc import Iterable

import msgspec

RUNS_LEAST = 5
"""Runs that a workflow needs in a project before their spread is told; `consistency.yaml`."""

UNSUCCESSFUL = ("agent_failed", "unreadable", "stopped", "interrupted")
"""How a run that was started can end other than well. A refused run was never started."""


class Ending(msgspec.Struct, frozen=True, kw_only=True):
    """Runs that ended alike. `reason` is the limit that stopped them, else the failure's class."""

    outcome: str
    reason: str | None
    by_limit: bool
    """True where `reason` is a limit of Pawl's."""
    limited: bool | None = None
    """Whether they had a limit; None where nobody noted it."""
    runs: int


class Spread(msgspec.Struct, frozen=True, kw_only=True):
    """The spread of one quantity over runs that repeat one task; `runs` are those that told it."""

    runs: int
    median: float | None
    p90: float | None

    def ratio(self, least: int) -> float | None:
        """Return p90 over median; None below `least` runs or where the median is zero."""
        if self.runs < least or not self.median or self.p90 is None:
            return None
        return self.p90 / self.median


class Repeated(msgspec.Struct, frozen=True, kw_only=True):
    """Runs of one workflow in one project. `alike` of them ended as most of them did."""

    project: str
    workflow: str
    runs: int
    alike: int
    cost_micros: Spread
    turns: Spread
    duration_ms: Spread


class Conduct(msgspec.Struct, frozen=True, kw_only=True):
    """The supervised runs that began in a period, and the errors that agents told in it.

    `denied` counts tool calls that were refused, each once.
    """

    endings: tuple[Ending, ...] = ()
    errors: tuple[tuple[str, int], ...] = ()
    repeated: tuple[Repeated, ...] = ()
    denied: int = 0

    def count(self, *outcomes: str) -> int:
        """Return how many runs ended in one of some ways."""
        return sum(each.runs for each in self.endings if each.outcome in outcomes)

    @property
    def refused(self) -> int:
        """Runs that Pawl did not start."""
        return self.count("refused")

    @property
    def ended(self) -> int:
        """Runs that were started and have ended."""
        return sum(each.runs for each in self.endings) - self.refused

    @property
    def unsuccessful(self) -> int:
        """Runs that were started and did not end well."""
        return self.ended - self.count("succeeded")

    @property
    def held(self) -> int:
        """Ended or refused runs that were held to something: a limit, or they met one."""
        return sum(each.runs for each in self.endings if each.limited or each.outcome in _MET)

    @property
    def kept_within(self) -> int:
        """Those of `held` that met no limit."""
        return self.held - self.count(*_MET)

    def cost_spread(self) -> float | None:
        """Return the spread of cost that half of the repeated runs are within; see `typical`."""
        return typical((each.cost_micros for each in self.repeated), RUNS_LEAST)


_MET = ("stopped", "refused")


def typical(spreads: Iterable[Spread], least: int) -> float | None:
    """Return the median of p90 over median, each run having one vote; None where none is told."""
    told = sorted(
        (ratio, each.runs) for each in spreads if (ratio := each.ratio(least)) is not None
    )
    half, seen = sum(runs for _, runs in told) / 2, 0
    for ratio, runs in told:
        seen += runs
        if seen >= half:
            return ratio
    return None
