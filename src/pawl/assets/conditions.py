"""Conditions of jobs and steps: who or what they let pass.

An expression is taken apart at `||`, `&&`, `!` and brackets. Of a choice every branch must keep
somebody out, of a conjunction one part is enough. What a term says is asked of the caller, for one
event at a time: a branch for another event is not open to this one.
"""

from collections.abc import Callable
from enum import Enum

import msgspec

MAX_CONDITION = 5000
MAX_NESTING = 30


class Says(Enum):
    """What a term says of somebody without rights who caused an event."""

    LETS_PASS = 0
    REFUSES = 1
    """It holds only for who may write, or whom it names."""
    FALSE = 2
    """It holds for other events only."""


class Verdict(msgspec.Struct, frozen=True):
    """What a condition comes to, and the term that decides it."""

    says: Says
    term: str = ""


Asked = Callable[[str, bool], Says]
"""Asked for a term and whether a `!` stands before it."""
OPEN = Verdict(Says.LETS_PASS)


class _Reader:
    def __init__(self, text: str, ask: Asked) -> None:
        self.text = text
        self.at = 0
        self.depth = 0
        self.ask = ask

    def blanks(self) -> None:
        while self.at < len(self.text) and self.text[self.at].isspace():
            self.at += 1

    def choice(self, negated: bool) -> Verdict:
        return self.joined("||", negated)

    def joined(self, sign: str, negated: bool) -> Verdict:
        parts = [self.part(sign, negated)]
        while True:
            self.blanks()
            if not self.text.startswith(sign, self.at):
                break
            self.at += 2
            parts.append(self.part(sign, negated))
        # Behind a `!` a choice is a conjunction and the other way round.
        return _any(parts) if (sign == "||") != negated else _all(parts)

    def part(self, sign: str, negated: bool) -> Verdict:
        return self.joined("&&", negated) if sign == "||" else self.single(negated)

    def single(self, negated: bool) -> Verdict:
        self.blanks()
        while self.text.startswith("!", self.at) and not self.text.startswith("!=", self.at):
            negated = not negated
            self.at += 1
            self.blanks()
        if not self.text.startswith("(", self.at) or self.depth >= MAX_NESTING:
            return self.term(negated)
        self.at += 1
        self.depth += 1
        found = self.choice(negated)
        self.depth -= 1
        self.blanks()
        if self.text.startswith(")", self.at):
            self.at += 1
        return found

    def term(self, negated: bool) -> Verdict:
        start, depth = self.at, 0
        while self.at < len(self.text):
            char = self.text[self.at]
            if char in "'\"":
                end = self.text.find(char, self.at + 1)
                self.at = len(self.text) if end < 0 else end + 1
                continue
            if char == ")" and not depth:
                break
            if not depth and self.text.startswith(("||", "&&"), self.at):
                break
            depth += (char == "(") - (char == ")")
            self.at += 1
        text = self.text[start : self.at].strip()
        return Verdict(self.ask(text, negated), text) if text else OPEN


def _any(parts: list[Verdict]) -> Verdict:
    """Return what a choice comes to: the first branch that lets pass, else what refuses."""
    for wanted in (Says.LETS_PASS, Says.REFUSES):
        for each in parts:
            if each.says is wanted:
                return each
    return parts[0]


def _all(parts: list[Verdict]) -> Verdict:
    """Return what a conjunction comes to: what is false, else what refuses."""
    for wanted in (Says.FALSE, Says.REFUSES):
        for each in parts:
            if each.says is wanted:
                return each
    return parts[0]


def judge(condition: str, ask: Asked) -> Verdict:
    """Return what a condition comes to; an empty or a very long one lets everybody pass."""
    text = condition.replace("${{", " ").replace("}}", " ").strip()
    if not text or len(text) > MAX_CONDITION:
        return OPEN
    reader = _Reader(text, ask)
    found = [reader.choice(False)]
    while reader.at < len(text) and len(found) < MAX_NESTING:
        # What stands behind a bracket too many, or a word too many, is one more part.
        reader.at += 1
        found.append(reader.choice(False))
    return _all(found)
