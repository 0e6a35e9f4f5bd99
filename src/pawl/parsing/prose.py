"""Split a page of documentation into headings, prose, code and front matter.

Works for Markdown, reStructuredText, AsciiDoc and plain text, by lines and in one pass. It is no
renderer: it finds what a reader would call prose and what a shell would be given, and keeps line
numbers. Everything is bounded, and text in HTML comments counts as not written, because no reader
sees it.
"""

from typing import Literal

import msgspec

from pawl.base.patterns import regex

MAX_CHARACTERS = 64 * 1024
"""Characters of one page that are looked at; few pages that people keep by hand are longer."""
MAX_ITEMS = 200
"""Headings, commands, paths or links that one page tells of."""
MAX_ITEM_CHARACTERS = 300

Dialect = Literal["markdown", "rst", "asciidoc", "text"]

SHELL_LANGUAGES = frozenset(
    {"sh", "bash", "shell", "zsh", "fish", "ksh", "powershell", "ps1", "pwsh", "cmd", "bat"}
)
CONSOLE_LANGUAGES = frozenset({"console", "shell-session", "sh-session", "shellsession", "prompt"})

_UNDERLINE = regex(r"([=\-~^\"'`#*+.:_])\1{2,}\s*")
_RST_CODE = regex(r"\.\.\s+(?:code-block|code|sourcecode|prompt)::\s*([\w-]{0,30})")
_FIELD = regex(r"([A-Za-z][\w -]{0,30})\s*:\s*(.{0,200})")


class Heading(msgspec.Struct, frozen=True):
    """A heading: its level from 1, its text, its 1-based line and the words below it."""

    level: int
    text: str
    line: int
    words: int = 0


class Block(msgspec.Struct, frozen=True):
    """Lines of code that stand apart: their language (may be empty) and their first line."""

    language: str
    line: int
    lines: tuple[str, ...]


class Page(msgspec.Struct, frozen=True, kw_only=True):
    """A page taken apart. `prose` has as many lines as the page: what is not prose is empty.

    `front` are the fields of the front matter, with lower-case names.
    """

    headings: tuple[tuple[int, str, int], ...]
    prose: tuple[str, ...]
    blocks: tuple[Block, ...]
    front: dict[str, str]
    truncated: bool = False


def dialect_of(path: str) -> Dialect:
    """Return the markup a path's suffix stands for."""
    suffix = path.rpartition(".")[2].lower()
    known: dict[str, Dialect] = {"rst": "rst", "adoc": "asciidoc", "asciidoc": "asciidoc"}
    return known.get(suffix, "text" if suffix == "txt" else "markdown")


def split_page(text: str, dialect: Dialect) -> Page:
    """Return a page taken apart; any text is a page."""
    truncated = len(text) > MAX_CHARACTERS
    lines = without_comments(text[:MAX_CHARACTERS]).split("\n")
    front, start = _front_matter(lines)
    splitter = _Splitter(lines, dialect)
    splitter.prose[:start] = [""] * start
    splitter.run(start)
    return Page(
        headings=tuple(splitter.headings[:MAX_ITEMS]),
        prose=tuple(splitter.prose),
        blocks=tuple(splitter.blocks[:MAX_ITEMS]),
        front=front,
        truncated=truncated,
    )


def without_comments(text: str) -> str:
    """Return text without its HTML comments; their line ends stay, so that lines keep numbers."""
    parts, position = [], 0
    while (begin := text.find("<!--", position)) >= 0:
        end = text.find("-->", begin + 4)
        if end < 0:
            break
        parts.append(text[position:begin])
        parts.append("\n" * text.count("\n", begin, end))
        position = end + 3
    return "".join(parts) + text[position:]


def _front_matter(lines: list[str]) -> tuple[dict[str, str], int]:
    """Return the fields between `---` lines at the top, and the line after them."""
    if not lines or lines[0].strip() != "---":
        return {}, 0
    for end, line in enumerate(lines[1:101], 1):
        if line.strip() in ("---", "..."):
            found = (_FIELD.match(each) for each in lines[1:end])
            fields = {m[1].strip().lower(): m[2].strip().strip("\"'") for m in found if m}
            return fields, end + 1
    return {}, 0


