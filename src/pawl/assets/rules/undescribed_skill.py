"""A skill has no description.

Bad: front matter with a name alone. The description is all that the model sees of a skill until it
is used: without one it never is. Claude Code leaves such a skill out of the list that the model
gets, in silence.

Instead: say in a sentence or two what it does and when to use it. A skill that only people call
(`disable-model-invocation: true`) needs none.
"""

from collections.abc import Iterator

from pawl.assets.asset import Kind
from pawl.assets.assets import Assets
from pawl.assets.profiles import is_read
from pawl.assets.rule import Hit, Rule
from pawl.base.finding import Confidence, Severity


def _check(assets: Assets) -> Iterator[Hit]:
    for page in assets.skills:
        values = page.front.values
        if not is_read(page) or values.get("disable-model-invocation") is True:
            continue
        said = values.get("description")
        if not isinstance(said, str | int | float) or not str(said).strip():
            given = "no description" if said is None or isinstance(said, str) else "one of no text"
            yield Hit(
                path=page.path,
                line=page.front.line("description"),
                message=f"The skill has {given}, so that the model is never told of it.",
                subject="description",
            )


RULE = Rule(
    title="A skill has no description",
    severity=Severity.HIGH,
    confidence=Confidence.HIGH,
    kinds=frozenset({Kind.SKILL}),
    check=_check,
    source="observed with Claude Code 2.1.329",
    as_of="2026-11-21",
    hint="Say what it does and when to use it.",
)
