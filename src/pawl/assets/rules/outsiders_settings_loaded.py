"""An agent works on an outsider's change and loads the settings, hooks and servers in it.

Bad: `claude -p` in a checkout of a pull request. Without a person nobody is asked whether the
folder is trusted: hooks of the change's `.claude/settings.json` run, its `env` applies (another
address for the model takes the key along), and the servers of its `.mcp.json` start.

Instead: `--setting-sources user`, or `--bare`, or `--restricted --strict-mcp-config`; or check out
the base and hand the change over as data. `pawl run --untrusted` does it for any agent.
"""

from collections.abc import Iterator

from pawl.assets.agent_use import AgentUse, option_of
from pawl.assets.asset import Kind
from pawl.assets.assets import Assets
from pawl.assets.ci_hits import hit_on, started_here
from pawl.assets.outsider_code import checkout_before
from pawl.assets.reach import FORK_EVENTS
from pawl.assets.rule import Hit, Rule
from pawl.base.finding import Confidence, Severity


def _check(assets: Assets) -> Iterator[Hit]:
    for agent in started_here(assets):
        use = agent.use
        if not agent.reach.is_open or use.program != "claude" or use.action is not None:
            continue
        if not _keeps_own(use) and _works_on_change(use, set(agent.reach.events)):
            yield hit_on(
                agent,
                "`claude` loads the settings, hooks and servers of the change that it looks at.",
                trail=agent.trail,
            )


def _keeps_own(use: AgentUse) -> bool:
    """Say whether a call loads nothing of the project, or Pawl sees to it."""
    sources = use.option("--setting-sources")
    if sources is not None:
        return "project" not in sources
    if use.limits is not None:
        return option_of(use.limits, "--trusted") is None
    return use.has(*use.about.own_settings_only)


def _works_on_change(use: AgentUse, events: set[str]) -> bool:
    """Say whether the files in the workspace are those of the change."""
    if use.flow.asset.product == "gitlab":
        return "merge_request_event" in events
    checkout = checkout_before(use.flow, use.job, use.step.at + 1)
    if checkout is None:
        return False
    if checkout.asks_for_head:
        return True
    merged = not checkout.step.inputs.get("ref") and not checkout.step.inputs.get("repository")
    return merged and not events.isdisjoint(FORK_EVENTS)


RULE = Rule(
    title="An agent loads an outsider's settings",
    severity=Severity.MEDIUM,
    confidence=Confidence.HIGH,
    kinds=frozenset({Kind.WORKFLOW}),
    check=_check,
    source="observed with Claude Code 2.1.329",
    as_of="2026-11-21",
    hint="Add `--setting-sources user`, or run it by `pawl run --untrusted`.",
)
