"""What other tools found: a no is a no even in half a file, a yes only in a whole one."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pawl.base.errors import BadFile
from pawl.changes.results import MAX_BYTES, MAX_KEPT, Result, read_conftest, read_sarif
from pawl.changes.verdict import Verdict


def sarif(*runs: Any, **other: Any) -> Result:
    return read_sarif(json.dumps({"version": "2.1.0", "runs": runs}).encode(), place="s", **other)


def run(*results: Any, **other: Any) -> dict[str, Any]:
    return {"tool": {"driver": {"name": "t", "rules": [{}, {}]}}, "results": results, **other}


def result(level: str | None = "error", **other: Any) -> dict[str, Any]:
    said = {} if level is None else {"level": level}
    return {"ruleId": "r1", "message": {"text": "No."}, **said, **other}


PASS, FAIL, OPEN = Verdict.PASS, Verdict.FAIL, Verdict.INCONCLUSIVE
BROKEN = {"invocations": [{"executionSuccessful": False}]}


@pytest.mark.parametrize(
    ("runs", "verdict"),
    [
        ([run()], PASS),
        ([run(result("note"), result("warning"), result(None))], PASS),
        ([run(result())], FAIL),
        ([run(result("terrible"))], FAIL),
        ([run(result(kind="pass"))], PASS),
        ([run(result(suppressions=[{"kind": "inSource"}]))], PASS),
        ([run(result(suppressions=[{"status": "underReview"}]))], FAIL),
        ([run(result(suppressions=[]))], FAIL),
        ([], OPEN),
        ([{"tool": {}}], OPEN),
        ([run(**BROKEN)], OPEN),
        ([run(result(), **BROKEN)], FAIL),
        ([run(), 7], OPEN),
        ([run(invocations=[{"executionSuccessful": True}])], PASS),
    ],
)
def test_a_sarif_log_says_no_or_yes_or_not_enough(runs: list[Any], verdict: Verdict) -> None:
    """Errors fail, an empty list of results passes, no list or a broken run is no answer."""
    assert sarif(*runs).verdict is verdict


def test_the_threshold_is_the_gates() -> None:
    """A warning fails where warnings are asked for, and one without a level is a warning."""
    assert sarif(run(result(None)), fail_at="warning").verdict is FAIL
    assert sarif(run(result("note")), fail_at="warning").verdict is PASS
    with pytest.raises(ValueError):
        sarif(run(), fail_at="bad")


def test_what_is_kept_is_little() -> None:
    """Counts, and the first messages cut short; the rest stays where it was."""
    found = sarif(run(*[result(message={"text": "x" * 5000})] * 100))
    assert (found.payload["failing"], found.events) == (100, 2)
    assert len(found.payload["messages"]) == MAX_KEPT
    assert max(map(len, found.payload["messages"])) <= 300


def conftest(*files: Any) -> Result:
    return read_conftest(json.dumps(files).encode(), place="c")


@pytest.mark.parametrize(
    ("files", "verdict", "events"),
    [
        ([{"filename": "a", "successes": 3}], PASS, 3),
        ([{"filename": "a", "successes": 3, "warnings": [{"msg": "Hm."}]}], PASS, 4),
        ([{"filename": "a", "successes": 3, "failures": [{"msg": "No."}]}], FAIL, 4),
        ([{"filename": "a", "successes": 0}], OPEN, 0),
        ([{"filename": "a", "skipped": [{"msg": "Later."}]}], OPEN, 0),
        ([{"filename": "a", "successes": True}], OPEN, 0),
        ([], OPEN, 0),
    ],
)
def test_a_policy_test_that_tested_nothing_has_not_passed(
    files: list[Any], verdict: Verdict, events: int
) -> None:
    """A denial fails, a success passes, and no test at all is no answer."""
    found = conftest(*files)
    assert (found.verdict, found.events) == (verdict, events)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(
        st.sampled_from(["runs", "results", "level", "kind", "message", "text", "suppressions",
                         "invocations", "failures", "successes", "tool", "driver", "msg"]),
        inner,
        max_size=4,
    ),
    max_leaves=15,
)  # fmt: skip


@given(JSON)
def test_any_json_is_read_or_refused(value: Any) -> None:
    """Whatever a file holds under whatever names, it has a verdict or is a bad file."""
    for read in (read_sarif, read_conftest):
        for text in (json.dumps(value), json.dumps({"runs": [value]}), json.dumps([value])):
            try:
                found = read(text.encode(), place="x")
            except BadFile:
                continue
            assert found.verdict in (PASS, FAIL, OPEN)


@pytest.mark.parametrize("text", [b"", b"{", b"[" * 100_000, b"\xff", b" " * (MAX_BYTES + 1)])
def test_what_is_no_json_is_a_bad_file(text: bytes) -> None:
    """Broken, deep and endless files are refused by name."""
    for read in (read_sarif, read_conftest):
        with pytest.raises(BadFile, match=r"r\.json"):
            read(text, place="r.json")
