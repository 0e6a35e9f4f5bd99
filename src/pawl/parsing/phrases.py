"""Find in prose what a document stands on: words, placeholders, commands, paths, links, dates.

Pure text work over what `prose` took apart. Every pattern is bounded in length, so that hostile
text costs no more than its size.
"""

import re
from collections.abc import Iterable, Iterator
from datetime import date

import msgspec

from pawl.base.patterns import regex
from pawl.parsing.prose import (
    CONSOLE_LANGUAGES,
    MAX_ITEM_CHARACTERS,
    MAX_ITEMS,
    SHELL_LANGUAGES,
    Block,
)


class Mention(msgspec.Struct, frozen=True):
    """Something a document names, and the 1-based line where it does."""

    text: str
    line: int


PROGRAMS = frozenset(
    {
        "ansible", "ansible-playbook", "apt", "apt-get", "argocd", "aws", "az", "bash", "brew",
        "bun", "bundle", "cargo", "claude", "cmake", "codex", "composer", "conda", "corepack",
        "curl", "deno", "docker", "docker-compose", "dotnet", "env", "eslint", "flutter",
        "gcloud", "gem", "gh", "git", "glab", "go", "gradle", "gunicorn", "hatch", "helm",
        "helmfile", "java", "javac", "jest", "journalctl", "jq", "just", "kill", "kubectl",
        "kustomize", "make", "mise", "mix", "mvn", "mypy", "mysql", "ninja", "node", "nox", "npm",
        "npx", "nx", "pawl", "pdm", "pg_dump", "pg_restore", "php", "pip", "pip3", "pipenv",
        "pipx", "playwright", "pm2", "pnpm", "podman", "poetry", "pre-commit", "promtool", "psql",
        "pulumi", "pytest", "python", "python3", "rails", "rake", "redis-cli", "restic", "rsync",
        "ruby", "ruff", "rustup", "scp", "sed", "sh", "ssh", "sudo", "systemctl", "tail", "task",
        "terraform", "terragrunt", "tofu", "tox", "tsc", "turbo", "uv", "uvicorn", "uvx", "vault",
        "velero", "vite", "vitest", "wget", "xcodebuild", "yarn", "zig",
    }
)  # fmt: skip
"""Programs whose name at the start of inline or unlabelled code makes it a command."""

_WORD = regex(r"[぀-ヿ㐀-鿿]{1,2}|[^\W\d_぀-ヿ㐀-鿿]{2,}")
"""Letters in a row. Scripts written without spaces count two signs as a word."""

INLINE = regex(r"(`{1,2})(?!`)([^`\n]{1,300})\1(?!`)")
_PLACEHOLDER = regex(
    r"(?i:\b(?:tbd|tba|tbc|t\.b\.d|fixme|changeme|change-me|lorem ipsum)\b)"
    r"|\b(?:TODO|XXX+|WIP|PLACEHOLDER)\b|\b[Tt]odo:|\?{3,}|\bYYYY-MM-DD\b"
    r"|(?i:\bto be (?:added|announced|completed|confirmed|decided|defined|determined|discussed"
    r"|documented|done|filled(?: in)?|provided|specified|updated|written)\b)"
    r"|(?i:\b(?:coming soon|under construction|work in progress|not yet (?:written|documented))\b)"
    r"|(?i:\b(?:insert|add|write|describe|enter|put|fill in) [\w ]{0,40}\bhere\b)"
    r"|(?i:\byour [\w ]{1,30} here\b)"
    r"|<(?i:your|insert|add|name|todo|tbd|fill|describe|date|owner|link|team|path|url|service)"
    r"[\w .,'-]{0,60}>"
    r"|<[A-Z][A-Z0-9_ -]{2,40}>|\.\.\.<|<\.\.\.>|<…>|\{\{[^{}\n]{0,60}\}\}"
    r"|\[(?i:your|insert|add|name of|todo|tbd|fill|describe|date|owner|link to)"
    r"[^\]\n]{0,60}\](?!\()"
    r"|(?m:^[-*|\s]{0,8}(?:\.\.\.|…|[nN]/[aA]|-)[|\s]{0,4}$)"
)
_PLACEHOLDER_SIGNS = (
    "tbd", "tba", "tbc", "t.b.d", "fixme", "change", "lorem", "xxx", "wip", "placeholder", "todo",
    "???", "yyyy", "to be ", "coming soon", "under con", "work in progress", "not yet", " here",
    "<", "[", "...", "…", "{{", "n/a",
)  # fmt: skip
"""What every placeholder holds one of, in lower case."""
_FILLER = frozenset(
    {
        "adipiscing", "aliqua", "aliquip", "amet", "anim", "aute", "cillum", "commodo",
        "consectetur", "consequat", "culpa", "cupidatat", "deserunt", "dolor", "dolore", "duis",
        "eiusmod", "elit", "enim", "excepteur", "exercitation", "fugiat", "incididunt", "ipsum",
        "irure", "labore", "laboris", "laborum", "lorem", "minim", "mollit", "nostrud", "nulla",
        "occaecat", "officia", "pariatur", "proident", "quis", "reprehenderit", "sint", "tempor",
        "ullamco", "velit", "veniam", "voluptate",
    }
)  # fmt: skip
"""Words of the printers' filler text."""

