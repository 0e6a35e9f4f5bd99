"""How a change begins: somebody opens it, or it is found to be live already."""

from pawl.changes.change import Change, Happened, Happening, State, plain_values
from pawl.changes.manifest import Manifest, manifest_digest
from pawl.governance.roster import plain_identity


def open_change(
    identity: str, manifest: Manifest, authors: tuple[str, ...], now: str, *, by: str
) -> Happened:
    """Return the event that a change was opened; raises BadValue for a manifest without digest."""
    change = Change(
        id=identity,
        manifest=manifest,
        digest=manifest_digest(manifest),
        state=State.DRAFT,
        authors=identities((*authors, by)),
        opened_at=now,
        changed_at=now,
    )
    return _first(Happening.OPENED, change, by)


def found_unmanaged(identity: str, manifest: Manifest, now: str, *, by: str) -> Happened:
    """Return the event that something is live that was never a change here.

    The manifest is made of what was found and what should be there. It counts as a release without
    approval, and can be rolled back like any other.
    """
    change = Change(
        id=identity,
        manifest=manifest,
        digest=manifest_digest(manifest),
        state=State.UNMANAGED,
        authors=(),
        opened_at=now,
        changed_at=now,
        live_at=now,
        why="Found to be live without having been a change here.",
    )
    return _first(Happening.FOUND, change, by)


def _first(type: Happening, change: Change, by: str) -> Happened:
    return Happened(
        type=type, change=change.id, at=change.opened_at, by=by, sets=plain_values(change)
    )


def identities(names: tuple[str, ...]) -> tuple[str, ...]:
    """Return identities as they are compared, each once, in their order."""
    return tuple(dict.fromkeys(plain_identity(each) for each in names))