class _Splitter:
    """One pass over the lines of a page."""

    def __init__(self, lines: list[str], dialect: Dialect) -> None:
        self.lines = lines
        self.dialect = dialect
        self.prose = [line.strip() for line in lines]
        self.headings: list[tuple[int, str, int]] = []
        self.blocks: list[Block] = []
        self._marks: list[str] = []

    def run(self, start: int) -> None:
        """Go through the lines once; a block or heading may take several."""
        at = start
        while at < len(self.lines):
            stripped = self.prose[at]
            if not stripped:
                at += 1
            elif stripped.startswith(("```", "~~~")):
                at = self._fence(at, stripped[:3], stripped.lstrip("`~").strip())
            elif stripped[0] in "#=" and self._hashed(stripped, at):
                self.prose[at] = ""
                at += 1
            elif self.dialect == "asciidoc" and stripped == "----":
                at = self._fence(at, "----", "")
            elif self.dialect == "rst" and (stripped.endswith("::") or stripped[:3] == ".. "):
                at = self._directive(at, stripped)
            elif not stripped[0].isalnum() and self._underlined(at, stripped):
                at += 1
            else:
                at += 1

    def _hashed(self, stripped: str, at: int) -> bool:
        """Take a heading such as `## Steps`, or `== Steps` in AsciiDoc."""
        mark = "=" if self.dialect == "asciidoc" else "#"
        text = stripped.lstrip(mark)
        level = len(stripped) - len(text)
        if self.dialect == "rst" or not 1 <= level <= 6 or text[:1] not in (" ", "\t"):
            return False
        self.headings.append((level, text.strip().strip("# ")[:MAX_ITEM_CHARACTERS], at + 1))
        return True

    def _underlined(self, at: int, stripped: str) -> bool:
        """Take the line before a rule of equal signs as a heading, as Setext and rst do."""
        if at == 0 or not _UNDERLINE.fullmatch(stripped):
            return False
        title = self.prose[at - 1]
        mark = stripped[0]
        if self.dialect != "rst" and mark not in "=-":
            return False
        self.prose[at] = ""
        # A rule much shorter than the line above is a list or a table, not a heading.
        if not title or len(title) > len(stripped) + 40 or title[0] in "|-*>":
            return True
        if mark not in self._marks:
            self._marks.append(mark)
        level = min(self._marks.index(mark) + 1, 6)
        self.headings.append((level, title[:MAX_ITEM_CHARACTERS], at))
        self.prose[at - 1] = ""
        return True

    def _fence(self, at: int, mark: str, language: str) -> int:
        """Take a fenced block and return the line after it; an open one ends with the page."""
        end = at + 1
        while end < len(self.lines) and not self.prose[end].startswith(mark):
            end += 1
        word = language.split(maxsplit=1)[0] if language else ""
        self._take(at + 1, end, word.strip("{}.").lower())
        self.prose[at] = ""
        if end < len(self.lines):
            self.prose[end] = ""
        return end + 1

    def _directive(self, at: int, stripped: str) -> int:
        """Take an rst literal block or code directive; other directives lose their own line."""
        code = _RST_CODE.match(stripped)
        if stripped[:3] == ".. " and not code:
            if "::" in stripped:
                # What it includes is found in the page's own text.
                self.prose[at] = ""
            return at + 1
        indent = _indent(self.lines[at])
        begin = at + 1
        end = begin
        while end < len(self.lines) and (not self.prose[end] or _indent(self.lines[end]) > indent):
            end += 1
        self._take(begin, end, code[1].lower() if code else "")
        if code:
            self.prose[at] = ""
        return max(end, begin)

    def _take(self, begin: int, end: int, language: str) -> None:
        self.blocks.append(Block(language, begin + 1, tuple(self.lines[begin:end])))
        self.prose[begin:end] = [""] * (end - begin)


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())
