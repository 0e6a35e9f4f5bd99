"""Agents at work in pipelines: which step runs one, with which prompt, tools and limits.

A step runs an agent through an action or through its command line. Both come out as one value, so
that a rule need not know which it was. What is known of actions and programs is data
(`agents_in_ci.yaml`).
"""

from collections.abc import Iterator
from functools import cache
from importlib import resources
from typing import Literal

import msgspec

from pawl.assets.asset import Product
from pawl.assets.pages import listed
from pawl.assets.workflow import Flow, Job, Step
from pawl.base.loading import load_yaml
from pawl.parsing.ci.commands import program
from pawl.parsing.shell_status import simples
from pawl.parsing.shell_tree import parse
from pawl.parsing.shell_words import Unreadable, Word, lex

_TOOLS = frozenset({"--allowedtools", "--allowed-tools", "--tools"})
_DENIED = frozenset({"--disallowedtools", "--disallowed-tools"})
_RUNS_OTHERS = frozenset({"sudo", "timeout", "env", "npx", "bunx", "time", "nohup", "pawl", "uvx"})


class Action(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is known of one action. `gate` says whom it refuses unless an input opens it."""

    product: Product
    source: str
    gate: Literal["writers", "none"]
    prompts: tuple[str, ...]
    arguments: tuple[str, ...]
    tools: tuple[str, ...]
    keys: tuple[str, ...]
    tokens: tuple[str, ...]
    full_output: tuple[str, ...]
    old_inputs: tuple[str, ...]
    opened_by: dict[str, str] = {}


class Program(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is known of one program; any word of `headless` makes a call one without a person."""

    product: Product
    headless: tuple[str, ...]
    source: str


class Known(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is known of agents in pipelines, as of a day."""

    schema: Literal["pawl.agents-in-ci/1"]
    as_of: str
    actions: dict[str, Action]
    programs: dict[str, Program]


class AgentUse(msgspec.Struct, frozen=True, kw_only=True):
    """One step that runs an agent.

    `words` are the arguments of its command line, as far as they are written down: those of the
    program, or those that an action hands on. `prompts` are its prompts with the name of the
    input each came by (empty on a command line). `tools` are the tools allowed to it beyond what
    it has; None where nothing is said of tools. `supervised` says that Pawl runs it.
    """

    product: Product
    flow: Flow
    job: Job
    step: Step
    line: int | None
    action: Action | None = None
    words: tuple[str, ...] = ()
    prompts: tuple[tuple[str, str], ...] = ()
    tools: tuple[str, ...] | None = None
    denied: tuple[str, ...] = ()
    piped: bool = False
    supervised: bool = False

    def option(self, *names: str) -> str | None:
        """Return the value of an option of its command line; empty where it has none."""
        for at, word in enumerate(self.words):
            name, sign, value = word.partition("=")
            if name in names:
                if sign:
                    return value
                following = self.words[at + 1] if at + 1 < len(self.words) else ""
                return "" if following.startswith("-") else following
        return None

    def has(self, *names: str) -> bool:
        """Say whether its command line has an option."""
        return self.option(*names) is not None


@cache
def known() -> Known:
    """Return what is known of agents in pipelines."""
    text = (resources.files("pawl.assets") / "agents_in_ci.yaml").read_text(encoding="utf-8")
    return load_yaml(text, Known, place="agents_in_ci.yaml")


def uses_of(flow: Flow) -> tuple[AgentUse, ...]:
    """Return the agents that a pipeline runs, in order."""
    found: list[AgentUse] = []
    for job, step in flow.steps():
        found.extend(_of_step(flow, job, step))
    return tuple(found)


def _of_step(flow: Flow, job: Job, step: Step) -> Iterator[AgentUse]:
    action = known().actions.get(step.uses)
    if action is not None:
        yield _by_action(flow, job, step, action)
    elif step.run and any(name in step.run for name in known().programs):
        yield from _by_command(flow, job, step)


def _by_action(flow: Flow, job: Job, step: Step, action: Action) -> AgentUse:
    words = tuple(word for name in action.arguments for word in split(step.inputs.get(name, "")))
    by_input = [step.inputs[name] for name in action.tools if name in step.inputs]
    tools = [tool for text in by_input for tool in listed(text.replace("\n", ","))]
    asked = _tools(words, _TOOLS)
    return AgentUse(
        product=action.product,
        flow=flow,
        job=job,
        step=step,
        line=flow.line(*step.where, "uses") or step.line,
        action=action,
        words=words,
        prompts=tuple(
            (name, step.inputs[name]) for name in action.prompts if step.inputs.get(name)
        ),
        tools=(*tools, *(asked or ())) if by_input or asked is not None else None,
        denied=_tools(words, _DENIED) or (),
    )


def _by_command(flow: Flow, job: Job, step: Step) -> Iterator[AgentUse]:
    start = flow.line(*step.where, "run") or step.line or 1
    try:
        commands = list(simples(parse(step.run)))
    except Unreadable:
        return
    piped = "|" in step.run
    for simple in commands:
        words = simple.words
        at = _program_at(words)
        if at is None:
            continue
        name = program(words[at].text)
        rest = words[at + 1 :]
        texts = tuple(word.text for word in rest)
        if not set(known().programs[name].headless) & set(texts):
            continue
        yield AgentUse(
            product=known().programs[name].product,
            flow=flow,
            job=job,
            step=step,
            line=start + simple.line - 1,
            words=texts,
            prompts=tuple(("", word.text) for word in rest if _is_prompt(word)),
            tools=_tools(texts, _TOOLS),
            denied=_tools(texts, _DENIED) or (),
            piped=piped,
            supervised=any(program(word.text) == "pawl" for word in words[:at]),
        )


def _program_at(words: tuple[Word, ...]) -> int | None:
    """Return where in a command the agent's program stands, through wrappers."""
    for at, word in enumerate(words):
        name = program(word.text)
        if name in known().programs:
            first = program(words[0].text)
            return at if at == 0 or first in _RUNS_OTHERS else None
    return None


def _is_prompt(word: Word) -> bool:
    return not word.text.startswith("-") and (not word.bare or " " in word.text)


def _tools(words: tuple[str, ...], names: frozenset[str]) -> tuple[str, ...] | None:
    found: list[str] = []
    said = False
    for at, word in enumerate(words):
        name, sign, value = word.partition("=")
        if name.lower() not in names:
            continue
        said = True
        if sign:
            found.extend(listed(value))
            continue
        for following in words[at + 1 :]:
            if following.startswith("-"):
                break
            found.extend(listed(following))
    return tuple(found) if said else None


def split(text: str) -> tuple[str, ...]:
    """Return the words of a text of arguments as a shell splits them; an odd text by blanks."""
    try:
        return tuple(token.text for token in lex(text) if isinstance(token, Word))
    except Unreadable:
        return tuple(text.split())