_LINK = regex(r"\]\(\s*<?([^()<>\s]{1,300})>?[^()\n]{0,100}\)")
_LINK_REFERENCE = regex(r"(?m)^\s{0,3}\[[^\]\n]{1,100}\]:\s*<?(\S{1,300}?)>?(?:\s|$)")
_LINK_BARE = regex(r"https?://[^\s<>()\"'`\]|]{3,300}")
_LINK_RST = regex(r"`[^`<\n]{0,200}<([^<>`\s]{1,300})>`__?")
_LINK_ASCIIDOC = regex(r"\b(?:link|xref|include):{1,2}([^\s\[\]]{1,300})\[[^\]\n]{0,200}\]")
_LINK_INCLUDE = regex(r"\.\.\s+(?:include|literalinclude)::\s*(\S{1,300})")
_IMPORT = regex(r"(?m)(?:^|\s)@((?:\.{0,2}/|[\w-]+/)?[\w./-]{1,200}\.(?:md|mdc|txt|rst))\b")
_LINKS = (
    ("](", _LINK),
    ("]:", _LINK_REFERENCE),
    (">`_", _LINK_RST),
    ("[", _LINK_ASCIIDOC),
    (".. ", _LINK_INCLUDE),
    ("@", _IMPORT),
)
"""Each way to write a link, behind a sign that a page with such links holds."""
# Each begins with a fixed sign, which the pattern engine finds fast.
_CODE = regex(r"`[^`\n]{1,300}`")
_IMAGE = regex(r"!\[[^\]\n]{0,200}\]\([^)\n]{0,400}\)")
_TARGET = regex(r"\]\([^)\n]{0,400}\)")
_TAG = regex(r"<[/a-zA-Z][^<>\n]{0,300}>")

_PATH = regex(r"(?:\.{1,2}/)?[\w.@+-]{1,100}(?:/[\w.@+-]{1,100}){0,15}/?")
_SUFFIX = regex(
    r"\.(?:adoc|bash|c|cc|cfg|cjs|conf|cpp|cs|css|csv|env|ex|exs|go|gradle|graphql|h|hcl|hpp|html"
    r"|ini|ipynb|java|jinja|jl|js|json|jsonc|jsonl|jsx|kt|lock|lua|m|md|mdc|mdx|mjs|mk|php|pl|proto"
    r"|ps1|py|pyi|r|rb|rego|rs|rst|scala|service|sh|sql|svelte|swift|tf|toml|ts|tsx|txt|vue|xml"
    r"|yaml|yml|zig)\Z"
)
_BARE_NAMES = frozenset(
    {"Makefile", "Dockerfile", "Procfile", "Justfile", "justfile", "CODEOWNERS", "Jenkinsfile"}
)

_ISO = regex(r"\b((?:19|20)\d\d)-([01]\d)-([0-3]\d)\b")
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH = r"(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]{0,6}"
_DAY_MONTH = regex(rf"(?i)\b([0-3]?\d)(?:st|nd|rd|th)? {_MONTH}\.?,? ((?:19|20)\d\d)\b")
_MONTH_DAY = regex(rf"(?i)\b{_MONTH}\.? ([0-3]?\d)(?:st|nd|rd|th)?,? ((?:19|20)\d\d)\b")


def words_of(text: str) -> list[str]:
    """Return the lower-cased words of a text, without markup, addresses and inline code."""
    return _WORD.findall(_bare(text).lower())


def _bare(text: str) -> str:
    """Return text without inline code, images, addresses and tags."""
    for sign, pattern in (("`", _CODE), ("![", _IMAGE), ("](", _TARGET), ("http", _LINK_BARE)):
        if sign in text:
            text = pattern.sub(" ", text)
    return text


def content_of(lines: Iterable[str]) -> tuple[list[str], int]:
    """Return the words of lines that are no placeholders, and how many are.

    A placeholder of several words counts as many; of the printers' filler every word does.
    """
    standing = 0

    def leave(match: re.Match[str]) -> str:
        nonlocal standing
        standing += max(len(_WORD.findall(match[0])), 1)
        return " "

    bare = _bare("\n".join(lines))
    # Few pages hold a sign of a placeholder, and few lines of those; the pattern is slow.
    low = bare.lower()
    signs = [sign for sign in _PLACEHOLDER_SIGNS if sign in low]
    if signs:
        bare = "\n".join(
            _PLACEHOLDER.sub(leave, line) if any(sign in line.lower() for sign in signs) else line
            for line in bare.split("\n")
        )
    words = _WORD.findall((_TAG.sub(" ", bare) if "<" in bare else bare).lower())
    if "ipsum" not in low and "dolor" not in low:
        return words, standing
    filler = sum(1 for word in words if word in _FILLER)
    # A few of these are words of other languages; filler comes in whole sentences.
    if filler * 4 < len(words) or filler < 5:
        return words, standing
    return [word for word in words if word not in _FILLER], standing + filler


