"""The page on the lint's precision says what marks and measure come to, and no more."""

import subprocess
from pathlib import Path

import msgspec
import pytest
from scripts import lint_precision as precision

from pawl.app.linting import lint_rules
from pawl.base.finding import Severity


def test_the_page_says_what_the_marks_say() -> None:
    """The table is the one that the script makes."""
    text = precision.PAGE.read_text(encoding="utf-8")
    assert precision.page(text) == text


def test_marks_are_of_listed_trees_and_known_rules() -> None:
    """A mark names a repository that is measured and a rule that exists, once each."""
    held = precision.marks().marks
    listed = {tree.repository for tree in precision.trees().trees}
    assert {mark.tree for mark in held} <= listed
    assert {mark.rule for mark in held} <= set(lint_rules())
    assert len({(mark.tree, mark.fingerprint) for mark in held}) == len(held)
    assert len(listed) == precision.measured().trees >= 30


def test_trees_stand_at_a_commit() -> None:
    """A branch would be another tree tomorrow."""
    for tree in precision.trees().trees:
        assert len(tree.commit) == 40
        assert int(tree.commit, 16) >= 0
        assert tree.judged


def test_a_measure_counts_and_a_sheet_asks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is judged is counted by rule, what is marked is not asked for again."""
    place = tmp_path / "ada__tool"
    place.mkdir()
    subprocess.run(("git", "-C", str(place), "init", "-q"), check=True)
    (place / "CLAUDE.md").write_text("See @docs/gone.md.\n")
    (place / "AGENTS.md").write_text("See @docs/lost.md.\n")
    tree = precision.Tree(repository="ada/tool", commit="a" * 40, judged=("CLAUDE.md",))
    listed = msgspec.structs.replace(precision.trees(), trees=(tree,))
    monkeypatch.setattr(precision, "trees", lambda: listed)
    none = precision.Marks(schema="pawl.lint-marks/1", marks=())
    monkeypatch.setattr(precision, "marks", lambda: none)
    counted = precision.measure(tmp_path)
    assert (counted.files, counted.hits) == ({"memory": 1}, {"missing-import": 1})
    asked = precision.sheet(tmp_path, Severity.HIGH, 20, 1)
    assert asked.count("rule: missing-import") == 1
    ((_, fingerprint),) = counted.found
    mark = precision.Mark(
        tree="ada/tool",
        rule="missing-import",
        fingerprint=fingerprint,
        verdict="true",
        who="ada",
        when="2026-11-21",
    )
    done = precision.Marks(schema="pawl.lint-marks/1", marks=(mark,))
    monkeypatch.setattr(precision, "marks", lambda: done)
    assert precision.sheet(tmp_path, Severity.HIGH, 20, 1) == ""
    monkeypatch.setattr(precision, "measured", lambda: counted)
    assert "| missing-import | high | 1 | 1 | 1,000 | 1 | 1 | 100% |" in precision.table()
