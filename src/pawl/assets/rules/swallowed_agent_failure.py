"""An agent's failure is hidden, and what comes after takes its result for a good one.

Bad: `claude -p … > review.json || true` and then a step with `if: always()` that posts what is in
the file; `continue-on-error: true` on the agent and a later step that uses its output. A refused
key, a budget that ran out, a refusal: all of them look like a review that found nothing.

Instead: let the step fail, and tell of the failure in a step of its own (`if: failure()`); or ask
the result whether it is one (`.is_error`, the step's `outcome`) before it is used.
"""

from collections.abc import Iterator
from functools import lru_cache

from pawl.assets.agent_use import AgentUse
from pawl.assets.asset import Kind
from pawl.assets.assets import Assets
from pawl.assets.ci_hits import hit_on, timed_here
from pawl.assets.flow import Step
from pawl.assets.rule import Hit, Rule
from pawl.base.finding import Confidence, Severity
from pawl.base.patterns import regex
from pawl.parsing.shell_fate import Ran, Shell, fates
from pawl.parsing.shell_words import Unreadable

_ASKED = regex(r"is_error|\.subtype\b|terminal_reason|api_error|\$\?|PIPESTATUS|\.exit_?code")
_FILE = regex(r"(?<![0-9<=&-])(?:1?>>?\s*|\btee\s+(?:-a\s+)?)[\"']?([\w./-]{2,200})")


def _check(assets: Assets) -> Iterator[Hit]:
    for agent in timed_here(assets):
        use = agent.use
        hidden = _hidden(use)
        if hidden is None:
            continue
        after = _used_after(use)
        if after is not None:
            name = use.name
            yield hit_on(agent, f"{name}'s failure is hidden ({hidden}); {after} uses its result.")


def _hidden(use: AgentUse) -> str | None:
    """Return why a failure of the agent fails nothing, or None when it does."""
    if use.step.continue_on_error == "true":
        return "`continue-on-error`"
    if (
        use.flow.asset.product == "github"
        and str(use.job.values.get("continue-on-error")) == "True"
    ):
        return "`continue-on-error` of the job"
    if use.command is None or use.step.is_powershell:
        return None
    for each in _ran(use.step.run, _has_pipefail(use)):
        if each.line == use.command.line and each.words == use.command.texts:
            return each.swallowed if each.swallowed and "||" in each.swallowed else None
    return None


@lru_cache(maxsize=64)
def _ran(script: str, pipefail: bool) -> tuple[Ran, ...]:
    """Return the commands of a script with what becomes of their failures."""
    try:
        return tuple(fates(script, Shell(errexit=True, pipefail=pipefail)))
    except Unreadable:
        return ()


def _has_pipefail(use: AgentUse) -> bool:
    return use.step.shell == "bash" or use.flow.asset.product == "gitlab"


def _used_after(use: AgentUse) -> str | None:
    """Return what uses the result without asking whether it is one."""
    steps = list(use.job.steps[use.step.at + 1 :])
    needing = [job for job in use.flow.jobs if use.job.id in job.needs]
    steps += [step for job in needing for step in job.steps]
    rest = "" if use.command is None else use.step.run
    texts = [rest, *(_text(step) for step in steps)]
    if any(_ASKED.search(text) for text in texts) or _asks_outcome(use, steps):
        return None
    for step in steps:
        if "always()" in step.condition or _mentions(use, _text(step)):
            return f"the step {step.name or step.id or step.uses or step.at + 1}"
    if use.command is not None and use.command.assigned:
        lines = rest.split("\n")[use.command.line :]
        if any(f"${use.command.assigned}" in line for line in lines):
            return "the same script"
    return None


def _text(step: Step) -> str:
    return "\n".join((step.condition, step.run, *step.inputs.values(), *step.env.values()))


def _asks_outcome(use: AgentUse, steps: list[Step]) -> bool:
    named = f"steps.{use.step.id}."
    asked = ("outcome", "conclusion")
    texts = (_text(step) for step in steps) if use.step.id else ()
    return any(f"{named}{each}" in text for text in texts for each in asked)


def _mentions(use: AgentUse, text: str) -> bool:
    """Say whether a later step reads the agent's output: its outputs, or the file it wrote."""
    if use.step.id and f"steps.{use.step.id}.outputs" in text:
        return True
    if use.step.id and f"needs.{use.job.id}.outputs" in text:
        return True
    raw = "" if use.command is None else use.command.raw
    files = {match[1] for match in _FILE.finditer(raw)} - {"/dev/null", "/dev/stderr"}
    return any(name.removeprefix("./") in text for name in files)


RULE = Rule(
    title="An agent's failure is hidden from what uses its result",
    severity=Severity.MEDIUM,
    confidence=Confidence.MEDIUM,
    kinds=frozenset({Kind.WORKFLOW}),
    check=_check,
    source="observed with Claude Code 2.1.329",
    as_of="2026-11-21",
    hint="Let the step fail and tell of it, or ask the result whether it is one.",
)
