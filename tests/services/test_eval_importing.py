"""Importing another tool's file: a suite that reads back, and all that was left of it."""

import pytest
from tests.services.eval_repository import Repository

from pawl.base.errors import BadFile, BadValue
from pawl.evals.answers import ImportedSuite
from pawl.evals.importers.imported import Origin
from pawl.evals.shelf import Shelf
from pawl.services.eval_importing import import_suite

PROMPTFOO = """\
prompts: ["Say '{{ word }}': yes, no: on\\n- item"]
tests:
  - vars: {word: "größe @x #y"}
    assert:
      - {type: contains, value: "null"}
      - {type: javascript, value: "output.length < 3"}
  - description: second
    vars: {word: "2026-01-01"}
    assert: [{type: not-icontains, value: "~"}]
"""
SKILL = (
    '{"skill_name": "release", "evals": [{"id": 1, "prompt": "ship", "expectations": ["good"]}]}'
)


def _imported(
    repository: Repository, text: str, *, place: str = "promptfooconfig.yaml", name: str = "mine"
) -> ImportedSuite:
    return import_suite(
        text,
        place=place,
        name=name,
        origin=Origin(added="2026-11-21", owner="platform"),
        shelf=Shelf(repository.tree),
        writing=repository,
    )


def test_a_suite_is_written_that_reads_as_what_was_imported() -> None:
    """Texts that look like other YAML come back as they were; what was left is named by place."""
    repository = Repository()
    told = _imported(repository, PROMPTFOO)
    assert told.file == ".pawl/evals/mine.yaml"
    cases = {placed.case.id: placed.case for placed in Shelf(repository.tree).cases()}
    assert tuple(sorted(cases)) == tuple(sorted(told.cases))
    prompts = {case.run.prompt for case in cases.values()}
    assert "Say 'größe @x #y': yes, no: on\n- item" in prompts
    assert any(case.asserts[0].get("contains") == "null" for case in cases.values())
    assert any("javascript" in left.what for left in told.left)
    assert all(left.place.startswith("promptfooconfig.yaml") for left in told.left)


def test_a_skills_evals_are_taken_by_the_files_name() -> None:
    """Prose is left, and said to be."""
    repository = Repository()
    told = _imported(repository, SKILL, place="evals.json")
    assert told.cases == ("release-1",)
    assert told.left


def test_names_that_are_taken_are_refused_before_anything_is_written() -> None:
    """Neither a file nor a case is written over."""
    repository = Repository()
    _imported(repository, PROMPTFOO)
    held = dict(repository.tree.held)
    for name in ("mine", "again", "gate", "../x", "", "A"):
        with pytest.raises(BadValue):
            _imported(repository, PROMPTFOO, name=name)
    assert repository.tree.held == held


def test_a_file_without_a_case_writes_nothing() -> None:
    """What could not be carried over leaves no empty suite behind."""
    repository = Repository()
    text = "prompts: [x]\ntests:\n  - assert: [{type: javascript, value: x}]\n"
    told = _imported(repository, text)
    assert (told.file, told.cases) == ("", ())
    assert told.left
    with pytest.raises(BadFile):
        _imported(repository, "just: text\n")
    assert ".pawl/evals/mine.yaml" not in repository.tree.held
