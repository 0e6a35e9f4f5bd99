"""How the text of outsiders gets to an agent: put into its prompt, or by a detour.

Direct is an expression in the prompt itself. A detour is a variable, a file, an output of an
earlier step, a pipe, or a command that the prompt tells the agent to fetch it with.
"""

from collections.abc import Iterator

import msgspec

from pawl.assets.agent_use import AgentUse
from pawl.assets.ci_knowledge import known
from pawl.assets.flow import Step
from pawl.assets.reach import COMMENTS, FORK_EVENTS, Reach
from pawl.assets.shell_commands import Command
from pawl.assets.step_commands import commands_of_step
from pawl.base.patterns import regex
from pawl.parsing.ci.commands import program

_UNTRUSTED = regex(
    r"github\.event\.(?:issue|pull_request|comment|review|review_comment|discussion|head_commit"
    r"|workflow_run|pages|commits)\b[\w.\[\]*'-]{0,120}|github\.head_ref"
)
_TRUSTED_FIELD = regex(
    r"\.(?:number|id|node_id|sha|created_at|updated_at|merged|draft|state|url|html_url|diff_url"
    r"|locked|comments|additions|deletions|changed_files|author_association|run_id|conclusion"
    r"|event|base\.(?:sha|ref|repo)\b.*|(?:user|sender)\.(?:id|type|login)|head_sha|run_number"
    r"|run_attempt|comments_url|patch_url|commits_url|workflow_id|commits|review_comments"
    r"|head\.(?:sha|repo\.(?:full_name|fork|id)))$"
)
_EXPRESSION = regex(r"\$\{\{(.{0,2000}?)\}\}")
_COMPARES = regex(r"[=!]=|\b(?:contains|startsWith|endsWith)\s*\(")
_STEP_OUTPUT = regex(r"\bsteps\.([\w-]{1,100})\.outputs(?:\.|\[['\"])([\w-]{1,100})")
_TO_FILE = regex(r"(?<![0-9<=-])(?:[1&]?>>?\s*|\btee\s+(?:-a\s+)?)[\"']?([\w./${}-]{2,200})")
MAX_LINES = 500
"""Lines of one prompt that are looked through for where a text stands."""
_FROM_FILE = regex(r"(?<![<0-9])<\s*[\"']?([\w./${}-]{2,200})")
_OWN_TEXT = {
    "issues": ("github.event.issue.",),
    "issue_comment": ("github.event.comment.",),
    "pull_request": ("github.event.pull_request.", "github.head_ref"),
    "pull_request_target": ("github.event.pull_request.", "github.head_ref"),
    "pull_request_review": ("github.event.review.",),
    "pull_request_review_comment": ("github.event.comment.",),
    "discussion": ("github.event.discussion.",),
    "discussion_comment": ("github.event.comment.",),
}
"""What the person wrote who caused an event: behind a gate that is a person with rights."""


class Brought(msgspec.Struct, frozen=True, kw_only=True):
    """One way by which outsiders' text gets to an agent; `text` names it, `how` says the way."""

    text: str
    how: str
    direct: bool
    line: int | None


def untrusted_in(text: str) -> tuple[str, ...]:
    """Return the outsiders' texts that a value interpolates, as `github.event.issue.title`."""
    if "github." not in text:
        return ()
    found = []
    for expression in _EXPRESSION.finditer(text):
        if _COMPARES.search(expression[1]):
            continue  # A comparison yields no text of theirs.
        for match in _UNTRUSTED.finditer(expression[1]):
            if _TRUSTED_FIELD.search(match[0]) is None:
                found.append(match[0].rstrip("."))
    return tuple(dict.fromkeys(found))


def brought_to(use: AgentUse, reach: Reach) -> tuple[Brought, ...]:
    """Return how outsiders' text gets to an agent, the direct ways first."""
    if not reach.events:
        return ()
    found = [*_direct(use, reach), *_detours(use, reach)]
    return tuple({(each.text, each.direct): each for each in found}.values())


