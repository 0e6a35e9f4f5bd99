"""Anybody with an account starts an agent that runs programs, writes, or holds a writing token.

Bad: a workflow on `issues` or `issue_comment` that runs an agent with `Bash`, where
`allowed_non_write_users: "*"`, `allow-users: "*"`, or an action without a check of its own lets
everybody in. Whoever opens an issue instructs the agent, and its programs run with the
repository's token, secrets and caches. A poisoned release began this way in February 2026.

Instead: let only people with write access start it (the action's own check, a condition on
`author_association`), or leave it tools that only read and let another job, without an agent, act
on its structured output.
"""

from collections.abc import Iterator

from pawl.assets.asset import Kind
from pawl.assets.assets import Assets
from pawl.assets.ci_agents import CiAgent
from pawl.assets.ci_hits import hit_on, quoted, started_here
from pawl.assets.held_secrets import may_write
from pawl.assets.rule import Hit, Rule
from pawl.base.finding import Confidence, Severity

_SCOPES = ("contents", "actions", "packages", "deployments", "pages", "checks")


def _check(assets: Assets) -> Iterator[Hit]:
    for agent in started_here(assets):
        can = _can(agent) if agent.reach.is_dangerous else ""
        if can:
            yield hit_on(
                agent,
                f"Anybody starts {agent.use.name} by {quoted(agent.reach.events)}, and it {can}.",
                trail=agent.trail,
            )


def _can(agent: CiAgent) -> str:
    """Return what an agent can do that an outsider must not; empty for nothing of the kind.

    Files that it writes end with the job, unless its token may write or it can send them away.
    """
    powers, job = agent.powers, agent.use.job
    token = may_write(job, *_SCOPES)
    if "shell" in powers:
        writes = " and write" if "write" in powers else ""
        return f"can use shell{writes} by {powers['shell']}"
    if "write" in powers and (token or "post" in powers or job.permissions is None):
        return f"can write by {powers['write']}"
    return "holds a token that may write" if token and not agent.is_limited else ""


RULE = Rule(
    title="Outsiders start an agent that can act",
    severity=Severity.CRITICAL,
    confidence=Confidence.HIGH,
    kinds=frozenset({Kind.WORKFLOW}),
    check=_check,
    source="https://github.com/anthropics/claude-code-action/blob/main/docs/security.md",
    as_of="2026-11-21",
    hint="Let only who may write start it, or leave it tools that only read.",
)
