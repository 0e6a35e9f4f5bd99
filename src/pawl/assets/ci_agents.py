"""The agents that a repository's pipelines run: who gets at them, what they can do, what they hold.

Everything a rule about agents in CI asks for is put together here once. Only files that speak of
an agent are taken apart, and those that call such a file.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from functools import cache, cached_property

import msgspec

from pawl.assets.agent_powers import Powers, is_limited, powers_of
from pawl.assets.agent_use import AgentUse, uses_of
from pawl.assets.called import with_calls
from pawl.assets.ci_knowledge import known, programs_by_name
from pawl.assets.flow import Flow
from pawl.assets.front_matter import read_front
from pawl.assets.held_secrets import Secret, secrets_of
from pawl.assets.outsider_text import Brought, brought_to
from pawl.assets.pages import listed
from pawl.assets.pawl_calls import SPEAKS
from pawl.assets.reach import Reach, reach_of
from pawl.base.patterns import regex

_COMMAND = regex(r"\s*/([\w.-]{1,80})(?:\s|$)")
MAX_AGENTS = 1000
"""Agents of one repository's pipelines that are looked at."""


class CiAgent:
    """One agent at work in a pipeline, with what rules ask about it."""

    def __init__(self, use: AgentUse, others: Callable[[], Iterable[Flow]]) -> None:
        self.use = use
        self._others = others

    @cached_property
    def reach(self) -> Reach:
        """Who can start it."""
        use = self.use
        waits = "workflow_run" in use.flow.triggers
        return reach_of(use.flow, use.job, use, others=self._others() if waits else ())

    @cached_property
    def powers(self) -> Powers:
        """What it can do."""
        return powers_of(self.use)

    @cached_property
    def is_limited(self) -> bool:
        """Whether somebody limited it to reading."""
        return is_limited(self.use, self.powers)

    @cached_property
    def brought(self) -> tuple[Brought, ...]:
        """How outsiders' text gets to it."""
        return brought_to(self.use, self.reach)

    @cached_property
    def secrets(self) -> tuple[Secret, ...]:
        """The secrets that it can read, but for those that pay for its model."""
        return secrets_of(self.use)

    @property
    def trail(self) -> tuple[str, ...]:
        """The way from whoever starts it to what it can do, for a message."""
        use = self.use
        held = [f"{power} by {why}" for power, why in self.powers.items() if power != "read"]
        return (
            f"{use.flow.path}:{use.flow.line('on') or use.job.line} {self.reach.way}",
            f"{use.flow.path}:{use.job.line} the job {use.job.id} starts",
            use.place,
            f"it can: {'; '.join(held) or 'read only'}",
        )


def agents_of(
    flows: Iterable[Flow],
    find: Callable[[str], Flow | None],
    text: Callable[[str], str | None],
    others: Callable[[], Iterable[Flow]],
) -> Iterator[CiAgent]:
    """Yield the agents of pipelines; `find` and `text` look into the whole repository."""
    left = MAX_AGENTS
    for flow in flows:
        whole = flow if flow.is_action else with_calls(flow, find)
        for use in uses_of(whole):
            left -= 1
            if left < 0:
                return
            yield CiAgent(_with_command(use, text), others)


def _with_command(use: AgentUse, text: Callable[[str], str | None]) -> AgentUse:
    """Return an agent with the tools that the command allows which its prompt calls."""
    name = command_of(use)
    if name is None:
        return use
    for path in (f".claude/commands/{name}.md", f".claude/skills/{name}/SKILL.md"):
        page = text(path)
        if page is None:
            continue
        front, _ = read_front(page, path)
        tools = listed(front.values.get("allowed-tools"))
        if tools:
            return msgspec.structs.replace(use, tools=(*(use.tools or ()), *tools))
    return use


def command_of(use: AgentUse) -> str | None:
    """Return the command that an agent's prompt calls, as `review` of `/review this`."""
    prompt = use.prompts[0][1] if use.prompts else ""
    match = _COMMAND.match(prompt) if use.program == "claude" else None
    return None if match is None else match[1]


def speaks_of_agents(text: str) -> bool:
    """Say whether a pipeline's text may run an agent: it names an action or a program."""
    return _names().search(text) is not None


@cache
def _names() -> re.Pattern[str]:
    names = (*known().actions, *programs_by_name())
    return re.compile(rf"(?i)(?<![\w-])(?:{SPEAKS}|(?:{'|'.join(map(re.escape, names))})(?![\w]))")
