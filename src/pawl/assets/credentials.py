"""Credentials in plain letters, told from names of them, stand-ins and harmless values.

One shows by the mark of its issuer, or by standing behind a name that says so. What is taken from
the environment (`${TOKEN}`) is none.
"""

import re
from collections.abc import Iterator
from functools import cache
from typing import Literal

import msgspec

from pawl.assets.judgement import credentials
from pawl.base.canonical import sha256_hex
from pawl.base.patterns import regex
from pawl.base.redaction import REDACTED, redact
from pawl.parsing.addresses import is_this_machine

MAX_VALUE = 4000
MIN_WORD = 4
_ANYTHING = regex(
    r"(?i)[a-z0-9_+/=.-]{12}|://|bearer|basic|api|key|token|pass|pwd|secret|credential|dsn|your|xxx|<"
)
"""What a secret or a placeholder for one has at least; anything without it is neither."""
MIN_SECRET = 12
"""Characters of the shortest value that counts as a secret behind a name that says so."""
_VARIABLE = regex(
    r"\$\{\{[^}]{0,200}\}\}|\$\{[^}]{0,200}\}|\$\([^)]{0,200}\)|\$\w{1,80}|%\w{1,80}%"
    r"|\{env:[^}]{0,80}\}|\{\{[^}]{0,200}\}\}"
)
_SAYS_SECRET = regex(
    r"(?i)(?:^|[_.-])(?:token|secret|passw(?:or)?d|passphrase|api[_-]?key|apikey|private[_-]?key"
    r"|access[_-]?key|secret[_-]?key|auth[_-]?key|credentials?)$|^(?:authorization|cookie)$"
)
_PLAIN = regex(r"[A-Za-z]{1,40}|[\d.]{1,40}|(?:[.~]{0,2}/|[A-Za-z]:\\).{0,400}|https?://.{0,400}")
_QUERY = regex(r"[?&]([\w.-]{1,60})=([^&#\s]{1,400})")
MAX_FOUND = 50
_DISTINCT = 8
"""Different characters that a random secret of 16 has at the least, in all but one of millions."""


Judged = Literal["secret", "placeholder"]


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
    words = (*credentials().stand_ins, *credentials().weak_stand_ins)
    return len(set(secret)) < _DISTINCT or any(word.lower() in low for word in words)


@cache
def _stand_in_shapes() -> re.Pattern[str]:
    known = credentials()
    words = (re.escape(word) for word in known.stand_ins)
    return re.compile("|".join(("(?i)" + next(words), *words, *known.stand_in_shapes)))


def _is_stand_in(value: str) -> bool:
    """Say whether a value only stands for a secret; a person's own may well hold a common word."""
    return _stand_in_shapes().search(value) is not None


def judge(name: str, value: str) -> Judged | None:
    """Return what a value is that stands behind a name; None for one that hides nothing."""
    if len(value) < MIN_WORD or _ANYTHING.search(value) is None:
        return None  # The most of all texts, told apart cheaply.
    fixed = _VARIABLE.sub("", value[:MAX_VALUE]).strip()
    if not fixed:
        return None
    shaped = redact(fixed) != fixed
    if shaped and _of_this_machine(fixed):
        return None
    named = _SAYS_SECRET.search(name[-80:]) is not None
    if not shaped and not (named and fixed == value.strip() and _looks_secret(fixed)):
        wanted = named and fixed == value.strip() and len(fixed) < 80
        return "placeholder" if wanted and _is_stand_in(fixed) else None
    return "placeholder" if _is_stand_in(fixed) else "secret"


def judge_words(words: tuple[str, ...]) -> Iterator[tuple[str, Judged]]:
    """Yield options and words of a command that carry a secret, with what they are."""
    for at, word in enumerate(words):
        name, sign, value = word.partition("=")
        if not sign:
            name, value = (words[at - 1] if at else ""), word
        name = name.lstrip("-")
        found = judge(name, value)
        if found is not None:
            yield name or "an argument", found


def judge_address(address: str) -> tuple[str, Judged] | None:
    """Return what an address carries in its query or before its host, with its name there."""
    for match in _QUERY.finditer(address[:MAX_VALUE]):
        name = "token" if match[1] in ("key", "auth", "access_token") else match[1]
        found = judge(name, match[2])
        if found is not None:
            return match[1], found
    found = judge("", address)
    return None if found is None else ("the address", found)


def _looks_secret(value: str) -> bool:
    if len(value) < MIN_SECRET or " " in value or _PLAIN.fullmatch(value) is not None:
        return False
    return any(char.isdigit() for char in value) and any(char.isalpha() for char in value)


def _of_this_machine(value: str) -> bool:
    """Say whether all that looks secret is the password of a program on this very machine."""
    scheme, sign, rest = value.partition("://")
    host = rest.partition("/")[0].rpartition("@")[2]
    alone = sign and " " not in value and redact(rest.partition("/")[2]) == rest.partition("/")[2]
    return bool(alone) and REDACTED in redact(value) and is_this_machine(f"{scheme}://{host}")
