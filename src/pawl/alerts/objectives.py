"""Read service level objectives out of OpenSLO files, as far as telemetry of agents can measure.

OpenSLO leaves it to the file how an indicator is measured. An indicator of ours names one of
`INDICATORS` in a metric source of the type `pawl`; an objective that is measured elsewhere (a
Prometheus query, say) is kept with the reason why it cannot be looked at here.

    apiVersion: openslo/v1
    kind: SLO
    metadata: {name: runs-succeed}
    spec:
      service: shop
      indicator:
        metadata: {name: run-success}
        spec:
          ratioMetric:
            good: {metricSource: {type: pawl, spec: {indicator: run-success, project: shop}}}
      timeWindow: [{duration: 28d, isRolling: true}]
      objectives: [{target: 0.95}]
"""

from typing import Any

import msgspec

from pawl.base.durations import parse_duration
from pawl.base.errors import BadFile, BadValue
from pawl.base.yaml_text import parse_yaml

INDICATORS = ("run-success", "request-success", "tool-success", "request-latency")
"""What can be measured: good of all runs, requests, tool calls; requests within `threshold_ms`."""

_MOST = 100
_NAME = 200
_UNITS = {"minute": "m", "hour": "h", "day": "d", "week": "w"}
_WINDOW_S = 28 * 86_400.0


class Objective(msgspec.Struct, frozen=True, kw_only=True):
    """One promise: `target` of all events are good over `window_s`. `problem` says why it is not
    measured here; then `indicator` is empty."""

    name: str
    service: str
    target: float
    window_s: float
    indicator: str = ""
    project: str | None = None
    threshold_ms: float | None = None
    problem: str = ""


def read_objectives(text: str, *, place: str) -> tuple[Objective, ...]:
    """Return the objectives of one file of OpenSLO documents; other kinds are passed over.

    Raises BadFile for text that is no YAML, and for an SLO without a target between 0 and 1.
    """
    found: list[Objective] = []
    indicators: dict[str, Any] = {}
    documents = [parse_yaml(part, place=place) for part in _documents(text)]
    for document in documents:
        if _get(document, "kind") == "SLI":
            indicators[_text(_get(document, "metadata", "name"))] = document
    for document in documents:
        version = _text(_get(document, "apiVersion"))
        if version.startswith("openslo/") and _get(document, "kind") == "SLO":
            found += _objectives(document, indicators, place)
    if len(found) > _MOST:
        raise BadFile(f"holds {len(found)} objectives; {_MOST} are read.", place=place)
    return tuple(found)


def budget_left(target: float, good: int, bad: int) -> float | None:
    """Return the share of an objective's error budget that is left, below zero when overdrawn.

    None of nothing: `1 - bad / ((1 - target) * all)` is not defined without events.
    """
    allowed = (1 - target) * (good + bad)
    return 1 - bad / allowed if allowed > 0 else None


def _documents(text: str) -> list[str]:
    parts: list[list[str]] = [[]]
    for line in text.splitlines():
        if line.rstrip() == "---":
            parts.append([])
        else:
            parts[-1].append(line)
    return [part for lines in parts if (part := "\n".join(lines)).strip()]


def _objectives(document: Any, indicators: dict[str, Any], place: str) -> list[Objective]:
    spec = _get(document, "spec")
    name = _text(_get(document, "metadata", "name")) or "unnamed"
    indicator = _get(spec, "indicator") or indicators.get(_text(_get(spec, "indicatorRef")))
    source = _source(indicator)
    window_s = _window(spec, place)
    found = []
    targets = _get(spec, "objectives")
    for number, each in enumerate(targets if isinstance(targets, list) else []):
        target = _get(each, "target")
        percent = _get(each, "targetPercent")
        if target is None and isinstance(percent, int | float):
            target = percent / 100
        if isinstance(target, bool) or not isinstance(target, int | float) or not 0 < target < 1:
            raise BadFile(
                f"objective {name} has no target between 0 and 1.",
                place=place,
                hint="Write a share such as 0.95; a target of 1 leaves no budget.",
            )
        plain = name if number == 0 else f"{name}-{number + 1}"
        found.append(
            Objective(
                name=plain,
                service=_text(_get(spec, "service")),
                target=float(target),
                window_s=window_s,
                **_measured(source),
            )
        )
    return found


def _source(indicator: Any) -> Any:
    """Return the metric source that tells what is good, wherever the indicator keeps it."""
    spec = _get(indicator, "spec")
    ratio = _get(spec, "ratioMetric")
    for metric in (_get(ratio, "good"), _get(ratio, "bad"), ratio, _get(spec, "thresholdMetric")):
        source = _get(metric, "metricSource")
        if source is not None:
            return source
    return None


def _measured(source: Any) -> dict[str, Any]:
    kind = _text(_get(source, "type"))
    if kind.lower() != "pawl":
        return {"problem": f"it is measured by {kind or 'nothing named'}, which is not seen here"}
    spec = _get(source, "spec")
    indicator = _text(_get(spec, "indicator"))
    if indicator not in INDICATORS:
        return {
            "problem": f"no indicator is called {indicator!r}; there are {', '.join(INDICATORS)}"
        }
    threshold = _get(spec, "threshold_ms")
    if indicator == "request-latency" and not _is_positive(threshold):
        return {"problem": "request-latency needs threshold_ms"}
    return {
        "indicator": indicator,
        "project": _text(_get(spec, "project")) or None,
        "threshold_ms": float(threshold) if _is_positive(threshold) else None,
    }


def _is_positive(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and value > 0


def _window(spec: Any, place: str) -> float:
    windows = _get(spec, "timeWindow") or _get(spec, "timeWindows")
    first = windows[0] if isinstance(windows, list) and windows else windows
    text = _text(_get(first, "duration"))
    if not text and _get(first, "unit") is not None:
        unit = _UNITS.get(_text(_get(first, "unit")).lower().rstrip("s"), "")
        text = f"{_get(first, 'count')}{unit}"
    if not text:
        return _WINDOW_S
    try:
        return parse_duration(text, place=place)
    except BadValue as error:
        raise BadFile(
            f"{text!r} is not a window.", place=place, hint="Write one such as 28d."
        ) from error


def _get(value: Any, *names: str) -> Any:
    for name in names:
        value = value.get(name) if isinstance(value, dict) else None
    return value


def _text(value: Any) -> str:
    return value[:_NAME] if isinstance(value, str) else ""
