"""What Pawl's own stores tell of agents at work in one project, or in all of an organisation.

Only counts leave this file: no person, no prompt, no content. A store that a running server owns
cannot be asked, and that is said; it is not the same as nothing having happened.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Protocol

import msgspec

from pawl.maturity.facts import Absent
from pawl.maturity.facts.practice import AgentUse, GateDecision, Practice
from pawl.runs.record import Outcome
from pawl.services.objective_series import Measuring, objective_series
from pawl.services.over_time import Work, silent, worked_until
from pawl.store.events.owner import StoreBusy
from pawl.store.events.practice import Worked, WorkPlace
from pawl.telemetry.attribution import project_of

if TYPE_CHECKING:
    from pawl.alerts.objectives import Objective as Promise
    from pawl.maturity.facts.operations import Objective
    from pawl.services.practice_changes import ChangePractice
    from pawl.store.records.runs import RunState

MAX_RUNS = 20_000
"""Newest runs that are looked at."""

_MCP = "mcp__"
"""How the name of a tool begins that an MCP server offers: `mcp__SERVER__TOOL`."""
_LIMITS = ("wall_s", "idle_s", "turns", "tool_calls", "subagents", "tokens", "usd_micros")


class Runs(Protocol):
    """The records of supervised runs."""

    def recent(self, limit: int) -> list[RunState]:
        """Return the newest runs, newest first."""


class Worker(Measuring, Protocol):
    """The events of agents at work."""

    def practice(self, since: str, until: str, whose: WorkPlace) -> Worked:
        """Return counts of a window."""


class Chain(msgspec.Struct, frozen=True, kw_only=True):
    """What the verification of the ledger said."""

    entries: int
    intact: bool
    checkpointed: bool


class Alerted(msgspec.Struct, frozen=True, kw_only=True):
    """What alerts came to: `(time, somebody acted)` of each on cost, and which rules were tested.

    `begun` says that alerts were ever looked at here: where they were not, none could fire.
    `budgets` counts those in force that the project's spend counts towards.
    """

    cost: tuple[tuple[str, bool], ...] = ()
    tested: tuple[str, ...] = ()
    begun: bool = False
    budgets: int | None = None


class Stores(Protocol):
    """Pawl's stores on this machine; each is None where it was never begun."""

    def runs(self) -> Runs | None:
        """Return the records of runs."""

    def events(self) -> AbstractContextManager[Worker] | None:
        """Open the events; raises StoreBusy when a server owns them."""

    def chain(self) -> Chain | None:
        """Verify the ledger."""

    def objectives(self, project: str | None) -> tuple[Promise, ...] | None:
        """Return this machine's objectives of a project, or of all; None where none are named."""

    def evals(self, since: str, until: str, project: str | None) -> tuple[GateDecision, ...] | None:
        """Return the verdicts of a project's evals, or of all; None where none was recorded."""

    def alerted(self, since: str, until: str, project: str | None) -> Alerted | None:
        """Return what alerts of a project, or of all, came to; None where no records were begun."""

    def changed(self, since: str, until: str, project: str | None) -> ChangePractice | None:
        """Return what was recorded of a project's changes, or of all; None where nothing was."""


def place_of(name: str, origin: str | None) -> WorkPlace:
    """Return whose work is asked for, for a repository's folder name and its remote."""
    shared = origin if origin is not None and not origin.startswith(("/", ".", "~")) else None
    return WorkPlace(project=project_of(name), repo=shared)


def read_practice(stores: Stores, since: str, until: str, whose: WorkPlace) -> Practice | Absent:
    """Return what the stores tell of a window, or why they cannot."""
    runs, opened = stores.runs(), None
    states = [] if runs is None else runs.recent(MAX_RUNS)
    promises = stores.objectives(whose.project)
    changed = stores.changed(since, until, whose.project)
    judged = stores.evals(since, until, whose.project)
    try:
        opened = stores.events()
        # The records hold more than runs: that they were begun does not mean that agents ran.
        if opened is None and not states and changed is None and judged is None:
            return Absent(
                "Pawl has recorded nothing on this machine.",
                "Run agents with `pawl run`, or read their transcripts with `pawl import`.",
            )
        worked = None
        series: tuple[Objective, ...] = ()
        if opened is not None:
            with opened as events:
                worked = events.practice(since, until, whose)
                series = objective_series(events, states, promises or (), until)
        else:
            series = objective_series(None, states, promises or (), until)
    except StoreBusy as busy:
        return Absent(
            "A running Pawl server owns the records of agents at work.",
            f"End it{f' ({busy.url})' if busy.url else ''}, or assess on a copy of its data.",
        )
    own = [state for state in states if _is_of(state, whose)]
    found = _practice(
        worked,
        [s for s in own if since <= (s.started_at or "") < until],
        own,
        stores.chain(),
        stores.alerted(since, until, whose.project),
        judged,
        since,
        until,
        None if promises is None else series,
    )
    return _with_changes(found, changed, agents_recorded=opened is not None or bool(states))


