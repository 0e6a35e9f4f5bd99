"""Words of names, paths, diffs and errors, so that one text can be compared with another."""

import re
from collections.abc import Iterable

_PART = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+", re.ASCII)
MAX_CHARACTERS = 40_000
"""Characters of one text whose words are looked at."""
SHORTEST = 3
_STOP = """
the and for with from that this was are not has have had but into out off all any can
could will would should its our your their than then when where which while who how why
what error errors warn warning info debug failed failure fail exception true false none
null return import const let var def class function self new get set add update use used
using http https www com org src lib main test tests file files line lines code data value
values name names string int float bool type types public private static async await try
catch app api svc service services server application system prod production
"""
STOP = frozenset(_STOP.split())
"""Words that say nothing of what a text is about; ours, from reading diffs and logs."""


def words(text: str) -> frozenset[str]:
    """Return the distinct words of a text, names taken apart, without those that say nothing."""
    found = (part.lower() for part in _PART.findall(text[:MAX_CHARACTERS]))
    return frozenset(_stem(word) for word in found if len(word) >= SHORTEST and word not in STOP)


def name_words(name: str) -> frozenset[str]:
    """Return the words of a component's name; of one that has none left, the whole name."""
    return words(name) or frozenset({name.lower()} if name else ())


def same_component(one: str, other: str) -> bool:
    """Say whether two names may be of the same component: one's words are all in the other's."""
    first, second = name_words(one), name_words(other)
    return bool(first) and bool(second) and (first <= second or second <= first)


def touches(component: str, paths: Iterable[str]) -> bool:
    """Say whether a path speaks of a component by all words of its name."""
    wanted = name_words(component)
    return bool(wanted) and any(wanted <= words(path) for path in paths)


def _stem(word: str) -> str:
    """Return a word without the `s` of a plural, so that `users` and `user` meet."""
    return word[:-1] if len(word) > 3 and word.endswith("s") and not word.endswith("ss") else word
