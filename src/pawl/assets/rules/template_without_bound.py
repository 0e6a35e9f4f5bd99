"""A template of an investigation hands over evidence without an end.

Bad: a template without `max_evidence` and `max_characters`. A hundred thousand lines of a log
cost much and drown what matters.

Instead: `max_evidence: 60` and `max_characters: 60000` in the front matter.
"""

from collections.abc import Iterator

from pawl.assets.asset import Kind
from pawl.assets.assets import Assets
from pawl.assets.rule import Hit, Rule
from pawl.assets.templates import lacking
from pawl.base.finding import Confidence, Severity


def _check(assets: Assets) -> Iterator[Hit]:
    yield from lacking(assets, "bound")


RULE = Rule(
    title="A template hands over evidence without an end",
    severity=Severity.MEDIUM,
    confidence=Confidence.HIGH,
    kinds=frozenset({Kind.TEMPLATE}),
    check=_check,
    source="https://genai.owasp.org/llmrisk/llm102025-unbounded-consumption/",
    as_of="2026-11-22",
    hint="Write `max_evidence: 60` and `max_characters: 60000`.",
)
