"""A template of an investigation does not say of what form the answer is.

Bad: a template that ends with "tell me what is wrong". Prose cannot be checked: which of it
stands on evidence nobody can tell.

Instead: `output: pawl.investigation-answer/1` in the front matter, and the form in the text.
"""

from collections.abc import Iterator

from pawl.assets.asset import Kind
from pawl.assets.assets import Assets
from pawl.assets.rule import Hit, Rule
from pawl.assets.templates import lacking
from pawl.base.finding import Confidence, Severity


def _check(assets: Assets) -> Iterator[Hit]:
    yield from lacking(assets, "output")


RULE = Rule(
    title="A template does not say what an answer looks like",
    severity=Severity.MEDIUM,
    confidence=Confidence.HIGH,
    kinds=frozenset({Kind.TEMPLATE}),
    check=_check,
    source="https://genai.owasp.org/llmrisk/llm092025-misinformation/",
    as_of="2026-11-22",
    hint="Write `output: pawl.investigation-answer/1`.",
)
