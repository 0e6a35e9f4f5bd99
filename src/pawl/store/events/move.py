"""Copying an embedded store into ClickHouse, a stretch of hours at a time.

What is copied is noted in the target under a name made of the source and the hours, so copying
again goes on where it stopped; a stretch copied twice changes nothing. Costs go along as they
are. Afterwards both tell their totals.
"""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from itertools import zip_longest
from pathlib import Path

import msgspec

from pawl.store.events.clickhouse import ClickEvents
from pawl.store.events.clickhouse_loading import CHUNK_EVENTS
from pawl.store.events.duckdb import DuckEvents
from pawl.store.events.totals import MonthTotals

Progress = Callable[[int, int], None]
"""Told how many events are copied, of how many."""


class Stretch(msgspec.Struct, frozen=True):
    """The hours of `since <= time < until`, and how many events the source has in them."""

    since: datetime
    until: datetime
    events: int


class TotalsDiffer(msgspec.Struct, frozen=True, kw_only=True):
    """The first number in which two stores differ."""

    month: str
    what: str
    source: int
    target: int


class Moved(msgspec.Struct, frozen=True, kw_only=True):
    """What was copied now, what was there already, and how the two stores compare."""

    copied: int
    there: int
    source: tuple[MonthTotals, ...]
    target: tuple[MonthTotals, ...]
    difference: TotalsDiffer | None


def move(source: DuckEvents, target: ClickEvents, folder: Path, progress: Progress) -> Moved:
    """Copy every event of `source`; `folder` is its data folder, for one file at a time."""
    name = source.identity()
    found = list(stretches(source))
    named = {f"moved.{name}.{s.since:%Y%m%dT%H}.{s.until:%Y%m%dT%H}": s for s in found}
    done = target.imported(list(named))
    total = sum(stretch.events for stretch in found)
    copied = there = 0
    file = folder / "events.moving.ndjson"
    try:
        for segment, stretch in named.items():
            if done.get(segment) == stretch.events:
                there += stretch.events
            else:
                source.copy_out(stretch.since, stretch.until, file)
                target.import_lines(file.read_bytes(), stretch.events, segment)
                copied += stretch.events
            progress(copied + there, total)
    finally:
        file.unlink(missing_ok=True)
    ours, theirs = source.totals(), target.totals()
    return Moved(
        copied=copied,
        there=there,
        source=ours,
        target=theirs,
        difference=first_difference(ours, theirs),
    )


def stretches(source: DuckEvents, most: int = CHUNK_EVENTS) -> Iterator[Stretch]:
    """Yield hours joined while they hold no more than so many events."""
    held: Stretch | None = None
    for hour, events in source.hours():
        until = hour + timedelta(hours=1)
        if held is not None and held.events + events <= most:
            held = Stretch(held.since, until, held.events + events)
            continue
        if held is not None:
            yield held
        held = Stretch(hour, until, events)
    if held is not None:
        yield held


def first_difference(
    source: tuple[MonthTotals, ...], target: tuple[MonthTotals, ...]
) -> TotalsDiffer | None:
    """Return the first number, by month, in which the totals of two stores differ."""
    ours = {each.month: each for each in source}
    theirs = {each.month: each for each in target}
    for month in sorted(ours.keys() | theirs.keys()):
        nothing = MonthTotals(month=month)
        one, other = ours.get(month, nothing), theirs.get(month, nothing)
        for what, left, right in zip_longest(
            MonthTotals.__struct_fields__,
            msgspec.structs.astuple(one),
            msgspec.structs.astuple(other),
        ):
            if left != right:
                return TotalsDiffer(month=month, what=what, source=left, target=right)
    return None
