"""Agents at work in pipelines: which step runs one, with which prompt, tools and limits.

A step runs an agent through an action or through its command line. Both come out as one value, so
that a rule need not know which it was. What is known of actions and programs is data.
"""

from collections.abc import Iterator
from itertools import islice

import msgspec

from pawl.assets.ci_knowledge import Action, Program, actions_by_name, known, programs_by_name
from pawl.assets.flow import Flow, Job, Step
from pawl.assets.pages import listed
from pawl.assets.pawl_calls import may_call, pawl_call
from pawl.assets.shell_commands import Command
from pawl.assets.step_commands import commands_of_step
from pawl.parsing.ci.commands import WRAPPERS, program
from pawl.parsing.shell_words import Unreadable, Word, lex

_RUNS_OTHERS = frozenset(WRAPPERS) | {
    "pawl", "npm", "pnpm", "yarn", "bun", "uv", "pipx", "docker", "podman", "mise", "poetry", "nix",
}  # fmt: skip
MAX_OPTION_WORDS = 200
MAX_CALLS = 30
"""Agents of one script that are looked at; scripts in use call a few."""


class AgentUse(msgspec.Struct, frozen=True, kw_only=True):
    """One step that runs an agent.

    `words` are the arguments of its command line, as far as they are written down: those of the
    program, or those that an action hands on. `prompts` are its prompts with the name of the
    input each came by (empty on a command line). `tools` are the tools allowed to it beyond what
    it has, None where nothing is said of tools; `only` are all that it has, where that is said.
    `command` is the shell command that runs it, None for an action. `limits` are the words by
    which Pawl supervises it, None where it does not.
    """

    product: str
    flow: Flow
    job: Job
    step: Step
    line: int | None
    program: str
    action: Action | None = None
    command: Command | None = None
    words: tuple[str, ...] = ()
    prompts: tuple[tuple[str, str], ...] = ()
    tools: tuple[str, ...] | None = None
    denied: tuple[str, ...] = ()
    only: tuple[str, ...] | None = None
    limits: tuple[str, ...] | None = None

    @property
    def about(self) -> Program:
        """What is known of its program."""
        return known().programs[self.program]

    @property
    def supervised(self) -> bool:
        """Say whether Pawl runs it."""
        return self.limits is not None

    @property
    def name(self) -> str:
        """How a message calls it."""
        return self.program if self.action is None else self.step.uses

    @property
    def place(self) -> str:
        """Where it stands, as a trail says it; for a step of a called file that file's line."""
        line = self.line if self.step.origin is None else self.step.origin.line
        path = self.flow.path if self.step.origin is None else self.step.origin.path
        return f"{path}:{line} runs {self.name}"

    def option(self, *names: str) -> str | None:
        """Return the value of an option of its command line; empty where it has none."""
        return option_of(self.words, *names)

    def has(self, *names: str) -> bool:
        """Say whether its command line has an option."""
        return self.option(*names) is not None

    def says(self, wanted: str) -> bool:
        """Say whether an option, or an input of its action, is set: `--force`, `sandbox=off`."""
        name, sign, value = wanted.partition("=")
        if self.action is not None and name in self.step.inputs:
            return self.step.inputs[name].strip() == value
        if not name.startswith("-"):
            return False
        found = self.option(name)
        return found is not None and (not sign or found == value)


def option_of(words: tuple[str, ...], *names: str) -> str | None:
    """Return the value of an option among words; empty where it has none, None without it."""
    for at, word in enumerate(words):
        name, sign, value = word.partition("=")
        if name in names:
            if sign:
                return value
            following = words[at + 1] if at + 1 < len(words) else ""
            return "" if following.startswith("-") else following
    return None


def uses_of(flow: Flow) -> tuple[AgentUse, ...]:
    """Return the agents that a pipeline runs, in order."""
    found: list[AgentUse] = []
    for job, step in flow.steps():
        found.extend(islice(uses_in(flow, job, step), MAX_CALLS))
    return tuple(found)


def uses_in(flow: Flow, job: Job, step: Step) -> Iterator[AgentUse]:
    """Yield the agents that a step runs, however many."""
    action = actions_by_name().get(step.uses.lower()) if step.uses else None
    if action is not None:
        yield _by_action(flow, job, step, action)
    elif step.run and (any(name in step.run for name in programs_by_name()) or may_call(step.run)):
        yield from _by_command(flow, job, step)


