"""A template of an investigation names no tools, or some that do more than read.

Bad: a template without `tools`, or with `tools: [Read, Bash]`. What it may use is then whatever
the agent brings, and an incident is no time to find out.

Instead: `tools: [Read, Grep, Glob]` in the front matter: an investigator reads.
"""

from collections.abc import Iterator

from pawl.assets.asset import Kind
from pawl.assets.assets import Assets
from pawl.assets.rule import Hit, Rule
from pawl.assets.templates import lacking
from pawl.base.finding import Confidence, Severity


def _check(assets: Assets) -> Iterator[Hit]:
    yield from lacking(assets, "tools")


RULE = Rule(
    title="An agent that investigates may take any tool",
    severity=Severity.HIGH,
    confidence=Confidence.HIGH,
    kinds=frozenset({Kind.TEMPLATE}),
    check=_check,
    source="https://genai.owasp.org/llmrisk/llm062025-excessive-agency/",
    as_of="2026-11-22",
    hint="Write `tools: [Read, Grep, Glob]`.",
)
