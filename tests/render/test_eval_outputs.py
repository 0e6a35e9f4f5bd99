"""An eval result for people, hosts and programs: numbers with units, and no text that acts."""

import re
import xml.etree.ElementTree as ElementTree
from datetime import date

import msgspec
from hypothesis import given
from tests.render.hostile import BAD, hostile
from tests.services.eval_repository import SKILL, Repository, bless_all, blessed

from pawl.evals.counts import CaseClass
from pawl.evals.gate import Reason, Verdict
from pawl.evals.gate_policy import shipped_policy
from pawl.evals.grade import Mark
from pawl.evals.shelf import Shelf
from pawl.evals.suite_result import (
    CaseResult,
    Judging,
    Refused,
    SuiteResult,
    TrialResult,
    judge,
)
from pawl.render.eval_junit import eval_junit
from pawl.render.eval_markdown import MAX_CHARACTERS, eval_markdown
from pawl.render.eval_sets_text import blessing_text, comparison_text, list_text
from pawl.render.eval_text import eval_text
from pawl.services.eval_comparing import compare_sets
from pawl.services.evals import listed

EMPTY = judge(
    (), Judging(policy=shipped_policy(), policy_place="as shipped", today=date(2026, 11, 21))
)


def made_of(text: str, cases: int = 1) -> SuiteResult:
    """Return a result that carries one text wherever a repository could put one."""
    trial = TrialResult(address="a" * 64, mark=Mark.FAIL, why=text, recorded_at=text)
    found = [
        CaseResult(
            id=f"{text}{number}",
            case=text,
            kind=CaseClass.BEHAVIOUR,
            file=text,
            key=None,
            verdict=verdict,
            reason=text,
            incident=text,
            problems=(text,),
            notes=(text,),
            changed=(text,),
            cannot_tell=1,
            trials=(trial,),
        )
        for number in range(cases)
        for verdict in ("regress", "stale", "invalid", "tracked", "inconclusive")
    ]
    return msgspec.structs.replace(
        EMPTY,
        cases=tuple(found),
        refused=(Refused(path=text, case=text, why=text),),
        notes=(text,),
        base=text,
        policy=text,
        reasons=(Reason(Verdict.REGRESS, "", text),),
    )


@given(hostile)
def test_junit_is_well_formed_whatever_a_case_says(text: str) -> None:
    """Every text is one attribute or one line of an element, and counts are those of elements."""
    root = ElementTree.fromstring(eval_junit(made_of(text)))
    cases = root.findall("./testsuite/testcase")
    assert root.get("tests") == str(len(cases)) == "7"
    for name, element in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
        assert root.get(name) == str(len(root.findall(f"./testsuite/testcase/{element}")))
    assert root.get("failures") == "2"


@given(hostile)
def test_markdown_keeps_every_text_in_its_place(text: str) -> None:
    """A table row stays one row of as many cells, without markup, mentions and links of a case."""
    told = eval_markdown(made_of(text))
    rows = [line for line in told.split("\n") if line.startswith("|")]
    assert len(rows) == 7
    for row in rows:
        assert len(re.sub(r"\\.", "", row).split("|")) == 10
    bare = re.sub(r"\\.", "", re.sub(r"`[^`\n]*`", "", told.replace("pass@1", "")))
    assert "<" not in bare
    assert "](" not in bare
    assert "@" not in bare
    assert "://" not in bare


@given(hostile)
def test_text_is_printable_whatever_a_case_says(text: str) -> None:
    """No control character reaches a terminal."""
    assert all(
        line.isprintable() for line in eval_text(made_of(text)).removesuffix("\n").split("\n")
    )


def test_a_comment_is_bounded() -> None:
    """However many cases there are and however long they are, a host takes the comment."""
    told = eval_markdown(made_of("|" * 5_000, cases=2_000))
    assert len(told) < MAX_CHARACTERS + 200
    assert "more" in told
    for text in BAD:
        assert len(eval_markdown(made_of(text * 3_000, cases=100))) < MAX_CHARACTERS + 200


