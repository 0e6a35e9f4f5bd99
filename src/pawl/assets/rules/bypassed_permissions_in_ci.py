"""An agent in a pipeline runs with its permissions or its sandbox switched off.

Bad: `claude -p --dangerously-skip-permissions`, `codex exec --sandbox danger-full-access`,
`gemini --yolo`, `safety-strategy: unsafe`. Nothing that the product would refuse is refused, so
that a mistake, or a sentence in a file, does whatever the job can do.

Instead: allow the tools that the task needs, by name; give commands that change files a sandbox
of the workspace.
"""

from collections.abc import Iterator

from pawl.assets.asset import Kind
from pawl.assets.assets import Assets
from pawl.assets.ci_hits import hit_on, quoted, written_here
from pawl.assets.rule import Hit, Rule
from pawl.base.finding import Confidence, Severity


def _check(assets: Assets) -> Iterator[Hit]:
    for agent in written_here(assets):
        use = agent.use
        wanted = (*use.about.bypass, *(() if use.action is None else use.action.bypass))
        found = [each for each in wanted if use.says(each)]
        if not found or (use.only is not None and "shell" not in agent.powers):
            continue
        shown = [each.replace("=", " ") if each[0] == "-" else each for each in found]
        yield hit_on(
            agent,
            f"{use.name} runs with {quoted(shown)}, which switches its brakes off.",
            subject=" ".join(found),
            severity=None if agent.reach.is_open else Severity.MEDIUM,
            trail=agent.trail if agent.reach.events else (),
        )


RULE = Rule(
    title="An agent in a pipeline runs without brakes",
    severity=Severity.HIGH,
    confidence=Confidence.HIGH,
    kinds=frozenset({Kind.WORKFLOW}),
    check=_check,
    source="https://code.claude.com/docs/en/permission-modes",
    as_of="2026-11-21",
    hint="Allow the tools that the task needs, by name.",
)
