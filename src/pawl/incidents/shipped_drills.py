"""The drills that come with Pawl."""

from functools import cache
from importlib.resources import files

from pawl.base.errors import BadFile
from pawl.incidents.drill import Drill, load_drill


@cache
def shipped_drills() -> tuple[Drill, ...]:
    """Return the drills that come with Pawl, by id; raises BadFile for one without a source."""
    found = []
    for name in _names():
        text = files("pawl.incidents").joinpath("drills", name).read_text(encoding="utf-8")
        drill = load_drill(text, id=name.removesuffix(".yaml"), place=name)
        if not drill.source.strip() or not drill.as_of:
            raise BadFile("it has no source, or no date.", place=name)
        found.append(drill)
    return tuple(found)


def _names() -> list[str]:
    every = (each.name for each in files("pawl.incidents").joinpath("drills").iterdir())
    return sorted(name for name in every if name.endswith(".yaml"))
