"""What reading transcripts needs of a machine, and whose work it finds there."""

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Protocol

import msgspec

from pawl.services.scanning import Database, Disk
from pawl.telemetry.attribution import Workplace
from pawl.telemetry.event import Event
from pawl.telemetry.format import Format
from pawl.telemetry.imported import Found
from pawl.telemetry.observation import Observation
from pawl.telemetry.pricing import PriceTable

if TYPE_CHECKING:
    from pawl.services.contents import Keeping

Progress = Callable[[int, int], None]
"""Bytes read so far and bytes to read in all."""


class Storage(Protocol):
    """Small files in the data folder."""

    def read(self, name: str) -> bytes | None:
        """Return a file's bytes, or None when there is none."""

    def replace(self, name: str, content: bytes) -> None:
        """Put a file in another's place, whole and durably."""


class Prices(Protocol):
    """The price table in force."""

    def digest(self) -> str:
        """Return what identifies the table, without parsing it."""

    def table(self) -> PriceTable:
        """Return the table; raises BadFile for a table of the user's that does not load."""


class SpoolReader(Protocol):
    """The spool, as far as it can be read."""

    def sizes(self) -> dict[str, int]:
        """Return the bytes of each segment."""

    def read(self, segment: str, offset: int) -> tuple[Sequence[Event], int]:
        """Return the events from an offset on, and the offset after them."""


class Machine(msgspec.Struct, frozen=True, kw_only=True):
    """Everything a bill needs of this machine. `developer` is who to name; else a file's owner.

    `keeping` is where the texts of transcripts are kept; None leaves them where they are.
    """

    formats: Sequence[Format]
    disk: Disk
    environment: Mapping[str, str]
    home: str
    name: str
    developer: str | None
    storage: Storage
    prices: Prices
    spool: SpoolReader
    databases: Mapping[str, Database]
    keeping: "Keeping | None" = None


class Attributor:
    """Says whose work an observation is; asks for each directory and each owner once."""

    def __init__(self, disk: Disk, machine: str, developer: str | None) -> None:
        self._disk = disk
        self._machine = machine
        self._developer = developer
        self._owners: dict[int, str] = {}
        self._places: dict[str, Workplace] = {}

    def developer_of(self, found: Found) -> str:
        """Return who to name for a file."""
        if self._developer is not None:
            return self._developer
        name = self._owners.get(found.owner)
        if name is None:
            name = self._owners[found.owner] = self._disk.owner_name(found.owner)
        return name

    def place(self, directory: str) -> Workplace:
        """Return what a working directory belongs to."""
        known = self._places.get(directory)
        if known is None:
            known = self._places[directory] = self._disk.workplace(directory)
        return known

    def attribute(self, observations: Sequence[Observation], found: Found) -> None:
        """Fill in what the observations of one file do not say themselves."""
        developer, machine, places = self.developer_of(found), self._machine, self._places
        for seen in observations:
            directory = seen.cwd
            if directory is not None:
                place = places.get(directory) or self.place(directory)
                seen.project, seen.repo, seen.cwd = place.project, place.repo, None
            seen.developer, seen.machine = developer, machine
