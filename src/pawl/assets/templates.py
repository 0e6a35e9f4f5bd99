"""Templates of what an agent that investigates is asked, and what each of them must say.

One lint rule tells of each part; a template that lacks one is not used either.
"""

from collections.abc import Iterator

from pawl.assets.assets import Assets
from pawl.assets.pages import Page, listed
from pawl.assets.rule import Hit

ANSWER = "pawl.investigation-answer/1"
"""The one form of an answer that is read."""
FALLBACKS = ("offline",)
MAX_CHARACTERS = 200_000
READING = frozenset({"Read", "Grep", "Glob", "LS"})
"""Tools that change nothing; no template may name others."""


def missing(page: Page) -> dict[str, str]:
    """Return what a template lacks: the name of the part, and a sentence about it."""
    values = page.front.values
    found: dict[str, str] = {}
    tools = listed(values.get("tools"))
    if not tools:
        found["tools"] = "It names no tools, so an agent takes what it finds."
    elif not READING.issuperset(tools):
        others = ", ".join(sorted(set(tools) - READING))[:200]
        found["tools"] = f"It names tools that do more than read: {others}."
    if values.get("output") != ANSWER:
        found["output"] = f"It does not say that the answer is of the form {ANSWER}."
    if values.get("fallback") not in FALLBACKS:
        found["fallback"] = "It does not say what holds when the agent gives no answer."
    for name, most in (("max_evidence", 1_000), ("max_characters", MAX_CHARACTERS)):
        bound = values.get(name)
        if not isinstance(bound, int) or isinstance(bound, bool) or not 0 < bound <= most:
            found["bound"] = (
                f"It has no {name} from 1 to {most:,}, so what it hands over has no end."
            )
    if page.body.count("{evidence}") != 1:
        found["fence"] = "It does not hold {evidence} once: only what stands there is fenced."
    return found


def lacking(assets: Assets, part: str) -> Iterator[Hit]:
    """Yield a hit for each template that lacks a part."""
    for page in assets.templates:
        message = missing(page).get(part)
        if message is not None:
            yield Hit(path=page.path, line=1, message=message, subject=part)
