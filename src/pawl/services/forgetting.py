"""Erase a person from everything this machine keeps, and keep every total."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Literal, Protocol

import msgspec

from pawl.base.errors import BadValue
from pawl.governance.forgetting import FORGOTTEN, fingerprint, normal
from pawl.governance.ledger import Actor
from pawl.services.spooled import SPOOL
from pawl.services.stored_events import open_events
from pawl.store.events.eraser import Eraser
from pawl.store.records import FILE_NAME

if TYPE_CHECKING:
    from pawl.store.events.clickhouse_eraser import ClickEraser

_DAY = re.compile(r"[0-9]{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12][0-9]|3[01])")
_MONTH = re.compile(r"[0-9]{4}-(?:0[1-9]|1[0-2])")


class ForgetReport(msgspec.Struct, frozen=True, kw_only=True):
    """What was erased, as `pawl.forgotten/1` documents it.

    `events` in the events store, `lines` in its second copy, `entries` of the ledger and `runs`
    and `ceremonies` in the records. `open_segments` are still written to; what they hold of the
    person is erased when they are loaded. `texts` are prompts, answers and contents of tools.

    Where the events are in ClickHouse, `searched_tables` were looked through afterwards on each of
    its servers and held the names no more; `old_parts` are files it replaced and deletes by itself,
    and `left_behind` files of an embedded store here that nobody asks and that were not changed.
    """

    schema: Literal["pawl.forgotten/1"] = "pawl.forgotten/1"
    events: int
    lines: int
    entries: int
    runs: int
    ceremonies: int
    damaged_files: int
    open_segments: int
    searched_tables: int = 0
    old_parts: int = 0
    left_behind: tuple[str, ...] = ()
    texts: int = 0


class Texts(Protocol):
    """Prompts, answers and contents of tools; `pawl.store.contents.Contents` is them."""

    def drop_before(self, day: str) -> int:
        """Delete the days before one; return how many there were."""

    def forget(self, names: Iterable[str], sessions: Sequence[str]) -> int:
        """Erase what people said, and what is of sessions of theirs; return how many texts."""


def drop_days(texts: Texts, day: str) -> int:
    """Delete the texts of the days before one such as `2026-11-21`; return how many days.

    Raises BadValue for what is no day, and ContentsUnavailable.
    """
    if not _DAY.fullmatch(day):
        raise BadValue(
            f"{day!r} is no day.", place="--content-before", hint="Write it as 2026-11-21."
        )
    return texts.drop_before(day)


def drop_months(folder: Path, month: str, *, events_url: str | None) -> int:
    """Delete the events before a month such as `2026-11`; return how many.

    Raises BadValue for what is no month, StoreBusy and StoreBroken.
    """
    if not _MONTH.fullmatch(month):
        raise BadValue(f"{month!r} is no month.", place="--before", hint="Write it as 2026-11.")
    with open_events(folder, events_url=events_url) as store:
        store.drain(folder / SPOOL)
        return store.drop_before(month)


def forget(
    folder: Path,
    names: tuple[str, ...],
    actor: Actor,
    now: str,
    *,
    records_url: str | None,
    events_url: str | None,
    reason: str,
    chance: str,
    texts: Texts | None = None,
) -> ForgetReport:
    """Erase the names of one person and what they said; nobody may have an embedded store open.

    `chance` is text nobody can guess. Raises BadValue for an empty name, StoreBusy while a server
    owns the store, StoreBroken when not every server of ClickHouse answers, RecordsBusy and
    RecordsUnavailable. Cut short, it has done a part; asked again it does the rest.
    """
    for name in names:
        if not normal(name) or normal(name) == FORGOTTEN:
            raise BadValue(
                f"{name!r} is nobody's name.",
                place="--actor",
                hint="Write it as `pawl cost --by developer` shows it.",
            )
    # What a bill keeps while there is no store is taken over first, and then it is gone.
    open_events(folder, events_url=events_url).close()
    with _eraser(folder, events_url) as store:
        erased = store.forget(names, chance)
        # Asked after that: a session of somebody who was forgotten is found by that word, also
        # where an earlier forgetting was cut short here.
        said = 0 if texts is None else texts.forget(names, store.sessions_of(FORGOTTEN))
    entries = runs = ceremonies = 0
    if records_url is not None or (folder / FILE_NAME).exists():
        from pawl.store.records.engine import open_records
        from pawl.store.records.forgetting import forget as forget_records

        engine = open_records(folder, records_url)
        try:
            key = fingerprint(chance, now)
            done = forget_records(engine, names, actor, now, reason=reason, key=key)
        finally:
            engine.dispose()
        entries, runs, ceremonies = done.entries, done.runs, done.ceremonies
    return ForgetReport(
        events=erased.events,
        lines=erased.lines,
        entries=entries,
        runs=runs,
        ceremonies=ceremonies,
        damaged_files=erased.damaged_files,
        open_segments=erased.open_segments,
        searched_tables=erased.searched,
        old_parts=erased.old_parts,
        left_behind=erased.left_behind,
        texts=said,
    )


def _eraser(folder: Path, events_url: str | None) -> Eraser | ClickEraser:
    if events_url is None:
        return Eraser(folder)
    # Its client is only imported where it is used.
    from pawl.store.events.clickhouse_eraser import ClickEraser

    return ClickEraser(events_url, folder)
