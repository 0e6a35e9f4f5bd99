"""A page names a tool that the product does not have.

Bad: `tools: Read, MultiEdit, search_files`. A name that Claude Code does not know is dropped in
silence: the agent lacks a tool that its instructions count on, and where only such names stand, it
has none.

Instead: the tool's name as the manual writes it, letter for letter; a server's tool as
`mcp__server__tool`.
"""

import difflib
from collections.abc import Iterator

from pawl.assets.asset import Kind
from pawl.assets.assets import Assets
from pawl.assets.judgement import claude_names
from pawl.assets.pages import Page
from pawl.assets.profiles import is_claude, is_read
from pawl.assets.rule import Hit, Rule
from pawl.base.finding import Confidence, Severity
from pawl.base.patterns import regex

_NAME = regex(r"[A-Za-z][\w-]{1,60}")
_FIELDS = {
    Kind.AGENT: ("tools", "disallowedTools"),
    Kind.SKILL: ("allowed-tools",),
    Kind.COMMAND: ("allowed-tools",),
}


def _check(assets: Assets) -> Iterator[Hit]:
    for page in (*assets.skills, *assets.agents, *assets.commands):
        if is_read(page) and is_claude(page):
            yield from _of(page)


def _of(page: Page) -> Iterator[Hit]:
    told: set[str] = set()
    for field in _FIELDS[page.asset.kind]:
        for tool in page.tools(field) or ():
            name = tool.text.partition("(")[0].strip("\"'[]")
            if name in told or name.startswith("mcp__") or _NAME.fullmatch(name) is None:
                continue
            told.add(name)
            why = _wrong(name)
            if why is not None:
                yield Hit(
                    path=page.path,
                    line=tool.line,
                    message=f"`{name}` {why}.",
                    subject=f"{field} {name}",
                )


def _wrong(name: str) -> str | None:
    known = claude_names()
    if name in known.tools:
        return None
    if name in known.retired:
        instead = known.retired[name]
        return "is no tool any more" + (f"; it is `{instead}` now" if instead else "")
    same = next((tool for tool in known.tools if tool.lower() == name.lower()), None)
    near = [same] if same else difflib.get_close_matches(name, known.tools, n=1, cutoff=0.8)
    return "is no tool" + (f"; `{near[0]}` is" if near else " of Claude Code")


RULE = Rule(
    title="A page names a tool that the product does not have",
    severity=Severity.MEDIUM,
    confidence=Confidence.MEDIUM,
    kinds=frozenset({Kind.SKILL, Kind.AGENT, Kind.COMMAND}),
    check=_check,
    source="https://code.claude.com/docs/en/tools-reference",
    as_of="2026-11-21",
    hint="Write the tool's name as the manual does.",
    products=("claude-code",),
    versions=">=2.1.200",
)
