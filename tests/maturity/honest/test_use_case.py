"""The use case hands detectors what they need beyond facts and records."""

from pathlib import Path

from tests.maturity.honest.exports import PEOPLE
from tests.maturity.honest.honest import honest
from tests.maturity.potemkin.repositories import assessed


def test_the_register_tells_who_is_assessed(tmp_path: Path) -> None:
    """A team that works alone is noted, and nobody is named."""
    stage = honest()["kilnlog-python"]
    people = ", ".join(f"{name}@{name}.example.org" for name in PEOPLE)
    stage.files[".pawl/exemptions.yaml"] = f"assessed: [{people}]\n"
    hits = [hit for hit in assessed(stage, tmp_path).assessment.hits if hit.detector == "G02"]
    assert [hit.action for hit in hits] == ["note"]
    assert hits[0].criteria
    assert not any(name in str(hits) for name in PEOPLE)


def test_without_a_register_nobody_is_assessed(tmp_path: Path) -> None:
    """Who belongs to the team is never guessed."""
    hits = assessed(honest()["kilnlog-python"], tmp_path).assessment.hits
    assert "G02" not in {hit.detector for hit in hits}
