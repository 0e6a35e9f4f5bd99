"""A permutation test of paired differences, where what belongs together flips together.

If a change did nothing, each pair's difference would as well have had the other sign. So the sum
of the differences is compared with the sums under all choices of signs. Cases that share a
cluster (a fixture, a tool) err together and keep their signs to each other: their differences are
summed first, and the cluster flips as one.

R. A. Fisher, "The design of experiments" (1935), section 21, for the test; E. Miller, "Adding
error bars to evals", arXiv:2411.00640 (2024), for pairing and clustering in evals.
"""

import hashlib
from collections.abc import Iterable
from enum import StrEnum
from math import gcd

import msgspec

_LISTED_MOST = 12
"""Differences up to which all sums are simply listed, 4,096 of them."""
_BITS_MOST = 1 << 24
"""Bits of the number that counts sums, 2 MiB; beyond it signs are drawn."""
_TINY = 2.0**-1022
"""The least p-value told: no double of full precision is nearer to zero."""


class Method(StrEnum):
    """How a p-value was found."""

    EXACT = "exact"
    """All choices of signs were counted."""
    DRAWN = "drawn"
    """Signs were drawn from a seed."""


class SignFlip(msgspec.Struct, frozen=True):
    """The answer of the test: p in (0, 1], how it was found, and the least p it could give."""

    p: float
    method: Method
    p_least: float


def sign_flip_drop(differences: Iterable[int], *, seed: int, draws: int) -> SignFlip:
    """Return the one-sided p-value that the differences (after less before) lie below zero.

    Differences are whole numbers, as ties between sums must be seen as ties: bring rates to one
    denominator first. The order does not matter. `draws` choices of signs are drawn, by `seed`,
    only where counting all would take too much memory.
    """
    given = list(differences)
    moved = sorted(abs(each) for each in given if each)
    least = max(_TINY, 2.0 ** -len(given))
    if not moved:
        return SignFlip(1.0, Method.EXACT, least)
    scale = gcd(*moved)
    sizes = [each // scale for each in moved]
    risen = sum(each for each in given if each > 0) // scale
    exact = _count_up_to(sizes, risen)
    if exact is not None:
        return SignFlip(max(_TINY, exact / (1 << len(sizes))), Method.EXACT, least)
    hits = _draw_up_to(sizes, risen, seed, draws)
    # The signs as they are count as one draw more: no p-value is zero. B. Phipson and G. Smyth,
    # "Permutation p-values should never be zero", Statistical Applications in Genetics 9 (2010).
    return SignFlip((hits + 1) / (draws + 1), Method.DRAWN, max(least, 1 / (draws + 1)))


def _count_up_to(sizes: list[int], most: int) -> int | None:
    """Return how many choices of the sizes sum to at most `most`; None if that takes too much.

    With signs s, the sum of s·size is twice the sum of those with a plus, less a constant, so
    counting signs is counting subsets.
    """
    if len(sizes) <= _LISTED_MOST:
        sums = [0]
        for size in sizes:
            sums += [each + size for each in sums]
        return sum(each <= most for each in sums)
    total = sum(sizes)
    if most > total // 2:
        rest = _count_up_to(sizes, total - most - 1) if most < total else 0
        return None if rest is None else (1 << len(sizes)) - rest
    return _count_by_sum(sizes, most)


def _count_by_sum(sizes: list[int], most: int) -> int | None:
    """Multiply out the product of (1 + x^size), whose coefficients count the choices by sum.

    M. Pagano and D. Tritchler, "On obtaining permutation distributions in polynomial time",
    Journal of the American Statistical Association 78 (1983). The polynomial is kept in one long
    number, each coefficient in a field wide enough for all choices together.
    """
    width = len(sizes) + 1
    if (most + 1) * width > _BITS_MOST:
        return None
    within = (1 << (most + 1) * width) - 1
    counts = 1
    for size in sizes:
        if size > most:
            break  # sizes ascend: neither this one nor a later one fits into a choice
        counts = (counts + (counts << size * width)) & within
    # The remainder by 2^width - 1 adds the fields up, as casting out nines adds digits.
    return counts % ((1 << width) - 1)


def _draw_up_to(sizes: list[int], most: int, seed: int, draws: int) -> int:
    """Return how many of `draws` random choices of the sizes sum to at most `most`.

    The bits are those of SHAKE-128 of the seed, the same in every version of every language. The
    sum of eight sizes is looked up by the byte that chooses among them.
    """
    tables = [_sums_by_byte(sizes[start : start + 8]) for start in range(0, len(sizes), 8)]
    step = len(tables)
    bits = hashlib.shake_128(f"sign-flip {seed}".encode()).digest(step * draws)
    hits = 0
    for start in range(0, step * draws, step):
        chosen = bits[start : start + step]
        hits += sum(table[byte] for table, byte in zip(tables, chosen, strict=True)) <= most
    return hits


def _sums_by_byte(sizes: list[int]) -> tuple[int, ...]:
    sums = [0]
    for size in sizes:
        sums += [each + size for each in sums]
    return tuple(sums * (256 // len(sums)))
