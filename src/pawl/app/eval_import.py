"""Wiring of `pawl eval import`."""

from __future__ import annotations

import os
import re
import stat
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pawl.evals.answers import ImportedSuite


def import_file(file: Path, place: Path, *, owner: str, name: str | None) -> ImportedSuite:
    """Write the suite that a file holds; raises BadFile, BadValue and CannotTell."""
    from pawl.app import now
    from pawl.app.evals import tree_writer
    from pawl.evals.importers.imported import Origin
    from pawl.evals.shelf import Shelf
    from pawl.services.eval_importing import import_suite
    from pawl.world.working_tree import WorkingTree

    stem = re.sub(r"[^a-z0-9]+", "-", file.stem.lower()).strip("-")[:80] or "imported"
    return import_suite(
        _text(file),
        place=file.name,
        name=name or stem,
        origin=Origin(added=now()[:10], owner=owner),
        shelf=Shelf(WorkingTree(place)),
        writing=tree_writer(place),
    )


def _text(file: Path) -> str:
    from pawl.base.errors import BadFile
    from pawl.base.loading import MAX_TEXT

    try:
        fd = os.open(file, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        raise BadFile(f"cannot be read: {error.strerror}.", place=str(file)) from error
    if not stat.S_ISREG(os.fstat(fd).st_mode):
        os.close(fd)
        raise BadFile("no regular file.", place=str(file))
    with open(fd, "rb") as opened:
        try:
            return opened.read(4 * MAX_TEXT).decode("utf-8")
        except UnicodeDecodeError as error:
            raise BadFile("not in UTF-8.", place=str(file)) from error
