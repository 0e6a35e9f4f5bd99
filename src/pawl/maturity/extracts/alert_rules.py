"""Read alert rules: Prometheus and Loki rule files, Grafana provisioning, Datadog monitors.

A rule is kept with what makes it actionable: whether it pages, and the runbook it links. Rules in
templates that are no YAML before they are rendered are reported as unreadable, not as absent.
"""

import re
from collections.abc import Iterator
from typing import Any, Literal

import msgspec

from pawl.base.patterns import regex
from pawl.maturity.extract import Extract
from pawl.maturity.facts.tree import TreeFile
from pawl.parsing.own_files import is_own
from pawl.parsing.yaml_documents import (
    documents,
    entries,
    get,
    items,
    lines_by_name,
    text_of,
)

MAX_RULES = 500
MAX_TEXT = 300

_SUFFIXES = (".yml", ".yaml", ".json", ".rules")
_PATH_HINT = regex(r"alert|rule|monitor|prometheus|grafana|datadog|mimir|loki")
_TEXT_HINT = regex(r"\balert|PrometheusRule|annotations|\bquery\b")
_NAME = regex(r"\b(?:alert|title|name)[\"']?:[ \t]*[\"']?([^\"'\n]{1,300})")
_RUNBOOK_NAMES = (
    "runbook_url",
    "runbook",
    "runbookUrl",
    "runbook_link",
    "playbook",
    "playbook_url",
)
_LINK = regex(r"(?:https?://|\.{0,2}/)?[\w./@:%~+#?&=-]{3,300}")
_RUNBOOK_LINK = regex(
    r"(?i)(?:run-?book|play-?book)s?\W{1,10}(?:\w+\W{1,3}){0,3}?(https?://[^\s)\]}>\"']{4,300})"
    r"|(https?://[^\s)\]}>\"']{0,300}(?:run-?book|play-?book)[^\s)\]}>\"']{0,300})"
)
_PAGES = frozenset({"critical", "page", "pager", "sev1", "sev-1", "p1", "p0", "emergency", "high"})
_PAGING_TARGET = regex(r"@(?:pagerduty|opsgenie|victorops|splunk-oncall|oncall|webhook-page)")
_ALWAYS = regex(r"\s*(?:vector\(\s*1\s*\)|1\s*(?:==|>=?)\s*[01]|absent\(\s*vector\(0\)\s*\))\s*")


class AlertRule(msgspec.Struct, frozen=True, kw_only=True):
    """One alert rule. `runbook` is the address or path it links; None when it links none.

    `pages` is None when the rule does not tell whom it reaches. `always` marks a rule that fires
    always on purpose, such as a watchdog of the alerting itself.
    """

    name: str
    line: int | None = None
    runbook: str | None = None
    pages: bool | None = None
    always: bool = False
    has_condition: bool = True


class AlertRules(msgspec.Struct, frozen=True, kw_only=True):
    """The alert rules of one file; `problem` says what of it could not be read."""

    product: Literal["prometheus", "grafana", "datadog", "unknown"]
    rules: tuple[AlertRule, ...] = ()
    problem: str = ""


def wants(file: TreeFile) -> bool:
    """Say whether a file may hold alert rules, by its path."""
    path = file.path.lower()
    return path.endswith(_SUFFIXES) and _PATH_HINT.search(path) is not None and is_own(path)


def read(path: str, text: str) -> AlertRules | None:
    """Return the alert rules of a file, or None when it holds none."""
    if not _TEXT_HINT.search(text):
        return None
    found, problem = documents(text, place=path)
    lines = lines_by_name(text, _NAME)
    for reader in (_prometheus, _grafana, _datadog):
        rules = [rule for document in found for rule in reader(document, lines)]
        if rules:
            product = reader.__name__.removeprefix("_")
            return AlertRules(
                product=product,  # type: ignore[arg-type]
                rules=tuple(rules[:MAX_RULES]),
                problem=problem,
            )
    # Of a file that is no YAML only the first line of a rule tells that it was meant to be one.
    if problem and re.search(r"(?m)^\s*-?\s*alert:\s*\S", text):
        return AlertRules(product="unknown", problem=problem)
    return None


def _groups(document: Any) -> Iterator[Any]:
    """Yield the rules of every group of a rule file or custom resource."""
    below = document
    if text_of(get(document, "kind")) == "PrometheusRule":
        below = get(document, "spec")
    for group in items(get(below, "groups"), MAX_RULES):
        yield from items(get(group, "rules"), MAX_RULES)


def _prometheus(document: Any, lines: dict[str, int]) -> Iterator[AlertRule]:
    for rule in _groups(document):
        name = text_of(get(rule, "alert"))
        if not name:
            continue
        expression = text_of(get(rule, "expr"))
        severity = text_of(get(rule, "labels", "severity") or get(rule, "labels", "priority"))
        yield AlertRule(
            name=name[:MAX_TEXT],
            line=lines.get(name),
            runbook=_runbook(get(rule, "annotations")),
            pages=severity.lower() in _PAGES if severity else None,
            always=_ALWAYS.fullmatch(expression) is not None,
            has_condition=bool(expression),
        )


def _grafana(document: Any, lines: dict[str, int]) -> Iterator[AlertRule]:
    for rule in _groups(document):
        title = text_of(get(rule, "title"))
        if not title or get(rule, "data") is None:
            continue
        severity = text_of(get(rule, "labels", "severity"))
        yield AlertRule(
            name=title[:MAX_TEXT],
            line=lines.get(title),
            runbook=_runbook(get(rule, "annotations")),
            pages=severity.lower() in _PAGES if severity else None,
            has_condition=bool(items(get(rule, "data"), 1)),
        )


def _datadog(document: Any, lines: dict[str, int]) -> Iterator[AlertRule]:
    listed = document if isinstance(document, list) else get(document, "monitors") or [document]
    for monitor in items(listed, MAX_RULES):
        name, query = text_of(get(monitor, "name")), text_of(get(monitor, "query"))
        message = get(monitor, "message")
        if not name or not isinstance(message, str) or get(monitor, "type") is None:
            continue
        link = _RUNBOOK_LINK.search(message[:10_000])
        yield AlertRule(
            name=name[:MAX_TEXT],
            line=lines.get(name),
            runbook=(link[1] or link[2])[:MAX_TEXT] if link else None,
            pages=_PAGING_TARGET.search(message[:10_000]) is not None,
            has_condition=bool(query),
        )


def _runbook(annotations: Any) -> str | None:
    """Return the runbook that annotations link, in whatever field they do."""
    for name in _RUNBOOK_NAMES:
        value = text_of(get(annotations, name))
        if value and _LINK.match(value):
            return value[:MAX_TEXT]
    for _, value in entries(annotations, 30):
        link = _RUNBOOK_LINK.search(text_of(value)[:2000])
        if link:
            return (link[1] or link[2])[:MAX_TEXT]
    return None


EXTRACT = Extract(version=1, kind=AlertRules, wants=wants, read=read, suffixes=frozenset(_SUFFIXES))
