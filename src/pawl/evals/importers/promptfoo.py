"""Import part of a promptfoo configuration: prompts, tests, assertions that execute nothing.

Carried over: `contains`, `icontains`, `contains-all`, `equals`, `regex`, `is-json`, `cost` and
`latency`, the first of them, `equals` and `regex` also behind `not-`. Left, and named with their
place: code in the file (`javascript`, `python`), model-graded assertions, templates beyond
`{{ name }}`, and files that the configuration refers to.
"""

import re
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from pawl.base.errors import BadFile, BadValue
from pawl.base.loading import MAX_TEXT
from pawl.evals.assertion import read_assertion
from pawl.evals.case import Case
from pawl.evals.importers.imported import MAX_CASES, Imported, Left, Origin, drafted, identifier
from pawl.parsing.lined_yaml import Lined, PathKey, read_lined

_VARIABLE = re.compile(r"\{\{\s*([A-Za-z_][A-Za-z0-9_]*)\s*\}\}")
_CODE = frozenset({"javascript", "python", "ruby", "webhook"})
_TOP = frozenset({"description", "prompts", "tests", "defaultTest", "providers"})
_TEST = frozenset({"description", "vars", "assert"})
_ASSERT = frozenset({"type", "value", "threshold"})
MAX_GROWN = 200_000
"""Characters of a prompt once its variables are filled in."""


class _Cannot(ValueError):
    """Why something is left."""


class _Source(NamedTuple):
    """The file, its name, and what has been left of it so far."""

    lined: Lined
    place: str
    left: list[Left]

    def leave(self, path: PathKey, what: str, why: str) -> None:
        line = self.lined.line(*path)
        self.left.append(Left(place=f"{self.place}:{line}", what=what, why=why))


def import_promptfoo(text: str, *, place: str, origin: Origin) -> Imported:
    """Return the cases of a promptfoo YAML file; raises BadFile for what is none."""
    if len(text) > MAX_TEXT:
        raise BadFile(f"larger than {MAX_TEXT:,} characters.", place=place)
    lined = read_lined(text, place=place)
    value = lined.value
    if not isinstance(value, dict) or not isinstance(value.get("tests"), list):
        raise BadFile("has no list of `tests`.", place=place)
    source = _Source(lined, place, [])
    for key in value:
        if key not in _TOP:
            source.leave((key,), key, "nothing here stands for it")
    if "providers" in value:
        source.leave(("providers",), "providers", "agents are named when a suite is run")
    prompts = _prompts(value.get("prompts"), source)
    default = value.get("defaultTest")
    shared = default if isinstance(default, dict) else {}
    if default is not None and not isinstance(default, dict):
        source.leave(("defaultTest",), "defaultTest", "not a mapping in this file")
    _unknown(shared, ("defaultTest",), source)
    taken: set[str] = set()
    cases: list[Case] = []
    for at, test in enumerate(value["tests"]):
        path: PathKey = ("tests", at)
        if not isinstance(test, dict):
            source.leave(path, "test", "not a mapping in this file")
            continue
        _unknown(test, path, source)
        for number, prompt in enumerate(prompts):
            if len(cases) >= MAX_CASES:
                source.leave(path, "test", f"only {MAX_CASES:,} cases are made of one file")
                return Imported(cases=tuple(cases), left=tuple(source.left))
            try:
                cases.append(_case(test, shared, prompt, path, source, number == 0, taken, origin))
            except (_Cannot, BadValue) as error:
                source.leave(path, "test", str(error))
    return Imported(cases=tuple(cases), left=tuple(source.left))


def _case(
    test: dict[str, Any],
    shared: dict[str, Any],
    prompt: str,
    path: PathKey,
    source: _Source,
    tell: bool,
    taken: set[str],
    origin: Origin,
) -> Case:
    """Return the case of one test and one prompt; `tell` what is left, once a test."""
    variables = {**_variables(shared, ("defaultTest",)), **_variables(test, path)}
    asserts: list[dict[str, Any]] = []
    wanted: list[str] = []
    own = 0 if _listed(test) else len(_listed(shared))
    for raw, place in (*_asserts(shared, ("defaultTest",)), *_asserts(test, path)):
        try:
            found, negated = _assertion(raw, variables)
        except _Cannot as error:
            if tell:
                what = str(raw.get("type", "assertion")) if isinstance(raw, dict) else "assertion"
                source.leave(place, what[:100], str(error))
            continue
        if tell and isinstance(raw, dict):
            for key in sorted(raw.keys() - _ASSERT):
                source.leave((*place, key), key, "an assertion holds or it does not")
        own += place[0] == "tests"
        name = f"a{len(asserts) + 1}"
        asserts.append({**found, "id": name})
        wanted.append(f"not {name}" if negated else name)
    if not own:
        raise _Cannot("none of its own assertions was carried over")
    title = test.get("description")
    filled = _filled(prompt, variables)
    return drafted(
        identifier(title if isinstance(title, str) else f"test-{int(path[1]) + 1}", taken),
        filled,
        asserts,
        origin=origin,
        source=f"{source.place}:{source.lined.line(*path)}",
        pass_when=" and ".join(wanted)
        if any(each.startswith("not ") for each in wanted)
        else "all",
    )


