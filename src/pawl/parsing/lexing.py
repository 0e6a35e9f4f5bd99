"""Part a source text into code and comments without parsing it.

Strings and comments are blanked in place, so that offsets and lines stay true and a search over
the code is not fooled by what a string says. One pass by one regular expression whose branches
exclude each other: time is linear in the text, whatever it holds. What a lexer cannot know (a
regular expression literal in JavaScript, a nested template) costs at most its line.
"""

import re
from bisect import bisect_right
from types import MappingProxyType
from typing import NamedTuple

from pawl.base.patterns import regex


class Lexed(NamedTuple):
    """A text parted. `code` is as long as the text; `comments` are `(offset, text)`."""

    code: str
    comments: tuple[tuple[int, str], ...]


_DOUBLE = r'"(?:[^"\\\n]++|\\.)*+"?'
_SINGLE = r"'(?:[^'\\\n]++|\\.)*+'?"
_CHAR = r"'(?:[^'\\\n]|\\[^\n']{1,10}|\\')'"
_BACKTICK = r"`(?:[^`\\]++|\\.)*+`?"
_RAW_BACKTICK = r"`[^`]*+`?"
_TRIPLE = r"\"\"\".*?(?:\"\"\"|\Z)"
_TRIPLE_SINGLE = r"'''.*?(?:'''|\Z)"
_SLASHES = r"//[^\n]*+"
_STARS = r"/\*.*?(?:\*/|\Z)"
_HASH = r"\#[^\n]*+"


def _lexer(comments: str, strings: str) -> re.Pattern[str]:
    return regex(f"(?P<comment>{comments})|(?P<string>{strings})", re.DOTALL | re.MULTILINE)


_C = _lexer(f"{_SLASHES}|{_STARS}", f"{_DOUBLE}|{_CHAR}")
_JVM = _lexer(f"{_SLASHES}|{_STARS}", f"{_TRIPLE}|{_DOUBLE}|{_CHAR}")
_JS = _lexer(f"{_SLASHES}|{_STARS}", f"{_DOUBLE}|{_SINGLE}|{_BACKTICK}")
_LEXERS = MappingProxyType(
    {
        "python": _lexer(_HASH, f"{_TRIPLE}|{_TRIPLE_SINGLE}|{_DOUBLE}|{_SINGLE}"),
        "javascript": _JS,
        "typescript": _JS,
        "go": _lexer(f"{_SLASHES}|{_STARS}", f"{_DOUBLE}|{_RAW_BACKTICK}|{_CHAR}"),
        "java": _JVM,
        "kotlin": _JVM,
        "scala": _JVM,
        "groovy": _lexer(f"{_SLASHES}|{_STARS}", f"{_TRIPLE}|{_DOUBLE}|{_SINGLE}"),
        "rust": _lexer(
            f"{_SLASHES}|{_STARS}",
            rf'r(?P<hashes>\#{{0,8}}+)".*?(?:"(?P=hashes)|\Z)|{_DOUBLE}|{_CHAR}',
        ),
        "ruby": _lexer(rf"^=begin\b.*?(?:^=end\b|\Z)|{_HASH}", f"{_DOUBLE}|{_SINGLE}"),
        "c": _C,
        "cpp": _C,
        "csharp": _C,
        "swift": _JVM,
        "dart": _JS,
        "php": _lexer(f"{_SLASHES}|{_STARS}|{_HASH}", f"{_DOUBLE}|{_SINGLE}"),
        "shell": _lexer(r"(?:(?<=\s)|^)\#[^\n]*+", f"{_DOUBLE}|'[^']*+'?"),
    }
)
_NOT_NEWLINE = regex(r"[^\n]")


def can_lex(language: str | None) -> bool:
    """Say whether a language's comments and strings are known."""
    return language in _LEXERS


def lex(text: str, language: str) -> Lexed:
    """Return code with comments and strings' contents blanked, and the comments.

    A string keeps a quote at both ends, so that a literal still shows as one. Raises KeyError
    for a language that `can_lex` denies.
    """
    parts: list[str] = []
    comments: list[tuple[int, str]] = []
    end = 0
    for match in _LEXERS[language].finditer(text):
        start = match.start()
        parts.append(text[end:start])
        end = match.end()
        if match.lastgroup == "comment" or match["comment"] is not None:
            comments.append((start, match[0]))
            parts.append(_blank(match[0]))
        elif len(match[0]) < 2:
            parts.append('"')
        else:
            parts.append(
                f'"{_blank(match[0][1:-1])}"' if match[0][-1] != "\n" else _blank(match[0])
            )
    parts.append(text[end:])
    return Lexed("".join(parts), tuple(comments))


def _blank(text: str) -> str:
    return _NOT_NEWLINE.sub(" ", text) if "\n" in text else " " * len(text)


class Lines:
    """The lines of a text, for telling an offset's line number."""

    def __init__(self, text: str) -> None:
        self._starts = [0]
        self._starts.extend(match.end() for match in re.finditer("\n", text))

    def at(self, offset: int) -> int:
        """Return the 1-based line of an offset."""
        return bisect_right(self._starts, offset)


def pairs(code: str, brackets: str = "{}") -> dict[int, int]:
    """Return each opening bracket's offset with the offset just after the one that closes it.

    One pass for the whole text; a bracket that nothing closes reaches to the text's end.
    """
    found: dict[int, int] = {}
    opened: list[int] = []
    for match in re.finditer(f"[{re.escape(brackets)}]", code):
        if match[0] == brackets[0]:
            opened.append(match.start())
        elif opened:
            found[opened.pop()] = match.end()
    for start in opened:
        found[start] = len(code)
    return found
