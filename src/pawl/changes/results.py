"""Read what other tools found: SARIF, JUnit XML, and the JSON of conftest and of `opa eval`.

What a file says is brought to a verdict and on how much it rests. A run that did not succeed, a
file without runs, and a policy test that tested nothing are inconclusive: silence is no pass. Texts
are hostile: bounded, never executed, and only counts and a few messages are kept of them.
"""

from collections.abc import Callable, Iterator
from typing import Any, Literal

import msgspec

from pawl.base.errors import BadFile, BadValue
from pawl.changes.verdict import Verdict
from pawl.parsing import junit

MAX_BYTES = 32 * 1024 * 1024
MAX_KEPT = 20
MAX_MESSAGE = 300

LEVELS = ("none", "note", "warning", "error")
"""Of SARIF, from the mildest to the worst; a result without one is a warning (SARIF 2.1.0)."""


class Result(msgspec.Struct, frozen=True, kw_only=True):
    """What a file comes to: the verdict, on how many checks it rests, and what to keep of it."""

    verdict: Verdict
    events: int
    payload: dict[str, Any]


Form = Literal["sarif", "junit", "conftest", "opa"]


def read_result(text: bytes, *, form: str = "", place: str) -> Result:
    """Return what a file of one of `FORMS` comes to, told apart by what it says unless named.

    Raises BadFile for what is none of them, and BadValue for a form that nobody knows.
    """
    if form and form not in FORMS:
        raise BadValue(
            f"no form of results is called {form!r}.", hint=f"There are: {', '.join(FORMS)}."
        )
    return FORMS[form or form_of(text, place=place)](text, place=place)


def form_of(text: bytes, *, place: str) -> Form:
    """Return which of `FORMS` a file has, by its beginning and its names; raises BadFile."""
    if text[:1024].lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<"):
        return "junit"
    found = _json(text, place)
    if isinstance(found, list):
        return "conftest"
    if isinstance(found, dict) and "runs" in found:
        return "sarif"
    # Where a query was undefined `opa eval` writes an empty object.
    if isinstance(found, dict) and found.keys() <= _OPA_KEYS:
        return "opa"
    raise _bad(place, "nobody knows its form", f"Known are: {', '.join(FORMS)}.")


def read_sarif(text: bytes, *, fail_at: str = "error", place: str) -> Result:
    """Return what a SARIF 2.1.0 log comes to; results that are suppressed do not count.

    Raises BadFile for what is no SARIF, and ValueError for an unknown level.
    """
    least = LEVELS.index(fail_at)
    log = _json(text, place)
    if not isinstance(log, dict) or not isinstance(log.get("runs"), list):
        raise _bad(place, "it has no runs", "Hand over a SARIF 2.1.0 log.")
    runs = [run for run in log["runs"] if isinstance(run, dict)]
    broken = sum(not _succeeded(run) for run in runs) + len(log["runs"]) - len(runs)
    results = [
        each
        for run in runs
        for each in _list(run.get("results"))
        if isinstance(each, dict) and not _is_suppressed(each)
    ]
    failing = [each for each in results if _level(each) >= least]
    unlooked = sum(not isinstance(run.get("results"), list) for run in runs)
    # A run without a list of results did not look; one with an empty list found nothing.
    doubt = not runs or broken > 0 or unlooked > 0
    return Result(
        verdict=_verdict(bool(failing), doubt),
        events=sum(len(_list(_driver(run).get("rules"))) for run in runs) or len(results),
        payload={
            "failing": len(failing),
            "results": len(results),
            "runs": len(runs),
            "broken_runs": broken + unlooked,
            "fail_at": fail_at,
            "messages": [_message(each) for each in failing[:MAX_KEPT]],
        },
    )


def read_conftest(text: bytes, *, place: str) -> Result:
    """Return what `conftest test --output json` comes to: a denial fails, a warning does not.

    Raises BadFile for what is no such result.
    """
    files = _json(text, place)
    if not isinstance(files, list) or not all(isinstance(each, dict) for each in files):
        raise _bad(place, "it is no list of files", "Run `conftest test --output json`.")
    failures = [each for file in files for each in _list(file.get("failures"))]
    warnings = sum(len(_list(file.get("warnings"))) for file in files)
    passed = sum(_count(file.get("successes")) for file in files)
    skipped = sum(len(_list(file.get("skipped"))) for file in files)
    tested = passed + len(failures) + warnings
    return Result(
        verdict=_verdict(bool(failures), tested == 0),
        events=tested,
        payload={
            "failing": len(failures),
            "warnings": warnings,
            "passed": passed,
            "skipped": skipped,
            "messages": [_short(_get(each, "msg")) for each in failures[:MAX_KEPT]],
        },
    )


def read_junit(text: bytes, *, place: str) -> Result:
    """Return what a JUnit report comes to: a test that failed fails it, also beside others.

    A test that could not run is a doubt, as is a report in which none passed. One that passed when
    it was tried again has passed, and is counted as `retried`. Raises BadFile.
    """
    if len(text) > MAX_BYTES:
        raise _too_large(place)
    run = junit.read(text.decode("utf-8", "replace"), place, "")
    bad = [each for each in run.cases if each.status in ("failed", "error")]
    return Result(
        verdict=_verdict(run.failed > 0, run.errors > 0 or run.passed == 0),
        events=run.passed + run.failed + run.errors,
        payload={
            "failing": run.failed,
            "errors": run.errors,
            "passed": run.passed,
            "skipped": run.skipped,
            "retried": max(0, len(bad) - run.failed - run.errors),
            "messages": [_short(f"{each.name}: {each.status}") for each in bad[:MAX_KEPT]],
        },
    )


