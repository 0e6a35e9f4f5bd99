"""One job's agent holds secrets, reads what others write, and can tell it to the outside.

Bad: an agent that triages issues with `Bash` in a job whose environment holds a token of the
company's tracker. Each of the three alone is ordinary; together a sentence in an issue is enough
to send the secret away. Which of the three a job needs is a matter of design: no instruction to
the agent takes one of them away.

Instead: take one away. Give secrets to another job, keep outsiders' text out or its tools to
reading, or leave it no shell, no address and no comments.
"""

from collections.abc import Iterator

from pawl.assets.asset import Kind
from pawl.assets.assets import Assets
from pawl.assets.ci_agents import CiAgent
from pawl.assets.ci_hits import hit_on, started_here
from pawl.assets.outsider_text import named_fetches
from pawl.assets.rule import Hit, Rule
from pawl.base.finding import Confidence, Severity


def _check(assets: Assets) -> Iterator[Hit]:
    for agent in started_here(assets):
        private, foreign, egress = _private(agent), _foreign(agent), _egress(agent)
        if private and foreign and egress:
            yield hit_on(
                agent,
                f"{agent.use.name} holds {private}, reads {foreign}, and can send by {egress}.",
                severity=Severity.MEDIUM if agent.reach.gate is not None else None,
                trail=(
                    *agent.trail,
                    f"secrets: {private}",
                    f"others' text: {foreign}",
                    f"way out: {egress}",
                ),
            )


def _private(agent: CiAgent) -> str:
    if agent.secrets:
        return f"{agent.secrets[0].name} ({agent.secrets[0].where})"
    held = (agent.use.job.permissions or {}).get("id-token") == "write"
    return "the job's identity token" if held and "shell" in agent.powers else ""


def _foreign(agent: CiAgent) -> str:
    """Return the outsiders' text that an agent reads, whoever started it."""
    if agent.brought:
        return agent.brought[0].text
    if agent.reach.is_dangerous:
        return f"what anybody writes who causes `{agent.reach.events[0]}`"
    named = [name for _, text in agent.use.prompts for name in named_fetches(text)]
    gated = agent.reach.gate is not None and agent.reach.events
    return named[0] if named and not gated else ""


def _egress(agent: CiAgent) -> str:
    return agent.powers.get("network") or agent.powers.get("post") or ""


RULE = Rule(
    title="An agent's job has secrets, others' text and a way out",
    severity=Severity.HIGH,
    confidence=Confidence.HIGH,
    kinds=frozenset({Kind.WORKFLOW}),
    check=_check,
    source="https://simonwillison.net/2025/Jun/16/the-lethal-trifecta/",
    as_of="2026-11-21",
    hint="Take one of the three away: the secret, the text, or the way out.",
)
