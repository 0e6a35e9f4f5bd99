"""Answer "who spent what, on what".

Three ways to one answer, the cheapest that holds:

- nothing changed since the last question: the kept rollup answers, without reading anything;
- no events store on this machine: what is new in the transcripts and in the spool is folded
  into the kept index of requests, here;
- an events store exists: what is new goes through the spool into the store, and it answers.

The index is more than a cache. Agents delete old transcripts, and a bill must not shrink when
they do: what was read once stays in the index. It is written, durably, before the snapshot that
says how far each file was read; a crash between the two only means reading again.
"""

import re
from collections.abc import Mapping, Sequence
from datetime import timedelta
from hashlib import blake2b

import msgspec

from pawl.base import typed
from pawl.base.durations import parse_duration
from pawl.base.errors import BadValue
from pawl.base.times import format_time, parse_time
from pawl.services.machine import Attributor, Machine, Progress, SpoolReader, Storage
from pawl.services.scanning import (
    FileState,
    Task,
    read_task,
    survey_places,
)
from pawl.telemetry.bill import Bill, Key
from pawl.telemetry.event import Kind
from pawl.telemetry.format import Depth, TranscriptReader
from pawl.telemetry.imported import Found, Scanned
from pawl.telemetry.observation import observation
from pawl.telemetry.reconcile import Dump, Requests
from pawl.telemetry.rollup import Rollup, Tally, bill_of

SNAPSHOT = "cost-snapshot.msgpack"
INDEX = "cost-index.msgpack"
VERSION = 2
"""Raised when the meaning of the files changes; then everything still there is read again."""


class Question(msgspec.Struct, frozen=True, kw_only=True):
    """What is asked. Times are canonical and cut to the hour; `until` is excluded."""

    by: tuple[Key, ...]
    since: str | None = None
    until: str | None = None
    project: str | None = None


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """The bill, what was read for it, and what could not be."""

    bill: Bill
    scanned: tuple[Scanned, ...] = ()
    warnings: tuple[str, ...] = ()


