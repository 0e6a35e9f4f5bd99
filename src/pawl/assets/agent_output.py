"""Where the output of an agent goes in a pipeline, and whether something runs it.

Its output is text that whoever feeds the agent may shape. In a script it is code when an
expression puts it there before the shell reads it, when `eval` or a shell is handed it, or when
it becomes a variable or a path of later steps.
"""

from collections.abc import Iterator

import msgspec

from pawl.assets.agent_use import AgentUse
from pawl.assets.flow import Step
from pawl.assets.shell_commands import Command
from pawl.assets.step_commands import commands_of_step
from pawl.base.patterns import regex
from pawl.parsing.ci.commands import SHELLS, program, purpose, unwrap
from pawl.parsing.ci.deeds import delivery

_EXPRESSION = regex(r"\$\{\{(.{0,2000}?)\}\}")
_STEP = regex(r"\bsteps\.([\w-]{1,100})\.outputs(?:\.([\w-]{1,100})|\[['\"]([\w-]{1,100})['\"]\])")
_NEEDS = regex(r"\bneeds\.([\w-]{1,100})\.outputs\.([\w-]{1,100})")
_TO_ENV = regex(r">>\s*[\"']?\$?\{?(?:GITHUB_ENV|GITHUB_PATH|env\.GITHUB_ENV)\b")
_INTERPRETERS = SHELLS | {"python", "python3", "node", "ruby", "perl", "psql", "mysql", "xargs"}
_ONLY_ASKS = regex(r"[=!]=|\b(?:contains|startsWith|endsWith)\s*\(")
_NUMBERS = regex(r"\.(?:is_\w{1,60}|has_\w{1,60}|count|score|confidence|number|total)\b")


class Sink(msgspec.Struct, frozen=True, kw_only=True):
    """One place that runs what an agent said."""

    how: str
    line: int | None
    subject: str


def sinks_of(use: AgentUse) -> Iterator[Sink]:
    """Yield the places of the workflow that run an agent's output."""
    if use.command is not None:
        yield from _in_script(use, use.command)
    for job in use.flow.jobs:
        if job.id != use.job.id and use.job.id not in job.needs:
            continue  # Only a job that needs this one can name its outputs.
        for step in job.steps:
            if (job.id, step.at) == (use.job.id, use.step.at):
                continue
            yield from _in_step(use, step, job.id == use.job.id)


def _in_script(use: AgentUse, command: Command) -> Iterator[Sink]:
    reader = next((w for w in command.reads if w and program(w[0]) in _INTERPRETERS), None)
    if reader is not None and not _is_harmless(reader):
        how = f"is piped to `{' '.join(reader)[:60]}`"
        yield Sink(how=how, line=use.line, subject="pipe")
    within = program(command.within[0]) if command.within else ""
    if within in ("eval", "source", ".") or within in SHELLS:
        yield Sink(how=f"is handed to `{within}`", line=use.line, subject=within)
    if _TO_ENV.search(command.raw):
        how = "becomes a variable or a path of later steps"
        yield Sink(how=how, line=use.line, subject="environment")
    if command.assigned:
        yield from _of_variable(use, use.step, command.assigned)


def _of_variable(use: AgentUse, step: Step, name: str) -> Iterator[Sink]:
    """Yield where a script runs a variable that holds the output."""
    names = (f"${name}", f"${{{name}}}")
    for each in commands_of_step(step):
        if not each.words:
            continue
        said = any(sign in word for word in each.texts[1:] for sign in names)
        first = program(each.texts[0])
        runs = first == "eval" or (first in SHELLS and "-c" in each.texts)
        fed = any(s in word for words in each.feeds for word in words for s in names)
        line = step.line_of(each.line)
        if (said and runs) or (fed and first in SHELLS):
            yield Sink(how=f"is handed to `{first}` as ${name}", line=line, subject=f"eval {name}")
        elif said and _TO_ENV.search(each.raw):
            how = f"becomes a variable or a path of later steps as ${name}"
            yield Sink(how=how, line=line, subject=f"environment {name}")
        elif each.texts[0] in names:
            yield Sink(how=f"is run as ${name}", line=line, subject=f"run {name}")


