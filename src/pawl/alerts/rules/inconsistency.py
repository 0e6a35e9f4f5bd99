"""The same work ends differently from one trial to the next.

Watches: supervised runs of one workflow on one commit: trials of the same thing. Runs that a
person interrupted or that never started say nothing.

Fires: when, over enough trials, the share of those that did not end like most trials of their
commit is above the threshold (agreement below nine in ten).

No data: too few trials that can be compared; runs without a workflow or a commit cannot be.
"""

from collections import Counter
from collections.abc import Sequence

from pawl.alerts.instants import instant
from pawl.alerts.judging import blind, judged, percent
from pawl.alerts.reading import Level, Reading, Row, scope_of
from pawl.alerts.rule import Context, Fact, Rule, Thresholds
from pawl.alerts.windows import Latest, Scopes
from pawl.telemetry.event import Kind

_TRIALS = 200
_SAYS = frozenset({"succeeded", "agent_failed", "unreadable", "stopped"})

Trial = tuple[str, str, str]
"""Commit, outcome and run."""


class Inconsistency(Thresholds, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`disagreement_share` of at least `trials_min` trials within `window_s`, two a commit."""

    window_s: float
    trials_min: int
    disagreement_share: float
    clear_share: float


class _Watch:
    def __init__(self, context: Context) -> None:
        limits = context.thresholds
        assert isinstance(limits, Inconsistency)
        self._rule, self._limits = context.rule, limits
        self._scopes: Scopes[tuple[str | None, str], Latest[Trial]] = Scopes(
            lambda: Latest(_TRIALS), 500
        )

    @property
    def forgotten(self) -> int:
        return self._scopes.forgotten

    def see(self, facts: Sequence[Fact]) -> None:
        for fact in facts:
            event = fact.event
            if event.workflow is None or event.commit is None or event.outcome not in _SAYS:
                continue
            run = event.run_id or event.id
            trial = (event.commit, event.outcome or "", run)
            self._scopes.at((event.project, event.workflow)).put(fact.at, run, trial)

    def look(self, now: float) -> list[Reading]:
        found: list[Reading] = []
        limits, at = self._limits, instant(now)
        for key, latest in self._scopes.items():
            if now - latest.newest > 2 * limits.window_s:
                self._scopes.drop(key)
                continue
            scope = scope_of(project=key[0], workflow=key[1])
            by_commit: dict[str, list[Trial]] = {}
            for _, trial in latest.since(now - limits.window_s):
                by_commit.setdefault(trial[0], []).append(trial)
            groups = [trials for trials in by_commit.values() if len(trials) > 1]
            count = sum(map(len, groups))
            if count < limits.trials_min:
                why = f"{count} trials to compare, and {limits.trials_min} are needed."
                found += blind(self._rule, scope, why, at=at, levels=(Level.WARNING,))
                continue
            odd: list[Trial] = []
            for trials in groups:
                outcomes = Counter(outcome for _, outcome, _ in trials)
                usual = min(outcomes, key=lambda outcome: (-outcomes[outcome], outcome))
                odd += [trial for trial in trials if trial[1] != usual]
            share = len(odd) / count
            found += judged(
                self._rule,
                scope,
                share,
                ((Level.WARNING, limits.disagreement_share),),
                at=at,
                summary=f"{percent(1 - share)} of {count} trials of {key[1]} agree.",
                unit="share",
                clear=limits.clear_share,
                cause=f"workflow {key[1]}",
                rows=[Row("run", run) for _, _, run in reversed(odd)],
                strict=True,
            )
        return found


RULE = Rule(
    title="The same work ends differently each time",
    about="quality",
    kinds=frozenset({Kind.RUN_ENDED}),
    thresholds=Inconsistency,
    start=_Watch,
    response="Compare an odd run with a usual one; pin the model, or narrow the task.",
    history_s=7 * 86_400,
    failure_mode="inconsistency",
)
