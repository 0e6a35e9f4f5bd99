"""An agent in a pipeline has no limit of time, turns or money, or runs many times at once.

Bad: no `timeout-minutes` on the job (the code host's own limit is six hours), no `--max-turns`
and `--max-budget-usd`, no `concurrency` group, so that ten pushes are ten runs at once. It is
common, and costs only when something goes wrong: a loop, a huge change, a flood of comments.

Instead: `timeout-minutes: 15`, a cap of turns and of dollars, and a `concurrency` group by pull
request with `cancel-in-progress`. `pawl run --max-usd --timeout` caps any agent.
"""

from collections.abc import Iterator

from pawl.assets.agent_use import AgentUse, option_of
from pawl.assets.asset import Kind
from pawl.assets.assets import Assets
from pawl.assets.ci_hits import hit_on, timed_here
from pawl.assets.rule import Hit, Rule
from pawl.base.finding import Confidence, Severity
from pawl.parsing.ci.commands import program

_ALONE = frozenset({"schedule", "workflow_dispatch", "workflow_call", "repository_dispatch"})
"""Events that do not come in floods, or whose caller says how many run at once."""


def _check(assets: Assets) -> Iterator[Hit]:
    for agent in timed_here(assets):
        missing = _missing(agent.use)
        if missing:
            yield hit_on(agent, f"{agent.use.name} has {_listed(missing)}.")


def _missing(use: AgentUse) -> list[str]:
    found = []
    limits = use.limits or ()
    wrapped = use.command is not None and any(
        program(word) in ("timeout", "gtimeout") for word in use.command.texts[:6]
    )
    timed = use.job.timeout is not None or use.step.values.get("timeout-minutes") is not None
    if not timed and not wrapped and option_of(limits, "--timeout") is None:
        found.append("limit of time")
    capped = use.action is not None and bool(use.step.inputs.get("max_turns"))
    turns = use.has(*use.about.turns) or option_of(limits, "--max-turns") is not None
    if use.about.turns and not turns and not capped:
        found.append("cap of turns")
    spend = use.has(*use.about.spend) or option_of(limits, "--max-usd") is not None
    if use.about.spend and not spend:
        found.append("cap of money")
    floods = use.flow.asset.product == "github" and not set(use.flow.triggers) <= _ALONE
    if floods and not use.flow.concurrency and not use.job.concurrency:
        found.append("group of concurrency")
    return found


def _listed(missing: list[str]) -> str:
    said = [f"no {each}" for each in missing]
    return said[0] if len(said) == 1 else f"{', '.join(said[:-1])} and {said[-1]}"


RULE = Rule(
    title="An agent in a pipeline is not capped",
    severity=Severity.LOW,
    confidence=Confidence.HIGH,
    kinds=frozenset({Kind.WORKFLOW}),
    check=_check,
    source="https://code.claude.com/docs/en/github-actions",
    as_of="2026-11-21",
    hint="Cap time, turns and money, and let one run of a change end another.",
)
