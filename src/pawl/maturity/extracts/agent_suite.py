"""Suites of cases that test agents and are not Pawl's: promptfoo's, and skills' `evals.json`.

Pawl's own are surveyed together with their records, see `pawl.maturity.surveys.evals`. A case
counts as graded when at least one of its checks could tell right from wrong: a check that one word
occurs in the answer cannot. What a case cites (an incident, a failure) is kept as ids.
"""

import re
from collections.abc import Iterator
from typing import Any, Literal

import msgspec

from pawl.maturity.extract import Extract
from pawl.maturity.facts.tree import TreeFile
from pawl.parsing.config_text import jsonc, table, yaml

MAX_CASES = 2000
MAX_KEPT = 500
"""Ids of cases and citations that one suite tells of."""

Level = Literal["unit", "integration", "e2e"]
Format = Literal["promptfoo", "skill"]

_LEVELS: dict[str, Level] = {
    "unit": "unit",
    "file": "unit",
    "files": "unit",
    "integration": "integration",
    "run": "integration",
    "e2e": "e2e",
    "end-to-end": "e2e",
    "end_to_end": "e2e",
    "workflow": "e2e",
    "workflows": "e2e",
}
_LISTS = ("cases", "tests", "evals", "scenarios")
_CHECKS = (
    "assert", "asserts", "assertions", "checks", "graders", "grade", "expect", "expected",
    "expected_output", "expectations", "criteria", "rubric",
)  # fmt: skip
_CITES = (
    "incident", "incidents", "cites", "failure", "failures", "learned_from", "learned-from",
    "regression_of", "bug", "issue",
)  # fmt: skip
_ONE_WORD = frozenset({"contains", "icontains", "contains-any", "includes", "regex", "match"})


class AgentSuite(msgspec.Struct, frozen=True, kw_only=True):
    """One suite. `level` is what its cases exercise: files, one run, or a whole workflow.

    `graded` counts the cases with a check that can tell right from wrong, `repeats` how often
    each case runs. `ids` are those of cases, `cites` what they cite, by case in the same order
    of the file; `citing` counts the cases that cite anything.
    """

    format: Format
    name: str
    level: Level
    cases: int = 0
    graded: int = 0
    repeats: int = 1
    citing: int = 0
    ids: tuple[str, ...] = ()
    cites: tuple[str, ...] = ()
    problem: str | None = None


def _format(path: str) -> Format | None:
    name = path.rpartition("/")[2]
    if "/.pawl/evals/" in f"/{path}":
        return None
    if name.startswith("promptfooconfig."):
        return "promptfoo"
    return "skill" if name == "evals.json" else None


def wants(file: TreeFile) -> bool:
    """Say whether a path is one where suites for agents are kept."""
    return file.path.endswith((".yaml", ".yml", ".json")) and _format(file.path) is not None


def read(path: str, text: str) -> AgentSuite | None:
    """Return a suite, or None when the file holds no case."""
    form = _format(path)
    if form is None:
        return None
    value = jsonc(text) if path.endswith(".json") else yaml(text, path)
    stem = path.rpartition("/")[2].rpartition(".")[0]
    if not isinstance(value, dict | list):
        return AgentSuite(
            format=form, name=stem, level=_level(path, {}), problem="it does not parse"
        )
    whole = value if isinstance(value, dict) else {"cases": value}
    cases = list(_cases(whole))[:MAX_CASES]
    if not cases:
        return None
    shared = any(_is_telling(table(whole, "defaultTest").get(key)) for key in _CHECKS)
    cites = [_cited(case) for case in cases]
    return AgentSuite(
        format=form,
        name=_word(whole, "suite", "name", "id", "skill_name", "description") or stem,
        level=_level(path, whole),
        cases=len(cases),
        graded=sum(shared or any(_is_telling(case.get(key)) for key in _CHECKS) for case in cases),
        repeats=_repeats(whole),
        citing=sum(bool(each) for each in cites),
        ids=tuple(filter(None, (_word(case, "id", "name") for case in cases)))[:MAX_KEPT],
        cites=tuple(dict.fromkeys(each for some in cites for each in some))[:MAX_KEPT],
    )


def _cases(whole: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for key in _LISTS:
        held = whole.get(key)
        if isinstance(held, list):
            yield from (each for each in held if isinstance(each, dict))
            return
    # One case a file, as a case has a prompt and something to check.
    if any(key in whole for key in ("prompt", "input")) and any(key in whole for key in _CHECKS):
        yield whole


def _level(path: str, whole: dict[str, Any]) -> Level:
    said = (str(whole.get("level", "")).lower(), *re.split(r"[/.]", path.lower()))
    return next((_LEVELS[part] for part in said if part in _LEVELS), "integration")


def _word(held: dict[str, Any], *keys: str) -> str:
    found = (held.get(key) for key in keys)
    return next((str(each)[:120] for each in found if isinstance(each, str | int)), "")


def _repeats(whole: dict[str, Any]) -> int:
    places = (whole, table(whole, "evaluateOptions"), table(whole, "commandLineOptions"))
    told = (place.get(key) for place in places for key in ("repeats", "repeat", "trials"))
    return max((min(each, 10_000) for each in told if type(each) is int), default=1)


def _cited(case: dict[str, Any]) -> list[str]:
    found: list[str] = []
    for place in (case, table(case, "metadata")):
        for key in _CITES:
            value = place.get(key)
            held = value if isinstance(value, list) else [value]
            found += [str(each)[:120] for each in held if isinstance(each, str | int) and each]
    return found


def _is_telling(check: Any, depth: int = 0) -> bool:
    """Say whether a check can tell right from wrong: more than one word in the answer."""
    if depth > 5 or check is None:
        return False
    if isinstance(check, str):
        return len(check.split()) > 1
    if isinstance(check, list):
        return any(_is_telling(each, depth + 1) for each in check[:100])
    if not isinstance(check, dict):
        return True
    kind = str(check.get("type", check.get("grader", ""))).lower()
    if kind in _ONE_WORD:
        return _is_telling(check.get("value"), depth + 1)
    if kind:
        return True
    # `contains: Security` is a check by its only key.
    return any(
        key.lower() not in _ONE_WORD or _is_telling(value, depth + 1)
        for key, value in check.items()
        if isinstance(key, str)
    )


EXTRACT = Extract(
    version=2,
    kind=AgentSuite,
    wants=wants,
    read=read,
    suffixes=frozenset({".yaml", ".yml", ".json"}),
)
