"""A template of an investigation has no one place for the evidence.

Bad: a template without `{evidence}`, or with two of them. Only what stands in that place is
fenced off from the instructions; whoever writes a log line would write to the agent.

Instead: `{evidence}` once, on a line of its own.
"""

from collections.abc import Iterator

from pawl.assets.asset import Kind
from pawl.assets.assets import Assets
from pawl.assets.rule import Hit, Rule
from pawl.assets.templates import lacking
from pawl.base.finding import Confidence, Severity


def _check(assets: Assets) -> Iterator[Hit]:
    yield from lacking(assets, "fence")


RULE = Rule(
    title="A template has no one place for the evidence",
    severity=Severity.HIGH,
    confidence=Confidence.HIGH,
    kinds=frozenset({Kind.TEMPLATE}),
    check=_check,
    source="https://genai.owasp.org/llmrisk/llm01-prompt-injection/",
    as_of="2026-11-22",
    hint="Write `{evidence}` once.",
)
