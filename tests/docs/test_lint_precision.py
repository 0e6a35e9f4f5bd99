"""The page on the lint's precision says what marks and measure come to, and no more."""

import base64
import subprocess
from pathlib import Path

import msgspec
import pytest
from scripts import lint_precision as precision
from scripts.lint_packages import Package

from pawl.app.linting import lint_rules
from pawl.assets.lint import RANK
from pawl.base.finding import Severity


def test_the_page_says_what_the_marks_say() -> None:
    """The table is the one that the script makes."""
    text = precision.PAGE.read_text(encoding="utf-8")
    assert precision.page(text) == text


@pytest.mark.parametrize("of", precision.CORPORA)
def test_marks_are_of_listed_trees_and_known_rules(of: precision.Corpus) -> None:
    """A mark names a tree that is measured and a rule that exists, once each."""
    held = precision.marks(of).marks
    listed = {label for label, _, _ in precision.corpus(of)}
    assert {mark.tree for mark in held} <= listed
    assert {mark.rule for mark in held} <= set(lint_rules())
    assert len({(mark.tree, mark.fingerprint) for mark in held}) == len(held)
    assert len(listed) == precision.measured(of).trees >= 10


def test_trees_stand_at_a_commit() -> None:
    """A branch would be another tree tomorrow."""
    for tree in precision.trees().trees:
        assert len(tree.commit) == 40
        assert int(tree.commit, 16) >= 0
        assert tree.judged


def test_packages_stand_at_a_version_and_a_hash() -> None:
    """A tag or a range would be another package tomorrow, and a short hash may be forged."""
    for package in precision.packages().packages:
        kind, _, wanted = package.integrity.partition("-")
        assert (kind, len(base64.b64decode(wanted, validate=True))) == ("sha512", 64)
        assert package.version[0].isdigit()
        assert not set(package.version) & set("^~*<> ")


def test_a_rule_that_fails_builds_is_right_often_enough() -> None:
    """What is marked of a rule that fails by default is true in 95 of 100 cases."""
    for of in precision.CORPORA:
        told = {(each[0], each[1]): each[2:] for each in precision.measured(of).found}
        held = [
            mark
            for mark in precision.marks(of).marks
            if mark.verdict != "unsure"
            and RANK[_told(mark.rule, told.get((mark.tree, mark.fingerprint)))]
            >= RANK[Severity.HIGH]
        ]
        for rule in {mark.rule for mark in held}:
            mine = [mark.verdict for mark in held if mark.rule == rule]
            assert mine.count("true") >= 0.95 * len(mine), rule
    assert held


def _told(rule: str, severity: tuple[str, ...] | None) -> Severity:
    if severity is None:
        return Severity.INFO  # It is found no more.
    return Severity(severity[0]) if severity else lint_rules()[rule].severity


def test_a_copy_counts_once_and_a_milder_finding_by_itself(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two packages with one file tell of it once; what is told milder has a row of its own."""
    packages = tuple(
        Package(registry="npm", name=name, version="1.0.0", integrity="sha512-x")
        for name in ("one", "@two/two")
    )
    listed = msgspec.structs.replace(precision.packages(), packages=packages)
    monkeypatch.setattr(precision, "packages", lambda: listed)
    for package in packages:
        for name in ("a", "old/a"):
            page = tmp_path / package.folder / ".claude" / "agents" / f"{name}.md"
            page.parent.mkdir(parents=True, exist_ok=True)
            page.write_text("---\nname: a\ndescription: Reads.\ntools: [Read]\n---\nRead.\n")
        (tmp_path / package.folder / "CLAUDE.md").write_text("See @docs/gone.md.\n")
    counted = precision.measure(tmp_path, "packages")
    assert counted.hits == {"missing-import": 2, "duplicate-agent/medium": 2}
    assert counted.distinct == {"missing-import": 1, "duplicate-agent/medium": 1}
    assert {each[2:] for each in counted.found} == {(), ("medium",)}
    monkeypatch.setattr(precision, "measured", lambda of: counted)
    none = precision.Marks(schema="pawl.lint-marks/1", marks=())
    monkeypatch.setattr(precision, "marks", lambda of: none)
    text = precision.table("packages")
    assert "| duplicate-agent | medium | 2 | 2 | 333 | 1 | 0 | 0 | not marked |  |" in text


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
    monkeypatch.setattr(precision, "marks", lambda of: none)
    counted = precision.measure(tmp_path, "files")
    assert (counted.files, counted.hits) == ({"memory": 1}, {"missing-import": 1})
    asked = precision.sheet(tmp_path, "files", Severity.HIGH, 20, 1)
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
    monkeypatch.setattr(precision, "marks", lambda of: done)
    assert precision.sheet(tmp_path, "files", Severity.HIGH, 20, 1) == ""
    monkeypatch.setattr(precision, "measured", lambda of: counted)
    text = precision.table("files")
    assert "| missing-import | high | 1 | 1 | 1,000 | 1 | 1 | 1 | 100% |" in text