def _instructions(use: AgentUse) -> Iterator[tuple[str, str, int | None]]:
    """Yield the texts that instruct an agent, with what they are and their line."""
    flow, step = use.flow, use.step
    if use.action is None:
        yield " ".join(use.words), "its command line", use.line
        return
    held = (*use.action.prompts, *use.action.arguments, *use.action.tools, *use.action.settings)
    for name in dict.fromkeys(held):
        if name in step.inputs:
            line = flow.line(*step.where, "with", name) if step.origin is None else step.line
            yield step.inputs[name], f"`{name}`", line


def _direct(use: AgentUse, reach: Reach) -> Iterator[Brought]:
    for text, what, line in _instructions(use):
        for source in (*untrusted_in(text), *_of_gitlab(use, text)):
            if _is_others(source, reach):
                at = _line_of(use, source, line)
                yield Brought(text=source, how=f"stands in {what}", direct=True, line=at)


def _line_of(use: AgentUse, source: str, line: int | None) -> int | None:
    """Return the line on which a text stands, from the first line of the value that has it."""
    if line is None or use.step.origin is not None:
        return line
    lines = use.flow.text.split("\n")[line - 1 : line - 1 + MAX_LINES]
    return next((line + at for at, each in enumerate(lines) if source in each), line)


def _of_gitlab(use: AgentUse, text: str) -> tuple[str, ...]:
    """Return the outsiders' texts that a GitLab script hands to an agent by a variable."""
    if use.flow.asset.product != "gitlab":
        return ()
    return tuple(name for name in known().gitlab_texts if _names_variable(text, name))


def _is_others(source: str, reach: Reach) -> bool:
    """Say whether a text is that of somebody other than whom the gate let pass."""
    if reach.gate is None:
        return True
    own = [_OWN_TEXT.get(event, ()) for event in reach.events]
    return any(not source.startswith(each) for each in own if each) or not any(own)


def _detours(use: AgentUse, reach: Reach) -> Iterator[Brought]:
    names = {
        name: found
        for env in (use.flow.env, use.job.env, use.step.env)
        for name, value in env.items()
        if (found := [each for each in untrusted_in(value) if _is_others(each, reach)])
    }
    script = commands_of_step(use.step) if use.command is not None else ()
    fetched = _fetched(script, use, reach)
    fed = " ".join(" ".join(words) for words in _feeding(use))
    for text, what, line in [*_instructions(use), (fed, "what is handed to it", use.line)]:
        for name, sources in names.items():
            if _names_variable(text, name):
                how = f"comes by the variable {name} in {what}"
                yield Brought(text=sources[0], how=how, direct=False, line=line)
        for name, source in fetched.items() if reach.gate is None else ():
            if _names_variable(text, name):
                how = f"comes by the variable {name} in {what}"
                yield Brought(text=source, how=how, direct=False, line=line)
        yield from _by_steps(use, reach, text, what, line)
    if reach.gate is not None and not COMMENTS & set(reach.events):
        return  # What is fetched then is of somebody whom the gate let pass.
    for words in _feeding(use):
        source = _fetch(words, reach)
        if source:
            yield Brought(text=source, how="is handed to it", direct=False, line=use.line)
    yield from _by_files(use, reach)
    if use.action is not None:
        for name, text in use.prompts:
            line = use.flow.line(*use.step.where, "with", name)
            for source in named_fetches(text):
                how = f"is fetched as `{name}` says"
                yield Brought(text=source, how=how, direct=False, line=line)


def _feeding(use: AgentUse) -> tuple[tuple[str, ...], ...]:
    """Return the commands whose output an agent gets: by a pipe, or as a word of its own."""
    if use.command is None:
        return ()
    inner = [
        each.texts
        for each in commands_of_step(use.step)
        if each.within == use.command.texts[:1] and each.line == use.command.line
    ]
    return (*use.command.feeds, *(words for words in inner if words))