def is_placeholder(text: str) -> bool:
    """Say whether a text says nothing but that something is to be said."""
    return not content_of((text,))[0]


def commands_in(blocks: Iterable[Block], prose: Iterable[str]) -> tuple[Mention, ...]:
    """Return the commands of code blocks and of inline code, in the order of lines."""
    found: list[Mention] = []
    for block in blocks:
        found.extend(_block_commands(block))
        if len(found) >= MAX_ITEMS:
            break
    for line, text in enumerate(prose, 1):
        if "`" in text:
            found.extend(
                Mention(match[2].strip(), line)
                for match in INLINE.finditer(text)
                if _is_command(match[2].strip()) and " " in match[2].strip()
            )
        elif text[:2] == "$ ":
            found.append(Mention(text[2:MAX_ITEM_CHARACTERS], line))
    return tuple(sorted(found, key=lambda each: each.line)[:MAX_ITEMS])


def _block_commands(block: Block) -> Iterator[Mention]:
    shell = block.language in SHELL_LANGUAGES
    if not shell and block.language not in CONSOLE_LANGUAGES and block.language not in ("", "text"):
        return
    # With prompts in it, a block shows output too, and only prompted lines are commands.
    prompted = any(line.lstrip()[:2] == "$ " for line in block.lines)
    ends: str | None = None
    joined, begun = "", 0
    for number, line in enumerate(block.lines, block.line):
        stripped = line.strip()
        if ends is not None:
            ends = None if stripped == ends else ends
            continue
        if not joined:
            begun = number
            if prompted and stripped[:2] != "$ ":
                continue
            stripped = stripped.removeprefix("$ ")
        if stripped.endswith("\\") and len(joined) < MAX_ITEM_CHARACTERS:
            joined += stripped[:-1].rstrip() + " "
            continue
        whole, joined = (joined + stripped)[:MAX_ITEM_CHARACTERS], ""
        if whole and whole[0] != "#" and (shell or prompted or _is_command(whole)):
            yield Mention(whole, begun)
        heredoc = re.search(r"<<-?\s*['\"]?(\w{1,40})", whole)
        ends = heredoc[1] if heredoc else None


def _is_command(text: str) -> bool:
    first = text.split(maxsplit=1)[0] if text.strip() else ""
    return first in PROGRAMS or (first.startswith("./") and len(first) > 2)


def links_in(text: str) -> list[tuple[str, int]]:
    """Return `(target, offset)` of the links of a text with its markup, each place once."""
    found: dict[int, str] = {}
    for sign, pattern in _LINKS:
        if sign in text:
            for match in pattern.finditer(text):
                found.setdefault(match.start(1), match[1])
    for match in _LINK_BARE.finditer(text):
        found.setdefault(match.start(), match[0].rstrip(".,;:!"))
    return sorted(((target, at) for at, target in found.items()), key=lambda each: each[1])[
        :MAX_ITEMS
    ]


def paths_in(prose: Iterable[str]) -> tuple[Mention, ...]:
    """Return the relative paths that inline code names."""
    found: list[Mention] = []
    for line, text in enumerate(prose, 1):
        if "`" not in text:
            continue
        for match in INLINE.finditer(text):
            token = match[2].strip()
            if looks_like_path(token):
                found.append(Mention(token, line))
        if len(found) >= MAX_ITEMS:
            break
    return tuple(found[:MAX_ITEMS])


def looks_like_path(token: str) -> bool:
    """Say whether a token names a file or folder of the repository, as far as its form tells.

    Absolute paths, home folders, globs, variables and addresses belong to other places.
    """
    if not _PATH.fullmatch(token) or "//" in token or token.startswith("@"):
        return False
    name = token.rstrip("/").rpartition("/")[2]
    if name in _BARE_NAMES or _SUFFIX.search(name):
        return bool(_SUFFIX.sub("", name) or "/" in token)
    return token.endswith("/") and len(token) > 2 and not token.startswith("..")


def dates_in(text: str) -> list[str]:
    """Return the calendar dates of a text as ISO days, in their order, each once."""
    found: dict[str, None] = {}
    for line in text.split("\n"):
        if "20" not in line and "19" not in line:
            continue
        for _, day in sorted(_line_dates(line)):
            found.setdefault(day)
        if len(found) >= MAX_ITEMS:
            break
    return list(found)[:MAX_ITEMS]


def _line_dates(line: str) -> Iterator[tuple[int, str]]:
    """Yield `(offset, day)` of the dates of one line; what is in no calendar is no date."""
    parts = [(m.start(), m[1], int(m[2]), m[3]) for m in _ISO.finditer(line)]
    if " " in line:
        parts += [(m.start(), m[3], _month(m[2]), m[1]) for m in _DAY_MONTH.finditer(line)]
        parts += [(m.start(), m[3], _month(m[1]), m[2]) for m in _MONTH_DAY.finditer(line)]
    for at, year, month, day in parts:
        try:
            yield at, date(int(year), month, int(day)).isoformat()
        except ValueError:
            continue


def _month(name: str) -> int:
    return _MONTHS.index(name[:3].lower()) + 1
