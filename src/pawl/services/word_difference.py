"""What changed between two texts, word by word, as pieces in reading order.

Lines that are the same at both ends are set aside first, then lines are matched, and within lines
that differ words are. Texts are hostile: beyond `MAX_LINES` and `MAX_WORDS` it is only told that
something was replaced, and by what, and what stands there very often is not looked for first.
"""

import re
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from typing import Literal

import msgspec

MAX_LINES = 2_000
"""Lines on one side of a text that are matched with each other."""
MAX_WORDS = 2_000
"""Words on one side of a stretch that are matched with each other."""
ALIKE = 0.5
"""Share of the shorter stretch's words that is in both, at least, to be shown word by word."""
CONTEXT = 3
"""Lines that stay in sight on each side of a difference."""
_WORDS = re.compile(r"\w+|\s+|[^\w\s]")

Kind = Literal["same", "folded", "out", "in"]


class Piece(msgspec.Struct, frozen=True, kw_only=True):
    """One stretch of text: as it was, folded away because nothing changed near it, out, or in."""

    kind: Kind
    text: str

    @property
    def lines(self) -> int:
        """How many lines a folded stretch has."""
        return self.text.count("\n")


def word_difference(before: str, after: str) -> tuple[Piece, ...]:
    """Return the pieces that lead from one text to the other.

    What is the same and what is `out` make up `before`; what is the same and what is `in`, `after`.
    """
    return tuple(_folded(list(_joined(_pieces(before, after)))))


def _pieces(before: str, after: str) -> Iterator[Piece]:
    old, new = before.splitlines(keepends=True), after.splitlines(keepends=True)
    start = _same_at_start(old, new)
    end = _same_at_start(old[start:][::-1], new[start:][::-1])
    if start:
        yield Piece(kind="same", text="".join(old[:start]))
    yield from _lines(old[start : len(old) - end], new[start : len(new) - end])
    if end:
        yield Piece(kind="same", text="".join(old[len(old) - end :]))


def _lines(old: Sequence[str], new: Sequence[str]) -> Iterator[Piece]:
    if len(old) > MAX_LINES or len(new) > MAX_LINES:
        yield from _replaced("".join(old), "".join(new))
        return
    for tag, a, b, c, d in SequenceMatcher(None, old, new).get_opcodes():
        if tag == "equal":
            yield Piece(kind="same", text="".join(old[a:b]))
        else:
            yield from _words("".join(old[a:b]), "".join(new[c:d]))


def _words(old: str, new: str) -> Iterator[Piece]:
    left, right = _WORDS.findall(old), _WORDS.findall(new)
    if not left or not right or len(left) > MAX_WORDS or len(right) > MAX_WORDS:
        yield from _replaced(old, new)
        return
    codes = SequenceMatcher(None, left, right).get_opcodes()
    kept = sum(_count(left[a:b]) for tag, a, b, _, _ in codes if tag == "equal")
    if kept < ALIKE * min(_count(left), _count(right)):
        # Hardly a word in common: shreds of two sentences are harder to read than both whole.
        yield from _replaced(old, new)
        return
    out, into = "", ""
    for tag, a, b, c, d in codes:
        was, now = "".join(left[a:b]), "".join(right[c:d])
        if tag == "equal" and (was.strip() or not (out or into)):
            yield from _replaced(out, into)
            yield Piece(kind="same", text=was)
            out, into = "", ""
        else:
            out, into = out + was, into + now
    yield from _replaced(out, into)


def _count(tokens: Sequence[str]) -> int:
    """Return how many of some tokens are more than blanks."""
    return sum(not token.isspace() for token in tokens)


def _replaced(old: str, new: str) -> Iterator[Piece]:
    if old:
        yield Piece(kind="out", text=old)
    if new:
        yield Piece(kind="in", text=new)


def _joined(pieces: Iterator[Piece]) -> Iterator[Piece]:
    """Yield pieces with neighbours of one kind put together."""
    held: Piece | None = None
    for piece in pieces:
        if held is not None and held.kind == piece.kind:
            held = Piece(kind=held.kind, text=held.text + piece.text)
            continue
        if held is not None:
            yield held
        held = piece
    if held is not None:
        yield held


def _folded(pieces: list[Piece]) -> Iterator[Piece]:
    """Yield the pieces; of a long stretch without a difference only what is near one stays."""
    for place, piece in enumerate(pieces):
        lines = piece.text.splitlines(keepends=True)
        head = CONTEXT if place else 0
        tail = CONTEXT if place < len(pieces) - 1 else 0
        if piece.kind != "same" or len(lines) <= head + tail + 2 or len(pieces) == 1:
            yield piece
            continue
        kept = len(lines) - tail
        for kind, text in (
            ("same", "".join(lines[:head])),
            ("folded", "".join(lines[head:kept])),
            ("same", "".join(lines[kept:])),
        ):
            if text:
                yield Piece(kind=kind, text=text)  # type: ignore[arg-type]


def _same_at_start(old: Sequence[str], new: Sequence[str]) -> int:
    count = 0
    for one, other in zip(old, new, strict=False):
        if one != other:
            break
        count += 1
    return count
