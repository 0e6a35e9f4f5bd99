"""What a team's cadence asked for over time, as it was adopted then and not as it is now.

A routine that was left out, or given another time, counts up to that moment as it stood: whoever
missed it does not undo that by writing another cadence.
"""

from collections.abc import Iterable, Mapping
from datetime import tzinfo

import msgspec

from pawl.governance.cadence import Cadence
from pawl.governance.cadence_keeping import Adopted, Line, Record, adopted, window

FOR_EVER = "9999-12-31T23:59:59.999999Z"
"""The end of what still counts."""


class Stretch(msgspec.Struct, frozen=True, kw_only=True):
    """A routine with its times, from when they counted until they did not."""

    kept: Adopted
    until: str = FOR_EVER


def stretches(adoptions: Iterable[tuple[Cadence, str]]) -> tuple[Stretch, ...]:
    """Return every routine that was ever kept, by the cadences and when each was adopted."""
    known: dict[str, Adopted] = {}
    found: list[Stretch] = []
    for cadence, at in adoptions:
        later = adopted(known, cadence, at)
        for name, before in known.items():
            now = later.get(name)
            if now is None or now.since != before.since:
                found.append(Stretch(kept=before, until=at))
        known = later
    return (*found, *(Stretch(kept=each) for each in known.values()))


def lines_over_time(
    kept: Iterable[Stretch],
    zones: Mapping[str, tzinfo],
    records: Mapping[str, Record],
    since: str,
    until: str,
    now: str,
) -> tuple[Line, ...]:
    """Return the occurrences due in [since, until) as they stand, each by the times of its day."""
    found: dict[str, Line] = {}
    for each in kept:
        end = min(until, each.until)
        if max(since, each.kept.since) >= end:
            continue
        own = {name: one for name, one in records.items() if one.routine == each.kept.routine.id}
        for line in window((each.kept,), zones, own, since, end, now):
            # The same period may be due under two times; what was recorded of it is the same.
            found.setdefault(line.occurrence.id, line)
    for line in window((), zones, records, since, until, now):
        found.setdefault(line.occurrence.id, line)
    return tuple(sorted(found.values(), key=lambda line: (line.occurrence.due_at, line.routine.id)))
