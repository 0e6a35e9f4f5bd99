"""The policy files of a working tree, as they are being written: to check them, never to judge by.

Links are not followed; what is no file counts as unreadable.
"""

import os
from pathlib import Path

from pawl.world.plain_folder import read_below
from pawl.world.working_tree import top_of

MAX_FILES = 1_000
MAX_BYTES = 4 * 1024 * 1024
_PASSED_OVER = frozenset({"evals"})


def policy_folder(place: Path) -> dict[str, bytes | None]:
    """Return the policy files below `.pawl/` of the repository that holds a place."""
    return yaml_files(top_of(place) / ".pawl")


def yaml_files(top: Path) -> dict[str, bytes | None]:
    """Return the YAML files below a folder but for the evals, by their names there.

    None is a link, or a file that is too large or cannot be read.
    """
    start = os.fsencode(top)
    found: dict[str, bytes | None] = {}
    for folder, folders, names in os.walk(start):
        below = os.path.relpath(folder, start)
        folders[:] = sorted(name for name in folders if os.fsdecode(name) not in _PASSED_OVER)
        for name in sorted(names):
            if not name.endswith((b".yaml", b".yml")) or len(found) >= MAX_FILES:
                continue
            path = name if below == b"." else below + b"/" + name
            content = read_below(os.fsdecode(start), path, MAX_BYTES + 1)
            text = path.decode("utf-8", "backslashreplace")
            found[text] = None if content is None or len(content) > MAX_BYTES else content
    return found
