"""The drills that come with Pawl."""

from functools import cache
from importlib.resources import files

from pawl.base.errors import BadFile
from pawl.incidents.drill import Drill, load_drill


@cache
def shipped_drills() -> tuple[Drill, ...]:
    """Return the drills that come with Pawl, by id; raises BadFile for one without a source."""
    found = []
    for each in files("pawl.incidents").joinpath("drills").iterdir():
        if not each.name.endswith(".yaml"):
            continue
        name = each.name.removesuffix(".yaml")
        drill = load_drill(each.read_text(encoding="utf-8"), id=name, place=each.name)
        if not drill.source.strip() or not drill.as_of:
            raise BadFile("it has no source, or no date.", place=each.name)
        found.append(drill)
    return tuple(sorted(found, key=lambda one: one.id))
