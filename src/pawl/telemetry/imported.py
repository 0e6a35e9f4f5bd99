"""Transcript files as the disk tells of them, and what an import of them came to."""

from typing import NamedTuple

import msgspec


class Found(NamedTuple):
    """A transcript file as `stat` tells of it; `owner` is a user id."""

    path: str
    inode: int
    size: int
    mtime_ns: int
    owner: int


class Trouble(NamedTuple):
    """Something that was passed over, and why."""

    path: str
    reason: str


class Listing(NamedTuple):
    """Files below a root, in the order of their paths, and what was passed over."""

    files: list[Found]
    troubles: list[Trouble]


class Scanned(msgspec.Struct, kw_only=True):
    """What reading one agent's files came to.

    `skipped` lines were no JSON object of the format, `oversized` ones too long to keep,
    `refused` requests had token counts that cannot be true. `restarted` files were rewritten in
    place and read from their start again; `requests` were told by what was read, each once a
    file.
    """

    agent: str
    files: int = 0
    read: int = 0
    unchanged: int = 0
    restarted: int = 0
    bytes: int = 0
    skipped: int = 0
    oversized: int = 0
    refused: int = 0
    unrecognised: int = 0
    requests: int = 0
    warnings: list[str] = []

    @property
    def remarks(self) -> tuple[str, ...]:
        """The warnings, and what was left out of the bill although it was read."""
        left_out = []
        if self.refused:
            left_out.append(
                f"{self.agent}: {self.refused} requests have token counts that cannot be true "
                "and are left out."
            )
        if self.oversized:
            left_out.append(f"{self.agent}: {self.oversized} lines are too long and are left out.")
        return (*left_out, *self.warnings)


class Import(msgspec.Struct, frozen=True, kw_only=True):
    """A whole import: one report an agent, in the order of their names; `events` were kept."""

    agents: tuple[Scanned, ...]
    events: int
    warnings: tuple[str, ...]
