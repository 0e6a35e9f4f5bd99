"""What a collection leaves behind to be gone on with: how it began, and which files it has."""

import msgspec

from pawl.base import typed
from pawl.maturity.looking.recent import days_between
from pawl.services.collecting_pages import Shelf

RESUME_DAYS = 7
"""Days after which an unfinished collection is begun anew: what it lists first grows old."""


class State(msgspec.Struct, frozen=True, kw_only=True):
    """What a collection began with, kept to be gone on with."""

    version: str
    url: str
    repository: str
    window: str
    since: str
    began: str
    into: str
    finished: bool = False

    def is_about(self, other: "State") -> bool:
        """Say whether both are about one repository, one folder and one version of ours."""
        names = ("version", "url", "repository", "into")
        return all(getattr(self, name) == getattr(other, name) for name in names)

    def goes_on(self, asked: "State") -> bool:
        """Say whether what is asked now is what this one has left unfinished."""
        young = days_between(self.began, asked.began) <= RESUME_DAYS
        return self.is_about(asked) and self.window == asked.window and not self.finished and young


class Entry(msgspec.Struct, frozen=True):
    """One file of the dump: its stamp, and what it can be asked for again with.

    `listed`: it is asked for in each collection, and the stamp is when that one began.
    """

    file: str
    stamp: str
    listed: bool
    etag: str = ""
    address: str = ""


def known_state(shelf: Shelf) -> State | None:
    """Return what the last collection began with, or None when nothing tells."""
    content = shelf.read("state.json")
    try:
        return None if content is None else typed.decode(content, type=State)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return None


def journal(shelf: Shelf) -> dict[str, Entry]:
    """Return the files of the dump; a line that broke off is a file that is asked for again."""
    found = {}
    for line in (shelf.read("journal.ndjson") or b"").splitlines():
        try:
            entry = typed.decode(line, type=Entry)
        except (msgspec.MsgspecError, UnicodeDecodeError):
            continue
        found[entry.file] = entry
    return found
