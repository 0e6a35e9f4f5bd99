"""Assets that are pages of Markdown: instructions, skills, agents and commands."""

from collections.abc import Iterator
from typing import Any

import msgspec

from pawl.assets.asset import Asset
from pawl.assets.front_matter import Front, read_front
from pawl.base.patterns import regex
from pawl.parsing.phrases import looks_like_path
from pawl.parsing.prose import without_comments

MAX_MENTIONS = 200
_FENCE = regex(r"\s{0,12}(?:`{3,}|~{3,})")
_CODE = regex(r"`[^`\n]{0,300}`")
_IMPORT = regex(
    r"(?:^|(?<=\s))@((?:~/|\.{0,2}/)?[\w.@+-]{1,80}(?:/[\w.@+-]{1,80}){0,12})(?=[\s.,;:!?)]|$)"
)
_LINK = regex(r"\[[^\]\n]{0,300}\]\(<?([^)\s>]{1,300})>?(?:\s+\"[^\"\n]{0,200}\")?\)")
_TOOL = regex(r"[^\s,()]{1,120}(?:\((?:[^()]|\([^()]{0,200}\)){0,400}\))?")


class Mention(msgspec.Struct, frozen=True):
    """Something a page names, and its 1-based line."""

    text: str
    line: int


class Page(msgspec.Struct, frozen=True, kw_only=True):
    """One page taken apart. `body` is the text after the front matter; `text` is all of it."""

    asset: Asset
    text: str
    front: Front
    body: str

    @property
    def path(self) -> str:
        """The page's path."""
        return self.asset.path

    @property
    def name(self) -> str:
        """The name it gives itself, else that of its folder (skills) or file."""
        given = self.front.text("name") or self.front.recovered.get("name", "")
        if given:
            return given
        folder, _, file = self.path.rpartition("/")
        return folder.rpartition("/")[2] if file == "SKILL.md" else file.removesuffix(".md")

    @property
    def description(self) -> str:
        """The description it gives itself, folded lines and all."""
        return self.front.text("description") or self.front.recovered.get("description", "")

    def lines(self) -> Iterator[tuple[int, str, bool]]:
        """Yield each line of the body: its number in the file, its text, and whether it is code."""
        fenced = False
        for number, line in enumerate(self.body.split("\n"), self.front.body_line):
            fence = _FENCE.match(line) is not None
            yield number, line, fenced or fence
            fenced ^= fence

    def prose(self) -> Iterator[tuple[int, str]]:
        """Yield the lines of the body that are neither code nor a comment, with their numbers."""
        open_comment = False
        for number, line, code in self.lines():
            if code:
                continue
            shown, open_comment = _uncommented(line, open_comment)
            yield number, shown

    def imports(self) -> tuple[Mention, ...]:
        """Return the files that it pulls in with `@path`; in code the sign imports nothing."""
        found = [
            Mention(match[1].rstrip("."), number)
            for number, line in self.prose()
            if "@" in line
            for match in _IMPORT.finditer(_CODE.sub(" ", line[:4000]))
        ]
        # `@team/name` is an owner and `@name` a person; an import names a file.
        return tuple(
            each
            for each in found
            if "." in each.text.rpartition("/")[2] or each.text.startswith(("./", "../", "~/", "/"))
        )[:MAX_MENTIONS]

    def links(self) -> tuple[Mention, ...]:
        """Return the relative files that it links to."""
        found = (
            Mention(match[1].partition("#")[0], number)
            for number, line in self.prose()
            if "](" in line
            for match in _LINK.finditer(_CODE.sub(" ", line[:4000]))
        )
        return tuple(
            each for each in found if each.text and "://" not in each.text and _is_path(each.text)
        )[:MAX_MENTIONS]

    def tools(self, name: str) -> tuple[Mention, ...] | None:
        """Return the tools that a field lists, as a list or parted by commas; None without it."""
        if name not in self.front.values:
            return None
        value, line = self.front.values[name], self.front.line(name)
        return tuple(Mention(text, line) for text in listed(value))[:MAX_MENTIONS]


def listed(value: Any) -> tuple[str, ...]:
    """Return a list of tools or names, written as a list or as one text parted by commas."""
    if isinstance(value, str):
        return tuple(match[0] for match in _TOOL.finditer(value[:8000]))
    if isinstance(value, list):
        return tuple(each.strip() for each in value if isinstance(each, str) and each.strip())
    return ()


def read_page(asset: Asset, text: str) -> Page:
    """Return a page taken apart; any text is one."""
    front, body = read_front(text, asset.path)
    return Page(asset=asset, text=text, front=front, body=body)


def _uncommented(line: str, inside: bool) -> tuple[str, bool]:
    """Return a line without what HTML comments hide in it, and whether one stays open."""
    if inside:
        end = line.find("-->")
        if end < 0:
            return "", True
        line = line[end + 3 :]
    shown = without_comments(line)
    begin = shown.find("<!--")
    return (shown, False) if begin < 0 else (shown[:begin], True)


def _is_path(text: str) -> bool:
    return looks_like_path(text) or text.startswith(("./", "../"))
