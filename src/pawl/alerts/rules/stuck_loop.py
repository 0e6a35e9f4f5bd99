"""An agent is stuck: the same calls again and again, and nothing new comes back.

Watches: tool calls and their results by run or session, with the detector and the thresholds of
supervised runs (`pawl.runs.loop`), and what supervised runs themselves told of loops. A source
that tells no digest of a call's arguments cannot be judged and is passed over. So are eval trials.

Fires: at the look after the call or result that completes the repetition.

Clears: when something new comes back, another call is made, or the run has ended.

No data: the session is idle. Calls that come late, behind others of their session, are left out:
out of their order they would make up repetitions that never were.
"""

from collections.abc import Sequence

from pawl.alerts.instants import instant
from pawl.alerts.judging import judged
from pawl.alerts.reading import Level, Reading, Row, scope_of
from pawl.alerts.rule import Context, Fact, Rule, Thresholds
from pawl.alerts.windows import Scopes
from pawl.runs.loop import Detector, Loop
from pawl.runs.spec import LoopPolicy
from pawl.telemetry.event import Kind, is_of_trial

_SESSIONS = 500
_EVENTS = 10


class StuckLoop(Thresholds, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Repetitions that count as stuck, as in `LoopPolicy`; `exempt` are tools that poll."""

    identical_calls: int
    identical_results: int
    identical_errors: int
    alternations: int
    idle_s: float
    exempt: tuple[str, ...] = ()


class _Session:
    __slots__ = ("at", "detector", "ended", "events", "loop", "ordered", "project", "told")

    def __init__(self, policy: LoopPolicy) -> None:
        self.detector = Detector(policy)
        self.loop: Loop | None = None
        self.told: tuple[float, int, int, str, Row] | None = None
        self.at = float("-inf")
        self.ordered: dict[str, float] = {}
        self.ended = False
        self.project: str | None = None
        self.events: list[str] = []


class _Watch:
    def __init__(self, context: Context) -> None:
        limits = context.thresholds
        assert isinstance(limits, StuckLoop)
        self._rule, self._idle_s = context.rule, limits.idle_s
        policy = LoopPolicy(
            identical_calls=limits.identical_calls,
            identical_results=limits.identical_results,
            identical_errors=limits.identical_errors,
            alternations=limits.alternations,
            exempt=limits.exempt,
            action="warn",
        )
        self._sessions: Scopes[tuple[str, str], _Session] = Scopes(
            lambda: _Session(policy), _SESSIONS
        )

    @property
    def forgotten(self) -> int:
        return self._sessions.forgotten

    def see(self, facts: Sequence[Fact]) -> None:
        sessions = self._sessions
        for fact in facts:
            event = fact.event
            kind = event.kind
            if is_of_trial(event):
                continue
            if event.run_id is not None:
                key = ("run", event.run_id)
            elif event.session_id is not None:
                key = ("session", event.session_id)
            else:
                continue
            if kind is Kind.TOOL_CALL:
                if "arguments_digest" in event.attributes:
                    self._called(sessions.at(key), fact)
            elif kind is Kind.RUN_ENDED:
                known = sessions.get(key)
                if known is not None:
                    known.ended, known.at = True, max(known.at, fact.at)
            elif fact.live or sessions.get(key) is not None:
                session = sessions.at(key)
                if fact.at > session.at:
                    session.at = fact.at
                session.project = event.project or session.project
                if kind is Kind.LOOP:
                    self._told(session, fact)
                else:
                    self._judge(session, fact)

    def _called(self, session: _Session, fact: Fact) -> None:
        event, stream = fact.event, fact.event.parent_id or ""
        session.project = event.project or session.project
        if fact.at < session.ordered.get(stream, float("-inf")):
            return
        if len(session.ordered) > 256:
            session.ordered.clear()
        session.ordered[stream] = fact.at
        session.at = max(session.at, fact.at)
        if not fact.again:
            session.events.append(event.id)
            if len(session.events) > _EVENTS:
                del session.events[0]
            if session.told is not None and fact.at > session.told[0]:
                session.told = None
        self._judge(session, fact)

    def _judge(self, session: _Session, fact: Fact) -> None:
        loop = session.detector.see(fact.event)
        if loop is not None:
            session.loop = loop
        elif not session.detector.repeating:
            session.loop = None

    def _told(self, session: _Session, fact: Fact) -> None:
        attributes = fact.event.attributes
        count, limit = attributes.get("count", ""), attributes.get("threshold", "")
        if attributes.get("rung") == "stop" and count.isdecimal() and limit.isdecimal():
            text = f"{fact.event.tool}: {attributes.get('pattern', 'a loop')[:40]}, {count} times"
            row = Row("event", fact.event.id)
            session.told = (fact.at, int(count), int(limit), text, row)

    def look(self, now: float) -> list[Reading]:
        found: list[Reading] = []
        at = instant(now)
        for key, session in self._sessions.items():
            if now - session.at > self._idle_s:
                self._sessions.drop(key)
                continue
            loop, told = session.loop, session.told
            value, limit, text = 0, 1, "no repetition."
            rows = [Row("run" if key[0] == "run" else "session", key[1])]
            if session.ended:
                text = "the run has ended."
            elif loop is not None:
                value, limit, text = loop.count, loop.threshold, f"{loop.text}."
                rows += [Row("event", name) for name in reversed(session.events[-loop.count :])]
            elif told is not None:
                _, value, limit, text, row = told
                rows.append(row)
            # What differs from one repetition to the next is how long it takes, never whether.
            found += judged(
                self._rule,
                scope_of(**{key[0]: key[1]}, project=session.project),
                float(value >= limit),
                ((Level.CRITICAL, 1.0),),
                at=at,
                summary=text,
                unit="loops",
                cause="" if loop is None else f"tool {loop.tool}, {loop.pattern}",
                rows=rows,
                signature=f"{self._rule}|{loop.tool if loop else ''}",
            )
        return found


RULE = Rule(
    title="An agent is stuck in a loop",
    about="behaviour",
    kinds=frozenset({Kind.TOOL_CALL, Kind.TOOL_RESULT, Kind.LOOP, Kind.RUN_ENDED}),
    thresholds=StuckLoop,
    start=_Watch,
    response="Stop the session, and see what the repeated call waits for.",
    history_s=3_600,
)
