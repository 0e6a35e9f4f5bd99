"""The file of names and teams in the data folder."""

from __future__ import annotations

from pathlib import Path

from pawl.alerts.budget_people import People, check_people
from pawl.base.errors import BadFile
from pawl.base.loading import MAX_TEXT, load_yaml

FILE = "people.yaml"


def team_people(folder: Path) -> People:
    """Return who is who, of `people.yaml`; nobody where there is none. Raises BadFile."""
    path = folder / FILE
    try:
        with path.open("rb") as file:
            read = file.read(4 * MAX_TEXT + 1)
    except FileNotFoundError:
        return People()
    except OSError as error:
        raise BadFile(f"cannot be read: {error.strerror}.", place=str(path)) from error
    try:
        text = read.decode("utf-8")
    except UnicodeDecodeError as error:
        raise BadFile("is not UTF-8 text.", place=str(path)) from error
    return check_people(load_yaml(text, People, place=str(path)), place=str(path))
