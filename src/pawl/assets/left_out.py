"""What a look left out because of a bound of ours: told of, so that nobody takes it for clean.

Bounds keep a hostile tree from taking all time and memory. Each is checked here for the files that
were judged, after the rules are done, and cheaply: most trees come near none of them.
"""

from collections.abc import Iterator
from itertools import islice

from pawl.assets.agent_use import MAX_CALLS, uses_in
from pawl.assets.asset import Kind
from pawl.assets.assets import Assets
from pawl.assets.bundled import MAX_BUNDLED
from pawl.assets.called import MAX_STEPS as MAX_CALLED_STEPS
from pawl.assets.called import called_by, with_calls
from pawl.assets.ci_agents import MAX_AGENTS, speaks_of_agents
from pawl.assets.coverage import MAX_CASES, is_case
from pawl.assets.flow import Flow, Job, Step
from pawl.assets.gitlab_flow import MAX_LINES as MAX_GITLAB_LINES
from pawl.assets.hook_programs import hook_uses, tree_of
from pawl.assets.pages import MAX_MENTIONS
from pawl.assets.servers import MAX_SERVERS
from pawl.assets.settings import MAX_HOOKS
from pawl.assets.shell_commands import MAX_COMMANDS, commands_of
from pawl.assets.workflow import MAX_JOBS, MAX_STEPS
from pawl.parsing.ci.github import table
from pawl.parsing.shell_tree import parse
from pawl.parsing.shell_words import Unreadable

MAX_LISTED = min(MAX_HOOKS, MAX_SERVERS)
"""Entries of one list or map of a configuration that every rule looks at."""
MAX_VALUES = 5000
"""Values of one configuration that every rule looks at."""
MAX_DEPTH = 12
_NO_SHELL = ("python", "node", "perl", "ruby", "cmd")


def left_out(assets: Assets) -> Iterator[str]:
    """Yield a sentence for each thing among the judged assets that was not looked at."""
    for flow in assets.agent_flows:
        yield from _of_flow(flow, assets)
    if len(assets.ci_agents) >= MAX_AGENTS:
        yield f"no more than {MAX_AGENTS:,} agents of all pipelines are looked at."
    yield from _of_hooks(assets)
    yield from _of_configurations(assets)
    for page in assets.pages:
        if max(page.text.count("]("), page.text.count("@")) > MAX_MENTIONS:
            found = max(len(page.links()), len(page.imports()))
            if found >= MAX_MENTIONS:
                yield f"{page.path}: no more than {MAX_MENTIONS} of its links are looked at."
    for script in assets.scripts:
        if assets.text(script.path) is None:
            yield f"{script.path}: it is too large, or no text in UTF-8."
    if len(assets.scripts) >= MAX_BUNDLED:
        yield f"no more than {MAX_BUNDLED:,} scripts of skills are looked at."
    if len(list(islice((path for path in assets.entries if is_case(path)), MAX_CASES + 1))) > (
        MAX_CASES
    ):
        yield f"no more than {MAX_CASES} files of eval cases are looked at."


def deeper_calls(assets: Assets) -> Iterator[str]:
    """Yield a sentence for each agent that a pipeline gets by a call within a call."""
    for flow in assets.agent_flows:
        for uses in _local(flow):
            for path in called_by(uses):
                inner = assets.whole.flow(path)
                for deep in _local(inner) if inner is not None else ():
                    held = (p for p in called_by(deep) if p in assets.entries)
                    for each in held:
                        if speaks_of_agents(assets.text(each) or ""):
                            yield (
                                f"{flow.path} calls {path}, which calls {each}: calls within calls"
                                " are not put together, and each file was judged alone."
                            )


def _local(flow: Flow) -> Iterator[str]:
    for job in flow.jobs:
        if job.uses.startswith("./"):
            yield job.uses
        for step in job.steps:
            if step.uses.startswith("./"):
                yield step.uses


