"""A step after the agent, in the same job, holds secrets.

Bad: an agent with a shell that outsiders' text reaches, and after it a step that publishes or
notifies with `secrets.…`. The agent can change the workspace, the path, the scripts and the
settings of the tools that the later step runs, and so reads its secrets.

Instead: a job of its own for what needs secrets, with `needs:` and only the output it needs.
"""

from collections.abc import Iterator

from pawl.assets.asset import Kind
from pawl.assets.assets import Assets
from pawl.assets.ci_hits import hit_on, quoted, started_here
from pawl.assets.held_secrets import secrets_of_step
from pawl.assets.rule import Hit, Rule
from pawl.base.finding import Confidence, Severity


def _check(assets: Assets) -> Iterator[Hit]:
    for agent in started_here(assets):
        use = agent.use
        acts = [power for power in ("shell", "write") if power in agent.powers]
        if not agent.reach.events or agent.reach.gate is not None or not acts:
            continue
        held = {each.name for each in agent.secrets}
        for step in use.job.steps[use.step.at + 1 :]:
            names = [each.name for each in secrets_of_step(step) if each.name not in held]
            if names:
                name = step.name or step.id or step.uses or "a script"
                yield hit_on(
                    agent,
                    f"The step {name[:80]} gets {quoted(names)} after {use.name} could change "
                    "what it runs.",
                    line=step.line,
                    subject=name,
                    trail=(*agent.trail, f"{use.flow.path}:{step.line} {name[:80]} holds secrets"),
                )


RULE = Rule(
    title="Secrets come into a job after its agent",
    severity=Severity.MEDIUM,
    confidence=Confidence.MEDIUM,
    kinds=frozenset({Kind.WORKFLOW}),
    check=_check,
    source="https://docs.github.com/en/actions/reference/security/secure-use",
    as_of="2026-11-21",
    hint="Give what needs secrets a job of its own.",
)
