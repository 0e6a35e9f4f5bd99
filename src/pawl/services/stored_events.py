"""Open the events store of a data folder; what a bill without one has kept goes into it first.

The index that `pawl cost` keeps as long as there is no store may hold requests whose transcripts
are gone. It is let go of only after its requests are durable in the store. Whoever dies between
two steps leaves the index, and the next opening does them again: its events have the same ids
each time, and those of the transcripts they came from.
"""

import time
from collections.abc import Callable, Iterator
from hashlib import blake2b
from itertools import islice
from pathlib import Path

import msgspec

from pawl.base import typed
from pawl.services.cost import INDEX, SNAPSHOT, VERSION, Index
from pawl.services.spooled import SPOOL
from pawl.store.events.duckdb import DuckEvents
from pawl.store.events.owner import StoreBusy
from pawl.store.events.store import EventsStore
from pawl.store.spool import SpoolWriter
from pawl.telemetry.event import Event
from pawl.telemetry.observation import Observation, event
from pawl.telemetry.reconcile import Dump

LABEL = "kept"
"""Names the segments of the hand-over."""

WAIT_S = 30.0
"""Seconds to wait for another command that has the store open for one question."""

LOOK_EVERY_S = 0.05

COMMIT_EVERY = 20_000
"""Events between two commits of the spool."""


def open_events(
    folder: Path, *, url: str | None = None, events_url: str | None = None
) -> EventsStore:
    """Return the opened store of a data folder, holding all that the index of a bill holds.

    `events_url` names a ClickHouse database that holds the events instead of a file in the
    folder. `url` is where the file's owner answers. An owner that answers nowhere is a command
    like ours, soon done: it is waited for. Raises StoreBusy, StoreBroken, and SpoolFull when the
    kept requests cannot be handed over.
    """
    store = _opened(folder, url) if events_url is None else _remote(folder, events_url)
    try:
        _take_over(store, folder)
    except BaseException:
        store.close()
        raise
    return store


def open_for_server(
    folder: Path, *, url: str, events_url: str | None
) -> tuple[EventsStore, Callable[[], None]]:
    """Return the store that a server answers from, and what hands the kept index over.

    An engine elsewhere that does not answer yet is no reason not to start: telemetry goes into
    the spool meanwhile. The second is called before the first drain, until it succeeds. Raises
    StoreBusy, and StoreBroken for a file that cannot be opened.
    """
    store = _opened(folder, url) if events_url is None else _remote(folder, events_url, True)
    return store, lambda: _take_over(store, folder)


def _remote(folder: Path, events_url: str, patient: bool = False) -> EventsStore:
    # Its client is only imported where it is used.
    from pawl.store.events.clickhouse import ClickEvents

    return ClickEvents(events_url, folder, patient=patient)


def _opened(folder: Path, url: str | None) -> DuckEvents:
    give_up = time.monotonic() + WAIT_S
    while True:
        try:
            return DuckEvents(folder, url=url)
        except StoreBusy as busy:
            if busy.url is not None or time.monotonic() >= give_up:
                raise
        time.sleep(LOOK_EVERY_S)


def _take_over(store: EventsStore, folder: Path) -> None:
    kept = _kept(folder / INDEX)
    if kept is None:
        return
    # What is in the spool tells more of the same requests than the index does: the run's id.
    # Of two events with one id the store keeps the first.
    store.drain(folder / SPOOL)
    told = kept_events(kept)
    with SpoolWriter(folder / SPOOL, LABEL) as spool:
        while some := list(islice(told, COMMIT_EVERY)):
            spool.append(some)
            spool.commit()
    store.drain(folder / SPOOL)
    (folder / SNAPSHOT).unlink(missing_ok=True)
    (folder / INDEX).unlink(missing_ok=True)


def _kept(path: Path) -> Dump | None:
    """Return what an index holds; None where there is none, or none that this Pawl can read."""
    try:
        index = typed.unpack(path.read_bytes(), type=Index)
    except (FileNotFoundError, msgspec.DecodeError, UnicodeDecodeError):
        return None
    return index.dump if index.version == VERSION else None


def kept_events(dump: Dump) -> Iterator[Event]:
    """Yield events from which a store makes the requests that the fold of `dump` makes.

    Which message belongs to which request may be known from an observation that was not kept.
    Such a link is told by a kept observation of that request, told once more with the message:
    one more telling of the same by the same source changes neither counts nor witnesses.
    """
    for seen in dump.observations:
        yield event(seen)
    named, messages = _by_id(dump.observations)
    for message, request in dump.links.items():
        if request in named:
            yield _linking(named[request], request, message, side=False)
    for message, requests in dump.aliases.items():
        for request in requests:
            if message in messages:
                yield _linking(messages[message], request, message, side=True)


def _by_id(
    observations: tuple[Observation, ...],
) -> tuple[dict[str, Observation], dict[str, Observation]]:
    """Return one observation of each request id, and one of each message id that stands alone."""
    named: dict[str, Observation] = {}
    messages: dict[str, Observation] = {}
    for seen in observations:
        request, message = seen.request_id, seen.message_id
        if request is not None and not (seen.side and message is not None):
            known = named.get(request)
            if known is None or (known.side and not seen.side):
                named[request] = seen
        elif message is not None:
            messages.setdefault(message, seen)
    return named, messages


def _linking(seen: Observation, request: str, message: str, *, side: bool) -> Event:
    digest = blake2b(
        msgspec.msgpack.encode((seen.id, request, message, side)), digest_size=12
    ).hexdigest()
    linking = msgspec.structs.replace(
        seen, id=f"link.{digest}", request_id=request, message_id=message, side=side
    )
    return event(linking)
