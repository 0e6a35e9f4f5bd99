"""An objective's error budget burns too fast.

Watches: good and bad runs, requests or tool calls of each objective (see `pawl.alerts.objectives`).

Fires: when the budget burns at least at the threshold's rate over a long window and over a short
one: the long one says that it matters, the short one that it goes on. A burn rate of 1 uses the
budget up exactly at the end of the objective's window. The windows and the shares of the budget
are data; the rates follow from them.

No data: fewer events in the long window than a rate needs, or an objective that is measured
where Pawl does not look.
"""

from collections.abc import Sequence

import msgspec

from pawl.alerts.instants import instant
from pawl.alerts.judging import blind, judged, percent
from pawl.alerts.objectives import Objective
from pawl.alerts.reading import ROWS, Condition, Level, Reading, Row, Scope, scope_of
from pawl.alerts.rule import Context, Fact, Rule, Thresholds
from pawl.alerts.windows import Counts, Latest
from pawl.base.durations import format_duration
from pawl.telemetry.event import Kind

_GOOD, _BAD = 0, 1
_ENDED = frozenset({"succeeded", "agent_failed", "unreadable", "stopped"})


class Burn(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`budget_share` of the budget gone within `long_s`, still going on within `short_s`."""

    level: Level
    budget_share: float
    long_s: float
    short_s: float


class SloBurnRate(Thresholds, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Windows by level, and the least number of events and of bad ones in a long window."""

    burns: tuple[Burn, ...]
    events_min: int
    bad_min: int


class _Measured:
    def __init__(self, objective: Objective, burns: tuple[Burn, ...]) -> None:
        self.objective = objective
        self.windows = [
            (
                burn,
                burn.budget_share * objective.window_s / burn.long_s,
                Counts(burn.long_s, 2, 60),
                Counts(burn.short_s, 2, 30),
            )
            for burn in burns
        ]
        self.evidence: Latest[Row] = Latest(ROWS)

    def count(self, at: float, field: int, amount: int = 1) -> None:
        for _, _, long, short in self.windows:
            long.add(at, field, amount)
            short.add(at, field, amount)


class _Watch:
    def __init__(self, context: Context) -> None:
        limits = context.thresholds
        assert isinstance(limits, SloBurnRate)
        self._rule, self._limits = context.rule, limits
        objectives = [each for each in context.objectives if isinstance(each, Objective)]
        self._elsewhere = [each for each in objectives if not each.indicator]
        self._by: dict[str, list[_Measured]] = {}
        for each in objectives:
            if each.indicator:
                self._by.setdefault(each.indicator, []).append(_Measured(each, limits.burns))

    @property
    def forgotten(self) -> int:
        return 0

    def see(self, facts: Sequence[Fact]) -> None:
        if self._by:
            for fact in facts:
                if not fact.again:
                    self._take(fact)

    def _take(self, fact: Fact) -> None:
        event = fact.event
        if fact.after is not None:
            self._request(fact)
        elif event.kind in (Kind.ERROR, Kind.RETRY):
            self._count("request-success", event.project, fact.at, _BAD, Row("event", event.id))
        elif event.kind is Kind.TOOL_RESULT and event.outcome is not None:
            bad = _BAD if event.outcome == "error" else _GOOD
            self._count("tool-success", event.project, fact.at, bad, Row("event", event.id))
        elif event.kind is Kind.RUN_ENDED and event.outcome in _ENDED:
            bad = _GOOD if event.outcome == "succeeded" else _BAD
            self._count("run-success", event.project, fact.at, bad, _run(fact))

    def _request(self, fact: Fact) -> None:
        before, after = fact.before, fact.after
        assert after is not None
        row = Row("request", after.key)
        if before is None:
            self._count("request-success", after.project, after.at, _GOOD, row)
        for measured in self._by.get("request-latency", ()):
            limit = measured.objective.threshold_ms or 0.0
            project = measured.objective.project
            for counted, sign in ((before, -1), (after, 1)):
                if counted is None or counted.duration_ms is None:
                    continue
                if project not in (None, counted.project):
                    continue
                slow = counted.duration_ms > limit
                measured.count(counted.at, _BAD if slow else _GOOD, sign)
                if slow and sign > 0:
                    measured.evidence.put(counted.at, row.id, row)

    def _count(self, indicator: str, project: str | None, at: float, field: int, row: Row) -> None:
        for measured in self._by.get(indicator, ()):
            if measured.objective.project in (None, project):
                measured.count(at, field)
                if field == _BAD:
                    measured.evidence.put(at, row.id, row)

    def look(self, now: float) -> list[Reading]:
        at = instant(now)
        found: list[Reading] = []
        for each in self._elsewhere:
            found += blind(self._rule, _scope(each), f"{each.name}: {each.problem}.", at=at)
        for group in self._by.values():
            for measured in group:
                found += self._read(measured, now, at)
        return found

    def _read(self, measured: _Measured, now: float, at: str) -> list[Reading]:
        """Return one reading a level: of its windows the one that says most."""
        found: dict[Level, Reading] = {}
        for burn, rate, long, short in measured.windows:
            reading = self._burning(measured, burn, rate, long.sums(now), short.sums(now), at, now)
            known = found.get(reading.level)
            if known is None or _says(reading) > _says(known):
                found[reading.level] = reading
        return list(found.values())

    def _burning(
        self,
        measured: _Measured,
        burn: Burn,
        rate: float,
        long: list[int],
        short: list[int],
        at: str,
        now: float,
    ) -> Reading:
        objective, limits = measured.objective, self._limits
        scope, total = _scope(objective), sum(long)
        span = format_duration(burn.long_s)
        if total < limits.events_min:
            why = f"{total} events in {span}, and {limits.events_min} are needed."
            return blind(self._rule, scope, why, at=at, levels=(burn.level,))[0]
        budget = 1 - objective.target
        of_long = long[_BAD] / total / budget
        of_short = short[_BAD] / max(1, sum(short)) / budget
        value = min(of_long, of_short)
        return judged(
            self._rule,
            scope,
            value,
            ((burn.level, round(rate, 3)),),
            at=at,
            summary=f"{objective.name}: {percent(long[_BAD] / total)} of {total} events in {span} "
            f"were bad; the budget burns {value:.1f} times as fast as it may.",
            unit="burn rate",
            rows=[row for _, row in reversed(measured.evidence.since(now - burn.long_s))],
            usual=long[_BAD] < limits.bad_min,
        )[0]


_RANK = {Condition.NO_DATA: 0, Condition.CLEAR: 1, Condition.HOLDS: 2}


def _says(reading: Reading) -> tuple[int, float]:
    """Order readings of one level: one that holds says most, then the nearest to holding."""
    near = (reading.value or 0.0) / (reading.threshold or 1.0)
    return (_RANK[reading.condition], near)


def _scope(objective: Objective) -> Scope:
    return scope_of(
        objective=objective.name, service=objective.service or None, project=objective.project
    )


def _run(fact: Fact) -> Row:
    event = fact.event
    return Row("run", event.run_id) if event.run_id is not None else Row("event", event.id)


RULE = Rule(
    title="An objective's error budget burns too fast",
    about="errors",
    kinds=frozenset({Kind.REQUEST, Kind.ERROR, Kind.RETRY, Kind.TOOL_RESULT, Kind.RUN_ENDED}),
    thresholds=SloBurnRate,
    start=_Watch,
    response="Find what failed in the long window; hold risky changes while the budget burns.",
    history_s=4 * 86_400,
)
