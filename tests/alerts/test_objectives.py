"""OpenSLO files: what can be measured here, what is measured elsewhere, what is refused."""

import pytest

from pawl.alerts.objectives import Objective, read_objectives
from pawl.base.errors import BadFile

RATIO = """
apiVersion: openslo/v1
kind: SLI
metadata: {name: tools}
spec: {ratioMetric: {good: {metricSource: {type: pawl, spec: {indicator: tool-success}}}}}
---
apiVersion: openslo/v1
kind: SLO
metadata: {name: tools-work}
spec:
  service: shop
  indicatorRef: tools
  timeWindow: [{duration: 4w, isRolling: true}]
  objectives: [{target: 0.95}, {targetPercent: 99.0}]
"""


def slo(source: str, *, target: str = "0.9", window: str = "[{duration: 28d}]") -> str:
    """Return a file with one objective measured by a metric source."""
    return f"""
apiVersion: openslo/v1
kind: SLO
metadata: {{name: one}}
spec:
  indicator: {{spec: {{thresholdMetric: {{metricSource: {source}}}}}}}
  timeWindow: {window}
  objectives: [{{target: {target}}}]
"""


def test_an_objective_finds_its_indicator_by_reference() -> None:
    """Documents of one file refer to one another; each target is an objective of its own."""
    found = read_objectives(RATIO, place="slo.yaml")
    assert found == (
        Objective(
            name="tools-work", service="shop", target=0.95, window_s=28 * 86_400.0,
            indicator="tool-success",
        ),
        Objective(
            name="tools-work-2", service="shop", target=0.99, window_s=28 * 86_400.0,
            indicator="tool-success",
        ),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("{type: Prometheus, spec: {query: up}}", "measured by Prometheus"),
        ("{type: pawl, spec: {indicator: mood}}", "no indicator is called 'mood'"),
        ("{type: pawl, spec: {indicator: request-latency}}", "needs threshold_ms"),
        ("{type: pawl, spec: {indicator: request-latency, threshold_ms: true}}", "threshold_ms"),
        ("5", "nothing named"),
    ],
)
def test_what_cannot_be_measured_here_says_why(source: str, words: str) -> None:
    """An objective of another tool is kept, visibly without data."""
    (found,) = read_objectives(slo(source), place="slo.yaml")
    assert found.indicator == ""
    assert words in found.problem


@pytest.mark.parametrize("target", ["1", "0", "100", "true", "many", "-0.5"])
def test_a_target_without_a_budget_is_refused(target: str) -> None:
    """Burning needs a budget: the target is between 0 and 1."""
    with pytest.raises(BadFile, match="between 0 and 1"):
        read_objectives(slo("{type: pawl}", target=target), place="slo.yaml")


@pytest.mark.parametrize(
    ("window", "days"),
    [("[{duration: 7d}]", 7), ("[{unit: Day, count: 30}]", 30), ("[]", 28), ("null", 28)],
)
def test_windows_are_read_in_both_ways(window: str, days: int) -> None:
    """OpenSLO's two versions write windows differently; without one it is four weeks."""
    (found,) = read_objectives(slo("{type: pawl}", window=window), place="slo.yaml")
    assert found.window_s == days * 86_400


@pytest.mark.parametrize(
    "text",
    [slo("{type: pawl}", window="[{duration: soon}]"), "a: [", "&a [*a, *a]", "[" * 500],
)
def test_hostile_or_broken_files_are_refused(text: str) -> None:
    """No alias bombs, no depth, no windows that mean nothing."""
    with pytest.raises(BadFile):
        read_objectives(text, place="slo.yaml")


def test_other_documents_are_passed_over() -> None:
    """A file of services, or of another tool, holds no objectives."""
    assert read_objectives("kind: Service\n---\n- 1\n---\n5\n", place="x.yaml") == ()
