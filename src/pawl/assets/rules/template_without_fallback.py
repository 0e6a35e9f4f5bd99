"""A template of an investigation does not say what holds without an answer.

Bad: a template that relies on its tools. When one is missing or the agent gives nonsense, people
wait for what does not come.

Instead: `fallback: offline` in the front matter: what was found without a model stands.
"""

from collections.abc import Iterator

from pawl.assets.asset import Kind
from pawl.assets.assets import Assets
from pawl.assets.rule import Hit, Rule
from pawl.assets.templates import lacking
from pawl.base.finding import Confidence, Severity


def _check(assets: Assets) -> Iterator[Hit]:
    yield from lacking(assets, "fallback")


RULE = Rule(
    title="A template does not say what holds without an answer",
    severity=Severity.MEDIUM,
    confidence=Confidence.HIGH,
    kinds=frozenset({Kind.TEMPLATE}),
    check=_check,
    source="https://genai.owasp.org/llmrisk/llm092025-misinformation/",
    as_of="2026-11-22",
    hint="Write `fallback: offline`.",
)