def _files_read(use: AgentUse) -> set[str]:
    """Return the files whose text an agent gets: by `cat`, by `<`, or by an input."""
    files = [use.step.inputs.get(n, "") for n in (use.action.prompt_files if use.action else ())]
    files += [word for words in _feeding(use) for word in words[1:] if words[0] == "cat"]
    raw = "" if use.command is None else use.command.raw
    files += [match[1] for match in _FROM_FILE.finditer(raw)]
    return {file.removeprefix("./") for file in files if file}


def _names_variable(text: str, name: str) -> bool:
    """Say whether a text names a variable, in a shell's way or in the code host's."""
    at = text.find(name)
    while at >= 0:
        before, after = text[max(0, at - 2) : at], text[at + len(name) : at + len(name) + 1]
        ends = not (after.isalnum() or after == "_")
        if ends and (before.endswith(("$", "${")) or text[max(0, at - 4) : at] == "env."):
            return True
        at = text.find(name, at + 1)
    return False


def _fetched(script: tuple[Command, ...], use: AgentUse, reach: Reach) -> dict[str, str]:
    """Return the variables of a script that hold what a command fetched from outsiders."""
    return {
        each.assigned: source
        for each in script
        if each.assigned and (source := _fetch(each.texts, reach))
    }


def _fetch(words: tuple[str, ...], reach: Reach) -> str:
    """Return the command that fetches outsiders' text, empty for any other command."""
    if not words:
        return ""
    plain = " ".join((program(words[0]), *(w for w in words[1:4] if not w.startswith("-"))))
    lists = known().fetches
    if not FORK_EVENTS.isdisjoint(reach.events) or "pull_request_target" in reach.events:
        lists = (*lists, *known().changes)
    return next((each for each in lists if plain == each or plain.startswith(f"{each} ")), "")


def named_fetches(text: str) -> tuple[str, ...]:
    """Return the commands that a prompt names and that fetch outsiders' text."""
    return tuple(each for each in known().fetches if each in text)[:3]


def _by_steps(
    use: AgentUse, reach: Reach, text: str, what: str, line: int | None
) -> Iterator[Brought]:
    """Yield what earlier steps bring by their outputs."""
    before = {each.id: each for each in use.job.steps[: use.step.at] if each.id}
    for match in _STEP_OUTPUT.finditer(text):
        source = _put_out(before[match[1]], match[2], reach) if match[1] in before else ""
        if source:
            how = f"comes by the step {match[1]} in {what}"
            yield Brought(text=source, how=how, direct=False, line=line)


def _by_files(use: AgentUse, reach: Reach) -> Iterator[Brought]:
    """Yield what comes by a file that an earlier step, or the same script, wrote."""
    read = _files_read(use)
    for step in use.job.steps[: use.step.at + 1] if read else ():
        written = {each[1].removeprefix("./") for each in _TO_FILE.finditer(step.run)}
        for name in sorted(written & read):
            source = _holds(step, reach)
            if source:
                how = f"comes by the file {name}"
                yield Brought(text=source, how=how, direct=False, line=use.line)


def _put_out(step: Step, name: str, reach: Reach) -> str:
    """Return the outsiders' text that a step puts into one of its outputs, empty for none."""
    source = _holds(step, reach)
    if not source or not step.run or f"{name}<<" in step.run:
        return source
    held = [each.assigned for each in commands_of_step(step) if _fetch(each.texts, reach)]
    held += [key for key, value in step.env.items() if untrusted_in(value)]
    for line in step.run.split("\n"):
        if f"{name}=" not in line or "GITHUB_OUTPUT" not in line:
            continue
        told = any(each and _names_variable(line, each) for each in held)
        if told or untrusted_in(line) or named_fetches(line):
            return source
    return ""


def _holds(step: Step, reach: Reach) -> str:
    """Return the outsiders' text that a step puts into what it leaves behind."""
    for text in (step.run, step.inputs.get("script", ""), *step.env.values()):
        for source in untrusted_in(text):
            if _is_others(source, reach):
                return source
    if not step.run:
        return ""
    fetches = (_fetch(each.texts, reach) for each in commands_of_step(step))
    return next((each for each in fetches if each), "")
