"""A skill's page is longer than one is advised to be.

Bad: a SKILL.md of 1,200 lines. All of it enters the context as soon as the skill is used, and stays
there. The specification advises less than 500 lines and less than 5,000 tokens, here taken as four
characters each.

Instead: keep the way through the task, and move details into files of the folder that the page
names, which are read when they are needed.
"""

from collections.abc import Iterator

from pawl.assets.asset import Kind
from pawl.assets.assets import Assets
from pawl.assets.rule import Hit, Rule
from pawl.base.finding import Confidence, Severity

MAX_LINES = 500
MAX_TOKENS = 5000
CHARACTERS_A_TOKEN = 4


def _check(assets: Assets) -> Iterator[Hit]:
    for page in assets.skills:
        body = page.body.strip()
        lines, tokens = body.count("\n") + 1, len(body) // CHARACTERS_A_TOKEN
        if lines > MAX_LINES:
            message = f"It has {lines:,} lines; less than {MAX_LINES} are advised."
        elif tokens > MAX_TOKENS:
            message = f"It has some {tokens:,} tokens; less than {MAX_TOKENS:,} are advised."
        else:
            continue
        yield Hit(path=page.path, line=page.front.body_line, message=message, subject="length")


RULE = Rule(
    title="A skill's page is longer than advised",
    severity=Severity.MEDIUM,
    confidence=Confidence.MEDIUM,
    kinds=frozenset({Kind.SKILL}),
    check=_check,
    source="https://agentskills.io/specification",
    as_of="2026-11-21",
    hint="Move details into files of its folder that the page names.",
)
