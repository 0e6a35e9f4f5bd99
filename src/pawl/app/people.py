"""The file of names and teams in the data folder."""

from __future__ import annotations

from pathlib import Path

from pawl.alerts.budget_people import People, check_people
from pawl.base.loading import load_yaml
from pawl.services.budget_files import TEAM_PEOPLE
from pawl.world.machine_file import machine_file


def team_people(folder: Path) -> People:
    """Return who is who, of `people.yaml`; nobody where there is none. Raises BadFile."""
    text = machine_file(folder, TEAM_PEOPLE)
    if text is None:
        return People()
    place = str(folder / TEAM_PEOPLE)
    return check_people(load_yaml(text, People, place=place), place=place)
