"""Model requests take too long.

Watches: the durations that sources tell of requests, by model and agent; each request once.

Fires: when the slowest twentieth of the requests in the window took at least the threshold. Of
very busy scopes the latest requests of the window are looked at.

No data: fewer requests with a duration in the window than a percentile needs.
"""

from collections.abc import Sequence

from pawl.alerts.instants import instant
from pawl.alerts.judging import blind, judged
from pawl.alerts.reading import Level, Reading, Row, scope_of
from pawl.alerts.rule import Context, Fact, Rule, Thresholds
from pawl.alerts.windows import Latest, Scopes
from pawl.telemetry.event import Kind

_MOST = 400


class LatencyP95(Thresholds, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`warning_ms` and `critical_ms` at the 95th percentile of `window_s`."""

    window_s: float
    events_min: int
    warning_ms: float
    critical_ms: float
    clear_share: float


class _Watch:
    def __init__(self, context: Context) -> None:
        limits = context.thresholds
        assert isinstance(limits, LatencyP95)
        self._rule, self._limits = context.rule, limits
        self._scopes: Scopes[tuple[str | None, str], Latest[int]] = Scopes(lambda: Latest(_MOST))

    @property
    def forgotten(self) -> int:
        return self._scopes.forgotten

    def see(self, facts: Sequence[Fact]) -> None:
        scopes = self._scopes
        for fact in facts:
            before, after = fact.before, fact.after
            if after is None:
                continue
            took = after.duration_ms
            if before is not None and before.duration_ms is not None:
                if before.duration_ms == took and before.model == after.model:
                    continue
                known = scopes.get((before.model, before.agent))
                if known is not None:
                    known.remove(before.key)
            if took is not None:
                scopes.at((after.model, after.agent)).put(after.at, after.key, took)

    def look(self, now: float) -> list[Reading]:
        found: list[Reading] = []
        limits, at = self._limits, instant(now)
        for key, latest in self._scopes.items():
            if now - latest.newest > 2 * limits.window_s:
                self._scopes.drop(key)
                continue
            scope = scope_of(model=key[0], agent=key[1])
            recent = sorted((ms, key) for key, ms in latest.since(now - limits.window_s))
            if len(recent) < limits.events_min:
                why = f"{len(recent)} requests in the window, and {limits.events_min} are needed."
                found += blind(self._rule, scope, why, at=at)
                continue
            # The nearest rank: at least 95 of 100 took no longer.
            p95 = recent[-(-95 * len(recent) // 100) - 1][0]
            found += judged(
                self._rule,
                scope,
                p95,
                ((Level.WARNING, limits.warning_ms), (Level.CRITICAL, limits.critical_ms)),
                at=at,
                summary=f"p95 of {len(recent)} requests is {p95 / 1000:.1f} s.",
                unit="ms",
                clear=limits.clear_share,
                rows=[Row("request", key) for _, key in reversed(recent)],
            )
        return found


RULE = Rule(
    title="Model requests are slow",
    about="errors",
    kinds=frozenset({Kind.REQUEST}),
    thresholds=LatencyP95,
    start=_Watch,
    response="See whether the provider is slow, or prompts have grown; look at the slowest.",
    history_s=3_600,
    archetype="fragility under load",
)