def _is_harmless(words: tuple[str, ...]) -> bool:
    """Say whether an interpreter has a program of its own and only reads what is piped to it."""
    first = program(words[0])
    if first == "xargs":
        return not any(program(word) in SHELLS for word in words[1:])
    own = [word for word in words[1:] if not word.startswith("-")]
    return bool(own) or bool({"-c", "-e", "-f", "-m"} & set(words))


def _in_step(use: AgentUse, step: Step, same_job: bool) -> Iterator[Sink]:
    held = [(step.run, "`run`", "run"), (step.inputs.get("script", ""), "`script`", "script")]
    for text, what, key in held:
        for number, line in enumerate(text.split("\n") if "${{" in text else ()):
            for name in _outputs_in(use, line, same_job):
                if key == "run":
                    at = step.line_of(number + 1)
                else:
                    start = use.flow.line(*step.where, "with", "script")
                    at = None if start is None else start + number
                how = f"is put into {what} as `{name}` before anything reads it as text"
                yield Sink(how=how, line=at, subject=f"{step.id or step.name or step.at} {name}")


def _outputs_in(use: AgentUse, text: str, same_job: bool) -> Iterator[str]:
    """Yield the names by which an expression in a text takes what the agent said."""
    for expression in _EXPRESSION.finditer(text):
        if _ONLY_ASKS.search(expression[1]) or _NUMBERS.search(expression[1]):
            continue
        for match in _STEP.finditer(expression[1]) if same_job and use.step.id else ():
            name = match[2] or match[3]
            if match[1] == use.step.id and _is_said(use, name):
                yield f"steps.{match[1]}.outputs.{name}"
        for match in _NEEDS.finditer(expression[1]):
            said = use.job.outputs.get(match[2], "") if match[1] == use.job.id else ""
            if said and "needs." not in said and any(True for _ in _outputs_in(use, said, True)):
                yield f"needs.{match[1]}.outputs.{match[2]}"


def _is_said(use: AgentUse, name: str) -> bool:
    """Say whether an output of the agent's step holds what the agent said."""
    if use.action is not None:
        return name not in use.action.safe_outputs
    variable = "" if use.command is None else use.command.assigned
    for line in use.step.run.split("\n") if variable and name else ():
        if "GITHUB_OUTPUT" in line and f"{name}=" in line and f"${variable}" in line:
            return True
    # Text of several lines is put there between marks: `name<<END`, the text, `END`.
    return bool(variable) and f"{name}<<" in use.step.run and "GITHUB_OUTPUT" in use.step.run


def unchecked_after(use: AgentUse) -> Iterator[Sink]:
    """Yield where what an agent changed is merged or published with no check in between.

    A check is a test, a linter and the like, in the same job; `--auto` waits for the checks of
    the code host, and an environment for a reviewer.
    """
    if use.job.environment:
        return
    for step in use.job.steps[use.step.at + 1 :]:
        for command in commands_of_step(step) if step.run else ():
            words = unwrap(command.texts) if command.words else ()
            if not isinstance(words, tuple) or not words:
                continue
            if purpose(words) is not None:
                return
            what = _ends_in(words)
            if what:
                line = step.line_of(command.line)
                how = f"is {what} by `{' '.join(words)[:60]}`, and nothing between checks it"
                yield Sink(how=how, line=line, subject=f"{what} {step.id or step.name or step.at}")


def _ends_in(words: tuple[str, ...]) -> str:
    """Return what a command does with a change that cannot be taken back."""
    if program(words[0]) in ("gh", "glab") and words[1:3] in (("pr", "merge"), ("mr", "merge")):
        return "" if "--auto" in words or "--auto-merge" in words else "merged"
    return "published" if delivery(words) in ("npm", "pypi", "crates", "rubygems") else ""
