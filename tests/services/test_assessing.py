"""Assessing a repository: the base's definitions judge, and what a change edits only is noted."""

import subprocess
from pathlib import Path

import pytest

from pawl.app import maturity
from pawl.base.errors import BadFile, BadValue
from pawl.maturity.verdict import Verdict
from pawl.services.assessing import Asked, Made, read_definitions
from pawl.world.repository import open_tree

NOW = "2026-11-21T00:00:00.000000Z"
OVERLAY = """schema: pawl.maturity-overlay/1
name: ours
version: 1.0.0
model: eng
levels:
  eng.L2: {fresh_for: 30d}
"""
REGISTER = """schema: pawl.exemptions/1
exemptions:
- id: X1
  criterion: eng.culture.L2.ownership
  reason: The catalogue of owners moves to another system this quarter.
  residual_control: The platform team answers for every path meanwhile.
  owner: platform-lead
  approver: security-lead
  created: "2026-11-01"
  expires: "2026-12-01"
assessed: [checkout-team]
approvers: [security-lead]
"""


def _git(place: Path, *arguments: str) -> None:
    subprocess.run(
        ("git", "-C", place, "-c", "user.name=a", "-c", "user.email=a@example.org", *arguments),
        check=True,
        capture_output=True,
    )


def _commit(place: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        path = place / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    _git(place, "add", "-A")
    _git(place, "commit", "-q", "-m", "Change")


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A small repository with one commit on main."""
    place = tmp_path / "shop"
    place.mkdir()
    _git(place, "init", "-q", "-b", "main")
    _commit(place, {"README.md": "# Shop\n\nSells things.\n", "shop.py": "def buy(): ...\n"})
    return place


def _assess(place: Path, data: Path, *, record: bool = False, **asked: object) -> Made:
    return maturity.assess(data, place, Asked(models=("eng",)), record=record, **asked)  # type: ignore[arg-type]


def test_a_bare_repository_proves_nothing_and_blames_nobody(
    repository: Path, tmp_path: Path
) -> None:
    """Without evidence the vector is the lowest level; what was not looked at is told."""
    made = _assess(repository, tmp_path / "data")
    model = made.assessment.models[0]
    assert model.complete
    assert {dimension.measured for dimension in model.dimensions} == {1}
    verdicts = {each.verdict for dimension in model.dimensions for each in dimension.criteria}
    assert Verdict.MET not in verdicts
    assert Verdict.ERROR not in verdicts
    assert any(line.startswith("host:") for line in made.assessment.not_looked_at)


def test_the_base_judges_the_change_that_edits_the_rules(repository: Path, tmp_path: Path) -> None:
    """An exemption and an overlay that a branch adds are noted and count only once on main."""
    _git(repository, "checkout", "-q", "-b", "change")
    _commit(repository, {".pawl/exemptions.yaml": REGISTER, ".pawl/models/ours.yaml": OVERLAY})
    made = _assess(repository, tmp_path / "data")
    assert made.definitions.register is None
    assert made.definitions.edited == (".pawl/exemptions.yaml", ".pawl/models/ours.yaml")
    assert made.definitions.models[0].level(2).fresh_for != "30d"
    _git(repository, "checkout", "-q", "main")
    _git(repository, "merge", "-q", "change")
    merged = _assess(repository, tmp_path / "data")
    assert merged.definitions.register is not None
    assert merged.definitions.edited == ()
    assert merged.definitions.models[0].level(2).fresh_for == "30d"
    judged = {
        each.id: each
        for dimension in merged.assessment.models[0].dimensions
        for each in dimension.criteria
    }
    assert judged["eng.culture.L2.ownership"].verdict is Verdict.EXEMPT


def test_an_overlay_that_loosens_is_refused(repository: Path, tmp_path: Path) -> None:
    """A definition that would make a level easier names its row and stops the assessment."""
    _commit(repository, {".pawl/models/ours.yaml": OVERLAY.replace("30d", "900d")})
    with pytest.raises(BadFile, match="fresh_for"):
        _assess(repository, tmp_path / "data")


def test_a_folder_outside_git_has_no_exemptions(tmp_path: Path) -> None:
    """Where there is no version before this one, the register does not count, and that is said."""
    place = tmp_path / "folder"
    (place / ".pawl").mkdir(parents=True)
    (place / ".pawl/exemptions.yaml").write_text(REGISTER)
    with open_tree(place) as source:
        found = read_definitions(maturity.definitions(), None, source)
    assert found.register is None
    assert any("no agreed base version" in note for note in found.notes)


def test_a_model_that_nobody_defines_is_refused(repository: Path, tmp_path: Path) -> None:
    """The error lists the models there are."""
    with pytest.raises(BadValue, match="eng, ops"):
        maturity.assess(tmp_path / "data", repository, Asked(models=("cmmi",)), record=False)


def test_the_same_evidence_gives_the_same_bytes(repository: Path, tmp_path: Path) -> None:
    """Two machines with the same commit, definitions and clock print the same assessment."""
    first = _assess(repository, tmp_path / "one", as_of=NOW)
    copy = tmp_path / "copy" / "shop"
    subprocess.run(("git", "clone", "-q", repository, copy), check=True)
    _git(copy, "remote", "remove", "origin")
    second = _assess(copy, tmp_path / "two", as_of=NOW)
    assert first.assessment == second.assessment


def test_evidence_is_kept_and_judges_next_time(repository: Path, tmp_path: Path) -> None:
    """What one assessment saw is the next one's past, and the ledger tells the trend."""
    data = tmp_path / "data"
    first = _assess(repository, data, record=True)
    second = _assess(repository, data, record=True)
    assert {record.id for record in first.records} < {r.id for r in second.inputs.records}
    assert second.assessment.ledger_checkpoint is not None
    with maturity.evidence_records(data) as kept:
        points = kept.trend(first.assessment.subject)
    assert [point.as_of for point in points] == [
        first.assessment.as_of,
        second.assessment.as_of,
    ]
    assert points[0].levels["eng"] == {
        dimension.id: dimension.measured for dimension in first.assessment.models[0].dimensions
    }
