"""When a case passes: `all`, or `and`, `or`, `not` and brackets over the ids of its assertions.

    pass_when: (tagged or released) and not force-pushed

An assertion is true, false or unknown, and unknown stays unknown unless the rest decides: an
`and` with one false part is false, an `or` with one true part is true (Kleene's strong logic).
"""

import re
from collections.abc import Collection, Mapping

import msgspec

from pawl.base.errors import BadValue

MAX_TEXT = 2000
MAX_DEPTH = 20
RESERVED = frozenset({"all", "and", "or", "not"})
_TOKEN = re.compile(r"\s*(?:([()])|([A-Za-z0-9_][A-Za-z0-9_.-]*))")


class Expression(msgspec.Struct, frozen=True):
    """One node: `word` is `and`, `or`, `not`, or, of a leaf, empty; then `id` is an assertion's."""

    word: str
    parts: tuple["Expression", ...] = ()
    id: str = ""


class BadExpression(BadValue):
    """What stands below `pass_when` is no expression over the assertions' ids."""

    code = "bad-expression"


def parse(text: str, known: Collection[str]) -> Expression:
    """Return what a text means; `all` is an `and` over the known ids, in their order.

    Raises BadExpression with the character it stumbled at, counted from 1.
    """
    if text.strip() == "all":
        return Expression("and", tuple(Expression("", id=each) for each in known))
    if len(text) > MAX_TEXT:
        raise BadExpression(f"The expression is longer than {MAX_TEXT:,} characters.")
    return _Parser(_tokens(text), known).whole()


def evaluate(expression: Expression, values: Mapping[str, bool | None]) -> bool | None:
    """Return whether an expression holds; None where the unknown ones decide."""
    if not expression.word:
        return values.get(expression.id)
    found = [evaluate(part, values) for part in expression.parts]
    if expression.word == "not":
        return None if found[0] is None else not found[0]
    decisive = expression.word == "or"
    if decisive in found:
        return decisive
    return None if None in found else not decisive


def ids(expression: Expression) -> frozenset[str]:
    """Return the ids that an expression speaks of."""
    if not expression.word:
        return frozenset({expression.id})
    return frozenset().union(*(ids(part) for part in expression.parts))


def _tokens(text: str) -> list[tuple[int, str]]:
    found: list[tuple[int, str]] = []
    at = 0
    end = len(text.rstrip())
    while at < end:
        match = _TOKEN.match(text, at)
        if match is None:
            raise BadExpression(f"Character {at + 1} of the expression means nothing.")
        word = match.group(1) or match.group(2)
        found.append((match.end() - len(word) + 1, word))
        at = match.end()
    return found


class _Parser:
    """One walk over the words of an expression; `or` binds least, `not` most."""

    def __init__(self, tokens: list[tuple[int, str]], known: Collection[str]) -> None:
        self.tokens = tokens
        self.known = known
        self.at = 0

    def whole(self) -> Expression:
        found = self.choice(0)
        if self.at < len(self.tokens):
            raise self.surprise()
        return found

    def choice(self, depth: int) -> Expression:
        parts = [self.union(depth)]
        while self.take("or"):
            parts.append(self.union(depth))
        return parts[0] if len(parts) == 1 else Expression("or", tuple(parts))

    def union(self, depth: int) -> Expression:
        parts = [self.one(depth)]
        while self.take("and"):
            parts.append(self.one(depth))
        return parts[0] if len(parts) == 1 else Expression("and", tuple(parts))

    def one(self, depth: int) -> Expression:
        if depth > MAX_DEPTH:
            raise BadExpression(f"The expression is nested more than {MAX_DEPTH} levels deep.")
        if self.take("not"):
            return Expression("not", (self.one(depth + 1),))
        if self.take("("):
            inner = self.choice(depth + 1)
            if not self.take(")"):
                raise self.surprise()
            return inner
        if self.at >= len(self.tokens):
            raise self.surprise()
        place, word = self.tokens[self.at]
        if word in RESERVED or word in "()":
            raise self.surprise()
        if word not in self.known:
            raise BadExpression(
                f"Character {place} of the expression: no assertion has the id {word!r}.",
                hint=f"Known ids: {', '.join(self.known)}.",
            )
        self.at += 1
        return Expression("", id=word)

    def take(self, word: str) -> bool:
        found = self.at < len(self.tokens) and self.tokens[self.at][1] == word
        self.at += found
        return found

    def surprise(self) -> BadExpression:
        if self.at >= len(self.tokens):
            return BadExpression("The expression ends where an id or a bracket should follow.")
        place, word = self.tokens[self.at]
        return BadExpression(f"Character {place} of the expression: {word!r} cannot stand here.")
