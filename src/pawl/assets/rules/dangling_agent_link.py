"""An agent or a skill names a skill, a server or an agent that is not there.

Bad: `skills: [release-notes]` where no such skill is in the repository, `mcpServers: [jira]` where
no file has that server, `agent: checker` of a skill where no such agent is. What is missing is left
out in silence, and the agent works without it.

Instead: mend the name, or bring the thing. What only each person has is not in the repository:
others do not have it either.
"""

from collections.abc import Iterator
from typing import Any

from pawl.assets.asset import Kind
from pawl.assets.assets import Assets
from pawl.assets.names import agents_known, skills_known
from pawl.assets.pages import Page, listed
from pawl.assets.profiles import is_claude, is_read
from pawl.assets.rule import Hit, Rule
from pawl.base.finding import Confidence, Severity

MAX_NAMED = 200


def _check(assets: Assets) -> Iterator[Hit]:
    for page in assets.agents:
        if is_read(page) and is_claude(page):
            yield from _skills(assets, page)
            if assets.plugin_of(page.path) is None:
                yield from _servers(assets, page)
    for page in assets.skills:
        if is_read(page) and is_claude(page) and page.front.values.get("context") == "fork":
            yield from _agent(assets, page)


def _hit(page: Page, field: str, name: str, what: str) -> Hit:
    return Hit(
        path=page.path,
        line=page.front.line(field),
        message=f"`{field}` names `{name[:80]}`, and {what} is in the repository.",
        subject=f"{field} {name[:100]}",
    )


def _skills(assets: Assets, page: Page) -> Iterator[Hit]:
    named = _names(page.front.values.get("skills"))
    if not named:
        return
    known = skills_known(assets)
    for name in named:
        # Another plugin's skill has that plugin's name in front, and may stand elsewhere.
        if name not in known and ":" not in name:
            yield _hit(page, "skills", name, "no such skill")


def _servers(assets: Assets, page: Page) -> Iterator[Hit]:
    said = page.front.values.get("mcpServers")
    named = [name for name in said if isinstance(name, str)] if isinstance(said, list) else []
    if isinstance(said, str):
        named = list(_names(said))
    known = {server.name for server in assets.whole.all_servers} if named else set()
    for name in named[:MAX_NAMED]:
        if name not in known:
            yield _hit(page, "mcpServers", name, "no server of that name")


def _agent(assets: Assets, page: Page) -> Iterator[Hit]:
    name = page.front.values.get("agent")
    if not isinstance(name, str) or not name.strip() or ":" in name:
        return
    if name.strip() not in agents_known(assets):
        yield _hit(page, "agent", name.strip(), "no such agent")


def _names(value: Any) -> tuple[str, ...]:
    parts = value[:8000].split(",") if isinstance(value, str) else listed(value)
    return tuple(part.strip() for part in parts if part.strip())[:MAX_NAMED]


RULE = Rule(
    title="An agent names what is not there",
    severity=Severity.HIGH,
    confidence=Confidence.MEDIUM,
    kinds=frozenset({Kind.AGENT, Kind.SKILL}),
    check=_check,
    source="https://code.claude.com/docs/en/sub-agents",
    as_of="2026-11-21",
    hint="Mend the name, or bring what it names.",
    products=("claude-code",),
)
