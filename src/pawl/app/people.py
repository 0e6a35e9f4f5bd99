"""Who acts here, and who is who: the file of names and teams in the data folder."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pawl.alerts.budget_people import People
    from pawl.governance.ledger import Actor


def actor() -> Actor:
    """Return who acts here, as the environment, CI or the login tells."""
    from pawl.world.launch_site import launch_site

    return launch_site(Path.cwd(), dict(os.environ)).actor


def team_people(folder: Path) -> People:
    """Return who is who, of `people.yaml`; nobody where there is none. Raises BadFile."""
    from pawl.alerts.budget_people import People, check_people
    from pawl.base.loading import load_yaml
    from pawl.services.budget_files import TEAM_PEOPLE
    from pawl.world.machine_file import machine_file

    text = machine_file(folder, TEAM_PEOPLE)
    if text is None:
        return People()
    place = str(folder / TEAM_PEOPLE)
    return check_people(load_yaml(text, People, place=place), place=place)
