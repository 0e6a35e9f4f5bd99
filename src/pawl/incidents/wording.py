"""The words of incidents, and how alike two of them are by their words.

Words are taken without what is new each time (numbers, ids, hosts), without the commonest words of
English and without their endings, so that "timeouts" is "timeout". A word weighs the more the fewer
incidents have it and, with falling gain, the more often it stands in one: the weight of BM25
(S. Robertson and H. Zaragoza, "The probabilistic relevance framework: BM25 and beyond", 2009).
What two incidents share is the cosine of these weights, so it is the same both ways, 1 of itself
and 0 of nothing in common. Everything is made of whole numbers: the same answer on every store.
"""

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from functools import lru_cache
from math import log, sqrt
from operator import mul

from pawl.incidents.similarity import MAX_CHARACTERS, normalised

VERSION = 1
"""Of the way that words are taken; an index of another version is made anew."""
MAX_WORDS = 400
"""Different words of one incident that are kept, the ones that stand in it most often first."""
MAX_TEXT = 100_000
"""Characters of one incident that are looked at, from the beginning."""
MAX_WORD = 60
_K1 = 1.2
_B = 0.75
"""Both as in the source: where its authors found most collections to do well."""
LEAST = 60
"""Incidents below which counts say nothing of how rare a word is: about the labelled set's size."""
_WORD = re.compile(r"[^\W\d_][\w]*(?:'[^\W\d_]+)?")
_COMMON_TEXT = """
a about above after again all also am an and any are as at be because been before being
below between both but by can could did do does doing down during each few for from further
had has have having he her here him his how i if in into is it its itself just me more most
my no nor not now of off on once only or other our out over own same she should so some such
than that the their them then there these they this those through to too under until up us
very was we were what when where which while who whom why will with would you your
"""
_COMMON = frozenset(_COMMON_TEXT.split())


def words_of(texts: Iterable[str]) -> dict[str, int]:
    """Return the words of an incident's texts, each with how often it stands there."""
    counts: Counter[str] = Counter()
    left = MAX_TEXT
    for text in texts:
        taken = text[:left]
        left -= len(taken)
        for at in range(0, len(taken), MAX_CHARACTERS):
            plain = normalised(taken[at : at + MAX_CHARACTERS]).replace("_", " ")
            for found in _WORD.findall(plain.casefold()):
                word = _stem(found.removesuffix("'s"))
                if 1 < len(word) <= MAX_WORD and word not in _COMMON:
                    counts[word] += 1
    kept = sorted(counts.items(), key=lambda each: (-each[1], each[0]))[:MAX_WORDS]
    return dict(sorted(kept))


def weights(
    words: Mapping[str, int], having: Mapping[str, int], incidents: int, mean_length: float
) -> dict[str, float]:
    """Return what each word of an incident weighs.

    `having` is in how many of all `incidents` a word stands, `mean_length` how many words one has.
    """
    length = sum(words.values())
    scale = _K1 * (1 - _B + _B * length / mean_length) if mean_length > 0 else _K1
    return {
        word: rarity(having.get(word, 0), incidents) * times * (_K1 + 1) / (times + scale)
        for word, times in sorted(words.items())
    }


@lru_cache(maxsize=1 << 16)
def rarity(having: int, incidents: int) -> float:
    """Return what it says that a word stands somewhere: the more the fewer incidents have it.

    Among very few incidents nothing is rare, so there are taken to be `LEAST` at least.
    """
    incidents = max(incidents, LEAST)
    having = min(having, incidents)
    return log(1 + (incidents - having + 0.5) / (having + 0.5))


def likeness(one: Mapping[str, float], other: Mapping[str, float]) -> float:
    """Return from 0 to 1 how alike two incidents are, given the weights of their words.

    It is rounded, so that no order of adding tells two stores apart.
    """
    if not one or not other:
        return 0.0
    shared = sum(one[word] * other[word] for word in sorted(one.keys() & other.keys()))
    return round(min(1.0, shared / (_length(one) * _length(other))), 6)


def _length(vector: Mapping[str, float]) -> float:
    ordered = [vector[word] for word in sorted(vector)]
    return sqrt(sum(map(mul, ordered, ordered)))


def _stem(word: str) -> str:
    """Return a word without the commonest endings of English; short ones stay as they are."""
    if len(word) > 4 and word.endswith("ies"):
        return word[:-3] + "y"
    if len(word) > 4 and word.endswith(("sses", "shes", "ches", "xes")):
        return word[:-2]
    if len(word) > 3 and word.endswith("s") and not word.endswith(("ss", "us", "is")):
        word = word[:-1]
    for ending in ("ing", "ed"):
        bare = word.removesuffix(ending)
        if bare != word and len(bare) > 3:
            if bare[-1] == bare[-2] and bare[-1] not in "lsz":
                bare = bare[:-1]
            return bare.removesuffix("e")
    return word.removesuffix("e") if len(word) > 4 else word
