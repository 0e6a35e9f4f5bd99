"""Prompt templates: whether each names tools, an output, a fallback and a bound.

A template is a file that people or commands hand to an agent again and again. What is kept of it
is where it says these four things, by line; its text is not kept.
"""

import re
from itertools import pairwise

import msgspec

from pawl.base.patterns import regex
from pawl.maturity.extract import Extract
from pawl.maturity.facts.tree import TreeFile
from pawl.parsing.config_text import table, toml
from pawl.parsing.likeness import sketch
from pawl.parsing.phrases import INLINE, PROGRAMS, content_of
from pawl.parsing.prose import MAX_CHARACTERS, Block, split_page, without_comments

_SUFFIXES = (".md", ".txt", ".prompt", ".j2", ".jinja", ".toml", ".tmpl", ".mustache", ".hbs")
_SAMPLES = frozenset({"node_modules", "vendor", "third_party", "fixtures", "testdata", "tests"})
_PLACES = {
    (".pawl", "templates"),
    (".claude", "commands"),
    (".gemini", "commands"),
    (".opencode", "command"),
    (".codex", "prompts"),
}
_VARIABLE = regex(r"\{\{[^{}\n]{0,120}\}\}|\{%[^%\n]{0,200}%\}|\$(?:ARGUMENTS|\d|\{\w{1,60}\})")
_TOOLS = frozenset(
    {
        "read", "write", "edit", "grep", "glob", "bash", "webfetch", "websearch", "task", "ls",
        "run_shell_command", "read_file", "write_file", "search_file_content",
    }
)  # fmt: skip
_TOOL = regex(
    r"(?im)^\s{0,8}(?:allowed[-_]tools|tools)\s*:\s*\S|\bmcp__\w+"
    r"|\b(?:use|using|with|via|through|call|invoke)\s(?:only\s)?(?:the\s|an?\s)?[\w`./-]{2,40}\s"
    r"(?:tool|command|cli|api|server|mcp)\b"
)
_OUTPUT = regex(
    r"(?im)^#{1,6}\s.{0,30}\b(?:output|format|response|report|answer|deliverable)\b"
    r"|\boutput (?:format|must|should|only|as)\b|\bformat (?:your|the) (?:answer|output|response)"
    r"|\b(?:respond|reply|answer|return|output|print|report|write|produce|give)\b.{0,40}"
    r"\b(?:json|yaml|xml|csv|markdown|table|bullet(?:ed)?|list of|one line|a single|sections?"
    r"|schema)\b"
)
_FALLBACK = regex(
    r"(?im)^#{1,6}\s.{0,30}\b(?:fallback|if .{1,40}(?:fails?|missing))"
    r"|\b(?:if|when|where|unless|in case)\b.{0,80}\b(?:unavailable|not available|missing|absent"
    r"|fails?|failed|failing|cannot|can't|could not|couldn't|unable|unknown|empty|unreachable"
    r"|times? out|no (?:result|answer|data|match|access|output)\w{0,3}|do(?:es)? not exist"
    r"|doesn't exist|not (?:found|installed|sure|enough)|unclear|errors?)\b"
)
_BOUND = regex(
    r"(?i)\b(?:at most|no more than|not more than|max(?:imum)?(?: of)?|up to|within|limit(?:ed)?"
    r"(?: \w{1,20}){0,4} to|fewer than|less than|under|below|only the (?:first|last|top)"
    r"|the (?:first|last|top)|head -n?|tail -n?|--limit[ =]|--max-\w{1,20}[ =]|first|last)\s?"
    r"(?:\*\*)?(?:\d[\d,_.]{0,9}|two|three|four|five|six|seven|eight|nine|ten|twenty|fifty|hundred)"
    r"\s?[\w%-]{0,30}"
)


class PromptTemplate(msgspec.Struct, frozen=True, kw_only=True):
    """One template. Each of the four is the 1-based line where it is first said, or None.

    `words` are those that say something, `placeholders` those that only hold a place; variables
    to be filled in are neither.
    """

    words: int = 0
    placeholders: int = 0
    tools: int | None = None
    output: int | None = None
    fallback: int | None = None
    bound: int | None = None
    sketch: tuple[int, ...] = ()


def wants(file: TreeFile) -> bool:
    """Say whether a path is one where prompt templates are kept."""
    path = file.path
    if not path.endswith(_SUFFIXES):
        return False
    parts = path.split("/")
    folders = parts[:-1]
    if not _SAMPLES.isdisjoint(folders) or parts[-1].lower().startswith("readme"):
        return False
    if parts[-1].endswith((".prompt", ".prompt.md")) or "prompts" in folders:
        return True
    pairs = set(pairwise(folders))
    return bool(pairs & _PLACES)


def read(path: str, text: str) -> PromptTemplate | None:
    """Return what a template says, or None when it holds nothing."""
    if path.endswith(".toml"):
        value = toml(text)
        text = str(table(value).get("prompt", "")) if value else ""
    bare = without_comments(text.replace("\r\n", "\n")[:MAX_CHARACTERS])
    bare = _VARIABLE.sub(" it ", bare)
    page = split_page(bare, "markdown")
    words, standing = content_of(page.prose)
    if not words and not standing:
        return None
    return PromptTemplate(
        words=len(words),
        placeholders=standing,
        tools=_first(bare, _TOOL) or _named_tool(page.prose) or _shown_command(page.blocks),
        output=_first(bare, _OUTPUT),
        fallback=_first(bare, _FALLBACK),
        bound=_first(bare, _BOUND),
        sketch=sketch(words),
    )


def _first(text: str, pattern: re.Pattern[str]) -> int | None:
    match = pattern.search(text)
    return text.count("\n", 0, match.start()) + 1 if match else None


def _named_tool(prose: tuple[str, ...]) -> int | None:
    """Return the first line that names a tool or a program in inline code."""
    for number, line in enumerate(prose, 1):
        for match in INLINE.finditer(line) if "`" in line else ():
            first = match[2].strip().split(" ")[0].split("(")[0]
            if first.lower() in _TOOLS or first in PROGRAMS:
                return number
    return None


def _shown_command(blocks: tuple[Block, ...]) -> int | None:
    """Return the first line of a code block that begins with a program."""
    for block in blocks:
        for number, line in enumerate(block.lines, block.line):
            if line.strip().removeprefix("$ ").split(" ")[0] in PROGRAMS:
                return number
    return None


EXTRACT = Extract(
    version=1, kind=PromptTemplate, wants=wants, read=read, suffixes=frozenset(_SUFFIXES)
)
