"""Telemetry that should come does not.

Watches: when anything was last told: of each run that has begun and not ended, of each source
of each agent, and at all.

Fires: when a run at work tells nothing for too long; when a source of an agent is silent while its
others go on; when everything is silent for longer than the longest pause of the weeks before.

Clears: when it tells again, or the run has ended.

No data: nothing was ever told, or too little is known to say what a long pause is.
"""

from collections.abc import Iterable, Sequence

from pawl.alerts.instants import instant
from pawl.alerts.judging import blind, judged
from pawl.alerts.reading import Level, Reading, Row, scope_of
from pawl.alerts.rule import Context, Fact, Rule, Thresholds
from pawl.alerts.windows import Scopes
from pawl.base.durations import format_duration
from pawl.telemetry.event import Kind, Source

_GAPS = 50
_EXPECTED = frozenset({Source.TELEMETRY, Source.RUN})
"""Sources that tell as it happens; transcripts and bills come whenever somebody imports them."""


class TelemetrySilent(Thresholds, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`run_s` of a run at work; `source_s` and `source_events` of an agent's other sources.

    Everything is silent after `pause_times` the longest pause of the last `learn_s`, and `pause_s`
    at least. What is silent for `give_up_s` is no longer told of.
    """

    run_s: float
    source_s: float
    source_events: int
    learn_s: float
    pause_times: float
    pause_s: float
    give_up_s: float


class _Run:
    __slots__ = ("at", "begun", "ended", "project")

    def __init__(self) -> None:
        self.at = float("-inf")
        self.begun = self.ended = False
        self.project: str | None = None


class _Source:
    """A source of an agent, with its others; `passed` is what they told since it last did."""

    __slots__ = ("at", "others", "passed", "row")

    def __init__(self, others: Iterable["_Source"]) -> None:
        self.at = float("-inf")
        self.passed = 0
        self.row = ""
        self.others = list(others)
        for other in self.others:
            other.others.append(self)


class _Watch:
    def __init__(self, context: Context) -> None:
        limits = context.thresholds
        assert isinstance(limits, TelemetrySilent)
        self._rule, self._limits = context.rule, limits
        self._runs: Scopes[str, _Run] = Scopes(_Run)
        self._agents: Scopes[str, dict[Source, _Source]] = Scopes(dict, 200)
        self._first = float("inf")
        self._last = float("-inf")
        self._row = ""
        self._gaps: list[tuple[float, float]] = []

    @property
    def forgotten(self) -> int:
        return self._runs.forgotten + self._agents.forgotten

    def see(self, facts: Sequence[Fact]) -> None:
        sources: dict[Source, _Source] = {}
        name: str | None = None
        for fact in facts:
            at, event = fact.at, fact.event
            if at > self._last:
                self._went_on(at, event.id)
            if at < self._first:
                self._first = at
            source = event.source
            if source is Source.RUN and event.run_id is not None:
                run = self._runs.at(event.run_id)
                run.at = max(run.at, at)
                run.project = event.project or run.project
                run.begun = run.begun or event.kind is Kind.RUN_STARTED
                run.ended = run.ended or event.kind is Kind.RUN_ENDED
            if event.agent != name:
                name = event.agent
                sources = self._agents.at(name)
            known = sources.get(source)
            if known is None:
                known = _Source(sources.values())
                sources[source] = known
            if at >= known.at:
                known.at, known.passed, known.row = at, 0, event.id
            for other in known.others:
                if at > other.at:
                    other.passed += 1

    def _went_on(self, at: float, row: str) -> None:
        gap = at - self._last
        if gap > self._limits.pause_s / 4 and self._row:
            # The longest pauses of the time learnt from, and no more of them than needed.
            gaps = [each for each in self._gaps if each[1] > at - self._limits.learn_s]
            self._gaps = sorted([*gaps, (gap, at)], reverse=True)[:_GAPS]
        self._last, self._row = at, row

    def look(self, now: float) -> list[Reading]:
        at = instant(now)
        return [*self._all(now, at), *self._of_runs(now, at), *self._of_sources(now, at)]

    def _all(self, now: float, at: str) -> list[Reading]:
        limits = self._limits
        if not self._row:
            return []
        longest = self._gaps[0][0] if self._gaps else 0.0
        if self._last - self._first < limits.learn_s:
            why = "too little is known to say what a long pause is."
            return blind(self._rule, (), why, at=at, levels=(Level.CRITICAL,))
        allowed = max(limits.pause_s, limits.pause_times * longest)
        return self._read((), now - self._last, allowed, Level.CRITICAL, self._row, at)

    def _of_runs(self, now: float, at: str) -> list[Reading]:
        found: list[Reading] = []
        for name, run in self._runs.items():
            silent = now - run.at
            if silent > self._limits.give_up_s or not run.begun:
                self._runs.drop(name)
                continue
            scope = scope_of(run=name, project=run.project)
            silent = 0.0 if run.ended else silent
            found += self._read(scope, silent, self._limits.run_s, Level.WARNING, "", at)
        return found

    def _of_sources(self, now: float, at: str) -> list[Reading]:
        found: list[Reading] = []
        limits = self._limits
        for agent, sources in self._agents.items():
            for source, known in sources.items():
                silent = now - known.at
                if source not in _EXPECTED or silent > limits.give_up_s:
                    continue
                if known.passed < limits.source_events:
                    silent = min(silent, limits.source_s / 2)
                if len(sources) > 1:
                    scope = scope_of(agent=agent, source=source.value)
                    allowed = limits.source_s
                    found += self._read(scope, silent, allowed, Level.WARNING, known.row, at)
        return found

    def _read(
        self,
        scope: tuple[tuple[str, str], ...],
        silent: float,
        allowed: float,
        level: Level,
        row: str,
        at: str,
    ) -> list[Reading]:
        whole = dict(scope)
        rows = [Row("run", whole["run"])] if "run" in whole else [Row("event", row)]
        return judged(
            self._rule,
            scope,
            silent,
            ((level, allowed),),
            at=at,
            summary=f"nothing was told for {format_duration(silent)}, "
            f"{format_duration(allowed)} is expected at most.",
            unit="s",
            rows=rows,
        )


RULE = Rule(
    title="Telemetry went silent",
    about="telemetry",
    kinds=frozenset(Kind),
    thresholds=TelemetrySilent,
    start=_Watch,
    response="See whether the exporter, the network or the run's machine is down.",
    history_s=14 * 86_400,
)