def test_the_last_line_is_the_verdict() -> None:
    """Numbers have units, the interval stands beside its rate, and what is unknown is a dash."""
    repository = blessed()
    repository.tree.held[SKILL] = b"tag as you like"
    repository.add(repository.cases["release"], ["no"] * 8)
    repository.add(repository.cases["guard"], ["done", "no"])
    told = eval_text(repository.grade())
    lines = told.splitlines()
    assert lines[-1] == "regress: 2 regress"
    assert "pass@1 0.0 % (0.0 to 32.4 %), pass^3 0.0 %, n 8, baseline 20 of 20" in told
    assert "it keeps INC-1 from happening again" in told
    assert eval_text(repository.grade()) == told


def test_stale_is_told_with_what_changed() -> None:
    """Text, Markdown and JUnit name the file, and JUnit calls it skipped and not passed."""
    repository = blessed(guard=False)
    repository.tree.held[SKILL] = b"tag as you like"
    result = repository.grade()
    assert f"changed: {SKILL}" in eval_text(result)
    assert SKILL in eval_markdown(result).replace("\\", "")
    root = ElementTree.fromstring(eval_junit(result))
    (skipped,) = root.findall(".//skipped")
    assert SKILL in (skipped.text or "")


def test_what_passes_has_no_element_and_its_trials() -> None:
    """A passed case is a bare test case, its trials are properties, and the suite stands last."""
    root = ElementTree.fromstring(eval_junit(blessed().grade()))
    assert (root.get("failures"), root.get("errors"), root.get("skipped")) == ("0", "0", "0")
    trials = root.findall(".//property[@name='verdict']")
    assert {each.get("value") for each in trials} == {"pass"}
    named = [each.get("name") or "" for each in root.iter("property")]
    assert sum(name.startswith("trial.") for name in named) == 24


def test_the_json_says_what_it_is() -> None:
    """One versioned object with the verdict, each case's numbers and what judged."""
    value = msgspec.json.decode(msgspec.json.encode(blessed().grade()))
    assert value["schema"] == "pawl.eval/1"
    assert value["verdict"] == "pass"
    assert {case["class"] for case in value["cases"]} == {"behaviour", "guard"}
    numbers = value["cases"][1]["numbers"]
    assert {"pass_1", "low", "high", "pass_hat_k", "detectable_drop", "trials"} <= numbers.keys()
    assert value["suite"]["compared"] == 1
    assert len(value["policy_digest"]) == 64


def test_the_other_commands_tell_in_lines() -> None:
    """Cases, blessings and comparisons are told with their keys and numbers."""
    repository = blessed()
    repository.add(repository.cases["release"], ["no"], model="haiku")
    told = list_text(tuple(map(listed, repository.evals().look())))
    assert "release (behaviour, .pawl/evals/release.yaml): 21 fresh, 0 stale; 20 blessed" in told
    assert told.endswith("2 cases.\n")
    blessing = bless_all(repository)
    assert "not blessed release on claude-code 2.1.0, haiku" in blessing_text(blessing)
    found = compare_sets(
        repository.evals(), ("sonnet", "haiku"), (), lambda _: Shelf(repository.tree)
    )
    told = comparison_text(found)
    assert "20 of 20 (83.9 to 100.0 %), then 0 of 1 (0.0 to 79.3 %), -100.0 points" in told
    assert "$0.0200 a passed trial" in told
    assert "only of sonnet: guard" in told
    assert comparison_text(found) == told


def test_an_empty_suite_says_so_everywhere() -> None:
    """No output of nothing is green."""
    assert eval_text(EMPTY).endswith("inconclusive: there is no case\n")
    assert "❔" in eval_markdown(EMPTY)
    assert ElementTree.fromstring(eval_junit(EMPTY)).get("errors") == "1"
    assert Repository().grade().exit_code == 3
