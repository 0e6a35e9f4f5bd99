"""Text that anybody can write reaches an agent by a detour, and nothing limits its tools.

Bad: `echo "$DIFF" | claude -p "Review this"` on pull requests, a variable that holds the body of
an issue, a file that an earlier step fetched, or a prompt that says to run `gh issue view`. It
looks clean because no expression stands in the prompt. The agent reads the text all the same, and
what stands in it steers whatever the agent may do.

Instead: leave such an agent no way out: name its few tools (`--tools "Read,Grep"`), refuse shell
and network, or run it in a sandbox that only reads. Then nothing is said of it.
"""

from collections.abc import Iterator

from pawl.assets.asset import Kind
from pawl.assets.assets import Assets
from pawl.assets.ci_hits import hit_on, quoted, started_here
from pawl.assets.rule import Hit, Rule
from pawl.base.finding import Confidence, Severity


def _check(assets: Assets) -> Iterator[Hit]:
    for agent in started_here(assets):
        ways = [each for each in agent.brought if not each.direct]
        if not ways or agent.is_limited:
            continue
        more = "" if len(ways) == 1 else f" (and {len(ways) - 1} more ways)"
        yield hit_on(
            agent,
            f"What others wrote reaches {agent.use.name}: {quoted([ways[0].text])} "
            f"{ways[0].how}{more}; nothing keeps it from passing it on.",
            trail=(*agent.trail, *(f"{each.text} {each.how}" for each in ways[:5])),
        )


RULE = Rule(
    title="Text of outsiders reaches an agent by a detour",
    severity=Severity.MEDIUM,
    confidence=Confidence.MEDIUM,
    kinds=frozenset({Kind.WORKFLOW}),
    check=_check,
    source="https://docs.github.com/en/actions/reference/security/secure-use",
    as_of="2026-11-21",
    hint="Keep its tools to reading: name the few it needs, or refuse the rest.",
)
