"""A skill's description is longer than products read.

Bad: a description of 2,000 characters. The open specification allows 1,024, and products that keep
to it refuse the skill. Claude Code cuts the description together with `when_to_use` at 1,536
characters: the cue that stands behind that never triggers.

Instead: begin with what it does and when to use it, and move the rest into the body.
"""

from collections.abc import Iterator

from pawl.assets.asset import Kind
from pawl.assets.assets import Assets
from pawl.assets.profiles import is_open, is_read
from pawl.assets.rule import Hit, Rule
from pawl.base.finding import Confidence, Severity

MAX_SPECIFIED = 1024
MAX_SHOWN = 1536


def _check(assets: Assets) -> Iterator[Hit]:
    for page in assets.skills:
        if not is_read(page):
            continue
        own = len(page.front.text("description").strip())
        whole = own + len(page.front.text("when_to_use").strip())
        if is_open(page) and own > MAX_SPECIFIED:
            message = f"The description has {own:,} characters, and {MAX_SPECIFIED:,} are allowed."
        elif not is_open(page) and whole > MAX_SHOWN:
            message = f"Of its {whole:,} characters the model is shown {MAX_SHOWN:,}."
        else:
            continue
        yield Hit(
            path=page.path,
            line=page.front.line("description"),
            message=message,
            subject="description",
            severity=None if is_open(page) else Severity.MEDIUM,
        )


RULE = Rule(
    title="A skill's description is longer than products read",
    severity=Severity.HIGH,
    confidence=Confidence.HIGH,
    kinds=frozenset({Kind.SKILL}),
    check=_check,
    source="https://code.claude.com/docs/en/skills",
    as_of="2026-11-21",
    hint="Begin with what it does and when to use it, and move the rest into the body.",
)
