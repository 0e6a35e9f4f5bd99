"""An agent that outsiders' text reaches is allowed any command, any file or any address.

Bad: `--allowedTools "Bash,Write,WebFetch"` in a workflow on comments. One sentence in the text it
reads is enough to use them. The tools that the prompt's own command (`prompt: /triage`) allows
count as well. Behind a gate, and on changes from forks, which get no secrets, it is a lesser
finding, and editing files is what such an agent is for.

Instead: allow the few commands it needs, as `Bash(gh issue view:*)`, and leave out the rest.
"""

from collections.abc import Iterator

from pawl.assets.agent_powers import powers_of_tool, settings_tools
from pawl.assets.asset import Kind
from pawl.assets.assets import Assets
from pawl.assets.ci_agents import CiAgent
from pawl.assets.ci_hits import hit_on, quoted, started_here
from pawl.assets.reach import COMMENTS
from pawl.assets.rule import Hit, Rule
from pawl.base.finding import Confidence, Severity


def _check(assets: Assets) -> Iterator[Hit]:
    for agent in started_here(assets):
        broad = _broad(agent)
        if broad:
            yield hit_on(
                agent,
                f"{agent.use.name}, which reads what others write, is allowed {quoted(broad)}.",
                subject=" ".join(broad),
                severity=None if agent.reach.is_dangerous else Severity.MEDIUM,
                trail=agent.trail,
            )


def _broad(agent: CiAgent) -> list[str]:
    """Return the allowed tools that are too much for an agent whom this text reaches."""
    events = set(agent.reach.events)
    if not events or (agent.reach.gate is not None and not events & COMMENTS):
        return []
    found = []
    edits = agent.reach.is_dangerous and not agent.is_limited
    for tool in (*(agent.use.tools or ()), *settings_tools(agent.use)):
        powers = set(powers_of_tool(tool))
        any_program = {"shell", "post"} <= powers
        writes = powers == {"write"} and "(" not in tool and edits
        if (any_program or writes or powers == {"network"}) and powers & set(agent.powers):
            found.append(tool)
    return list(dict.fromkeys(found))


RULE = Rule(
    title="An agent whom outsiders' text reaches has broad tools",
    severity=Severity.HIGH,
    confidence=Confidence.HIGH,
    kinds=frozenset({Kind.WORKFLOW}),
    check=_check,
    source="https://github.com/anthropics/claude-code-action/blob/main/docs/security.md",
    as_of="2026-11-21",
    hint="Allow the few commands it needs, each with its first words.",
)
