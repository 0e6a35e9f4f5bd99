"""Read service level objectives: OpenSLO, Sloth, Pyrra, and plain lists of objectives.

Each objective is kept with the four things that make it one: a target, a query that measures it,
a window and an owner. What is missing stays empty; judging is not done here.
"""

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

MAX_OBJECTIVES = 300
MAX_TEXT = 300
SLOTH_WINDOW = "30d"
"""The window Sloth computes with unless told otherwise; its files name none."""

_PATH_HINT = regex(r"slo(?:s|_|-|\.|/|$)|objective|sloth|pyrra|reliab|service-?level")
_NAME = regex(
    r"(?m)(?:\bname[\"']?:[ \t]*|^[ \t]{1,8}(?=[\w\"'.-]{1,100}:[ \t]*$))[\"']?([\w .-]{1,200})"
)
_QUERY_NAMES = (
    "query", "sli", "indicator", "metric", "expr", "expression", "good_query", "error_query",
    "error_ratio_query", "total_query", "numerator", "promql",
)  # fmt: skip
_OWNER_NAMES = ("owner", "team", "pyrra.dev/team", "owners", "squad", "contact")
_WINDOW_NAMES = ("window", "period", "time_window", "timeWindow", "rolling")
_TARGET_NAMES = ("objective", "target", "goal", "slo", "targetPercent", "target_percent")


class ObjectiveRule(msgspec.Struct, frozen=True, kw_only=True):
    """One declared objective. `target` is a share from 0 to 1, None when none is readable."""

    service: str
    name: str
    target: float | None = None
    query: str = ""
    window: str = ""
    owner: str = ""
    line: int | None = None


class Objectives(msgspec.Struct, frozen=True, kw_only=True):
    """The objectives of one file; `problem` says what of it could not be read."""

    product: Literal["openslo", "sloth", "pyrra", "plain"]
    objectives: tuple[ObjectiveRule, ...] = ()
    problem: str = ""


def wants(file: TreeFile) -> bool:
    """Say whether a file may hold objectives, by its path."""
    path = file.path.lower()
    if not path.endswith((".yml", ".yaml", ".json")) or _PATH_HINT.search(path) is None:
        return False
    return is_own(path)


def read(path: str, text: str) -> Objectives | None:
    """Return the objectives of a file, or None when it holds none.

    A list of objectives that is empty is a file of objectives with none in it.
    """
    found, problem = documents(text, place=path)
    lines = lines_by_name(text, _NAME)
    product: Literal["openslo", "sloth", "pyrra", "plain"] = "plain"
    objectives: list[ObjectiveRule] = []
    meant = False
    for document in found:
        for name, reader in _READERS.items():
            told = reader(document)
            if told is not None:
                product, meant = name, True  # type: ignore[assignment]
                objectives.extend(_placed(each, lines) for each in told)
                break
    if not meant:
        return Objectives(product="plain", problem=problem) if problem else None
    return Objectives(
        product=product, objectives=tuple(objectives[:MAX_OBJECTIVES]), problem=problem
    )


def _openslo(document: Any) -> Iterator[ObjectiveRule] | None:
    if not text_of(get(document, "apiVersion")).startswith(("openslo", "n9/")):
        return None
    return _openslo_objectives(document) if get(document, "kind") == "SLO" else iter(())


def _openslo_objectives(document: Any) -> Iterator[ObjectiveRule]:
    spec = get(document, "spec")
    query = _first_text(get(spec, "indicator")) or text_of(get(spec, "indicatorRef"))
    windows = items(get(spec, "timeWindow") or get(spec, "timeWindows"), 1)
    window = windows[0] if windows else None
    duration = text_of(get(window, "duration"))
    if not duration and get(window, "count") is not None:
        duration = f"{text_of(get(window, 'count'))} {text_of(get(window, 'unit'))}"
    targets = items(get(spec, "objectives"), 20) or [None]
    name = text_of(get(document, "metadata", "name"))
    for target in targets:
        yield ObjectiveRule(
            service=text_of(get(spec, "service")),
            name=name,
            target=_openslo_target(target),
            query=query[:MAX_TEXT],
            window=duration,
            owner=_owner(get(document, "metadata", "labels"), get(document, "metadata"), spec),
        )


def _openslo_target(objective: Any) -> float | None:
    share = get(objective, "target")
    if isinstance(share, int | float):
        return float(share)
    return _share(get(objective, "targetPercent"), percent=True)


