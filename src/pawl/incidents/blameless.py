"""Find sentences of a postmortem that put a failure on a person, not on a control."""

import re
from collections.abc import Iterable
from functools import cache
from importlib.resources import files
from typing import Literal

import msgspec

from pawl.base.loading import load_yaml
from pawl.incidents.postmortem import Content

_PEOPLE = (
    r"(?:he|she|they|you|him|her|them|his|their|your|who|somebody|someone|"
    r"(?:the |our |an? |one )?(?:\w+ )?(?:developer|engineer|operator|reviewer|author|admin|intern|"
    r"on-call|responder|commander|manager|colleague|employee|contractor|person|team)s?)"
)
_SENTENCE = re.compile(r"[^.!?\n]+")
MAX_NAMES = 1_000


class Rule(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A wording, and what to write instead."""

    id: str
    pattern: str
    hint: str


class Rules(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """All wordings."""

    schema: Literal["pawl.blaming/1"]
    version: str
    as_of: str
    rules: tuple[Rule, ...]
    sources: dict[str, str]


class Blame(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A sentence that blames. `field` is where it stands, `words` are what it is found by."""

    field: str
    rule: str
    words: str
    sentence: str
    hint: str


def blaming(content: Content, names: Iterable[str] = ()) -> tuple[Blame, ...]:
    """Return every sentence of a postmortem that blames somebody.

    `names` are of people, such as their roster ids. To say that somebody did something is no blame.
    """
    who = _who(tuple(sorted({each.lower() for each in names if each.strip()}))[:MAX_NAMES])
    found = []
    for field in ("summary", "impact", "what_happened", "lucky", "failed_control"):
        for sentence in _SENTENCE.findall(getattr(content, field)):
            found += _of_sentence(field, sentence.strip(), who)
    return tuple(found)


@cache
def shipped_rules() -> Rules:
    """Return the wordings that come with Pawl."""
    text = files("pawl.incidents").joinpath("blaming.yaml").read_text(encoding="utf-8")
    return load_yaml(text, Rules, place="blaming.yaml")


def _of_sentence(field: str, sentence: str, who: str) -> list[Blame]:
    lowered = sentence.lower().replace("\N{RIGHT SINGLE QUOTATION MARK}", "'")
    found = []
    for rule, pattern in _patterns(who):
        hit = pattern.search(lowered)
        if hit:
            found.append(
                Blame(
                    field=field,
                    rule=rule.id,
                    words=hit.group(),
                    sentence=sentence[:500],
                    hint=rule.hint,
                )
            )
    return found


def _who(names: tuple[str, ...]) -> str:
    own = "|".join(re.escape(each) for each in names)
    return f"(?:{own}|{_PEOPLE})" if own else _PEOPLE


@cache
def _patterns(who: str) -> tuple[tuple[Rule, re.Pattern[str]], ...]:
    return tuple(
        (rule, re.compile(rule.pattern.replace("{who}", who))) for rule in shipped_rules().rules
    )
