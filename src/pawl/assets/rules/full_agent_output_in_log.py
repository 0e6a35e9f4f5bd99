"""Everything that an agent read and ran is printed into a log that outsiders can read.

Bad: `show_full_output: true` or `gemini_debug: true` in a workflow that outsiders' text reaches.
The log of a public repository is public, and what tools print (`env`, files, answers of servers)
is not masked unless it is a registered secret, letter for letter.

Instead: leave it off; to look into a failure, keep the record as an artifact for a few days, or
switch it on where only maintainers start the workflow.
"""

from collections.abc import Iterator

from pawl.assets.asset import Kind
from pawl.assets.assets import Assets
from pawl.assets.ci_hits import hit_on, started_here
from pawl.assets.rule import Hit, Rule
from pawl.base.finding import Confidence, Severity


def _check(assets: Assets) -> Iterator[Hit]:
    for agent in started_here(assets):
        use = agent.use
        if use.action is None or not agent.reach.events:
            continue
        for name in use.action.full_output:
            if use.step.inputs.get(name, "").strip().lower() == "true":
                origin = use.step.origin
                line = use.flow.line(*use.step.where, "with", name) if origin is None else use.line
                yield hit_on(
                    agent,
                    f"`{name}` prints all that {use.name} reads and runs into the log.",
                    line=line,
                    subject=name,
                    trail=agent.trail,
                )


RULE = Rule(
    title="An agent's full output stands in the log",
    severity=Severity.MEDIUM,
    confidence=Confidence.HIGH,
    kinds=frozenset({Kind.WORKFLOW}),
    check=_check,
    source="https://github.com/anthropics/claude-code-action/blob/main/docs/security.md",
    as_of="2026-11-21",
    hint="Leave it off where outsiders start the workflow.",
)