def _sloth(document: Any) -> Iterator[ObjectiveRule] | None:
    resource = text_of(get(document, "kind")) == "PrometheusServiceLevel"
    if not resource and text_of(get(document, "version")) != "prometheus/v1":
        return None
    return _sloth_objectives(get(document, "spec") if resource else document, document)


def _sloth_objectives(spec: Any, document: Any) -> Iterator[ObjectiveRule]:
    for slo in items(get(spec, "slos"), MAX_OBJECTIVES):
        yield ObjectiveRule(
            service=text_of(get(spec, "service")),
            name=text_of(get(slo, "name")),
            target=_share(get(slo, "objective"), percent=True),
            query=_first_text(get(slo, "sli"))[:MAX_TEXT],
            window=SLOTH_WINDOW,
            owner=_owner(
                get(slo, "labels"), get(spec, "labels"), get(document, "metadata", "labels")
            ),
        )


def _pyrra(document: Any) -> Iterator[ObjectiveRule] | None:
    if not text_of(get(document, "apiVersion")).startswith("pyrra.dev/"):
        return None
    spec, metadata = get(document, "spec"), get(document, "metadata")
    return iter(
        (
            ObjectiveRule(
                service=text_of(get(metadata, "labels", "service")),
                name=text_of(get(metadata, "name")),
                target=_share(get(spec, "target"), percent=True),
                query=_first_text(get(spec, "indicator"))[:MAX_TEXT],
                window=text_of(get(spec, "window")),
                owner=_owner(get(metadata, "labels"), get(metadata, "annotations")),
            ),
        )
    )


def _plain(document: Any) -> Iterator[ObjectiveRule] | None:
    """Read a list below `slos` or `objectives`, or a mapping of them by name."""
    listed = get(document, "slos")
    if listed is None:
        listed = get(document, "objectives")
    if listed is None and not (
        isinstance(document, dict) and {"slos", "objectives"} & set(document)
    ):
        return None
    named = [(text_of(get(each, "name")), each) for each in items(listed, MAX_OBJECTIVES)]
    return _plain_objectives(named or entries(listed, MAX_OBJECTIVES), document)


def _plain_objectives(named: list[tuple[str, Any]], document: Any) -> Iterator[ObjectiveRule]:
    for name, each in named:
        target = next((get(each, key) for key in _TARGET_NAMES if get(each, key) is not None), None)
        window = next((get(each, key) for key in _WINDOW_NAMES if get(each, key)), None)
        yield ObjectiveRule(
            service=text_of(get(each, "service")) or text_of(get(document, "service")),
            name=name,
            target=_share(target),
            query=next((q for key in _QUERY_NAMES if (q := _first_text(get(each, key)))), "")[
                :MAX_TEXT
            ],
            window=text_of(window) or text_of(get(window, "duration")),
            owner=_owner(each, document),
        )


def _share(value: Any, *, percent: bool = False) -> float | None:
    """Return a target such as 0.999, 99.9 or "99.9%" as a share from 0 to 1."""
    text = text_of(value)
    if not text or isinstance(value, bool):
        return None
    try:
        number = float(text.rstrip("% "))
    except ValueError:
        return None
    if number != number or number in (float("inf"), float("-inf")):
        return None
    return round(number / 100, 9) if percent or number > 1 or "%" in text else number


def _first_text(value: Any) -> str:
    """Return the first query found a few levels below a value, however it is nested."""
    waiting = [value]
    for _ in range(40):
        if not waiting:
            break
        here = waiting.pop(0)
        if isinstance(here, str) and here.strip():
            return here.strip()
        if isinstance(here, dict):
            # What a query is called comes before what it is named or typed.
            first = [here[key] for key in (*_QUERY_NAMES, "query") if key in here]
            rest = [v for k, v in here.items() if isinstance(v, dict | list) or "query" in str(k)]
            waiting.extend((first + rest)[:20])
        elif isinstance(here, list):
            waiting.extend(here[:20])
    return ""


def _owner(*places: Any) -> str:
    for place in places:
        for name in _OWNER_NAMES:
            value = get(place, name)
            text = text_of(value) or text_of(next(iter(items(value, 1)), None))
            if text:
                return text[:MAX_TEXT]
    return ""


def _placed(objective: ObjectiveRule, lines: dict[str, int]) -> ObjectiveRule:
    return msgspec.structs.replace(objective, line=lines.get(objective.name))


_READERS = {"openslo": _openslo, "sloth": _sloth, "pyrra": _pyrra, "plain": _plain}

EXTRACT = Extract(
    version=1,
    kind=Objectives,
    wants=wants,
    read=read,
    suffixes=frozenset({".yml", ".yaml", ".json"}),
)
