"""JUnit XML: counts of what is there, whatever dialect, and no trap sprung."""

import pytest

from pawl.base.errors import BadFile
from pawl.parsing.junit import read

PYTEST = """<?xml version="1.0" encoding="utf-8"?>
<testsuites name="pytest tests"><testsuite name="pytest" errors="0" failures="9" skipped="0"
 tests="99" time="1.2" timestamp="2026-11-20T10:00:00.123456+01:00" hostname="ci">
<properties><property name="GITHUB_SHA" value="ABCDEF0123456789ABCDEF0123456789ABCDEF01"/>
<property name="github_run_id" value="77"/></properties>
<testcase classname="tests.test_a" name="test_one" time="0.5"/>
<testcase classname="tests.test_a" name="test_two" time="1,000.5"><failure message="no">at</failure>
</testcase>
<testcase classname="tests.test_a" name="test_three"><skipped type="pytest.xfail"/></testcase>
<testcase classname="tests.test_a" name="test_four"><error message="setup"/></testcase>
</testsuite></testsuites>"""


def test_counts_are_of_cases_and_not_of_attributes() -> None:
    """A suite may claim what it likes; what counts are the cases, with commit, run and time."""
    run = read(PYTEST, "junit.xml", "d")
    assert (run.passed, run.failed, run.errors, run.skipped) == (1, 1, 1, 1)
    assert run.at == "2026-11-20T09:00:00.123456Z"
    assert run.commit == "abcdef0123456789abcdef0123456789abcdef01"
    assert run.run == "77"
    assert run.cases[0].name == "tests.test_a.test_one"
    assert [case.status for case in run.cases] == ["passed", "failed", "skipped", "error"]
    assert [case.seconds for case in run.cases] == [0.5, 1000.5, None, None]


def test_other_dialects() -> None:
    """A bare suite, nested suites, gtest's `notrun`, and namespaces are read alike."""
    bare = '<testsuite><testcase name="a"/><testcase name="b" status="notrun"/></testsuite>'
    run = read(bare, "s", "d")
    assert (run.passed, run.skipped) == (1, 1)
    nested = (
        "<testsuites><testsuite><testsuite timestamp='2026-01-02T03:04:05'>"
        "<testcase classname='c' name='n'/></testsuite></testsuite></testsuites>"
    )
    assert read(nested, "s", "d").at == "2026-01-02T03:04:05.000000Z"
    spaced = '<j:testsuite xmlns:j="urn:x"><j:testcase name="n"/></j:testsuite>'
    assert read(spaced, "s", "d").passed == 1


def test_a_test_that_passed_at_the_second_try_shows_both() -> None:
    """A case that failed before it passed counts as passed, and its failure is kept."""
    text = '<testsuite><testcase name="a"><flakyFailure/></testcase></testsuite>'
    run = read(text, "s", "d")
    assert (run.passed, run.failed) == (1, 0)
    assert [case.status for case in run.cases] == ["failed", "passed"]


def test_a_failure_within_a_case_wins_over_a_skip() -> None:
    """Whatever was worst decides, in any order."""
    text = '<testsuite><testcase name="a"><skipped/><failure/><skipped/></testcase></testsuite>'
    assert read(text, "s", "d").failed == 1


def test_a_failure_outside_a_case_is_none() -> None:
    """An element of that name elsewhere changes no count."""
    text = '<testsuite><failure/><testcase name="a"/><error/></testsuite>'
    run = read(text, "s", "d")
    assert (run.passed, run.failed, run.errors) == (1, 0, 0)


def test_a_short_commit_names_none() -> None:
    """Only a full object id can be compared."""
    text = (
        '<testsuite><properties><property name="commit" value="abc123"/></properties>'
        '<testcase name="a"/></testsuite>'
    )
    assert read(text, "s", "d").commit is None


ATTACKS = {
    "laughs": '<!DOCTYPE t [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">]><testsuite>&b;</testsuite>',
    "external": '<!DOCTYPE t [<!ENTITY x SYSTEM "file:///etc/passwd">]><testsuite>&x;</testsuite>',
    "parameter": '<!DOCTYPE t [<!ENTITY % p SYSTEM "http://x.example/e"> %p;]><testsuite/>',
    "named": '<!DOCTYPE testsuite SYSTEM "http://x.example/t.dtd"><testsuite/>',
    "undeclared": "<testsuite>&nope;</testsuite>",
    "deep": "<testsuite>" * 101 + "</testsuite>" * 101,
    "cut": "<testsuite><testcase name='a'/>",
    "other": "<assemblies/>",
    "empty": "",
    "text": "not xml",
    "control": "<testsuite>\x00</testsuite>",
}


@pytest.mark.parametrize("attack", ATTACKS)
def test_what_is_no_report_is_refused(attack: str) -> None:
    """Entities, document types, depth and broken XML are refused with the report's name."""
    with pytest.raises(BadFile) as refused:
        read(ATTACKS[attack], "reports/junit.xml", "d")
    assert refused.value.place == "reports/junit.xml"
    assert refused.value.hint
