"""What is read out of files of alert rules."""

import json

from hypothesis import given
from hypothesis import strategies as st

from pawl.maturity.extracts.alert_rules import EXTRACT, AlertRules, read
from pawl.maturity.facts.tree import TreeFile

PROMETHEUS = """
groups:
  - name: pay
    rules:
      - record: pay:errors
        expr: sum(rate(x[5m]))
      - alert: PaymentsDown
        expr: up{job="pay"} == 0
        for: 5m
        labels: {severity: page}
        annotations:
          runbook_url: docs/runbooks/pay.md
      - alert: Watchdog
        expr: vector(1)
"""


def _rules(path: str, text: str) -> AlertRules:
    found = read(path, text)
    assert found is not None
    return found


def test_prometheus_rules_give_runbook_pager_and_line() -> None:
    """A rule's runbook link, whether it pages, and its line are read; recording rules are none."""
    found = _rules("alerts/pay.yml", PROMETHEUS)
    assert found.product == "prometheus"
    first, second = found.rules
    assert (first.name, first.line, first.runbook, first.pages) == (
        "PaymentsDown", 7, "docs/runbooks/pay.md", True
    )  # fmt: skip
    assert second.always
    assert second.runbook is None


def test_a_custom_resource_among_others_is_read() -> None:
    """A PrometheusRule in a file of several documents is found."""
    body = "\n".join("  " + line for line in PROMETHEUS.strip().splitlines())
    text = f"kind: Namespace\n---\nkind: PrometheusRule\nspec:\n{body}\n"
    assert len(_rules("k8s/alerts.yaml", text).rules) == 2


def test_grafana_provisioning_is_read() -> None:
    """A Grafana rule is found by its title and data."""
    text = json.dumps(
        {
            "apiVersion": 1,
            "groups": [
                {
                    "rules": [
                        {
                            "title": "Slow",
                            "data": [{"refId": "A"}],
                            "labels": {"severity": "warning"},
                            "annotations": {"description": "Runbook: https://x.example/r/slow"},
                        }
                    ]
                }
            ],
        }
    )
    rule = _rules("grafana/alerting.json", text).rules[0]
    assert (rule.name, rule.pages, rule.runbook) == ("Slow", False, "https://x.example/r/slow")


def test_datadog_monitors_are_read() -> None:
    """A monitor links its runbook in its message, where it also names the pager."""
    text = json.dumps(
        {
            "name": "Queue",
            "type": "metric alert",
            "query": "avg(last_5m):sum:q > 5",
            "message": "See the [runbook](https://wiki.example/q) @pagerduty-ops",
        }
    )
    rule = _rules("datadog/monitors/queue.json", text).rules[0]
    assert (rule.runbook, rule.pages) == ("https://wiki.example/q", True)


def test_a_template_is_unreadable_and_not_empty() -> None:
    """Rules that are no YAML before they are rendered are told of as a problem."""
    text = "{{- if .Values.alerts }}\ngroups:\n- rules:\n  - alert: {{ .Name }}\n{{- end }}\n"
    assert _rules("charts/alerts.yaml", text).problem


def test_other_files_hold_no_rules() -> None:
    """Rules of a linter are no alert rules."""
    assert read("lint/rules.yml", "rules:\n  - no-console\n") is None
    assert EXTRACT.wants(TreeFile("alerts/pay.yml", 9, "a"))
    assert not EXTRACT.wants(TreeFile("src/alerts.py", 9, "a"))


@given(st.text(max_size=300) | st.text(alphabet="groups:rules-alert{}[]&*<\n \"'!|>", max_size=300))
def test_any_text_is_read_without_a_failure(text: str) -> None:
    """Odd content is none or a problem, never an exception."""
    for wrapped in (text, f"groups:\n- rules:\n  - alert: {text}\n    expr: x\n"):
        assert isinstance(read("alerts.yml", wrapped), AlertRules | None)
