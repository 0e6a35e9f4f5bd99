"""Files that belong to a skill: what stands in its folder and below it."""

from collections.abc import Iterable, Mapping

import msgspec

from pawl.assets.asset import Entry

MAX_BUNDLED = 5000
_SCRIPTS = (".sh", ".bash", ".py")


class Script(msgspec.Struct, frozen=True):
    """A script in the folder of a skill; `skill` is the path of the skill's page."""

    path: str
    skill: str


def scripts_of(entries: Mapping[str, Entry], skills: Iterable[str]) -> tuple[Script, ...]:
    """Return the scripts of skills, given by the paths of their pages; links are left out.

    Tests and what a package manager put there are not the skill's own.
    """
    folders = {path.rpartition("/")[0]: path for path in skills}
    if not folders:
        return ()
    found: list[Script] = []
    for path, entry in entries.items():
        if not path.endswith(_SCRIPTS) or entry.target is not None:
            continue
        if not {"node_modules", "tests", "test", ".venv", "vendor"}.isdisjoint(path.split("/")):
            continue
        skill = _holder(path, folders)
        if skill is not None:
            found.append(Script(path, skill))
    return tuple(sorted(found, key=lambda each: each.path)[:MAX_BUNDLED])


def _holder(path: str, folders: Mapping[str, str]) -> str | None:
    """Return the page of the nearest skill around a path."""
    folder = path
    while folder:
        folder = folder.rpartition("/")[0]
        if folder in folders:
            return folders[folder]
    return None
