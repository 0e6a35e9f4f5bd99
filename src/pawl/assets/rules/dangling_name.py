"""A pipeline or a permission rule names a command, a skill, an agent or a server that is not there.

A pipeline's prompt `/review` is sent as it is when no such command exists: the agent reads the
word and makes something up, and the job is green. A denial of `mcp__jira_srv` guards nothing while
the server is called `jira_srvr`.

Bad: `prompt: /triage` where neither `.claude/commands/triage.md` nor a skill of that name is in the
repository; `Skill(relase)`; `mcp__jira__delete` where no file has a server of that name but others
are there.

Instead: mend the name, or bring what it names. Names with a plugin in front (`plugin:name`) are
another repository's, and built-in ones are known.
"""

from collections.abc import Iterator

from pawl.assets.asset import Kind
from pawl.assets.assets import Assets
from pawl.assets.ci_agents import command_of
from pawl.assets.names import agents_known, skills_known
from pawl.assets.rule import Hit, Rule
from pawl.assets.settings import Permission
from pawl.base.finding import Confidence, Severity
from pawl.base.patterns import regex
from pawl.parsing.nearest import nearest

_PLAIN = regex(r"[\w.-]{1,80}")


def _check(assets: Assets) -> Iterator[Hit]:
    yield from _prompts(assets)
    for file in assets.settings:
        if file.asset.product == "claude-code" and file.is_shared:
            for rule in file.permissions:
                yield from _rule(assets, rule)


def _prompts(assets: Assets) -> Iterator[Hit]:
    known = skills_known(assets)
    for agent in assets.ci_agents:
        use = agent.use
        name = command_of(use)
        # A plugin that the step installs brings commands of its own.
        if name is not None and not use.step.inputs.get("plugins") and name not in known:
            yield Hit(
                path=use.flow.path,
                line=use.line,
                message=f"The prompt `/{name}` is no command or skill of this repository.",
                subject=f"/{name}",
            )


def _rule(assets: Assets, rule: Permission) -> Iterator[Hit]:
    name = (rule.pattern or "").strip()
    if rule.tool == "Skill" and _PLAIN.fullmatch(name):
        yield from _named(rule, name, skills_known(assets), "skill")
    elif rule.tool in ("Agent", "Task") and _PLAIN.fullmatch(name):
        yield from _named(rule, name, agents_known(assets), "agent")
    elif rule.tool.startswith("mcp__"):
        server = rule.tool.removeprefix("mcp__").partition("__")[0]
        known = {each.name for each in assets.whole.all_servers}
        # Each person may have servers of their own: only a near miss is surely one.
        if server not in known and nearest(server, tuple(sorted(known))) is not None:
            yield from _named(rule, server, known, "server")


def _named(rule: Permission, name: str, known: set[str], what: str) -> Iterator[Hit]:
    if name in known:
        return
    meant = nearest(name, tuple(sorted(known)))
    yield Hit(
        path=rule.path,
        line=rule.line,
        message=f"`{rule.text[:80]}` names no {what} of this repository"
        + (f"; there is `{meant}`." if meant is not None else "."),
        subject=rule.text,
        severity=None if meant is not None else Severity.LOW,
    )


RULE = Rule(
    title="A pipeline or a permission rule names what is not there",
    severity=Severity.MEDIUM,
    confidence=Confidence.MEDIUM,
    kinds=frozenset({Kind.WORKFLOW, Kind.SETTINGS}),
    check=_check,
    source="https://code.claude.com/docs/en/skills",
    as_of="2026-11-21",
    hint="Mend the name, or bring what it names.",
    products=("claude-code",),
)
