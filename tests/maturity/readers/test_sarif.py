"""SARIF: what a scanner found, and whether it finished."""

import json
from typing import Any

import pytest

from pawl.base.errors import BadFile
from pawl.base.finding import Place
from pawl.maturity.readers.sarif import read, unquoted


def scan(**run: Any) -> Any:
    whole = {"tool": {"driver": {"name": "gitleaks", "semanticVersion": "8.1.0"}}, "results": []}
    text = json.dumps({"version": "2.1.0", "runs": [whole | run]})
    return read(text, "s.sarif", "d")[0]


def test_results_with_place_level_and_severity() -> None:
    """Levels come from the result, else its rule, else warning; places from the first location."""
    rules = [
        {
            "id": "r1",
            "defaultConfiguration": {"level": "error"},
            "properties": {"security-severity": "9.8", "tags": []},
        }
    ]
    location = {
        "physicalLocation": {
            "artifactLocation": {"uri": "file:///src/a%20b.py", "uriBaseId": "%SRCROOT%"},
            "region": {"startLine": 7},
        }
    }
    results = [
        {"ruleId": "r1", "message": {"text": "a\nkey"}, "locations": [location]},
        {"ruleIndex": 0, "level": "note", "message": {"markdown": "m"}},
        {"rule": {"id": "r1/part"}, "message": {}},
        {"message": {"text": "x"}},
    ]
    told = scan(
        tool={"driver": {"name": "t", "version": "1", "rules": rules}, "extensions": []},
        results=results,
    )
    first, second, third, fourth = told.results
    assert (first.rule, first.level, first.message) == ("r1", "error", "a key")
    assert first.place == Place("src/a b.py", 7)
    assert first.severity == 9.8
    assert (second.rule, second.level, second.message) == ("r1", "note", "m")
    assert (third.rule, third.level) == ("r1/part", "error")
    assert (fourth.rule, fourth.level, fourth.severity) == ("(none)", "warning", None)
    assert (told.tool, told.tool_version, told.rules) == ("t", "1", 1)


@pytest.mark.parametrize(
    ("invocations", "succeeded"),
    [
        (None, None),
        ([], None),
        ([{"executionSuccessful": True}], True),
        ([{"executionSuccessful": True}, {"executionSuccessful": False}], False),
        ([{"executionSuccessful": True}, {}], None),
    ],
)
def test_a_scan_that_does_not_say_that_it_finished(invocations: Any, succeeded: Any) -> None:
    """Silence about the ending is unknown; one failed part is a failed scan."""
    assert scan(invocations=invocations).succeeded is succeeded


def test_no_results_at_all_is_a_failed_scan() -> None:
    """`results: null` is how a tool says that it failed to produce any; an empty list is a yes."""
    done = [{"executionSuccessful": True, "endTimeUtc": "2026-11-20T10:00:00Z"}]
    assert scan(invocations=done, results=None).succeeded is False
    told = scan(invocations=done)
    assert (told.succeeded, told.at) == (True, "2026-11-20T10:00:00.000000Z")


def test_what_the_tool_itself_takes_back() -> None:
    """Passed and absent results are no findings; accepted suppressions are marked."""
    results = [
        {"ruleId": "a", "kind": "pass", "message": {"text": ""}},
        {"ruleId": "b", "baselineState": "absent", "message": {"text": ""}},
        {"ruleId": "c", "message": {"text": ""}, "suppressions": [{"kind": "inSource"}]},
        {
            "ruleId": "d",
            "message": {"text": ""},
            "suppressions": [{"kind": "external", "status": "rejected"}],
            "provenance": {"firstDetectionTimeUtc": "2026-01-01T00:00:00Z"},
        },
    ]
    told = scan(results=results).results
    assert [(each.rule, each.suppressed) for each in told] == [("c", True), ("d", False)]
    assert told[1].since == "2026-01-01T00:00:00.000000Z"


def test_the_commit_that_was_scanned() -> None:
    """One revision names the commit; two name none."""
    one, two = "a" * 40, "b" * 40
    assert scan(versionControlProvenance=[{"revisionId": one}]).commit == one
    both = [{"revisionId": one}, {"revisionId": two}]
    assert scan(versionControlProvenance=both).commit is None


def test_other_versions_are_refused() -> None:
    """An older SARIF, or another shape, is named as unreadable."""
    for text in ('{"version": "1.0.0", "runs": []}', '{"version": "2.1.0"}', "[]", "{", ""):
        with pytest.raises(BadFile, match=r"s\.sarif"):
            read(text, "s.sarif", "d")


def test_percent_signs() -> None:
    """Encoded bytes become characters, whatever they are; a lone sign stays."""
    assert unquoted("a%C3%BC%ff%zz%") == "aü\\xff%zz%"
