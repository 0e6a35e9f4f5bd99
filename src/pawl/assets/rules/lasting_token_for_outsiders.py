"""An agent that anybody starts holds a secret that outlives the run.

Bad: `github_token: ${{ secrets.BOT_PAT }}` with `allowed_non_write_users: "*"`, or a deploy key in
the job's environment. What an agent can read it can be talked into telling: in a comment, in a
request, letter by letter. The job's own token ends with the job; a personal token does not.

Instead: the job's token with the least permissions, an installation token made for the run, and
secrets only in jobs without an agent.
"""

from collections.abc import Iterator

from pawl.assets.asset import Kind
from pawl.assets.assets import Assets
from pawl.assets.ci_hits import hit_on, quoted, started_here
from pawl.assets.rule import Hit, Rule
from pawl.base.finding import Confidence, Severity


def _check(assets: Assets) -> Iterator[Hit]:
    for agent in started_here(assets):
        if agent.reach.is_dangerous and agent.secrets:
            first = agent.secrets[0]
            names = [each.name for each in agent.secrets]
            yield hit_on(
                agent,
                f"{agent.use.name}, which anybody starts, can read {quoted(names)} "
                f"({first.where}).",
                subject=" ".join(names),
                trail=(*agent.trail, *(f"{each.name}: {each.where}" for each in agent.secrets[:5])),
            )


RULE = Rule(
    title="An agent that anybody starts holds a lasting secret",
    severity=Severity.HIGH,
    confidence=Confidence.HIGH,
    kinds=frozenset({Kind.WORKFLOW}),
    check=_check,
    source="https://github.com/anthropics/claude-code-action/blob/main/docs/security.md",
    as_of="2026-11-21",
    hint="Use the job's own token, or one made for the run.",
)
