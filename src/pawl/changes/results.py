"""Read what other tools found: SARIF of scanners and linters, and the results of conftest.

What a file says is brought to a verdict and on how much it rests. A run that did not succeed, a
file without runs, and a policy test that tested nothing are inconclusive: silence is no pass. Texts
are hostile: bounded, never executed, and only counts and a few messages are kept of them.
"""

from typing import Any

import msgspec

from pawl.base.errors import BadFile
from pawl.changes.verdict import Verdict

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


def _verdict(failing: bool, doubt: bool) -> Verdict:
    """Return a no where there is one, even in half a result, and a yes only of a whole one."""
    if failing:
        return Verdict.FAIL
    return Verdict.INCONCLUSIVE if doubt else Verdict.PASS


def _json(text: bytes, place: str) -> Any:
    if len(text) > MAX_BYTES:
        raise _bad(place, f"it is larger than {MAX_BYTES:,} bytes", "Hand over less at once.")
    try:
        return msgspec.json.decode(text)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as error:
        raise _bad(place, str(error)[:MAX_MESSAGE], "Hand over the tool's own JSON.") from error


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
