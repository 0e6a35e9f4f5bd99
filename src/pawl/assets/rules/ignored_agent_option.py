"""A pipeline sets or reads something of an agent that does not exist any more, or never did.

Bad: inputs of version 0 (`max_turns`, `allowed_tools`) on `claude-code-action@v1`, which passes
over them with a warning in a log, so that a budget holds nothing; `--max-tokens`, which Claude
Code refuses; `.cost_usd` of its result, which is `total_cost_usd` now, so that a log of costs is
nothing but zeros.

Instead: the name that the version you pin knows.
"""

import re
from collections.abc import Iterator

from pawl.assets.agent_use import AgentUse
from pawl.assets.asset import Kind
from pawl.assets.assets import Assets
from pawl.assets.ci_agents import CiAgent
from pawl.assets.ci_hits import hit_on, written_here
from pawl.assets.flow import Flow, Step
from pawl.assets.rule import Edit, Hit, Rule
from pawl.base.finding import Confidence, Severity
from pawl.base.patterns import regex

_TAG = regex(r"v?(\d{1,3})(?:\.\d{1,4}){0,2}")
_TOLD = regex(r"#\s*v?(\d{1,3})(?:\.\d{1,4}){0,2}\b")


def _check(assets: Assets) -> Iterator[Hit]:
    fields: dict[str, tuple[Flow, dict[str, str]]] = {}
    for agent in written_here(assets):
        yield from _old_inputs(agent)
        yield from _no_such_options(agent)
        fields[agent.use.flow.path] = (agent.use.flow, agent.use.about.old_fields)
    for flow, old in fields.values():
        for _, step in flow.steps() if old else ():
            yield from _old_fields(flow, step, old)


def _old_inputs(agent: CiAgent) -> Iterator[Hit]:
    use, action = agent.use, agent.use.action
    if action is None or _major(use) < action.modern:
        return
    for name, instead in action.old_inputs.items():
        if name in use.step.inputs:
            line = use.flow.line(*use.step.where, "with", name)
            message = f"{use.step.uses}@{use.step.ref[:40]} passes over `{name}`; use {instead}."
            yield hit_on(agent, message, line=line, subject=name)


def _major(use: AgentUse) -> int:
    """Return the major version that a step asks for; -1 where nothing tells."""
    ref = use.step.ref
    if ref in ("main", "master"):
        return 99
    tag = _TAG.fullmatch(ref)
    if tag is None and use.line is not None:
        lines = use.flow.text.split("\n")
        told = lines[use.line - 1] if use.line <= len(lines) else ""
        tag = _TOLD.search(told[:400])
    return -1 if tag is None else int(tag[1])


def _no_such_options(agent: CiAgent) -> Iterator[Hit]:
    use = agent.use
    for name, instead in use.about.gone.items():
        if use.has(name):
            message = f"{use.program} has no option `{name}`; use {instead}."
            yield hit_on(agent, message, line=_line(use, name), subject=name)


def _line(use: AgentUse, option: str) -> int | None:
    """Return the line on which an option stands."""
    if use.command is None:
        names = () if use.action is None else use.action.arguments
        start = next((use.flow.line(*use.step.where, "with", name) for name in names), None)
        text = "\n".join(use.step.inputs.get(name, "") for name in names)
        at = next((n for n, line in enumerate(text.split("\n")) if option in line), 0)
        return None if start is None else start + at
    lines = use.command.raw.split("\n")
    at = next((n for n, line in enumerate(lines) if option in line), 0)
    return use.step.line_of(use.command.line + at)


def _old_fields(flow: Flow, step: Step, old: dict[str, str]) -> Iterator[Hit]:
    script = step.inputs.get("script", "")
    start = flow.line(*step.where, "with", "script")
    for text, first in ((step.run, None), (script, start)):
        for name, instead in old.items() if text else ():
            read = re.compile(rf"(?:\.|\[[\"'])(?<!total_){re.escape(name)}\b|get\([\"']{name}\b")
            for number, line in enumerate(text.split("\n")):
                if read.search(line[:2000]) is None or instead in line:
                    continue
                at = step.line_of(number + 1) if first is None else first + number
                yield Hit(
                    path=flow.path,
                    line=at,
                    message=f"`{name}` is no field of the result any more; it is `{instead}`.",
                    subject=f"{step.id or step.name or step.at} {name} {line.strip()}",
                    edits=_edits(flow, at, line, name, instead),
                )


def _edits(flow: Flow, at: int | None, line: str, name: str, instead: str) -> tuple[Edit, ...]:
    """Return the edit that names the field as it is called now, where the line is found."""
    lines = flow.text.split("\n")
    if at is None or not 0 < at <= len(lines) or line.strip() not in lines[at - 1]:
        return ()
    mended = re.sub(rf"(?<![\w]){re.escape(name)}\b", instead, lines[at - 1])
    return (Edit(path=flow.path, first=at, last=at, text=mended),)


RULE = Rule(
    title="A pipeline sets or reads what the agent does not know",
    severity=Severity.HIGH,
    confidence=Confidence.HIGH,
    kinds=frozenset({Kind.WORKFLOW}),
    check=_check,
    source="https://github.com/anthropics/claude-code-action/blob/main/docs/migration-guide.md",
    as_of="2026-11-21",
    hint="Use the name that the pinned version knows.",
    fix="safe",
)
