"""A session's context is nearly full.

Watches: the size of the prompt of the latest request of each session's main conversation, against
the context window of its model.

Fires: at the first prompt of at least the threshold's share of the window.

Clears: after a compaction, at a smaller prompt, or when the run has ended.

No data: the model's window is not known, a prompt was larger than the window on record (which
proves the record wrong), or the session is idle.
"""

from collections.abc import Sequence
from fnmatch import fnmatchcase

from pawl.alerts.instants import instant
from pawl.alerts.judging import blind, judged, percent
from pawl.alerts.reading import Level, Reading, Row, scope_of
from pawl.alerts.rule import Context, Counted, Fact, Rule, Thresholds
from pawl.alerts.windows import Scopes
from pawl.telemetry.event import Kind


class ContextSaturation(Thresholds, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Shares of the context window; `windows` are tokens by glob over model names, first match.

    A session without an event for `idle_s` is no longer told of.
    """

    warning_share: float
    critical_share: float
    clear_share: float
    idle_s: float
    windows: dict[str, int]


class _Session:
    __slots__ = ("at", "ended", "latest", "project")

    def __init__(self) -> None:
        self.at = float("-inf")
        self.latest: Counted | None = None
        self.ended = ""
        self.project: str | None = None


class _Watch:
    def __init__(self, context: Context) -> None:
        limits = context.thresholds
        assert isinstance(limits, ContextSaturation)
        self._rule, self._limits = context.rule, limits
        self._sessions: Scopes[str, _Session] = Scopes(_Session)
        self._windows: dict[str, int | None] = {}

    @property
    def forgotten(self) -> int:
        return self._sessions.forgotten

    def see(self, facts: Sequence[Fact]) -> None:
        at = self._sessions.at
        for fact in facts:
            after = fact.after
            if after is None:
                if fact.event.kind is not Kind.REQUEST:
                    self._noted(fact)
                continue
            name = after.session or after.run
            if name is None or after.side or after.prompt is None:
                continue
            session = at(name)
            if after.at < session.at:
                continue
            latest = session.latest
            if after.at == session.at and latest is not None and latest.key != after.key:
                after = max(latest, after, key=_larger)  # At one instant the order says nothing.
            session.at, session.latest, session.ended = after.at, after, ""
            session.project = after.project or session.project

    def _noted(self, fact: Fact) -> None:
        event = fact.event
        name = event.session_id or event.run_id
        if name is None:
            return
        session = self._sessions.get(name)
        if session is not None and fact.at >= session.at:
            session.at = fact.at
            session.ended = "compacted" if event.kind is Kind.COMPACTION else "ended"

    def look(self, now: float) -> list[Reading]:
        found: list[Reading] = []
        at = instant(now)
        for name, session in self._sessions.items():
            if now - session.at > self._limits.idle_s:
                self._sessions.drop(name)
            elif session.latest is not None:
                found += self._read(name, session, session.latest, at)
        return found

    def _read(self, name: str, session: _Session, latest: Counted, at: str) -> list[Reading]:
        scope = scope_of(session=name, project=session.project)
        window = self._window(latest.model or "")
        prompt = latest.prompt or 0
        if window is None or prompt > window:
            why = f"the context window of {latest.model or 'the model'} is not known."
            if window is not None:
                why = f"a prompt of {prompt:,} tokens is larger than the window on record."
            return blind(self._rule, scope, why, at=at)
        share = 0.0 if session.ended else prompt / window
        summary = f"the prompt has {prompt:,} of {window:,} tokens, {percent(prompt / window)}."
        if session.ended:
            summary = f"the session was {session.ended}."
        limits = self._limits
        return judged(
            self._rule,
            scope,
            share,
            ((Level.WARNING, limits.warning_share), (Level.CRITICAL, limits.critical_share)),
            at=at,
            summary=summary,
            unit="share",
            clear=limits.clear_share,
            cause=f"model {latest.model}",
            rows=(Row("request", latest.key), Row("session", name)),
        )

    def _window(self, model: str) -> int | None:
        known = self._windows
        if model not in known:
            if len(known) >= 1_000:
                known.clear()
            patterns = self._limits.windows.items()
            known[model] = next(
                (tokens for glob, tokens in patterns if fnmatchcase(model.lower(), glob)), None
            )
        return known[model]


def _larger(counted: Counted) -> tuple[int, str]:
    return (counted.prompt or 0, counted.key)


RULE = Rule(
    title="A session's context is nearly full",
    about="behaviour",
    kinds=frozenset({Kind.REQUEST, Kind.COMPACTION, Kind.RUN_ENDED}),
    thresholds=ContextSaturation,
    start=_Watch,
    response="Start a fresh session with a summary, or compact; a full context is forgotten.",
    history_s=7_200,
    failure_mode="context saturation",
    archetype="context pollution",
)
