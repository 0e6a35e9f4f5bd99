"""A version of an agent, or a model, is at work that was not before.

Watches: agent versions and models by agent.

Fires: at the first event of a version or model that was never seen, once enough of the agent is
known. A dated name of a known model and its undated alias are one model.

Clears: when the change is no longer new and the agent went on.

No data: while the agent is still being learnt, or nothing was told of it since.
"""

import re
from collections.abc import Sequence

from pawl.alerts.instants import instant
from pawl.alerts.judging import blind, judged
from pawl.alerts.reading import Level, Reading, Row, scope_of
from pawl.alerts.requests import SYNTHETIC
from pawl.alerts.rule import Context, Fact, Rule, Thresholds
from pawl.alerts.windows import Scopes
from pawl.telemetry.event import Kind

_NAMES = 300
_DATED = re.compile(r"[-@]\d{4}-?\d{2}-?\d{2}$")


class VersionDrift(Thresholds, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An agent is known after `learn_events` and `learn_s`; a change is new for `hold_s`."""

    learn_events: int
    learn_s: float
    hold_s: float


class _Agent:
    __slots__ = ("events", "first", "fresh", "known", "newest")

    def __init__(self) -> None:
        self.events = 0
        self.first, self.newest = float("inf"), float("-inf")
        self.known: dict[str, set[str]] = {"model": set(), "version": set()}
        self.fresh: dict[tuple[str, str], tuple[float, list[Row]]] = {}


class _Watch:
    def __init__(self, context: Context) -> None:
        limits = context.thresholds
        assert isinstance(limits, VersionDrift)
        self._rule, self._limits = context.rule, limits
        self._agents: Scopes[str, _Agent] = Scopes(_Agent, 200)

    @property
    def forgotten(self) -> int:
        return self._agents.forgotten

    def see(self, facts: Sequence[Fact]) -> None:
        name: str | None = None
        agent = _Agent()
        for fact in facts:
            event, at = fact.event, fact.at
            if event.agent != name:
                name = event.agent
                agent = self._agents.at(name)
            version, model = event.agent_version, event.model
            if agent.fresh or not (
                (version is None or version in agent.known["version"])
                and (model is None or model in agent.known["model"])
            ):
                self._named(agent, fact)
            agent.events += 1
            if at < agent.first:
                agent.first = at
            if at > agent.newest:
                agent.newest = at

    def _named(self, agent: _Agent, fact: Fact) -> None:
        """Take the names of an event, one of which may be new, before it is counted."""
        event, limits = fact.event, self._limits
        learnt = (
            agent.events >= limits.learn_events and agent.newest - agent.first >= limits.learn_s
        )
        late = fact.at < agent.newest - limits.hold_s
        for what, name in (("version", event.agent_version), ("model", event.model)):
            if name is None or name == SYNTHETIC:
                continue
            known = agent.known[what]
            fresh = agent.fresh.get((what, name))
            if fresh is not None:
                if len(fresh[1]) < 5:
                    fresh[1].append(Row("event", event.id))
                continue
            if name in known:
                continue
            if len(known) < _NAMES:
                same = what == "model" and _is_known(name, known)
                if known and learnt and not late and not same:
                    agent.fresh[(what, name)] = (fact.at, [Row("event", event.id)])
                known.add(name)

    def look(self, now: float) -> list[Reading]:
        found: list[Reading] = []
        limits, at = self._limits, instant(now)
        for name, agent in self._agents.items():
            if agent.events < limits.learn_events or agent.newest - agent.first < limits.learn_s:
                why = f"{name} is being learnt: {agent.events} events so far."
                found += blind(
                    self._rule, scope_of(agent=name), why, at=at, levels=(Level.WARNING,)
                )
            for (what, new), (seen, rows) in list(agent.fresh.items()):
                age = now - seen
                if age >= 3 * limits.hold_s and agent.newest >= seen + limits.hold_s:
                    del agent.fresh[(what, new)]
                    continue
                scope = scope_of(**{"agent": name, what: new})
                over = age >= limits.hold_s
                if over and agent.newest < seen + limits.hold_s:
                    why = f"nothing was told of {name} since."
                    found += blind(self._rule, scope, why, at=at, levels=(Level.WARNING,))
                    continue
                found += judged(
                    self._rule,
                    scope,
                    0.0 if over else 1.0,
                    ((Level.WARNING, 1.0),),
                    at=at,
                    summary=f"{name} works with {what} {new}, not seen before.",
                    unit="changes",
                    cause=f"{what} {new}",
                    rows=rows,
                    signature=f"{self._rule}|{name}|{new}",
                )
        return found


def _is_known(name: str, known: set[str]) -> bool:
    """Say whether an undated name is that of a dated one, or the other way round."""
    bare = _DATED.sub("", name)
    if bare != name:
        return bare in known
    return any(_DATED.sub("", other) == name for other in known)


RULE = Rule(
    title="A new agent version or model is at work",
    about="quality",
    kinds=frozenset({Kind.REQUEST, Kind.SESSION, Kind.RUN_ENDED}),
    thresholds=VersionDrift,
    start=_Watch,
    response="Run the regression suite against it before more work is routed to it.",
    history_s=30 * 86_400,
    failure_mode="version drift",
)
