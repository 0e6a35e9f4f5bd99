"""What Pawl's own stores tell of agents at work, as counts. No prompt, no name, no content."""

import msgspec

from pawl.maturity.facts.operations import Objective


class AgentUse(msgspec.Struct, frozen=True, kw_only=True):
    """Sessions and runs of one product within the window."""

    agent: str
    sessions: int
    supervised: int
    days: int
    """Days on which there was any."""


class GateDecision(msgspec.Struct, frozen=True, kw_only=True):
    """One decision of a gate, or one eval run, from the ledger."""

    id: str
    at: str
    subject: str
    verdict: str
    considers: tuple[str, ...] = ()


class ChangeDecision(msgspec.Struct, frozen=True, kw_only=True):
    """One recorded change of a prompt, policy, model, tool or code."""

    id: str
    kind: str
    recorded_at: str
    deployed_at: str | None = None
    risk: str = "unknown"
    approved: bool | None = None
    separate_roles: bool | None = None


class Rollback(msgspec.Struct, frozen=True, kw_only=True):
    """One change that was taken back, from when that began; `minutes` are from its trigger.

    Without minutes it is not back yet. An `automatic` one was begun by Pawl itself.
    """

    id: str
    at: str
    minutes: float | None = None
    automatic: bool = False


class Practice(msgspec.Struct, frozen=True, kw_only=True):
    """What Pawl recorded since `complete_since`. None: that part of Pawl has no records yet.

    Counts are of runs within the window unless they say otherwise. `verified_entries` is how many
    ledger entries verified; `checkpointed` whether an outside checkpoint was compared with.
    """

    complete_since: str
    agents_recorded: bool = True
    """Whether agents were ever recorded here; where only changes were, their counts say nothing."""
    agents: tuple[AgentUse, ...] = ()
    runs: int = 0
    runs_in_ci: int = 0
    runs_with_limits: int = 0
    runs_unreadable: int = 0
    runs_with_session: int = 0
    stopped_by_limit: int = 0
    refused_tool_calls: int = 0
    refused_by_hooks: int | None = None
    """Those of them that a hook refused; None where records do not tell what refused."""
    run_costs: tuple[tuple[str, int], ...] = ()
    """`(start, micro-USD)` of each run whose cost is known."""
    gaps: tuple[tuple[str, str], ...] = ()
    """`(start, end)` of whole days on which runs asked models and no event of them arrived."""
    requests: int = 0
    unpriced_requests: int = 0
    projects: dict[str, int] = {}
    """Requests by project."""
    skills_used: dict[str, int] | None = None
    """Sessions in which a skill was invoked, by skill."""
    instructions_loaded: int | None = None
    """Sessions whose log shows the repository's instructions in context."""
    mcp_calls: dict[str, int] | None = None
    """Calls of a server's tools that came back with a result, by server."""
    verified_entries: int | None = None
    chain_intact: bool | None = None
    checkpointed: bool | None = None
    cost_alerts: tuple[tuple[str, bool], ...] | None = None
    """`(time, somebody acted)` of each cost alert that fired."""
    budgets: int | None = None
    """Budgets in force that this project's spend counts towards."""
    agent_alert_rules_tested: tuple[str, ...] | None = None
    objectives: tuple[Objective, ...] | None = None
    """Service level objectives that this machine measures; `points` are days with work."""
    eval_runs: tuple[GateDecision, ...] | None = None
    gates: tuple[GateDecision, ...] | None = None
    changes: tuple[ChangeDecision, ...] | None = None
    rollbacks: tuple[Rollback, ...] | None = None
    """Changes that were taken back for real; an experiment that ran its time is none."""
    gate_exceptions: int | None = None
    """Exceptions to gates that stand now; each has an end, after which nothing counts it."""
    roles_acted: tuple[str, ...] | None = None
    """Names of roles whose holders wrote or approved a change that started. No person."""
    personal_setups: int | None = None
    """People who opted in to say that they keep instructions or skills of their own."""
    repositories: dict[str, bool] | None = None
    """Active repositories of the fleet, and whether each runs an agent in CI within limits."""
    reverified_at: str | None = None
    """When a formal assessment last verified the standard again; None of never."""
    reverified_new_evidence: int | None = None
    """Answers it rested on that looked at other inputs than the one before; None where unknown."""
    exemptions_live: int | None = None
    exemptions_expired: int | None = None
