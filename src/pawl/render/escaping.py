"""Make hostile text harmless where it is shown: terminal, Markdown, HTML, SVG.

Reasons, paths and documents come from the assessed tree, so any of them may try to break out of
its place: control characters, markup, table pipes, links, mentions of people.
"""

import re
from collections.abc import Iterator
from html import escape
from string import ascii_letters, digits

WIDTH = 100
"""Columns of wrapped text."""
_SPECIAL = re.compile(r"([\\`*_{}\[\]<>|~#!$^])")
_UNRESERVED = frozenset(f"{ascii_letters}{digits}-._~/")
_PIPE = re.compile(r"(?<!\\)(\\*)\|")
_START = re.compile(r"^(?:([-+=/])|(\d{1,9})([.)])(?=\s|$))")


def plain(text: str) -> str:
    """Return text without control characters, on one line: each becomes `?`, a break a space."""
    if text.isprintable():
        return text
    return "".join(
        character if character.isprintable() else " " if character in "\n\r\t" else "?"
        for character in text
    )


def cut(text: str, length: int) -> str:
    """Return at most so many characters of a text, with an ellipsis where some are missing."""
    return text if len(text) <= length else f"{text[: length - 1].rstrip()}…"


def html_text(text: str) -> str:
    """Return text for HTML, SVG and XML, as content or inside a quoted attribute."""
    return escape(plain(text), quote=True)


def markdown_text(text: str) -> str:
    """Return text that Markdown shows as it is: no markup, no table pipe, no link, no mention.

    A slash at the beginning is escaped, because GitLab would take it for a command. An at sign, and
    the colon of a URL, become entities: hosts turn the plain ones into notifications and links.
    Hosts look for people after entities are resolved, so that a space of no width stands between
    the sign and the name as well.
    """
    shown = plain(text).replace("&", "&amp;")
    shown = _SPECIAL.sub(r"\\\1", shown)
    shown = shown.replace("@", "&#64;&#8203;").replace("://", "&#58;//").replace("www.", "www&#46;")
    return _START.sub(_not_a_list, shown.strip())


def markdown_code(text: str) -> str:
    """Return text as a code span, pipes escaped so that it may stand in a table.

    Backslashes before a pipe are doubled: a table takes two for one, and would take the pipe after
    them for the end of the cell.
    """
    shown = _PIPE.sub(r"\1\1\\|", plain(text).replace("`", "'")).strip()
    return f"`{shown}`" if shown else ""


def percent_encoded(path: str) -> str:
    """Return a path as a relative URI reference: all but RFC 3986's unreserved bytes and `/`.

    A character that no encoding has, such as half of a pair, becomes `?` first.
    """
    return "".join(
        chr(byte) if chr(byte) in _UNRESERVED else f"%{byte:02X}"
        for byte in path.encode("utf-8", "replace")
    )


def wrapped(text: str, indent: int, then: int | None = None) -> Iterator[str]:
    """Yield a text in lines that fit, the first indented by `indent`, the others by `then`."""
    line = " " * indent
    start = True
    for word in plain(text).split():
        if not start and len(line) + 1 + len(word) > WIDTH:
            yield line
            line, start = " " * (indent if then is None else then), True
        line += word if start else f" {word}"
        start = False
    if not start:
        yield line


def _not_a_list(match: re.Match[str]) -> str:
    mark, number, end = match.groups()
    return f"\\{mark}" if mark else f"{number}\\{end}"
