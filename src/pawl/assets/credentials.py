"""Credentials that stand in a text in plain letters, told from what only stands for one."""

import re
from collections.abc import Iterator
from functools import cache

import msgspec

from pawl.assets.judgement import credentials
from pawl.base.canonical import sha256_hex

MAX_FOUND = 50
_DISTINCT = 8
"""Different characters that a random secret of 16 has at the least, in all but one of millions."""


class Credential(msgspec.Struct, frozen=True):
    """One credential: who issued it, where it begins in the text, and a digest that tells it apart.

    The credential itself is never kept.
    """

    issuer: str
    at: int
    digest: str


def credentials_in(text: str) -> tuple[Credential, ...]:
    """Return the credentials of a text by their places; stand-ins and references are none."""
    found: dict[int, Credential] = {}
    for each in _found(text):
        found.setdefault(each.at, each)
        if len(found) >= MAX_FOUND:
            break
    return tuple(found[at] for at in sorted(found))


@cache
def _shapes() -> tuple[tuple[str, str, re.Pattern[str]], ...]:
    return tuple(
        (each.issuer, each.sign, re.compile(each.pattern)) for each in credentials().shapes
    )


def _found(text: str) -> Iterator[Credential]:
    for issuer, sign, pattern in _shapes():
        at = text.find(sign)
        while at >= 0:
            match = None if _within(text, at) else pattern.match(text, at)
            if match is not None and not _stands_in(match[0], match[1]):
                yield Credential(issuer, at, sha256_hex(match[0].encode())[:16])
            at = text.find(sign, at + len(sign))


def _within(text: str, at: int) -> bool:
    """Say whether a place is within a word: a mark begins a word, or stands behind a slash."""
    return text[at - 1 : at].isalnum() and text[at].isalnum() and at > 0


def _stands_in(whole: str, secret: str) -> bool:
    low = whole.lower()
    return len(set(secret)) < _DISTINCT or any(
        word.lower() in low for word in credentials().stand_ins
    )