def _with_changes(
    found: Practice, changed: ChangePractice | None, *, agents_recorded: bool
) -> Practice:
    """Return the records with what gates decided; where no agent was recorded, nothing of them."""
    if changed is None:
        # Verdicts of evals alone say nothing of agents, and were begun with the first of them.
        begun = min((each.at for each in found.eval_runs or ()), default=found.complete_since)
        return (
            found
            if agents_recorded
            else msgspec.structs.replace(
                found,
                complete_since=max(found.complete_since, begun),
                agents_recorded=False,
            )
        )
    return msgspec.structs.replace(
        found,
        complete_since=found.complete_since
        if agents_recorded
        else max(found.complete_since, changed.began),
        agents_recorded=agents_recorded,
        gates=changed.gates,
        changes=changed.changes,
        rollbacks=changed.rollbacks,
        roles_acted=changed.roles_acted,
        gate_exceptions=changed.exceptions,
    )


def _is_of(state: RunState, whose: WorkPlace) -> bool:
    told = state.attribution
    if whose.repo is not None and told.repo is not None:
        return told.repo == whose.repo
    return whose.project is None or told.project == whose.project


def _practice(
    worked: Worked | None,
    runs: list[RunState],
    ever: list[RunState],
    chain: Chain | None,
    alerted: Alerted | None,
    eval_runs: tuple[GateDecision, ...] | None,
    since: str,
    until: str,
    objectives: tuple[Objective, ...] | None,
) -> Practice:
    agents = () if worked is None else worked.agents
    started = [state.started_at for state in ever if state.started_at]
    first = [*started, *([worked.first_at] if worked and worked.first_at else [])]
    return Practice(
        complete_since=max(since, min(first, default=since)),
        agents=tuple(
            AgentUse(
                agent=row.agent, sessions=row.sessions, supervised=row.supervised, days=row.days
            )
            for row in agents
        ),
        runs=len(runs),
        runs_in_ci=_count(runs, lambda run: run.attribution.workflow is not None),
        runs_with_limits=_count(runs, _has_limits),
        runs_unreadable=_count(runs, lambda run: run.outcome == Outcome.UNREADABLE),
        runs_with_session=_count(runs, lambda run: run.session_id is not None),
        stopped_by_limit=_count(runs, lambda run: run.outcome == Outcome.STOPPED),
        run_costs=tuple(
            sorted(
                (run.started_at, run.cost_micros)
                for run in runs
                if run.started_at is not None and run.cost_micros is not None
            )
        ),
        gaps=_gaps(worked, runs, since, until),
        refused_tool_calls=0 if worked is None else sum(tool.denied for tool in worked.tools),
        requests=sum(row.requests for row in agents),
        unpriced_requests=sum(row.unpriced for row in agents),
        projects={} if worked is None else worked.projects,
        mcp_calls=None if worked is None else _mcp_calls(worked),
        verified_entries=None if chain is None else chain.entries,
        chain_intact=None if chain is None else chain.intact,
        checkpointed=None if chain is None else chain.checkpointed,
        cost_alerts=None if alerted is None or not alerted.begun else alerted.cost,
        budgets=None if alerted is None else alerted.budgets,
        agent_alert_rules_tested=None
        if alerted is None or not (alerted.begun or alerted.tested)
        else alerted.tested,
        eval_runs=eval_runs,
        objectives=objectives,
    )


def _gaps(
    worked: Worked | None, runs: list[RunState], since: str, until: str
) -> tuple[tuple[str, str], ...]:
    """Return when runs asked models and no event arrived, once any events had begun to."""
    if worked is None or worked.first_at is None:
        return ()
    asked = [
        Work(start=run.started_at, end=end)
        for run in runs
        if run.started_at is not None and (end := worked_until(run)) is not None
    ]
    return silent(asked, worked.days, max(since, worked.first_at), until)


def _count(runs: Iterable[RunState], is_one: Callable[[RunState], bool]) -> int:
    return sum(map(is_one, runs))


def _has_limits(run: RunState) -> bool:
    limits = run.limits
    return limits is not None and any(getattr(limits, name) is not None for name in _LIMITS)


def _mcp_calls(worked: Worked) -> dict[str, int]:
    """Return the calls that each MCP server answered without an error."""
    calls: dict[str, int] = {}
    for tool in worked.tools:
        if tool.tool is not None and tool.tool.startswith(_MCP):
            server = tool.tool[len(_MCP) :].partition("__")[0]
            calls[server] = calls.get(server, 0) + tool.answered
    return calls
