"""A project spent more today than it may.

Watches: the cost of model requests by project and UTC day, each request once whoever tells of it.

Fires: at the request that takes the day's spend to the limit (warning) and to a multiple of it
(critical). A request without a price is not free: the summary counts those left out.

Clears: on a later day, once that day has requests of any project.

No data: nothing was told today at all, or too many of the day's requests have no price.
"""

from collections.abc import Sequence

from pawl.alerts.instants import DAY_S, instant
from pawl.alerts.judging import blind, judged
from pawl.alerts.reading import ROWS, Level, Reading, Row, scope_of
from pawl.alerts.rule import Context, Counted, Fact, Rule, Thresholds
from pawl.alerts.windows import Latest, Scopes, Shares
from pawl.base.money import MICROS_PER_USD, format_usd
from pawl.telemetry.bill import UNKNOWN
from pawl.telemetry.event import Kind

EVERYTHING = ""
"""Stands for all projects together; no project is called so."""


class CostOverThreshold(Thresholds, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`usd_per_day` for each project, `usd_by_project` for those named, `usd_total` for all.

    `critical_times` the limit is critical. With more than `unpriced_share` of the day's requests
    without a price, nothing can be told below the limit.
    """

    usd_per_day: float
    critical_times: float
    unpriced_share: float
    usd_total: float | None = None
    usd_by_project: dict[str, float] = {}


class _Day:
    __slots__ = ("costly", "micros", "models", "requests", "sessions", "unpriced")

    def __init__(self) -> None:
        self.micros = self.requests = self.unpriced = 0
        self.sessions, self.models = Shares(), Shares()
        self.costly: Latest[int] = Latest(ROWS)

    def count(self, counted: Counted, sign: int) -> None:
        self.requests += sign
        if counted.micros is None:
            self.unpriced += sign
            return
        self.micros += sign * counted.micros
        self.sessions.add(counted.session or counted.run, sign * counted.micros)
        self.models.add(counted.model, sign * counted.micros)
        if sign > 0:
            # Ordered by money instead of time: the dearest stay.
            self.costly.put(counted.micros, counted.key, counted.micros)
        else:
            self.costly.remove(counted.key)

    def correct(self, before: Counted, after: Counted) -> None:
        """Count a request of which more is known now.

        Mostly it costs what it did; then its place among the dearest is all that may change.
        """
        micros, whose = after.micros, after.session or after.run
        if (
            before.micros == micros
            and before.model == after.model
            and (before.session or before.run) == whose
        ):
            if micros is None:
                return
            if self.sessions.knows(whose) and self.models.knows(after.model):
                self.costly.put(micros, after.key, micros)
                return
        self.count(before, -1)
        self.count(after, 1)


class _Watch:
    def __init__(self, context: Context) -> None:
        limits = context.thresholds
        assert isinstance(limits, CostOverThreshold)
        self._rule, self._limits = context.rule, limits
        self._days: Scopes[tuple[str, int], _Day] = Scopes(_Day)
        self._newest = float("-inf")

    @property
    def forgotten(self) -> int:
        return self._days.forgotten

    def see(self, facts: Sequence[Fact]) -> None:
        for fact in facts:
            before, after = fact.before, fact.after
            if after is None:
                continue
            if fact.at > self._newest:
                self._newest = fact.at
            if before is None:
                for day in self._days_of(after):
                    day.count(after, 1)
            elif before.at == after.at and before.project == after.project:
                for day in self._days_of(after):
                    day.correct(before, after)
            else:
                for day in self._days_of(before):
                    day.count(before, -1)
                for day in self._days_of(after):
                    day.count(after, 1)

    def _days_of(self, counted: Counted) -> tuple[_Day, ...]:
        """Return what a request is counted in."""
        number = counted.at // DAY_S
        if number < self._newest // DAY_S - 1:
            return ()  # Too old for any question; an import of old sessions makes no days of them.
        day = self._days.at((counted.project or UNKNOWN, int(number)))
        if self._limits.usd_total is None:
            return (day,)
        return (day, self._days.at((EVERYTHING, int(number))))

    def look(self, now: float) -> list[Reading]:
        today, at = int(now // DAY_S), instant(now)
        told = self._newest >= today * DAY_S
        found: list[Reading] = []
        for (project, number), day in self._days.items():
            if number == today:
                found += self._read(project, day, at)
            elif number < today - 1:
                self._days.drop((project, number))
            elif number < today and self._days.get((project, today)) is None:
                if told:
                    found += self._read(project, _Day(), at)
                else:
                    why = "nothing was told today by anybody."
                    found += blind(self._rule, _scope(project), why, at=at)
        return found

    def _read(self, project: str, day: _Day, at: str) -> list[Reading]:
        limits, scope = self._limits, _scope(project)
        usd = limits.usd_by_project.get(project, limits.usd_per_day)
        if project == EVERYTHING:
            usd = limits.usd_total or 0.0
        over = day.micros >= usd * MICROS_PER_USD
        if not over and day.unpriced > limits.unpriced_share * day.requests:
            why = f"{day.unpriced} of today's {day.requests} requests have no price."
            return blind(self._rule, scope, why, at=at)
        who = "all projects" if project == EVERYTHING else project
        limit = format_usd(round(usd * MICROS_PER_USD))
        summary = f"{who} spent {format_usd(day.micros)} today, limit {limit}"
        if day.unpriced:
            summary += f", and {day.unpriced} requests have no price"
        return judged(
            self._rule,
            scope,
            day.micros / MICROS_PER_USD,
            ((Level.WARNING, usd), (Level.CRITICAL, usd * limits.critical_times)),
            at=at,
            summary=f"{summary}.",
            unit="USD",
            cause=_cause(day),
            rows=[Row("request", key) for key, _ in reversed(day.costly.since(-1.0))],
            signature=f"{self._rule}|{project}",
        )


def _scope(project: str) -> tuple[tuple[str, str], ...]:
    return () if project == EVERYTHING else scope_of(project=project)


def _cause(day: _Day) -> str:
    parts = []
    for what, shares in (("session", day.sessions), ("model", day.models)):
        largest = shares.largest()
        if largest is not None:
            parts.append(f"{what} {largest[0]} spent {format_usd(largest[1])} of it")
    return "; ".join(parts)


RULE = Rule(
    title="A project spent more today than its limit",
    about="money",
    kinds=frozenset({Kind.REQUEST}),
    thresholds=CostOverThreshold,
    start=_Watch,
    response="Look at the session named; stop it if it is stuck, raise the limit if it is not.",
    history_s=2 * DAY_S,
)
