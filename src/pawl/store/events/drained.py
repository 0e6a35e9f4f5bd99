"""What a loading of the spool did, whatever engine it went into."""

import msgspec


class Drained(msgspec.Struct, frozen=True, kw_only=True):
    """What one loading of the spool did.

    `events` are new to the store; `repeated` were in it already. `torn` counts last lines that a
    dead writer left half written, `bad` whole lines that are no event. `removed` counts segments
    that were fully loaded and moved to the second copy. `remaining_bytes` is what was not loaded
    yet.
    """

    events: int = 0
    repeated: int = 0
    torn: int = 0
    bad: int = 0
    removed: int = 0
    remaining_bytes: int = 0


def added(done: Drained, more: Drained) -> Drained:
    """Return both together; what was removed and what remains is told at the end of a drain."""
    return Drained(
        events=done.events + more.events,
        repeated=done.repeated + more.repeated,
        bad=done.bad + more.bad,
        torn=done.torn + more.torn,
    )
