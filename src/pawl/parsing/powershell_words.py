"""Split PowerShell text into commands and words, as far as finding a program and its words needs.

Quotes, here-strings, comments, the backtick and pipes are understood; expressions are passed over,
and nothing is expanded. Blocks (`{ }`, `( )`, `$( )`) are looked into as if they stood alone.

Source: Microsoft, PowerShell Language Specification 3.0, chapter 2, read 2026-11-21.
"""

import msgspec

from pawl.parsing.shell_words import Word

MAX_SCRIPT = 100_000
MAX_WORDS = 10_000
_ENDS = "\n;{}()"
_BLANK = " \t\r"
_NO_COMMAND = tuple("$[@-0123456789")


class Called(msgspec.Struct, frozen=True):
    """One command of a pipe. `pipe` is the same number for those of one pipe."""

    words: tuple[Word, ...]
    line: int
    pipe: int
    assigned: str = ""


class _Reader:
    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.line = 1
        self.words: list[Word] = []
        self.found: list[Called] = []
        self.pipe = 0
        self.total = 0

    def all(self) -> tuple[Called, ...]:
        while self.at < len(self.text) and self.total < MAX_WORDS:
            char = self.text[self.at]
            if char in _BLANK:
                self.at += 1
            elif char == "`" and self.text[self.at + 1 : self.at + 3].startswith(("\n", "\r\n")):
                self.take(self.text.index("\n", self.at) + 1)
            elif self.text.startswith("<#", self.at):
                self.take(self.past("#>", self.at + 2))
            elif char == "#":
                self.take(self.upto("\n", self.at))
            elif char in _ENDS or self.text.startswith(("&&", "||"), self.at):
                self.end(new_pipe=True)
                self.take(self.at + (2 if char in "&|" else 1))
            elif char == "|":
                self.end(new_pipe=False)
                self.take(self.at + 1)
            elif char in "&" and not self.words:
                self.at += 1  # The call operator: what follows is a command, quoted or not.
                self.words.append(Word("&", self.line))
            else:
                self.word()
        self.end(new_pipe=True)
        return tuple(self.found)

    def take(self, to: int) -> None:
        self.line += self.text.count("\n", self.at, to)
        self.at = to

    def past(self, sign: str, at: int) -> int:
        found = self.text.find(sign, at)
        return len(self.text) if found < 0 else found + len(sign)

    def upto(self, sign: str, at: int) -> int:
        found = self.text.find(sign, at)
        return len(self.text) if found < 0 else found

    def end(self, *, new_pipe: bool) -> None:
        words, name = self.words, ""
        if len(words) > 1 and words[0].text.startswith("$") and words[1].text in ("=", "+="):
            name, words = words[0].text[1:], words[2:]
        called = bool(words) and words[0].text == "&"
        words = words[1:] if called else words
        # What begins with a quote or a variable is an expression, unless `&` calls it.
        named = bool(words) and bool(words[0].text)
        if named and (called or (words[0].bare and not words[0].text.startswith(_NO_COMMAND))):
            self.found.append(Called(tuple(words), words[0].line, self.pipe, name))
        self.words = []
        self.pipe += new_pipe

    def word(self) -> None:
        start, bare, parts = self.line, True, list[str]()
        while self.at < len(self.text):
            char = self.text[self.at]
            if char in _BLANK or char in _ENDS or char == "|":
                break
            if self.text.startswith("&&", self.at):
                break
            if self.text.startswith(("@'\n", '@"\n', "@'\r\n", '@"\r\n'), self.at):
                bare = False
                begin = self.text.index("\n", self.at) + 1
                sign = f"\n{self.text[self.at + 1]}@"
                parts.append(self.text[begin : max(begin, self.upto(sign, begin - 1))])
                self.take(self.past(sign, begin - 1))
            elif char in "'\"":
                bare = False
                parts.append(self.quoted(char))
            elif char == "`":
                parts.append(self.text[self.at + 1 : self.at + 2])
                self.take(min(self.at + 2, len(self.text)))
            else:
                parts.append(char)
                self.at += 1
        self.total += 1
        self.words.append(Word("".join(parts), start, bare))

    def quoted(self, quote: str) -> str:
        parts: list[str] = []
        at = self.at + 1
        while at < len(self.text):
            char = self.text[at]
            if char == "`" and quote == '"':
                parts.append(self.text[at + 1 : at + 2])
                at += 2
            elif char == quote:
                if self.text[at + 1 : at + 2] != quote:
                    break
                parts.append(quote)
                at += 2
            else:
                parts.append(char)
                at += 1
        self.take(min(at + 1, len(self.text)))
        return "".join(parts)


def commands_in(text: str) -> tuple[Called, ...]:
    """Return the commands of a PowerShell text in order; none of one that is too long."""
    return _Reader(text).all() if len(text) <= MAX_SCRIPT else ()
