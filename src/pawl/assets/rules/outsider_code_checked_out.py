"""An outsider's files are the workspace of an agent that runs with the repository's secrets.

Bad: on `pull_request_target`, `workflow_run` or a comment, a checkout of the change's head (`ref:
${{ github.event.pull_request.head.sha }}`, `gh pr checkout`) into the root of the workspace, and
an agent after it. The change brings its own instructions, hooks, settings and servers of tools,
and the agent's program loads them.

Instead: check out the base, and the change below a folder of its own (`path: change`) that the
agent reads as data; or run on `pull_request`, where forks get no secrets.
"""

from collections.abc import Iterator

from pawl.assets.asset import Kind
from pawl.assets.assets import Assets
from pawl.assets.ci_hits import hit_on, quoted, started_here
from pawl.assets.outsider_code import checkout_before
from pawl.assets.rule import Hit, Rule
from pawl.base.finding import Confidence, Severity


def _check(assets: Assets) -> Iterator[Hit]:
    for agent in started_here(assets):
        if not agent.reach.is_dangerous:
            continue
        use = agent.use
        checkout = checkout_before(use.flow, use.job, use.step.at + (use.command is not None))
        if checkout is None or not checkout.asks_for_head:
            continue
        yield hit_on(
            agent,
            f"{checkout.how} puts an outsider's change where {use.name} works, which "
            f"{quoted(agent.reach.events)} starts with the repository's secrets.",
            line=checkout.line,
            trail=(*agent.trail, f"{use.flow.path}:{checkout.line} checks out the change"),
        )


RULE = Rule(
    title="An outsider's files are an agent's workspace",
    severity=Severity.HIGH,
    confidence=Confidence.HIGH,
    kinds=frozenset({Kind.WORKFLOW}),
    check=_check,
    source="https://docs.github.com/en/actions/reference/workflows-and-actions/events-that-trigger-workflows",
    as_of="2026-11-21",
    hint="Check out the base, and the change below a folder of its own.",
)
