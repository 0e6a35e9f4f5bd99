"""What other tools found: a no is a no even in half a file, a yes only in a whole one."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pawl.base.errors import BadFile, BadValue
from pawl.changes.results import (
    FORMS,
    MAX_BYTES,
    MAX_KEPT,
    Result,
    form_of,
    read_conftest,
    read_junit,
    read_opa,
    read_result,
    read_sarif,
)
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


def junit(*cases: str) -> Result:
    return read_junit(f"<testsuite>{''.join(cases)}</testsuite>".encode(), place="j")


GOOD, BAD = '<testcase name="a"/>', '<testcase name="b"><failure message="no"/></testcase>'
BROKE = '<testcase name="c"><error message="setup"/></testcase>'
LATER = '<testcase name="d"><skipped/></testcase>'
AGAIN = '<testcase name="e"><flakyFailure message="once"/></testcase>'


@pytest.mark.parametrize(
    ("cases", "verdict", "events"),
    [
        ([GOOD, LATER], PASS, 1),
        ([GOOD, BAD], FAIL, 2),
        ([GOOD, BROKE], OPEN, 2),
        ([BAD, BROKE], FAIL, 2),
        ([LATER], OPEN, 0),
        ([], OPEN, 0),
        ([AGAIN], PASS, 1),
    ],
)
def test_a_report_of_tests_says_no_or_yes_or_not_enough(
    cases: list[str], verdict: Verdict, events: int
) -> None:
    """A failure fails, a test that could not run or that nobody ran is no answer."""
    found = junit(*cases)
    assert (found.verdict, found.events) == (verdict, events)
    assert found.payload["retried"] == cases.count(AGAIN)


def opa(*rows: tuple[str, Any], **other: Any) -> Result:
    result = [{"expressions": [{"text": text, "value": value}]} for text, value in rows]
    return read_opa(json.dumps({"result": result, **other}).encode(), place="o")


@pytest.mark.parametrize(
    ("rows", "other", "verdict", "events"),
    [
        ([("data.main.deny", [])], {}, PASS, 1),
        ([("data.main.deny", ["No."])], {}, FAIL, 1),
        ([("data.main.deny_latest", {"x": True})], {}, FAIL, 1),
        ([("data.main.violation", [{"msg": "No."}])], {}, FAIL, 1),
        ([("data.main.deny", True)], {}, FAIL, 1),
        ([("data.main.allow", True)], {}, PASS, 1),
        ([("data.main.allow", False)], {}, FAIL, 1),
        ([("data.main.allow", "yes")], {}, OPEN, 1),
        ([("data.main", {"deny": [], "allow": True, "warn": ["Hm."]})], {}, PASS, 2),
        ([("data.main", {"deny": ["No."], "allow": True})], {}, FAIL, 2),
        ([("data.main", {"warn": ["Hm."]})], {}, OPEN, 0),
        ([("1 + 1", 2)], {}, OPEN, 0),
        ([], {}, OPEN, 0),
        ([("data.main.deny", [])], {"errors": [{"message": "conflict"}]}, OPEN, 1),
        ([("data.main.deny", ["No."])], {"errors": [{"message": "conflict"}]}, FAIL, 1),
    ],
)
def test_a_query_of_a_policy_engine_says_no_or_yes_or_not_enough(
    rows: list[Any], other: Any, verdict: Verdict, events: int
) -> None:
    """A denial fails, an empty one passes; undefined, an error and other rules are no answer."""
    found = opa(*rows, **other)
    assert (found.verdict, found.events) == (verdict, events)


def test_an_undefined_query_is_no_answer() -> None:
    """`opa eval` writes an empty object where nothing was defined; that is no yes."""
    assert read_result(b"{}", place="o").verdict is OPEN


@pytest.mark.parametrize(
    ("text", "form"),
    [
        (b'\xef\xbb\xbf <?xml version="1.0"?><testsuite/>', "junit"),
        (b"[]", "conftest"),
        (b'{"runs": [], "version": "2.1.0"}', "sarif"),
        (b'{"result": []}', "opa"),
    ],
)
def test_a_form_is_told_by_what_a_file_says(text: bytes, form: str) -> None:
    """Nobody has to name the form; what a file is called means nothing."""
    assert form_of(text, place="x") == form
    assert read_result(text, place="x") == read_result(text, form=form, place="x")


def test_an_unknown_form_is_refused() -> None:
    """Neither JSON of something else nor a form by another name is guessed at."""
    with pytest.raises(BadFile, match="Known are"):
        read_result(b'{"stages": 3}', place="x")
    with pytest.raises(BadValue, match="tap"):
        read_result(b"{}", form="tap", place="x")


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(
        st.sampled_from(["runs", "results", "level", "kind", "message", "text", "suppressions",
                         "invocations", "failures", "successes", "tool", "driver", "msg",
                         "result", "expressions", "value", "deny", "allow", "errors"]),
        inner,
        max_size=4,
    ),
    max_leaves=15,
)  # fmt: skip


@given(JSON)
def test_any_json_is_read_or_refused(value: Any) -> None:
    """Whatever a file holds under whatever names, it has a verdict or is a bad file."""
    for read in (*FORMS.values(), read_result):
        for text in (
            json.dumps(value),
            json.dumps({"runs": [value]}),
            json.dumps([value]),
            json.dumps({"result": [{"expressions": [value]}]}),
        ):
            try:
                found = read(text.encode(), place="x")
            except BadFile:
                continue
            assert found.verdict in (PASS, FAIL, OPEN)


@pytest.mark.parametrize("text", [b"", b"{", b"[" * 100_000, b"\xff", b" " * (MAX_BYTES + 1)])
def test_what_is_no_json_is_a_bad_file(text: bytes) -> None:
    """Broken, deep and endless files are refused by name."""
    for read in (*FORMS.values(), read_result):
        with pytest.raises(BadFile, match=r"r\.json"):
            read(text, place="r.json")
