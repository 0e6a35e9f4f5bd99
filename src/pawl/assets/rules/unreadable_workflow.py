"""A pipeline that runs an agent cannot be read, so that the code host does not run it.

Bad: a tab for indentation, a bracket that is not closed, a value with a colon that is not quoted.
The code host shows one line in a list of runs and starts nothing: a review that everybody counts
on does not happen, and no rule says anything of the file.

Instead: mend the line named.
"""

from collections.abc import Iterator

from pawl.assets.asset import Kind
from pawl.assets.assets import Assets
from pawl.assets.rule import Hit, Rule
from pawl.base.finding import Confidence, Severity


def _check(assets: Assets) -> Iterator[Hit]:
    for flow in assets.agent_flows:
        if flow.problem:
            yield Hit(
                path=flow.path,
                line=flow.problem_line,
                message=f"It cannot be read: {flow.problem}",
                subject="unreadable",
            )


RULE = Rule(
    title="A pipeline with an agent cannot be read",
    severity=Severity.HIGH,
    confidence=Confidence.HIGH,
    kinds=frozenset({Kind.WORKFLOW}),
    check=_check,
    source="https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax",
    as_of="2026-11-21",
    hint="Mend the line named.",
)
