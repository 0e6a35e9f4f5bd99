"""Rates over a sliding window: how many of all went wrong, by scope, with what went wrong most.

What several rules share: errors of requests, errors of tools, refusals. A rate needs a least
number of events; below it nothing is said, because one failure of two is no rate.
"""

from pawl.alerts.instants import instant
from pawl.alerts.judging import Levels, blind, judged, percent
from pawl.alerts.reading import ROWS, Level, Reading, Row, scope_of
from pawl.alerts.rule import Context, Thresholds
from pawl.alerts.windows import Counts, Latest, Scopes, Shares

TOTAL, BAD = 0, 1
_BASE_PARTS = 48


class RateThresholds(Thresholds, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`warning_share` and `critical_share` of `events_min` events or more in `window_s`.

    `clear_share` is the part of a threshold that a firing alert must fall below to resolve.
    """

    window_s: float
    events_min: int
    warning_share: float
    critical_share: float
    clear_share: float

    @property
    def levels(self) -> Levels:
        """Levels with their thresholds."""
        return ((Level.WARNING, self.warning_share), (Level.CRITICAL, self.critical_share))


Named = tuple[str | None, str | None]
"""The values of a scope's two names."""


class Rate:
    """What is counted of one scope."""

    __slots__ = ("base", "evidence", "names", "window")

    def __init__(self, window_s: float, base_s: float) -> None:
        self.window = Counts(window_s, 2)
        self.base = Counts(base_s, 2, _BASE_PARTS) if base_s else None
        self.evidence: Latest[Row] = Latest(ROWS)
        self.names: Latest[str] = Latest(200)

    def count(self, at: float, field: int, amount: int = 1) -> None:
        """Count events, `TOTAL` or `BAD`; a correction counts less than nothing."""
        self.window.add(at, field, amount)
        if self.base is not None:
            self.base.add(at, field, amount)

    def blame(self, at: float, row: Row, name: str) -> None:
        """Keep what shows that something went wrong, and a name for what it was."""
        self.evidence.put(at, row.id, row)
        self.names.put(at, row.id, name)


class Rates:
    """Rates by scopes of two `names`; for summaries `noun` is what is counted, `wrong` what it did.

    With `base_s` a rate must also be `times` the rate of the time before the window, so that a
    project that always fails a little is not told of every day.
    """

    def __init__(
        self,
        context: Context,
        thresholds: RateThresholds,
        noun: str,
        wrong: str,
        names: tuple[str, str],
        *,
        base_s: float = 0.0,
        times: float = 0.0,
        base_min: int = 0,
    ) -> None:
        self._rule = context.rule
        self._limits = thresholds
        self._noun = noun
        self._names = names
        self._wrong = wrong
        self._times = times
        self._base_min = base_min
        window_s = thresholds.window_s
        self._idle_s = 2 * max(window_s, base_s)
        self._scopes: Scopes[Named, Rate] = Scopes(lambda: Rate(window_s, base_s))
        self.of = self._scopes.at

    @property
    def forgotten(self) -> int:
        """How many scopes were forgotten to bound memory."""
        return self._scopes.forgotten

    def look(self, now: float) -> list[Reading]:
        """Return readings of all scopes; one without anything for two windows is dropped."""
        found: list[Reading] = []
        at = instant(now)
        for scope, rate in self._scopes.items():
            if now - rate.window.last() > self._idle_s:
                self._scopes.drop(scope)
                continue
            found += self._read(scope, rate, now, at)
        return found

    def _read(self, named: Named, rate: Rate, now: float, at: str) -> list[Reading]:
        scope = scope_of(**dict(zip(self._names, named, strict=True)))
        total, bad = rate.window.sums(now)
        limits = self._limits
        if total < limits.events_min:
            why = f"{total} {self._noun} in the window, and {limits.events_min} make a rate."
            return blind(self._rule, scope, why, at=at)
        share = bad / total
        since = now - limits.window_s
        summary = f"{percent(share)} of {total} {self._noun} {self._wrong}"
        usual = self._usual(rate, total, bad, now)
        if usual is not None:
            summary += f", usually {percent(usual)}"
        names = Shares()
        for _, name in rate.names.since(since):
            names.add(name, 1)
        most = names.largest()
        return judged(
            self._rule,
            scope,
            share,
            limits.levels,
            at=at,
            summary=f"{summary}.",
            unit="share",
            clear=limits.clear_share,
            cause="" if most is None else f"most often: {most[0]} ({most[1]})",
            rows=[row for _, row in reversed(rate.evidence.since(since))],
            signature=f"{self._rule}|{most[0]}" if most else self._rule,
            usual=usual is not None and share < usual * self._times,
        )

    def _usual(self, rate: Rate, total: int, bad: int, now: float) -> float | None:
        """Return the rate of the time before the window; None when too little is known."""
        if rate.base is None:
            return None
        all_total, all_bad = rate.base.sums(now)
        before = all_total - total
        return (all_bad - bad) / before if before >= max(1, self._base_min) else None
