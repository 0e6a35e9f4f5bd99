"""Who is who, out of the file in the data folder."""

import os
from pathlib import Path

import pytest

from pawl.alerts.budget_people import People
from pawl.app.people import team_people
from pawl.base.errors import BadFile

TEXT = """schema: pawl.people/1
people:
  ada: [ada@example.com]
teams:
  platform: [ada]
shown: [platform]
"""


def test_the_file_says_who_is_who(tmp_path: Path) -> None:
    """People, teams and which of them may be shown; without a file there is nobody."""
    assert team_people(tmp_path) == People()
    (tmp_path / "people.yaml").write_text(TEXT)
    found = team_people(tmp_path)
    assert (found.people, found.shown) == ({"ada": ("ada@example.com",)}, ("platform",))


@pytest.mark.parametrize("content", [b"\xff\xfe", b"people: [", b"unknown: 1\n"])
def test_a_file_that_says_nothing_is_refused_by_name(tmp_path: Path, content: bytes) -> None:
    """Not UTF-8, not YAML, or not of this form."""
    (tmp_path / "people.yaml").write_bytes(content)
    with pytest.raises(BadFile, match=r"people\.yaml"):
        team_people(tmp_path)


def test_what_is_no_file_is_not_waited_for(tmp_path: Path) -> None:
    """A pipe that nobody writes to does not hold the server up."""
    os.mkfifo(tmp_path / "people.yaml")
    with pytest.raises(BadFile):
        team_people(tmp_path)
