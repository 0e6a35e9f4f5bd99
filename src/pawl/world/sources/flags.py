"""Feature flags that were switched, out of the history of the file that holds them.

Reads: `flags` of `[investigation]`: JSON, YAML or TOML, in a git repository. Without a history
nobody can say when a flag was switched, and that is what it then says.
"""

from pathlib import Path

from pawl.base.errors import BadFile, CannotTell
from pawl.base.times import parse_time
from pawl.investigation.facts import Facts
from pawl.investigation.flags import Version, read_flags, switches
from pawl.world.git_history import time_of
from pawl.world.git_range import git_reading
from pawl.world.git_reading import GitReading
from pawl.world.git_references import read_small
from pawl.world.repository import git_folders
from pawl.world.source import Asking, Source, files_of

MAX_VERSIONS = 200
MAX_BYTES = 1024 * 1024
_FIELDS = 3


def _missing(asking: Asking) -> str:
    if not asking.settings.flags:
        return "[investigation] names no file of feature flags."
    return ""


def _look(asking: Asking) -> Facts:
    assert asking.settings.flags is not None
    (path, *_) = files_of(asking, (asking.settings.flags,))
    folders = git_folders(path.parent.absolute())
    if folders is None or folders[0] is None:
        raise CannotTell(
            "the file has no history, so nobody can say when a flag was switched.",
            place=asking.settings.flags,
            hint="Keep it in a git repository.",
        )
    name = str(path.absolute().relative_to(folders[0].absolute()))
    left: list[str] = []
    with git_reading(path.parent) as reading:
        versions = _versions(reading, name, asking, left)
    now = _as_it_is(path, left)
    if now is not None and versions and now != versions[-1].flags:
        left.append("the file holds flags that are not committed; when they were set is not known.")
    return Facts(changes=switches(tuple(versions), "flags"), left=tuple(left))


def _versions(reading: GitReading, name: str, asking: Asking, left: list[str]) -> list[Version]:
    """Return the versions of a file in the window and the one before them, oldest first."""
    since, until = (
        int(parse_time(text).timestamp()) for text in (asking.window.since, asking.window.until)
    )
    before = _log(reading, name, f"--until=@{since - 1}", "--max-count=1")
    within = _log(
        reading, name, f"--since=@{since}", f"--until=@{until}", f"--max-count={MAX_VERSIONS}"
    )
    found = []
    for commit, committed, author in (*before, *within):
        content = reading.answer("cat-file", "blob", f"{commit}:{name}")
        try:
            flags = {} if content is None else read_flags(_text(content), place=name)
        except BadFile as error:
            left.append(f"{commit[:12]}: {error.message}")
            continue
        place = f"{name}@{commit[:12]}"
        found.append(Version(at=time_of(committed), who=author[:100], place=place, flags=flags))
    return sorted(found, key=lambda each: each.at)


def _log(reading: GitReading, name: str, *bounds: str) -> list[tuple[str, str, str]]:
    """Return the commits that touched a file: id, seconds, author."""
    printed = reading.answer(
        *("log", "-z", "--no-show-signature", "--no-decorate", "--no-notes", "--no-mailmap"),
        *(*bounds, "--format=%H%x00%ct%x00%aN", "HEAD", "--", name),
    )
    if printed is None:
        raise CannotTell("git cannot read the history.", place=name)
    parts = [part.decode("utf-8", "replace").strip() for part in printed.split(b"\0")]
    return [
        (parts[at], parts[at + 1], parts[at + 2])
        for at in range(0, len(parts) - _FIELDS + 1, _FIELDS)
    ]


def _text(content: bytes) -> str:
    return content[:MAX_BYTES].decode("utf-8", "replace")


def _as_it_is(path: Path, left: list[str]) -> dict[str, str] | None:
    content = read_small(path, MAX_BYTES)
    if content is None:
        return None
    try:
        return read_flags(_text(content), place=path.name)
    except BadFile as error:
        left.append(error.message)
        return None


SOURCE = Source(title="Feature flags", answers=("flags",), missing=_missing, look=_look)