def _of_flow(flow: Flow, assets: Assets) -> Iterator[str]:
    root = table(flow.lined.value) if flow.lined is not None else {}
    jobs = len(root) if flow.asset.product == "gitlab" else len(table(root.get("jobs")))
    if jobs > MAX_JOBS and len(flow.jobs) >= MAX_JOBS:
        yield f"{flow.path}: no more than {MAX_JOBS} of its jobs are looked at."
    runs = table(root.get("runs")) if flow.is_action else {}
    for job in flow.jobs:
        steps = (runs or job.values).get("steps")
        if isinstance(steps, list) and len(steps) > MAX_STEPS:
            yield f"{flow.path}: no more than {MAX_STEPS} steps of {job.id} are looked at."
        for step in job.steps:
            yield from _of_step(flow, job, step)
    if "./" in flow.text:
        whole = with_calls(flow, assets.whole.flow)
        for job in whole.jobs:
            if len(job.steps) >= MAX_CALLED_STEPS:
                yield f"{flow.path}: no more than {MAX_CALLED_STEPS} steps of {job.id} and of" + (
                    " what it calls are looked at."
                )


def _of_step(flow: Flow, job: Job, step: Step) -> Iterator[str]:
    if not step.run or not speaks_of_agents(step.run) or step.shell.startswith(_NO_SHELL):
        return
    place = f"{flow.path}:{step.run_line or step.line}"
    if flow.asset.product == "gitlab" and step.run.count("\n") + 1 >= MAX_GITLAB_LINES:
        yield f"{place}: no more than {MAX_GITLAB_LINES:,} lines of its script are looked at."
    if not step.is_powershell:
        try:
            parse(step.run)
        except Unreadable as error:
            yield f"{place}: its script names an agent and does not read as a shell's: {error}."
            return
        if step.run.count("\n") > MAX_COMMANDS // 4 and len(commands_of(step.run)) >= MAX_COMMANDS:
            yield f"{place}: no more than {MAX_COMMANDS:,} of its commands are looked at."
    if len(list(islice(uses_in(flow, job, step), MAX_CALLS + 1))) > MAX_CALLS:
        yield f"{place}: no more than {MAX_CALLS} agents of one script are looked at."


def _of_hooks(assets: Assets) -> Iterator[str]:
    for use in hook_uses(assets):
        hook = use.hook
        place = f"{hook.path}:{hook.line or 1}"
        if use.is_shell and hook.command and "args" not in hook.values:
            if tree_of(hook.command) is None:
                yield f"{place}: the hook's command does not read as a shell's."
        elif hook.kind == "command" and not use.is_shell:
            yield f"{place}: the hook's command is PowerShell's, which is not read."


def _of_configurations(assets: Assets) -> Iterator[str]:
    held = [(each.path, each.config.value) for each in assets.settings]
    held += [(asset.path, config.value) for asset, config in (*assets.plugins, *assets.hook_files)]
    held += [
        (each.path, each.config.value) for each in assets.servers if each.asset.kind is Kind.MCP
    ]
    for path, value in held:
        why = _too_much(value)
        if why:
            yield f"{path}: {why}."


def _too_much(value: object) -> str:
    """Return why a configuration is not looked at whole, empty where it is."""
    left, stack = MAX_VALUES, [(value, 0)]
    while stack:
        each, depth = stack.pop()
        left -= 1
        if left < 0:
            return f"no more than {MAX_VALUES:,} of its values are looked at by every rule"
        if not isinstance(each, dict | list):
            continue
        if len(each) > MAX_LISTED:
            return f"no more than {MAX_LISTED} entries of one list are looked at by every rule"
        if depth >= MAX_DEPTH:
            return f"what lies deeper than {MAX_DEPTH} levels is not looked at by every rule"
        stack.extend(
            (one, depth + 1) for one in (each.values() if isinstance(each, dict) else each)
        )
    return ""
