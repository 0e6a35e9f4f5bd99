"""A supervised run was stopped by one of its limits.

Watches: runs that ended, and limits that were hit, by run. Eval trials are passed over: they are
there to show what goes wrong, and nobody is to be called for it.

Fires: at the first event that says so.

Clears: after a while in which other runs or requests were seen.

No data: nothing at all was told since.
"""

from collections.abc import Sequence

from pawl.alerts.instants import instant
from pawl.alerts.judging import blind, judged
from pawl.alerts.reading import Level, Reading, Row, scope_of
from pawl.alerts.rule import Context, Fact, Rule, Thresholds
from pawl.alerts.windows import Scopes
from pawl.runs.limit_names import stopped_why
from pawl.telemetry.event import Kind, is_of_trial


class RunStopped(Thresholds, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A stop is told of for `hold_s`."""

    hold_s: float


class _Stop:
    __slots__ = ("at", "limit", "project", "rows", "value")

    def __init__(self) -> None:
        self.at = float("inf")
        self.limit = self.value = ""
        self.project: str | None = None
        self.rows: list[Row] = []


class _Watch:
    def __init__(self, context: Context) -> None:
        limits = context.thresholds
        assert isinstance(limits, RunStopped)
        self._rule, self._hold = context.rule, limits.hold_s
        self._runs: Scopes[str, _Stop] = Scopes(_Stop)
        self._newest = float("-inf")

    @property
    def forgotten(self) -> int:
        return self._runs.forgotten

    def see(self, facts: Sequence[Fact]) -> None:
        newest = self._newest
        for fact in facts:
            if fact.at > newest:
                newest = fact.at
            event = fact.event
            kind = event.kind
            if is_of_trial(event):
                continue
            if kind is Kind.LIMIT:
                self._stopped(fact, ("limit", "value", "threshold"))
            elif kind is Kind.RUN_ENDED and event.outcome == "stopped":
                self._stopped(fact, ("stop_limit", "stop_value", "stop_threshold"))
        self._newest = newest

    def _stopped(self, fact: Fact, names: tuple[str, str, str]) -> None:
        event = fact.event
        if event.run_id is None:
            return
        stop = self._runs.at(event.run_id)
        stop.at = min(stop.at, fact.at)
        limit, value, threshold = (event.attributes.get(name, "") for name in names)
        stop.limit = stop.limit or limit[:80]
        stop.value = stop.value or (f"{value[:40]} of {threshold[:40]}" if value else "")
        stop.project = stop.project or event.project
        if len(stop.rows) < 5:
            stop.rows.append(Row("event", event.id))

    def look(self, now: float) -> list[Reading]:
        found: list[Reading] = []
        at = instant(now)
        for run, stop in self._runs.items():
            age = now - stop.at
            scope = scope_of(run=run, project=stop.project)
            if age >= 3 * self._hold and self._newest >= stop.at + self._hold:
                self._runs.drop(run)
                continue
            over = age >= self._hold
            if over and self._newest < stop.at + self._hold:
                why = "nothing was told since the run was stopped."
                found += blind(self._rule, scope, why, at=at, levels=(Level.WARNING,))
                continue
            limit = stop.limit or "a limit"
            why = stopped_why(stop.limit) if stop.limit else "by a limit"
            summary = f"the run was stopped {why}"
            summary += f" ({stop.value})." if stop.value else "."
            found += judged(
                self._rule,
                scope,
                0.0 if over else 1.0,
                ((Level.WARNING, 1.0),),
                at=at,
                summary=summary,
                unit="stops",
                cause=f"limit {limit}",
                rows=(Row("run", run), *stop.rows),
                signature=f"{self._rule}|{stop.project}|{limit}",
            )
        return found


RULE = Rule(
    title="A run was stopped by a limit",
    about="behaviour",
    kinds=frozenset({Kind.RUN_ENDED, Kind.LIMIT, Kind.REQUEST, Kind.RUN_STARTED}),
    thresholds=RunStopped,
    start=_Watch,
    response="Read the run's last events: raise the limit, or mend what made it run into it.",
    history_s=7_200,
)
