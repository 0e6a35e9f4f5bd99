"""What a place for checkpoints of the ledger is.

A place is worth as much as it is out of reach of whoever can write the ledger.
"""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Protocol

import msgspec

from pawl.alerts.alert import Notice
from pawl.base.errors import BadValue
from pawl.governance.note import TreeHead
from pawl.runs.alert_settings import ChannelSettings
from pawl.runs.machine_settings import PlaceSettings


class Kept(Protocol):
    """A place that is ready."""

    def keep(self, note: str, head: TreeHead) -> str:
        """Keep a checkpoint and say where it is now; raises Unavailable. Twice is once."""

    def kept(self) -> tuple[tuple[str, str], ...]:
        """Return the texts that are kept with their places; raises CannotTell."""


class Opening(msgspec.Struct, frozen=True, kw_only=True):
    """What a place is opened with. `named` is where the config names it, for errors.

    `data` is the data folder, which is no place for checkpoints. `put` gives a notice to the
    outbox for a channel, and `now` tells the canonical time.
    """

    settings: PlaceSettings
    named: str
    data: Path
    now: Callable[[], str]
    channels: Mapping[str, ChannelSettings] = {}
    put: Callable[[Notice, str], None] | None = None


class Place(msgspec.Struct, frozen=True, kw_only=True):
    """A kind of place. `open` raises BadValue for settings with which it cannot work."""

    title: str
    open: Callable[[Opening], Kept]


def outside(opening: Opening, text: str | None, key: str) -> Path:
    """Return an absolute path that the config names outside of the data folder; raises BadValue."""
    if not text or not Path(text).expanduser().is_absolute():
        raise BadValue(
            f"The place needs {key}, from the top of the file system.",
            place=opening.named,
            hint=f'Write {key} = "/…".',
        )
    path = Path(text).expanduser()
    if path.resolve().is_relative_to(opening.data.resolve()):
        raise BadValue(
            "The place is in the data folder, beside the ledger itself.",
            place=opening.named,
            hint="Name one that whoever writes the ledger cannot change.",
        )
    return path