def read_opa(text: bytes, *, place: str) -> Result:
    """Return what `opa eval --format json` comes to, by the names that conftest gives rules.

    A rule whose name begins with `deny` or `violation` fails where it holds or lists anything;
    `allow` fails where it does not hold; rules by other names are not judged. What is undefined,
    an error, or a result without a rule by these names is no answer. Raises BadFile.
    """
    found = _json(text, place)
    if not isinstance(found, dict) or not found.keys() <= _OPA_KEYS:
        raise _bad(place, "it is no result of a query", "Run `opa eval --format json`.")
    rules = list(_rules(found))
    failing = [(name, value) for name, value in rules if _denies(name, value)]
    odd = [name for name, value in rules if _denies(name, value) is None]
    errors = len(_list(found.get("errors")))
    return Result(
        verdict=_verdict(bool(failing), not rules or bool(odd) or errors > 0),
        events=len(rules),
        payload={
            "failing": len(failing),
            "passed": len(rules) - len(failing) - len(odd),
            "unclear": len(odd),
            "errors": errors,
            "messages": [each for name, value in failing for each in _said(name, value)][:MAX_KEPT],
        },
    )


_OPA_KEYS = frozenset({"result", "errors", "metrics", "explanation", "profile", "coverage"})
"""What stands at the top of a result of `opa eval` (its documentation, "opa eval")."""


def _rules(found: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    """Yield name and value of each rule that says yes or no: those asked for, or of a package."""
    for row in _list(found.get("result")):
        for each in _list(_get(row, "expressions")):
            name = str(_get(each, "text") or "").rpartition(".")[2]
            value = _get(each, "value")
            if _is_rule(name):
                yield name, value
            elif isinstance(value, dict):
                yield from ((rule, said) for rule, said in value.items() if _is_rule(rule))


def _is_rule(name: str) -> bool:
    return name == "allow" or name.startswith(("deny", "violation"))


def _denies(name: str, value: Any) -> bool | None:
    """Say whether a rule says no; None for a value that is neither yes nor no."""
    if isinstance(value, bool):
        return not value if name == "allow" else value
    if name != "allow" and isinstance(value, list | dict):
        return bool(value)
    return None


def _said(name: str, value: Any) -> list[str]:
    if not isinstance(value, list | dict):
        return [_short(name)]
    return [_short(_get(each, "msg") or each) for each in list(value)[:MAX_KEPT]]


def _verdict(failing: bool, doubt: bool) -> Verdict:
    """Return a no where there is one, even in half a result, and a yes only of a whole one."""
    if failing:
        return Verdict.FAIL
    return Verdict.INCONCLUSIVE if doubt else Verdict.PASS


def _json(text: bytes, place: str) -> Any:
    if len(text) > MAX_BYTES:
        raise _too_large(place)
    try:
        return msgspec.json.decode(text)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as error:
        raise _bad(place, str(error)[:MAX_MESSAGE], "Hand over the tool's own JSON.") from error


def _too_large(place: str) -> BadFile:
    return _bad(place, f"it is larger than {MAX_BYTES:,} bytes", "Hand over less at once.")


def _bad(place: str, why: str, hint: str) -> BadFile:
    return BadFile(f"not a result that can be read: {why}.", place=place, hint=hint)


def _succeeded(run: dict[str, Any]) -> bool:
    """Say whether every invocation says so; one that says nothing of it did not fail."""
    return all(
        _get(each, "executionSuccessful") is not False for each in _list(run.get("invocations"))
    )


def _is_suppressed(result: dict[str, Any]) -> bool:
    """Say whether somebody accepted it: a suppression that is under review or rejected does not."""
    said = [_get(each, "status") or "accepted" for each in _list(result.get("suppressions"))]
    return bool(said) and all(each == "accepted" for each in said)


def _level(result: dict[str, Any]) -> int:
    # Only what failed has a level of its own; a pass or what does not apply is no finding.
    if result.get("kind", "fail") in ("pass", "notApplicable", "informational"):
        return 0
    level = result.get("level", "warning")
    return LEVELS.index(level) if level in LEVELS else len(LEVELS) - 1


def _driver(run: dict[str, Any]) -> dict[str, Any]:
    found = _get(_get(run, "tool"), "driver")
    return found if isinstance(found, dict) else {}


def _message(result: dict[str, Any]) -> str:
    return _short(f"{result.get('ruleId', '')}: {_get(result.get('message'), 'text') or ''}")


def _short(text: object) -> str:
    return str(text)[:MAX_MESSAGE]


def _get(value: object, name: str) -> Any:
    return value.get(name) if isinstance(value, dict) else None


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def _count(value: object) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) and value > 0 else 0


FORMS: dict[str, Callable[..., Result]] = {
    "sarif": read_sarif,
    "junit": read_junit,
    "conftest": read_conftest,
    "opa": read_opa,
}
"""Every form of results, with its reader."""
