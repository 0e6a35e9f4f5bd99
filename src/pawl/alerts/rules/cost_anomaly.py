"""Requests suddenly cost a multiple of what they did.

Watches: the cost of model requests by project, each request once whoever tells of it.

Fires: when the mean cost of the latest requests is a multiple of the mean of the hundred before
them (warning, critical); and, as a signal of its own, when the last hour cost a multiple of the
mean hour of the week before. Hours without a request do not count towards that mean, or every
morning would be an anomaly. The part of the spend that rose most is named as the likely cause.

No data: too few requests or hours to compare with, or too many without a price.
"""

from collections.abc import Sequence

import msgspec

from pawl.alerts.instants import HOUR_S, instant
from pawl.alerts.judging import blind, judged, percent
from pawl.alerts.reading import ROWS, Level, Reading, Row, scope_of
from pawl.alerts.rule import Context, Counted, Fact, Rule, Thresholds
from pawl.alerts.windows import Counts, Latest, Scopes
from pawl.base.money import MICROS_PER_USD, format_usd
from pawl.telemetry.bill import UNKNOWN
from pawl.telemetry.event import Event, Kind

_SESSIONS = 2_000
_HOURS = 168


class CostAnomaly(Thresholds, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The latest `recent_requests` against the `base_requests` before them.

    `hourly_times` the mean of at least `hours_min` hours. Below `usd_recent_min` of the latest
    requests together, or `usd_hour_min` in an hour, nothing is an anomaly. Without a request for
    `fresh_s` nothing can be told. From `loop_times` on the cause says that a loop is likely.
    """

    base_requests: int
    recent_requests: int
    warning_times: float
    critical_times: float
    clear_share: float
    hourly_times: float
    hours_min: int
    usd_recent_min: float
    usd_hour_min: float
    unpriced_share: float
    fresh_s: float
    loop_times: float


class _Compared(msgspec.Struct, frozen=True, gc=False):
    """The latest requests beside those before them; money is in micro-USD."""

    unpriced: int
    before: float
    lately: float
    spent: int
    base: int
    recent: int


class _Project:
    __slots__ = ("compared", "hour", "hours", "latest")

    def __init__(self, requests: int) -> None:
        self.compared: _Compared | None = None
        self.latest: Latest[tuple[Counted, str | None]] = Latest(requests)
        self.hour = Counts(HOUR_S, 1, 12)
        self.hours: dict[int, int] = {}

    def spend(self, at: float, micros: int) -> None:
        self.hour.add(at, 0, micros)
        hour = int(at // HOUR_S)
        self.hours[hour] = self.hours.get(hour, 0) + micros
        while len(self.hours) > _HOURS:
            del self.hours[min(self.hours)]

    def compare(self, requests: int) -> _Compared:
        """Return the latest so many requests beside the others; known until one is told of."""
        if self.compared is None:
            base, recent = _parted(self.latest, requests)
            self.compared = _Compared(
                sum(counted.micros is None for counted, _ in (*base, *recent)),
                _mean(base),
                _mean(recent),
                sum(counted.micros or 0 for counted, _ in recent),
                len(base),
                len(recent),
            )
        return self.compared

    def correct(self, before: Counted, after: Counted) -> bool:
        """Put the cost of a request right in place; say whether its hour is known still."""
        hour = int(after.at // HOUR_S)
        if hour not in self.hours:
            return False
        more = (after.micros or 0) - (before.micros or 0)
        if more:
            self.hour.add(after.at, 0, more)
            self.hours[hour] += more
        return True


class _Watch:
    def __init__(self, context: Context) -> None:
        limits = context.thresholds
        assert isinstance(limits, CostAnomaly)
        self._rule, self._limits = context.rule, limits
        most = limits.base_requests + limits.recent_requests
        self._projects: Scopes[str, _Project] = Scopes(lambda: _Project(most), 500)
        self._tools: dict[str, str] = {}

    @property
    def forgotten(self) -> int:
        return self._projects.forgotten

    def see(self, facts: Sequence[Fact]) -> None:
        for fact in facts:
            before, after = fact.before, fact.after
            if after is None:
                self._called(fact.event)
                continue
            project = self._projects.at((before or after).project or UNKNOWN)
            corrected = False
            if before is not None:
                if before.at == after.at and before.project == after.project:
                    corrected = project.correct(before, after)
                if not corrected:
                    project.compared = None
                    project.latest.remove(before.key)
                    project.spend(before.at, -(before.micros or 0))
                project = self._projects.at(after.project or UNKNOWN)
            tool = self._tools.get(after.session or after.run or "")
            project.compared = None
            project.latest.put(after.at, after.key, (after, tool))
            if not corrected:
                project.spend(after.at, after.micros or 0)

    def _called(self, event: Event) -> None:
        session = event.session_id or event.run_id
        if event.tool is not None and session is not None:
            self._tools.pop(session, None)
            self._tools[session] = event.tool
            if len(self._tools) > _SESSIONS:
                del self._tools[next(iter(self._tools))]

    def look(self, now: float) -> list[Reading]:
        found: list[Reading] = []
        at = instant(now)
        for name, project in self._projects.items():
            if now - project.latest.newest > _HOURS * HOUR_S:
                self._projects.drop(name)
                continue
            found += self._requests(name, project, now, at)
            found += self._hour(name, project, now, at)
        return found

    def _requests(self, name: str, project: _Project, now: float, at: str) -> list[Reading]:
        limits = self._limits
        scope = scope_of(project=name, signal="per request")
        count = len(project.latest)
        if count < limits.base_requests + limits.recent_requests:
            why = f"{count} requests of {name} are too few to compare."
            return blind(self._rule, scope, why, at=at)
        if now - project.latest.newest > limits.fresh_s:
            return blind(self._rule, scope, f"{name} made no request lately.", at=at)
        compared = project.compare(limits.recent_requests)
        if compared.unpriced > limits.unpriced_share * count:
            why = f"{compared.unpriced} of {count} requests of {name} have no price."
            return blind(self._rule, scope, why, at=at)
        before, lately = compared.before, compared.lately
        times = lately / before if before > 0 else 1.0
        base: _Told = []
        recent: _Told = []
        if times >= min(limits.warning_times, limits.critical_times):
            base, recent = _parted(project.latest, limits.recent_requests)
        return judged(
            self._rule,
            scope,
            times,
            ((Level.WARNING, limits.warning_times), (Level.CRITICAL, limits.critical_times)),
            at=at,
            summary=f"the latest {compared.recent} requests of {name} cost "
            f"{format_usd(round(lately))} each, {times:.1f} times the {compared.base} before.",
            unit="times",
            clear=limits.clear_share,
            cause=_cause(base, recent, times >= limits.loop_times)
            if times >= limits.warning_times
            else "",
            rows=[Row("request", each.key) for each, _ in reversed(recent)],
            signature=f"{self._rule}|{name}",
            usual=compared.spent < limits.usd_recent_min * MICROS_PER_USD,
        )

    def _hour(self, name: str, project: _Project, now: float, at: str) -> list[Reading]:
        limits = self._limits
        scope = scope_of(project=name, signal="hourly")
        spent = project.hour.sums(now)[0]
        last = int(now // HOUR_S) - 2
        known = [
            micros
            for hour, micros in project.hours.items()
            if last - _HOURS < hour <= last and micros > 0
        ]
        if len(known) < limits.hours_min:
            why = f"{len(known)} hours of {name} are too few to compare."
            return blind(self._rule, scope, why, at=at, levels=(Level.CRITICAL,))
        if now - project.latest.newest > limits.fresh_s:
            why = f"{name} made no request lately."
            return blind(self._rule, scope, why, at=at, levels=(Level.CRITICAL,))
        mean = sum(known) / len(known)
        times = spent / mean
        told = project.latest.since(now - HOUR_S) if times >= limits.hourly_times else []
        recent = [value for _, value in told]
        return judged(
            self._rule,
            scope,
            times,
            ((Level.CRITICAL, limits.hourly_times),),
            at=at,
            summary=f"{name} spent {format_usd(spent)} in an hour, {times:.1f} times its usual "
            f"{format_usd(round(mean))}.",
            unit="times",
            clear=limits.clear_share,
            cause=_cause([], recent, times >= limits.loop_times)
            if times >= limits.hourly_times
            else "",
            rows=[Row("request", key) for key, _ in reversed(told)][:ROWS],
            signature=f"{self._rule}|{name}",
            usual=spent < limits.usd_hour_min * MICROS_PER_USD,
        )


_Told = list[tuple[Counted, str | None]]


def _parted(latest: Latest[tuple[Counted, str | None]], requests: int) -> tuple[_Told, _Told]:
    told = latest.values()
    return told[:-requests], told[-requests:]


def _mean(told: _Told) -> float:
    known = [counted.micros for counted, _ in told if counted.micros is not None]
    return sum(known) / len(known) if known else 0.0


def _cause(base: _Told, recent: _Told, loop: bool) -> str:
    """Name the model, session and tool whose share of the spend rose most."""
    found: list[tuple[float, str]] = []
    for what, before, lately in zip(
        ("model", "session", "tool"), _parts(base), _parts(recent), strict=True
    ):
        total, earlier = sum(lately.values()), sum(before.values())
        risen = {
            name: (micros / total if total else 0.0)
            - (before.get(name, 0) / earlier if earlier else 0.0)
            for name, micros in lately.items()
        }
        if risen:
            name = min(risen, key=lambda each: (-risen[each], each))
            share = lately[name] / total if total else 0.0
            found.append((risen[name], f"{what} {name} makes {percent(share)} of it"))
    found = [each for each in found if each[0] > 0.05]
    text = "; ".join(told for _, told in sorted(found, key=lambda each: -each[0]))
    if loop:
        text = "; ".join(filter(None, (text, "so steep a rise is often a loop")))
    return text or "every part of it rose alike: look at the size of prompts and answers"


def _parts(told: _Told) -> tuple[dict[str, int], dict[str, int], dict[str, int]]:
    models: dict[str, int] = {}
    sessions: dict[str, int] = {}
    tools: dict[str, int] = {}
    for counted, tool in told:
        micros = counted.micros or 0
        for parts, name in (
            (models, counted.model),
            (sessions, counted.session or counted.run),
            (tools, tool),
        ):
            if name is not None:
                parts[name] = parts.get(name, 0) + micros
    return models, sessions, tools


RULE = Rule(
    title="Requests cost a multiple of what they did",
    about="money",
    kinds=frozenset({Kind.REQUEST, Kind.TOOL_CALL}),
    thresholds=CostAnomaly,
    start=_Watch,
    response="Look at what the cause names; stop the session if it is stuck.",
    history_s=7 * 86_400,
    failure_mode="cost runaway",
)
