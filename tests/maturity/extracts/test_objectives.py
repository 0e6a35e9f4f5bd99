"""What is read out of files of service level objectives."""

from hypothesis import given
from hypothesis import strategies as st

from pawl.maturity.extracts.objectives import Objectives, read

OPENSLO = """
apiVersion: openslo/v1
kind: SLO
metadata:
  name: availability
  labels: {team: payments}
spec:
  service: pay
  indicator:
    spec:
      ratioMetric:
        good:
          metricSource: {type: Prometheus, spec: {query: 'sum(rate(ok[5m]))'}}
  timeWindow:
    - {duration: 28d, isRolling: true}
  objectives:
    - {target: 0.999}
"""
SLOTH = """
version: "prometheus/v1"
service: pay
labels: {owner: payments}
slos:
  - name: availability
    objective: 99.9
    sli:
      events:
        error_query: sum(rate(bad[{{.window}}]))
        total_query: sum(rate(all[{{.window}}]))
"""
PYRRA = """
apiVersion: pyrra.dev/v1alpha1
kind: ServiceLevelObjective
metadata: {name: pay-availability, labels: {pyrra.dev/team: payments}}
spec:
  target: "99"
  window: 2w
  indicator: {ratio: {errors: {metric: 'bad{job="pay"}'}, total: {metric: all}}}
"""
PLAIN = """
slos:
  - {name: latency, service: pay, objective: "99.5%", query: hist, window: 30d, owner: payments}
"""


def _only(text: str) -> tuple[str, object]:
    found = read("slo.yaml", text)
    assert found is not None
    assert len(found.objectives) == 1
    return found.product, found.objectives[0]


def test_each_dialect_gives_target_query_window_and_owner() -> None:
    """OpenSLO, Sloth, Pyrra and a plain list say the same four things."""
    for text, product, target, window in (
        (OPENSLO, "openslo", 0.999, "28d"),
        (SLOTH, "sloth", 0.999, "30d"),
        (PYRRA, "pyrra", 0.99, "2w"),
        (PLAIN, "plain", 0.995, "30d"),
    ):
        found = read("slo.yaml", text)
        assert found is not None
        (only,) = found.objectives
        assert (found.product, only.target, only.window) == (product, target, window)
        assert only.owner == "payments"
        assert only.query
        assert only.line


def test_what_is_missing_stays_empty() -> None:
    """An objective without a query, window or owner is read as such."""
    found = read("slo.yaml", "slos:\n- name: up\n  target: 100\n")
    assert found is not None
    (only,) = found.objectives
    assert (only.target, only.query, only.window, only.owner) == (1.0, "", "", "")


def test_an_empty_list_is_a_file_without_objectives() -> None:
    """An empty list was meant as objectives; a file about something else was not."""
    assert read("slo.yaml", "slos: []\n") == Objectives(product="plain")
    assert read("slo.yaml", "colours: [red]\n") is None


def test_a_broken_file_says_so() -> None:
    """What is no YAML is a problem, and no objective."""
    found = read("slo.yaml", "slos: [unclosed\n")
    assert found is not None
    assert found.problem


@given(
    st.text(max_size=300)
    | st.recursive(
        st.none() | st.booleans() | st.floats() | st.text(max_size=8),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(st.sampled_from(["sli", "target", "query", "x"]), inner, max_size=3)
        ),
        max_leaves=6,
    ).map(lambda value: f"slos: [{value!r}]")
)
def test_any_text_is_read_without_a_failure(text: str) -> None:
    """Odd content is none or a problem, never an exception."""
    for wrapped in (text, "apiVersion: openslo/v1\nkind: SLO\nspec: " + text):
        found = read("slo.yaml", wrapped)
        assert found is None or all(
            each.target is None or isinstance(each.target, float) for each in found.objectives
        )
