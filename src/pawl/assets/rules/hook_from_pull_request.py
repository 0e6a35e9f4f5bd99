"""A hook runs the repository's own code, and an agent in a pipeline runs hooks on pull requests.

Bad: `npm run lint` or `.claude/hooks/x.sh` as a hook beside a workflow that runs `claude -p` over
the head of a pull request. Nobody is asked in a headless run: the command means what the pull
request says it means, and it runs with the job's token and keys.

Instead: start the agent with `--setting-sources user`, or check the head out into a folder of its
own and leave the base's settings in place.
"""

from collections.abc import Iterator

from pawl.assets.agent_use import AgentUse, uses_of
from pawl.assets.asset import Kind
from pawl.assets.assets import Assets
from pawl.assets.hook_programs import HookUse, hook_uses, scripts_of, simples_of, words_run
from pawl.assets.reach import reach_of
from pawl.assets.rule import Hit, Rule
from pawl.base.finding import Confidence, Severity
from pawl.parsing.ci.commands import TASK_RUNNERS, program

_ON_CHANGES = frozenset({"pull_request", "pull_request_target", "merge_request_event"})


def _check(assets: Assets) -> Iterator[Hit]:
    found = [(use, what) for use in hook_uses(assets) if (what := _own_code(use)) is not None]
    agent = _agent(assets) if found else None
    for use, what in found if agent is not None else ():
        assert agent is not None
        yield Hit(
            path=use.asset.path,
            line=use.hook.line,
            message=f"{agent.flow.path} runs an agent where `{what[:60]}` is anybody's code.",
            subject=use.name,
            trail=(agent.flow.path, use.asset.path, what[:200]),
        )


def _own_code(use: HookUse) -> str | None:
    """Return the code of the repository that a hook of its root runs."""
    elsewhere = use.of_plugin or use.root or ".local." in use.asset.name
    if elsewhere or use.asset.product != "claude-code":
        return None
    script = next(iter(scripts_of(use)), None)
    if script is not None:
        return script.written
    for simple in simples_of(use):
        words = words_run(simple)
        if words and program(words[0]) in TASK_RUNNERS and len(words) > 1:
            return " ".join(words)
    return None


def _agent(assets: Assets) -> AgentUse | None:
    """Return an agent of a pipeline that runs the repository's hooks on outsiders' changes."""
    for flow in assets.whole.flows:
        if not _ON_CHANGES & set(flow.triggers):
            continue
        for use in uses_of(flow):
            if use.product != "claude-code" or _bare(use):
                continue
            reach = reach_of(flow, use.job, use)
            if reach.is_open and _ON_CHANGES & set(reach.events):
                return use
    return None


def _bare(use: AgentUse) -> bool:
    sources = use.option("--setting-sources")
    without = sources is not None and "project" not in sources
    return without or use.has("--bare", "--restricted", "--safe-mode")


RULE = Rule(
    title="A hook runs what a pull request brings",
    severity=Severity.MEDIUM,
    confidence=Confidence.HIGH,
    kinds=frozenset({Kind.SETTINGS}),
    check=_check,
    source="observed with Claude Code 2.1.329",
    as_of="2026-11-21",
    hint="Start the agent in the pipeline with `--setting-sources user`.",
    products=("claude-code",),
)
