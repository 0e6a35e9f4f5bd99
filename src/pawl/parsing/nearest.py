"""Find the name that somebody meant: one that differs by a letter or two, or only in its writing.

Two letters in a long name, one in a short one: names that lie further apart are two names.
"""

from collections.abc import Iterable

MAX_NAME = 60
"""Characters of a name that are compared; longer ones are near nothing."""
SHORT = 8


def nearest(name: str, known: Iterable[str]) -> str | None:
    """Return the known name that a name is a slip of; None where it is known or near to none."""
    if not 3 <= len(name) <= MAX_NAME:
        return None
    names = tuple(known)
    if name in names:
        return None
    bare = _bare(name)
    same = next((each for each in names if _bare(each) == bare), None)
    if same is not None:
        return same
    allowed = 1 if len(name) < SHORT else 2
    near = [(_distance(bare, _bare(each), allowed), each) for each in names]
    found = min(((far, each) for far, each in near if far <= allowed), default=None)
    return None if found is None else found[1]


def _bare(name: str) -> str:
    return name.lower().replace("_", "").replace("-", "")


def _distance(one: str, other: str, most: int) -> int:
    """Return how many letters must be changed, put in, left out or swapped; more than `most` where
    it is more than that."""
    if abs(len(one) - len(other)) > most:
        return most + 1
    before: list[int] = []
    row = list(range(len(other) + 1))
    for at, char in enumerate(one, 1):
        current = [at]
        for there, letter in enumerate(other, 1):
            cost = min(row[there] + 1, current[-1] + 1, row[there - 1] + (char != letter))
            swapped = at > 1 and there > 1 and char == other[there - 2] and letter == one[at - 2]
            if swapped and before:
                cost = min(cost, before[there - 2] + 1)
            current.append(cost)
        if min(current) > most:
            return most + 1
        before, row = row, current
    return row[-1]