def _assertion(raw: Any, variables: dict[str, Any]) -> tuple[dict[str, Any], bool]:
    """Return the assertion that stands for one of promptfoo's, and whether it must not hold."""
    kind = raw.get("type") if isinstance(raw, dict) else None
    if not isinstance(kind, str):
        raise _Cannot("it has no type")
    negated = kind.startswith("not-")
    bare = kind.removeprefix("not-")
    if bare in _CODE:
        raise _Cannot(f"{bare} would run code of the file")
    make = _KINDS.get(bare)
    if make is None:
        raise _Cannot(f"no grader stands for {kind}")
    if kind == "not-contains":
        return _sound({"not_contains": _text(raw, variables)}), False
    if negated and bare not in ("icontains", "equals", "regex"):
        raise _Cannot(f"no grader stands for {kind}")
    return _sound(make(raw, variables)), negated


def _sound(found: dict[str, Any]) -> dict[str, Any]:
    """Return an assertion that reads; raises _Cannot, such as for a pattern with a lookahead."""
    try:
        read_assertion(found, 0)
    except BadValue as error:
        raise _Cannot(error.message) from error
    return found


def _text(raw: dict[str, Any], variables: dict[str, Any]) -> str:
    value = raw.get("value")
    if not isinstance(value, str | int | float) or isinstance(value, bool):
        raise _Cannot("its value is no text")
    if str(value).startswith("file://"):
        raise _Cannot("its value is in another file")
    return _filled(str(value), variables)


def _texts(raw: dict[str, Any], variables: dict[str, Any]) -> list[str]:
    value = raw.get("value")
    if not isinstance(value, list):
        raise _Cannot("its value is no list")
    return [_text({"value": each}, variables) for each in value]


def _schema(raw: dict[str, Any], variables: dict[str, Any]) -> dict[str, Any]:
    value = raw.get("value")
    if value is not None and not isinstance(value, dict):
        raise _Cannot("its schema is in another file")
    return {"json_schema": value or {}}


def _most(raw: dict[str, Any], name: str, scale: float) -> dict[str, Any]:
    value = raw.get("threshold")
    if not isinstance(value, int | float) or isinstance(value, bool) or not value >= 0:
        raise _Cannot("it has no threshold")
    return {"max": {name: float(value) * scale}}


_KINDS: dict[str, Callable[[dict[str, Any], dict[str, Any]], dict[str, Any]]] = {
    "contains": lambda raw, given: {"contains": _text(raw, given)},
    "icontains": lambda raw, given: {"contains": _text(raw, given), "ignore_case": True},
    "contains-all": lambda raw, given: {"contains": _texts(raw, given)},
    "equals": lambda raw, given: {"equals": _text(raw, given)},
    "regex": lambda raw, given: {"regex": _text(raw, given)},
    "is-json": _schema,
    "cost": lambda raw, given: _most(raw, "usd", 1.0),
    "latency": lambda raw, given: _most(raw, "wall_s", 0.001),
}


def _prompts(value: Any, source: _Source) -> list[str]:
    listed = value if isinstance(value, list) else [value]
    found: list[str] = []
    for at, each in enumerate(listed):
        path: PathKey = ("prompts", at) if isinstance(value, list) else ("prompts",)
        text = each.get("raw") if isinstance(each, dict) else each
        if not isinstance(text, str) or not text.strip():
            source.leave(path, "prompt", "not a text in this file")
        elif text.startswith("file://"):
            source.leave(path, "prompt", "it is in another file")
        else:
            found.append(text)
    return found


def _asserts(test: dict[str, Any], path: PathKey) -> Iterator[tuple[Any, PathKey]]:
    for at, each in enumerate(_listed(test)):
        yield each, (*path, "assert", at)


def _listed(test: dict[str, Any]) -> list[Any]:
    value = test.get("assert")
    return value if isinstance(value, list) else []


def _variables(test: dict[str, Any], path: PathKey) -> dict[str, Any]:
    value = test.get("vars")
    return value if isinstance(value, dict) else {}


def _unknown(test: dict[str, Any], path: PathKey, source: _Source) -> None:
    for key in sorted(test.keys() - _TEST):
        source.leave((*path, key), key, "nothing here stands for it")


def _filled(text: str, variables: dict[str, Any]) -> str:
    """Return a template with its variables in place; raises _Cannot for more than that."""

    def value(match: re.Match[str]) -> str:
        found = variables.get(match.group(1))
        if not isinstance(found, str | int | float) or isinstance(found, bool):
            raise _Cannot(f"the variable {match.group(1)} is no single text in this file")
        if str(found).startswith("file://"):
            raise _Cannot(f"the variable {match.group(1)} is in another file")
        return str(found)

    if "{%" in text or "{{" in _VARIABLE.sub("", text):
        raise _Cannot("its template does more than put in variables")
    filled = _VARIABLE.sub(value, text)
    if len(filled) > MAX_GROWN:
        raise _Cannot(f"it has more than {MAX_GROWN:,} characters once filled in")
    return filled
