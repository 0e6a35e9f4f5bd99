"""SARIF: only what has a place in a file, stable fingerprints, and what 2.1.0 demands.

The checks below are the rules of the standard's schema and text that apply to what is written.
"""

import json
import re
from typing import Any

from hypothesis import given
from tests.maturity.judged import assessed, criterion, model, record
from tests.render.hostile import REMEDIES, hostile, made_of, plain_assessment

from pawl.base.finding import Outcome, Place
from pawl.maturity.model import Need
from pawl.render.assessment_sarif import assessment_sarif
from pawl.render.sarif import SCHEMA

RUN = {"tool", "columnKind", "originalUriBaseIds", "results", "properties"}
RESULT = {
    "ruleId", "ruleIndex", "kind", "level", "message", "locations", "partialFingerprints",
    "properties",
}  # fmt: skip
KINDS = {"notApplicable", "pass", "fail", "review", "open", "informational"}
LEVELS = {"none", "note", "warning", "error"}
URI = re.compile(r"^(?:[A-Za-z0-9\-._~/]|%[0-9A-F]{2})+$")


def results(log: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the results of a log that keeps the standard's rules."""
    assert log["$schema"] == SCHEMA
    assert log["version"] == "2.1.0"
    (run,) = log["runs"]
    assert set(run) <= RUN
    driver = run["tool"]["driver"]
    assert driver["name"]
    if "semanticVersion" in driver:
        assert re.match(r"^\d+\.\d+\.\d+", driver["semanticVersion"])
    rules = driver["rules"]
    assert len({rule["id"] for rule in rules}) == len(rules)
    found: list[dict[str, Any]] = run["results"]
    for each in found:
        assert set(each) <= RESULT
        assert rules[each["ruleIndex"]]["id"] == each["ruleId"]
        assert each["message"]["text"]
        kind = each.get("kind", "fail")
        assert kind in KINDS
        assert each["level"] in LEVELS
        # SARIF 3.27.10: a kind that is no failure goes with no level, and the other way round.
        assert (kind == "fail") is (each["level"] != "none")
        (location,) = each["locations"]
        physical = location["physicalLocation"]
        artifact = physical["artifactLocation"]
        assert artifact["uriBaseId"] in run["originalUriBaseIds"]
        assert URI.match(artifact["uri"])
        assert not artifact["uri"].startswith("/")
        assert physical.get("region", {"startLine": 1})["startLine"] >= 1
        for value in each["partialFingerprints"].values():
            assert re.match(r"^[0-9a-f]{64}$", value)
    prints = [tuple(each["partialFingerprints"].values()) for each in found]
    assert len(set(prints)) == len(prints)
    assert json.loads(json.dumps(log)) == log
    return found


def uris(log: dict[str, Any]) -> list[str]:
    """Return the files that a log names."""
    return [
        each["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] for each in results(log)
    ]


def test_only_files_of_the_tree_become_results() -> None:
    """A run, an absolute path and one that leaves the tree are not about lines of this tree."""
    found, _ = plain_assessment()
    log = assessment_sarif(found, REMEDIES)
    assert uris(log) == ["tests/test%20a.py", "tests/test%20a.py"]
    first = results(log)[0]
    assert first["level"] == "warning"
    assert first["properties"]["criteria"] == ["eng.one.L2.tests", "eng.two.L3.more"]
    assert log["runs"][0]["tool"]["driver"]["rules"][0]["help"]["text"] == "Mend it."


def test_what_blocks_no_next_level_is_a_note() -> None:
    """A failure of a level that is not next is worth knowing and warns nobody."""
    asked = model(criterion("c"), criterion("d", level=3, needs={"n": Need(probe="other")}))
    seen = record("other", Outcome.FAIL, places=(Place(path="a.py", line=1),))
    (only,) = results(assessment_sarif(assessed(asked, seen)))
    assert only["level"] == "note"


def test_what_nobody_could_tell_is_for_review() -> None:
    """An unknown with a place is no failure."""
    seen = record(outcome=Outcome.CANNOT_TELL, places=(Place(path="a.py"),))
    (only,) = results(assessment_sarif(assessed(model(criterion()), seen)))
    assert (only["kind"], only["level"]) == ("review", "none")


def test_what_is_met_is_no_result() -> None:
    """Nothing is shown beside lines that are fine."""
    seen = record(places=(Place(path="a.py", line=1),))
    assert results(assessment_sarif(assessed(model(criterion()), seen))) == []


def test_a_result_keeps_its_fingerprint_when_its_line_moves() -> None:
    """The same probe about the same file is the same result ten lines further down."""

    def prints(line: int) -> list[Any]:
        seen = record(outcome=Outcome.FAIL, places=(Place(path="a.py", line=line),))
        log = assessment_sarif(assessed(model(criterion()), seen))
        return [each["partialFingerprints"] for each in results(log)]

    assert prints(7) == prints(17)


@given(hostile)
def test_hostile_text_keeps_the_rules(text: str) -> None:
    """Whatever paths and reasons say, the log stays one that hosts accept."""
    found, _, _ = made_of(text)
    for each in results(assessment_sarif(found)):
        assert each["message"]["text"].isprintable()