class Snapshot(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """How far everything was read, and the rollup of it. `generation` names the index's."""

    version: int
    generation: bytes
    prices: str
    files: dict[str, FileState]
    segments: dict[str, int]
    rollup: Rollup


class Index(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """All requests seen, as a fold."""

    version: int
    generation: bytes
    dump: Dump


_DEPTH = Depth(everything=False)
_decode_snapshot = typed.unpacker(Snapshot).decode


def ask(
    question: Question,
    machine: Machine,
    *,
    read_first: bool = True,
    progress: Progress | None = None,
) -> Answer:
    """Return the bill from transcripts and spool, without an events store."""
    snapshot = _snapshot(machine.storage)
    files: Mapping[str, FileState] = {} if snapshot is None else snapshot.files
    prices = machine.prices.digest()
    scanned: tuple[Scanned, ...] = ()
    warnings: tuple[str, ...] = ()
    if not read_first and snapshot is not None and snapshot.prices == prices:
        return _answer(question, snapshot.rollup, scanned, warnings)
    formats = machine.formats if read_first else ()
    survey = survey_places(formats, machine.disk, machine.environment, machine.home, files, _DEPTH)
    sizes = machine.spool.sizes()
    same_spool = snapshot is not None and snapshot.segments == sizes
    if snapshot is not None and not survey.tasks and same_spool and snapshot.prices == prices:
        rollup = snapshot.rollup
    else:
        fold, whole = _index(machine.storage, snapshot)
        if not whole:  # Nothing of the kept marks holds: read everything that is still there.
            snapshot, files = None, {}
            survey = survey_places(
                formats, machine.disk, machine.environment, machine.home, files, _DEPTH
            )
        states = _read(machine, survey.tasks, survey.reports, survey.bytes, fold, progress)
        segments = _read_spool(machine.spool, sizes, snapshot, fold)
        tally = Tally(machine.prices.table())
        tally.add_fold(fold)
        rollup = tally.rollup()
        _keep(machine.storage, prices, {**files, **states}, segments, rollup, fold)
    scanned = tuple(survey.reports.values())
    warnings = tuple(text for report in scanned for text in report.remarks)
    return _answer(question, rollup, scanned, warnings)


def _answer(
    question: Question,
    rollup: Rollup,
    scanned: tuple[Scanned, ...],
    warnings: tuple[str, ...],
) -> Answer:
    bill = bill_of(
        rollup,
        question.by,
        since=question.since,
        until=question.until,
        project=question.project,
    )
    return Answer(bill=bill, scanned=scanned, warnings=warnings)


def _read(
    machine: Machine,
    tasks: Sequence[Task],
    reports: Mapping[str, Scanned],
    to_read: int,
    fold: Requests,
    progress: Progress | None,
) -> dict[str, FileState]:
    attributor = Attributor(machine.disk, machine.name, machine.developer)
    done = 0

    def take(reader: TranscriptReader, chunk: bytes, found: Found) -> None:
        nonlocal done
        observations = reader.observe(chunk)
        attributor.attribute(observations, found)
        fold.add(observations)
        if progress is not None:
            done += len(chunk)
            progress(done, to_read)

    states = {}
    for task in tasks:
        report = reports[task.form.agent]
        state = read_task(task, _DEPTH, machine.disk, machine.databases, report, take)
        if state is not None:
            states[task.found.path] = state
    return states


def _read_spool(
    spool: SpoolReader, sizes: Mapping[str, int], snapshot: Snapshot | None, fold: Requests
) -> dict[str, int]:
    """Fold in what is new in the spool; return how far each segment was read."""
    known = {} if snapshot is None else snapshot.segments
    reached: dict[str, int] = {}
    for segment, size in sizes.items():
        offset = known.get(segment, 0)
        reached[segment] = offset
        while reached[segment] < size:
            events, following = spool.read(segment, reached[segment])
            fold.add(observation(event) for event in events if event.kind is Kind.REQUEST)
            if following <= reached[segment]:
                break
            reached[segment] = following
    return reached


def _snapshot(storage: Storage) -> Snapshot | None:
    content = storage.read(SNAPSHOT)
    if content is None:
        return None
    try:
        snapshot = _decode_snapshot(content)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None
    return snapshot if snapshot.version == VERSION else None


def _index(storage: Storage, snapshot: Snapshot | None) -> tuple[Requests, bool]:
    """Return the kept fold, and whether it is the one the snapshot speaks of."""
    content = storage.read(INDEX)
    if content is None:
        return Requests(), False
    try:
        index = typed.unpack(content, type=Index)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return Requests(), False
    if index.version != VERSION:
        return Requests(), False
    same = snapshot is not None and snapshot.generation == index.generation
    return Requests.load(index.dump), same


def _keep(
    storage: Storage,
    prices: str,
    files: dict[str, FileState],
    segments: dict[str, int],
    rollup: Rollup,
    fold: Requests,
) -> None:
    generation = blake2b(msgspec.msgpack.encode((files, segments)), digest_size=16).digest()
    index = Index(VERSION, generation, fold.dump())
    storage.replace(INDEX, msgspec.msgpack.encode(index))
    snapshot = Snapshot(VERSION, generation, prices, files, segments, rollup)
    storage.replace(SNAPSHOT, msgspec.msgpack.encode(snapshot))


def window(since: str | None, until: str | None, now: str) -> tuple[str | None, str | None]:
    """Return the canonical times a bill covers, from what a person wrote.

    Each is a day (`until` includes it), an instant, or a time ago such as 7d. Minutes are cut
    off, since a bill is kept by the hour. Raises BadValue for anything else and for an order
    that leaves nothing.
    """
    begin = None if since is None else _moment(since, now, "--since", end=False)
    end = None if until is None else _moment(until, now, "--until", end=True)
    if begin is not None and end is not None and begin >= end:
        raise BadValue("--since is not before --until.", hint="Ask for at least one hour.")
    return begin, end


_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_AGO = re.compile(r"(?:\d+(?:\.\d+)?(?:m|h|d|w))+")


def _moment(text: str, now: str, place: str, *, end: bool) -> str:
    try:
        if _AGO.fullmatch(text.strip().lower()):
            moment = parse_time(now) - timedelta(seconds=parse_duration(text, place=place))
        else:
            moment = parse_time(text.strip())
            if end and _DAY.fullmatch(text.strip()):
                moment += timedelta(days=1)
    except OverflowError:
        raise BadValue(f"{text!r} is beyond the calendar.", place=place) from None
    return f"{format_time(moment)[:13]}:00:00.000000Z"
