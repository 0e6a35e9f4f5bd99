"""Wiring of `pawl batch`."""

from __future__ import annotations

import os
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from pawl.services.batch_world import World


@contextmanager
def batch_world(
    data: Path, out: Path, *, anew: bool, say: Callable[[str], None]
) -> Iterator[World]:
    """Hold the files of a batch and give what it touches; raises Refused while another holds them.

    With `anew`, what an earlier batch left there gets another name first. From here on signals are
    heard by the batch, and at the end they are ignored: it has its summary by then.
    """
    from pawl.app import settle_dead_runs
    from pawl.services.batch_world import World
    from pawl.world import batch_folder, clock
    from pawl.world.batch_children import Children
    from pawl.world.machine import machine_name

    holder = f"`pawl batch` on {machine_name()}, begun {clock.now()[:19]}Z"
    held = batch_folder.take(out, holder=holder, say=say)
    try:
        if anew:
            for moved in batch_folder.set_aside(held):
                say(f"kept what was there as {moved}")
        with Children(data.absolute(), held.lock, held.record_path) as children:
            yield World(
                files=held,
                children=children,
                now=clock.now,
                monotonic=clock.monotonic,
                chance=clock.chance,
                new_run_id=clock.new_run_id,
                settle_dead=lambda: settle_dead_runs(data),
                is_folder=lambda path: os.path.isdir(path) and os.access(path, os.X_OK),
            )
    finally:
        held.close()


def read_batch_file(path: Path) -> bytes:
    """Return the bytes of a batch's file, bounded; raises BadFile."""
    from pawl.base.errors import BadFile
    from pawl.runs.batch_file import MAX_BYTES

    try:
        with open(path, "rb") as file:
            return file.read(MAX_BYTES + 1)
    except OSError as error:
        raise BadFile(f"cannot be read: {error.strerror or error}.", place=str(path)) from error
