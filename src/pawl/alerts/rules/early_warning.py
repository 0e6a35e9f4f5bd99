"""A number grows from week to week, before it is anybody's incident.

Watches: by project and whole UTC day: model errors and tool errors as shares of what was tried,
and the cost of requests.

Fires: when the share of the last week is higher than that of the week before by the threshold, or
the cost of the last four weeks than that of the four before. Only whole days count, so a number
changes once a day.

No data: the project was not seen for both spans, or too little happened in one of them; money
also while too many requests have no price.
"""

from collections.abc import Sequence
from typing import Literal

from pawl.alerts.instants import DAY_S, instant
from pawl.alerts.judging import blind, judged, percent
from pawl.alerts.reading import ROWS, Level, Reading, Row, Scope, scope_of
from pawl.alerts.rule import Context, Counted, Fact, Rule, Thresholds
from pawl.alerts.windows import Latest, Scopes
from pawl.base.money import MICROS_PER_USD, format_usd
from pawl.telemetry.bill import UNKNOWN
from pawl.telemetry.event import Kind

_MICROS, _PRICED, _UNPRICED, _FAILED, _RESULTS, _TOOL_ERRORS = range(6)
_DAYS = 62
_UNREAD = (-1, False)


class EarlyWarning(Thresholds, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Growth as a share of the span before; the least of what each span must hold."""

    errors_warning: float
    errors_critical: float
    cost_warning: float
    cost_critical: float
    attempts_min: int
    failures_min: int
    usd_min: float
    unpriced_share: float
    errors_days: int
    cost_days: int


class _Project:
    __slots__ = ("days", "evidence", "first", "known", "read")

    def __init__(self) -> None:
        self.days: dict[int, list[int]] = {}
        self.first = 1 << 60
        self.known = _UNREAD
        self.read: list[Reading] = []
        self.evidence: dict[str, Latest[Literal["event", "request"]]] = {
            name: Latest(ROWS) for name in ("errors", "tool errors", "cost")
        }

    def day(self, at: float) -> list[int]:
        """Return the counts of a day, which are about to change."""
        self.known = _UNREAD
        number = int(at // DAY_S)
        counts = self.days.get(number)
        if counts is None:
            self.first = min(self.first, number)
            counts = self.days[number] = [0] * 6
            while len(self.days) > _DAYS:
                del self.days[min(self.days)]
        return counts

    def correct(self, before: Counted, after: Counted) -> bool:
        """Put the cost of a request right in place, if it had and has one on a day still known."""
        counts = self.days.get(int(after.at // DAY_S))
        if counts is None or (before.micros is None) is not (after.micros is None):
            return False
        self.known = _UNREAD
        if before.micros is not None and after.micros is not None:
            counts[_MICROS] += after.micros - before.micros
            self.evidence["cost"].put(after.micros, after.key, "request")
        return True

    def sums(self, first: int, last: int) -> list[int]:
        total = [0] * 6
        for day, counts in self.days.items():
            if first <= day <= last:
                total = [a + b for a, b in zip(total, counts, strict=True)]
        return total


class _Watch:
    def __init__(self, context: Context) -> None:
        limits = context.thresholds
        assert isinstance(limits, EarlyWarning)
        self._rule, self._limits = context.rule, limits
        self._projects: Scopes[str, _Project] = Scopes(_Project, 500)

    @property
    def forgotten(self) -> int:
        return self._projects.forgotten

    def see(self, facts: Sequence[Fact]) -> None:
        for fact in facts:
            if fact.again:
                continue
            before, after = fact.before, fact.after
            if after is None:
                self._tried(fact)
            elif before is None:
                self._count(after, 1)
            elif not self._corrected(before, after):
                self._count(before, -1)
                self._count(after, 1)

    def _corrected(self, before: Counted, after: Counted) -> bool:
        if before.at != after.at or before.project != after.project:
            return False
        return self._projects.at(after.project or UNKNOWN).correct(before, after)

    def _tried(self, fact: Fact) -> None:
        event = fact.event
        project = self._projects.at(event.project or UNKNOWN)
        if event.kind is Kind.TOOL_RESULT:
            if event.outcome is not None:
                counts = project.day(fact.at)
                counts[_RESULTS] += 1
                if event.outcome == "error":
                    counts[_TOOL_ERRORS] += 1
                    project.evidence["tool errors"].put(fact.at, event.id, "event")
        elif event.kind is not Kind.REQUEST:
            project.day(fact.at)[_FAILED] += 1
            project.evidence["errors"].put(fact.at, event.id, "event")

    def _count(self, counted: Counted, sign: int) -> None:
        project = self._projects.at(counted.project or UNKNOWN)
        counts = project.day(counted.at)
        if counted.micros is None:
            counts[_UNPRICED] += sign
            return
        counts[_PRICED] += sign
        counts[_MICROS] += sign * counted.micros
        dear = project.evidence["cost"]  # Ordered by money: the dearest stay.
        if sign > 0:
            dear.put(counted.micros, counted.key, "request")
        else:
            dear.remove(counted.key)

    def look(self, now: float) -> list[Reading]:
        found: list[Reading] = []
        today, at = int(now // DAY_S), instant(now)
        for name, project in self._projects.items():
            if project.known != (today, True):
                if max(project.days, default=today) < today - 2 * self._limits.cost_days:
                    self._projects.drop(name)
                    continue
                project.read = self._read(name, project, today, at)
                project.known = (today, True)
            found += project.read
        return found

    def _read(self, name: str, project: _Project, today: int, at: str) -> list[Reading]:
        limits = self._limits
        week, month = limits.errors_days, limits.cost_days
        last, before = _spans(project, today, week)
        found: list[Reading] = []
        for signal, bad, good in (
            ("errors", _FAILED, (_PRICED, _UNPRICED, _FAILED)),
            ("tool errors", _TOOL_ERRORS, (_RESULTS,)),
        ):
            scope = scope_of(project=name, signal=signal)
            tried = [sum(counts[field] for field in good) for counts in (last, before)]
            if project.first > today - 2 * week or min(tried) < limits.attempts_min:
                why = f"too little of {name} is known of the last {2 * week} days."
                found += blind(self._rule, scope, why, at=at)
                continue
            shares = (last[bad] / tried[0], max(before[bad], 1) / tried[1])
            found += self._grown(
                project, scope, shares, (limits.errors_warning, limits.errors_critical),
                f"{percent(shares[0])} {signal} in {week} days, {percent(shares[1])} before",
                at, few=last[bad] < limits.failures_min,
            )  # fmt: skip
        scope = scope_of(project=name, signal="cost")
        last, before = _spans(project, today, month)
        unpriced = any(
            counts[_UNPRICED] > limits.unpriced_share * (counts[_UNPRICED] + counts[_PRICED])
            for counts in (last, before)
        )
        small = before[_MICROS] < limits.usd_min * MICROS_PER_USD
        if project.first > today - 2 * month or unpriced or small:
            why = f"too little of what {name} spent in the last {2 * month} days is known."
            return found + blind(self._rule, scope, why, at=at)
        money = (float(last[_MICROS]), float(before[_MICROS]))
        text = f"{format_usd(last[_MICROS])} in {month} days, {format_usd(before[_MICROS])} before"
        levels = (limits.cost_warning, limits.cost_critical)
        return found + self._grown(project, scope, money, levels, text, at)

    def _grown(
        self,
        project: _Project,
        scope: Scope,
        pair: tuple[float, float],
        levels: tuple[float, float],
        text: str,
        at: str,
        *,
        few: bool = False,
    ) -> list[Reading]:
        growth = pair[0] / pair[1] - 1
        told = project.evidence[dict(scope)["signal"]].since(-1.0)
        return judged(
            self._rule,
            scope,
            growth,
            ((Level.WARNING, levels[0]), (Level.CRITICAL, levels[1])),
            at=at,
            summary=f"{text}: {growth:+.0%}.",
            unit="growth",
            rows=[Row(what, name) for name, what in reversed(told)],
            usual=few,
        )


def _spans(project: _Project, today: int, days: int) -> tuple[list[int], list[int]]:
    last = project.sums(today - days, today - 1)
    return last, project.sums(today - 2 * days, today - days - 1)


RULE = Rule(
    title="A number grows from week to week",
    about="errors",
    kinds=frozenset({Kind.REQUEST, Kind.ERROR, Kind.RETRY, Kind.TOOL_RESULT}),
    thresholds=EarlyWarning,
    start=_Watch,
    response="Look for what changed in the span named, while there is time.",
    history_s=60 * DAY_S,
)
