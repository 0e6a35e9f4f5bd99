"""An agent that is there to look may write.

Bad: `name: code-reviewer` with `tools: Read, Edit, Write`. Who asks for a review counts on nothing
being changed by it; and what is reviewed is text that somebody else wrote, the likeliest one to
carry orders. With the shell alone it is told of mildly: reviewers need `git diff`, and the shell
writes as well.

Instead: `tools: Read, Grep, Glob`. An agent whose description says that it mends what it finds is
no reviewer here.
"""

from collections.abc import Iterator

from pawl.assets.asset import Kind
from pawl.assets.assets import Assets
from pawl.assets.judgement import roles
from pawl.assets.pages import Page
from pawl.assets.profiles import is_read
from pawl.assets.rule import Hit, Rule
from pawl.base.finding import Confidence, Severity
from pawl.base.patterns import regex

_PARTS = regex(r"[-_\s.:/]+")
_WORD = regex(r"[a-z]{2,40}")
MAX_READ = 4000
"""Characters of a description that are read."""


def _check(assets: Assets) -> Iterator[Hit]:
    for page in assets.agents:
        if page.asset.product != "claude-code" or not is_read(page):
            continue
        tools = page.tools("tools")
        if tools is None or not _only_looks(page):
            continue
        denied = {tool.text for tool in page.tools("disallowedTools") or ()}
        names = [tool.text for tool in tools if tool.text not in denied]
        writes = [name for name in names if name.partition("(")[0] in roles().writes]
        runs = [name for name in names if name in roles().runs]
        if runs and not writes and any(command in page.body for command in roles().looks_with):
            continue  # There is no narrower tool for that.
        if (writes or runs) and page.front.values.get("permissionMode") != "plan":
            shown = " and ".join(f"`{name[:60]}`" for name in (*writes, *runs))
            yield Hit(
                path=page.path,
                line=tools[0].line,
                message=f"{page.name[:80]} is there to look, and has {shown}.",
                subject="tools",
                severity=None if writes else Severity.LOW,
            )


def _only_looks(page: Page) -> bool:
    """Say whether an agent says that it changes nothing."""
    description = page.description[:MAX_READ].lower()
    if any(phrase in description for phrase in roles().only):
        return True
    parts = set(_PARTS.split(page.name[:200].lower()))
    if parts.isdisjoint(roles().looks):
        return False
    return set(_WORD.findall(description)).isdisjoint(roles().mends)


RULE = Rule(
    title="An agent that is there to look may write",
    severity=Severity.MEDIUM,
    confidence=Confidence.MEDIUM,
    kinds=frozenset({Kind.AGENT}),
    check=_check,
    source="https://code.claude.com/docs/en/sub-agents",
    as_of="2026-11-21",
    hint="Take the tools away that write.",
    products=("claude-code",),
)
