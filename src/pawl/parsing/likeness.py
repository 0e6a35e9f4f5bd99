"""Tell how alike two texts are without keeping either: the smallest hashes of their word triples.

A bottom-k sketch (Cohen and Kaplan, "Summarizing data using bottom-k sketches", 2007): of all
hashed word triples keep the smallest ones; among the smallest of two texts together, the share
that both hold estimates the share of triples they have in common (Jaccard). One hash a triple
makes it far cheaper than sixty-four permutations, at the same error of about 0.06.
"""

from collections.abc import Sequence
from zlib import crc32

SKETCH = 64
"""Hashes kept of one text."""
MAX_WORDS = 600
"""Words of one text that are compared, from its beginning."""


def sketch(words: Sequence[str]) -> tuple[int, ...]:
    """Return the sketch of a text's words: its smallest triple hashes, ascending."""
    first = words[:MAX_WORDS]
    known: dict[str, int] = {}
    numbers = []
    for word in first:
        number = known.get(word)
        if number is None:
            number = known[word] = crc32(word.encode())
        numbers.append(number)
    # Odd multipliers keep order significant; the last one spreads the sum over all bits.
    triples = {
        ((a * 0x9E3779B1 + b * 0x85EBCA77 + c) * 0xC2B2AE3D) & 0xFFFFFFFF
        for a, b, c in zip(numbers, numbers[1:], numbers[2:], strict=False)
    }
    return tuple(sorted(triples)[:SKETCH])


def likeness(one: Sequence[int], other: Sequence[int]) -> float:
    """Return the estimated share from 0 to 1 of word triples that two texts share.

    Texts too short for a triple are like nothing: there is nothing to compare.
    """
    if not one or not other:
        return 0.0
    ours, theirs = set(one), set(other)
    smallest = sorted(ours | theirs)[:SKETCH]
    return sum(1 for each in smallest if each in ours and each in theirs) / len(smallest)


def is_alike(one: Sequence[int], other: Sequence[int], at_least: float) -> bool:
    """Say whether two texts share so many word triples; most pairs are told apart cheaply.

    Of two texts nearly the same, most of the few smallest hashes are the same.
    """
    near = len(set(one[:8]).intersection(other[:16])) >= 4 or min(len(one), len(other)) < 8
    return near and likeness(one, other) >= at_least
