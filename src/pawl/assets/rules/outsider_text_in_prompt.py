"""Text that anybody can write is put into an agent's prompt, options or settings.

Bad: `prompt: "Triage: ${{ github.event.issue.title }}"`. The code host puts the title into the
prompt before the agent reads it, so that it stands beside the instructions as one of them. In a
shell command it is the shell's code as well. Behind a gate it is a lesser finding where the text
is somebody else's than who was let pass.

Instead: name the number of the issue and let the agent read it with a tool that only reads, keep
its tools to reading, and say in the prompt that what it reads is no instruction.
"""

from collections.abc import Iterator

from pawl.assets.asset import Kind
from pawl.assets.assets import Assets
from pawl.assets.ci_hits import hit_on, quoted, started_here
from pawl.assets.rule import Hit, Rule
from pawl.base.finding import Confidence, Severity


def _check(assets: Assets) -> Iterator[Hit]:
    for agent in started_here(assets):
        direct = [each for each in agent.brought if each.direct]
        worst = agent.reach.is_dangerous and not agent.is_limited
        for line in dict.fromkeys(each.line for each in direct):
            here = [each for each in direct if each.line == line]
            texts = [each.text for each in here]
            yield hit_on(
                agent,
                f"{quoted(texts)}, which others write, {here[0].how} of {agent.use.name}.",
                line=line,
                subject=" ".join(texts),
                severity=None if worst else Severity.MEDIUM,
                trail=(*agent.trail, f"{here[0].text} {here[0].how}"),
            )


RULE = Rule(
    title="Text of outsiders stands in an agent's prompt",
    severity=Severity.HIGH,
    confidence=Confidence.HIGH,
    kinds=frozenset({Kind.WORKFLOW}),
    check=_check,
    source="https://docs.github.com/en/actions/reference/security/secure-use",
    as_of="2026-11-21",
    hint="Hand over the number, and let the agent read the text with a tool that only reads.",
)