def _by_action(flow: Flow, job: Job, step: Step, action: Action) -> AgentUse:
    about = known().programs[action.program]
    words = tuple(word for name in action.arguments for word in split(step.inputs.get(name, "")))
    by_input = [step.inputs[name] for name in action.tools if name in step.inputs]
    tools = [tool for text in by_input for tool in listed(text.replace("\n", ","))]
    asked = _tools(words, about.allow)
    refused = [step.inputs[name] for name in action.denied if name in step.inputs]
    denied = [tool for text in refused for tool in listed(text.replace("\n", ","))]
    return AgentUse(
        product=action.product,
        flow=flow,
        job=job,
        step=step,
        line=flow.line(*step.where, "uses") or step.line,
        program=action.program,
        action=action,
        words=words,
        prompts=tuple(
            (name, step.inputs[name]) for name in action.prompts if step.inputs.get(name)
        ),
        tools=(*tools, *(asked or ())) if by_input or asked is not None else None,
        denied=(*denied, *(_tools(words, about.deny) or ())),
        only=_tools(words, about.only),
    )


def _by_command(flow: Flow, job: Job, step: Step) -> Iterator[AgentUse]:
    for command in commands_of_step(step):
        if (use := _by_pawl(flow, job, step, command)) is not None:
            yield use
            continue
        at = _program_at(command.words)
        if at is None:
            continue
        name = programs_by_name()[program(command.words[at].text)]
        about = known().programs[name]
        rest = command.words[at + 1 :]
        texts = tuple(word.text for word in rest)
        if not _is_headless(about, texts):
            continue
        before = command.texts[:at]
        pawl = next((i for i, word in enumerate(before) if program(word) == "pawl"), None)
        yield AgentUse(
            product=about.product,
            flow=flow,
            job=job,
            step=step,
            line=step.line_of(command.line),
            program=name,
            command=command,
            words=texts,
            prompts=tuple(("", text) for text in _prompts(rest, about)),
            tools=_tools(texts, about.allow),
            denied=_tools(texts, about.deny) or (),
            only=_tools(texts, about.only),
            limits=None if pawl is None else before[pawl + 1 :],
        )


def _by_pawl(flow: Flow, job: Job, step: Step, command: Command) -> AgentUse | None:
    """Return the agent that Pawl itself runs by a command: it knows how, and within what."""
    call = pawl_call(command.texts)
    if call is None:
        return None
    about = known().programs[call.program]
    return AgentUse(
        product=about.product,
        flow=flow,
        job=job,
        step=step,
        line=step.line_of(command.line),
        program=call.program,
        command=command,
        words=call.words,
        tools=_tools(call.words, about.allow),
        denied=_tools(call.words, about.deny) or (),
        only=call.only or _tools(call.words, about.only),
        limits=call.limits,
    )


def _is_headless(about: Program, texts: tuple[str, ...]) -> bool:
    """Say whether a call needs no person: by an option, or by its first word."""
    first = next((text for text in texts if not text.startswith("-")), "")
    names = {text.partition("=")[0] for text in texts if text.startswith("-")}
    # Short options may stand together: `-pc`.
    joined = [text[1:] for text in names if len(text) == 3 and text[1:].isalpha()]
    said = names | {f"-{letter}" for text in joined for letter in text} | {first}
    return not set(about.headless).isdisjoint(said) and "--help" not in names


def _program_at(words: tuple[Word, ...]) -> int | None:
    """Return where in a command the agent's program stands, through wrappers."""
    for at, word in enumerate(words[:MAX_OPTION_WORDS]):
        if program(word.text) in programs_by_name():
            first = program(words[0].text)
            return at if at == 0 or first in _RUNS_OTHERS else None
    return None


def _prompts(words: tuple[Word, ...], about: Program) -> Iterator[str]:
    """Yield the prompts of a call: quoted words that are no other option's value."""
    lists = {*about.allow, *about.deny, *about.only}
    option = ""
    for word in words[:MAX_OPTION_WORDS]:
        if word.text.startswith("-"):
            option = "" if "=" in word.text else word.text
            continue
        asks = option == "" or option in about.headless or "prompt" in option
        if asks and (not word.bare or " " in word.text):
            yield word.text
        if option not in lists:
            option = ""


def _tools(words: tuple[str, ...], names: tuple[str, ...]) -> tuple[str, ...] | None:
    """Return the tools that options list: parted by commas, or as words that follow."""
    wanted = {name.lower() for name in names}
    found: list[str] = []
    said = False
    for at, word in enumerate(words[:MAX_OPTION_WORDS]):
        name, sign, value = word.partition("=")
        if name.lower() not in wanted:
            continue
        said = True
        if sign:
            found.extend(listed(value))
            continue
        for following in words[at + 1 : MAX_OPTION_WORDS]:
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
