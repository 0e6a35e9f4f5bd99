"""A skill's own evals become cases, and its prose is listed for a person."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pawl.base.errors import BadFile
from pawl.evals.importers.imported import Imported, Origin
from pawl.evals.importers.skill_evals import import_skill_evals

EVALS = """{"skill_name": "release", "version": 2, "evals": [
 {"id": 1, "prompt": "ship it", "expected_output": "a tag", "files": ["a.csv"],
  "expectations": ["a tag is set", "nothing is pushed"]},
 {"id": 1, "prompt": "again"},
 {"id": 3},
 "text"
]}"""


def imported(text: str = EVALS) -> Imported:
    """Return what a file becomes."""
    origin = Origin(added="2026-11-21", owner="platform")
    return import_skill_evals(text, place="evals.json", origin=origin)


def test_a_prompt_becomes_a_case_that_asks_for_the_skill() -> None:
    """Each prompt is a case that covers its skill and asserts that it was used."""
    found = imported()
    assert [case.id for case in found.cases] == ["release-1", "release-1-2"]
    assert found.cases[0].run.prompt == "ship it"
    assert found.cases[0].asserts == ({"skill_used": "release"},)
    assert found.cases[0].covers == ("skills/release",)
    assert found.cases[0].provenance.source == "evals.json: evals[0]"


def test_prose_is_listed_by_place() -> None:
    """What a person must turn into assertions is named one by one."""
    assert [(left.place, left.what, left.why) for left in imported().left] == [
        ("evals.json: version", "version", "nothing here stands for it"),
        (
            "evals.json: evals[0].expectations[0]",
            "a tag is set",
            "prose; write an assertion for it",
        ),
        (
            "evals.json: evals[0].expectations[1]",
            "nothing is pushed",
            "prose; write an assertion for it",
        ),
        ("evals.json: evals[0].expected_output", "a tag", "prose; write an assertion for it"),
        ("evals.json: evals[0].files[0]", "a.csv", "put it into a workspace"),
        ("evals.json: evals[2]", "eval", "It has no prompt."),
        ("evals.json: evals[3]", "eval", "It has no prompt."),
    ]


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", '{"evals": []}', '{"skill_name": " ", "evals": []}']
)
def test_what_is_no_such_file_is_refused(text: str) -> None:
    """A file without a skill and its evals is refused by name."""
    with pytest.raises(BadFile, match=r"evals\.json"):
        imported(text)


@given(st.integers(0, len(EVALS)), st.text(max_size=5))
def test_importing_is_total(place: int, text: str) -> None:
    """Whatever is put into a file, it becomes cases or is refused by name."""
    try:
        found = imported(EVALS[:place] + text + EVALS[place:])
    except BadFile:
        return
    assert len(found.cases) <= 4
