"""Wiring of prompts and contents of tools: whether they are kept here, and in what."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from pawl.runs.machine_settings import ContentSettings, MachineSettings
    from pawl.services.contents import Keeping
    from pawl.store.contents import Contents

SETTINGS = "pawl.toml"
"""In the data folder. A file of that name in a repository has no say in what is kept."""


def machine_settings(folder: Path) -> MachineSettings:
    """Return the data folder's `pawl.toml`; raises BadFile."""
    from pawl.base.loading import load_toml
    from pawl.runs.machine_settings import MachineSettings
    from pawl.world.machine_file import machine_file

    text = machine_file(folder, SETTINGS)
    if text is None:
        return MachineSettings()
    return load_toml(text, MachineSettings, place=str(folder / SETTINGS))


def keeping(folder: Path) -> Keeping | None:
    """Return where contents are kept; None where nobody asked for it.

    A settings file that does not read asks for nothing: a run is not refused for want of a place
    to keep what it says, and nothing is kept that nobody is known to have asked for.
    """
    if not (folder / SETTINGS).exists():
        return None  # Asked at the start of each run, which need not read TOML for it.
    from pawl.base.errors import BadFile

    try:
        content = machine_settings(folder).content
    except BadFile as error:
        print(f"pawl: {error} Nothing of what is said is kept until then.", file=sys.stderr)
        return None
    if not content.keep:
        return None
    from pawl.services.contents import Keeping

    return Keeping(open_contents(folder, content), content.max_bytes)


def open_contents(folder: Path, content: ContentSettings) -> Contents:
    """Return the contents of a data folder, kept or left from when they were."""
    from pawl.services.contents import rules_of
    from pawl.store.contents import Contents
    from pawl.world.clock import now

    return Contents(folder, now, rules_of(content))


def drop_contents(folder: Path, day: str) -> int:
    """Delete the contents of the days before one, such as `2026-11-21`; return how many days."""
    from pawl.services.forgetting import drop_days

    return drop_days(open_contents(folder, machine_settings(folder).content), day)
