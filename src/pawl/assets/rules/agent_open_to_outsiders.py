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
from pawl.assets.ci_hits import hit_on, quoted, started_here
from pawl.assets.held_secrets import may_write
from pawl.assets.rule import Hit, Rule
from pawl.base.finding import Confidence, Severity

_SCOPES = ("contents", "actions", "packages", "deployments", "pages", "checks")


def _check(assets: Assets) -> Iterator[Hit]:
    for agent in started_here(assets):
        if not agent.reach.is_dangerous:
            continue
        dangerous = [power for power in ("shell", "write") if power in agent.powers]
        if dangerous:
            can = f"can use {' and '.join(dangerous)} by {agent.powers[dangerous[0]]}"
        elif may_write(agent.use.job, *_SCOPES) and not agent.is_limited:
            can = "holds a token that may write"
        else:
            continue
        yield hit_on(
            agent,
            f"Anybody starts {agent.use.name} by {quoted(agent.reach.events)}, and it {can}.",
            trail=agent.trail,
        )


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
