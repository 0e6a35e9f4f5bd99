"""The quality of an agent's steps falls along a session.

Watches: the score of each step that a grader told (`attributes.evaluation_score`, 0 to 1), by run
or session, whatever kind of event carries it.

Fires: when the latest steps score lower, by more than the threshold's share, than the first steps
of the same session did.

No data: too few scored steps. Steps are scored only where evaluations send scores; nothing else
stands in for them.
"""

from collections.abc import Sequence

from pawl.alerts.instants import instant
from pawl.alerts.judging import blind, judged, percent
from pawl.alerts.reading import Level, Reading, Row, scope_of
from pawl.alerts.rule import Context, Fact, Rule, Thresholds
from pawl.alerts.windows import Latest, Scopes
from pawl.telemetry.event import Kind

SCORE = "evaluation_score"
_STEPS = 500


class ReasoningDrift(Thresholds, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A drop of `drop_share` between the first and the latest `steps`; idle after `idle_s`."""

    steps: int
    drop_share: float
    clear_share: float
    idle_s: float


class _Session:
    __slots__ = ("first", "latest", "project")

    def __init__(self) -> None:
        self.first: dict[str, tuple[float, float]] = {}
        self.latest: Latest[float] = Latest(_STEPS)
        self.project: str | None = None


class _Watch:
    def __init__(self, context: Context) -> None:
        limits = context.thresholds
        assert isinstance(limits, ReasoningDrift)
        self._rule, self._limits = context.rule, limits
        self._sessions: Scopes[tuple[str, str], _Session] = Scopes(_Session, 500)

    @property
    def forgotten(self) -> int:
        return self._sessions.forgotten

    def see(self, facts: Sequence[Fact]) -> None:
        for fact in facts:
            if SCORE in fact.event.attributes:
                self._scored(fact)

    def _scored(self, fact: Fact) -> None:
        event = fact.event
        try:
            score = float(event.attributes[SCORE])
        except ValueError:
            return
        if not 0.0 <= score <= 1.0:
            return
        if event.run_id is not None:
            key = ("run", event.run_id)
        elif event.session_id is not None:
            key = ("session", event.session_id)
        else:
            return
        session = self._sessions.at(key)
        session.project = event.project or session.project
        session.latest.put(fact.at, event.id, score)
        first = session.first
        first[event.id] = (fact.at, score)
        if len(first) > self._limits.steps:
            del first[max(first, key=lambda step: (first[step][0], step))]

    def look(self, now: float) -> list[Reading]:
        found: list[Reading] = []
        limits, at = self._limits, instant(now)
        for key, session in self._sessions.items():
            if now - session.latest.newest > limits.idle_s:
                self._sessions.drop(key)
                continue
            scope = scope_of(**{key[0]: key[1]}, project=session.project)
            known = len(session.latest)
            if known < 2 * limits.steps:
                why = f"{known} scored steps, and {2 * limits.steps} are needed."
                found += blind(self._rule, scope, why, at=at, levels=(Level.WARNING,))
                continue
            begin = sum(score for _, score in session.first.values()) / limits.steps
            steps = session.latest.since(float("-inf"))[-limits.steps :]
            end = sum(score for _, score in steps) / limits.steps
            drop = 1 - end / begin if begin > 0 else 0.0
            found += judged(
                self._rule,
                scope,
                drop,
                ((Level.WARNING, limits.drop_share),),
                at=at,
                summary=f"steps scored {begin:.2f} at first and {end:.2f} lately, "
                f"{percent(max(drop, 0.0))} less.",
                unit="share",
                clear=limits.clear_share,
                rows=[Row("event", event) for event, _ in reversed(steps)],
                strict=True,
            )
        return found


RULE = Rule(
    title="An agent's steps get worse along its session",
    about="quality",
    kinds=frozenset(Kind),
    thresholds=ReasoningDrift,
    start=_Watch,
    response="Split the work into shorter sessions with a summary between them.",
    history_s=7_200,
    failure_mode="reasoning drift",
    archetype="context pollution",
)
