"""A skill's description does not say when to use it.

Bad: `description: PDF tools` of the skill `pdf-tools`. The model chooses by the description alone;
one that says only what the name says is chosen by chance.

Instead: "Fills in and merges PDF forms. Use when a task names a PDF form." This is an opinion: a
description may say when in other words than this rule knows, or in another language.
"""

from collections.abc import Iterator

from pawl.assets.asset import Kind
from pawl.assets.assets import Assets
from pawl.assets.pages import Page
from pawl.assets.profiles import is_read
from pawl.assets.rule import Hit, Rule
from pawl.base.finding import Confidence, Severity
from pawl.base.patterns import regex

_CUE = regex(
    r"(?i)\b(?:when|whenever|use (?:this|it|for|to|if|after|before)|used (?:for|to|when)|trigger"
    r"|invoke|before|after|if (?:the|a|you)|asks?|asked|for (?:any|all|tasks?|working)|during"
    r"|should be used|must be used|proactively|helps? (?:with|to))"
)
_WORD = regex(r"[a-z0-9]{2,40}")
_EMPTY = frozenset({"skill", "the", "for", "and", "tool", "tools", "helper", "with", "of", "this"})


def _check(assets: Assets) -> Iterator[Hit]:
    for page in assets.skills:
        text = page.front.text("description").strip()
        hidden = page.front.values.get("disable-model-invocation") is True
        if not is_read(page) or not text or hidden or not text.isascii():
            continue
        if page.front.text("when_to_use").strip():
            continue
        if _repeats(page, text):
            message = "The description says no more than the name."
        elif _CUE.search(text[:2000]) is None:
            message = "The description does not say when to use the skill."
        else:
            continue
        yield Hit(
            path=page.path,
            line=page.front.line("description"),
            message=message,
            subject="description",
        )


def _repeats(page: Page, text: str) -> bool:
    said = set(_WORD.findall(text[:2000].lower())) - _EMPTY
    return said <= set(_WORD.findall(page.name[:200].lower()))


RULE = Rule(
    title="A skill's description does not say when to use it",
    severity=Severity.LOW,
    confidence=Confidence.LOW,
    kinds=frozenset({Kind.SKILL}),
    check=_check,
    source="https://agentskills.io/specification",
    as_of="2026-11-21",
    hint="Add when to use it: what a task says or holds that asks for it.",
    opinion=True,
)
