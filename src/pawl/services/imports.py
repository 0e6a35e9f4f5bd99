"""Import transcripts: everything they tell, through the spool, once.

Events are durable in the spool before the state that says how far each file was read is
written: a crash in between repeats events, which have the same ids, and loses none. Where texts
are kept, those of a chunk are durable before its events.
"""

from collections.abc import Mapping, Sequence
from typing import Protocol

import msgspec

from pawl.base import typed
from pawl.services.machine import Attributor, Machine, Progress, Storage
from pawl.services.scanning import (
    FileState,
    Survey,
    Task,
    read_task,
    survey_paths,
    survey_places,
)
from pawl.telemetry.content import Gathered, gather_from
from pawl.telemetry.event import Event, Kind
from pawl.telemetry.format import Depth, TranscriptReader
from pawl.telemetry.imported import Found, Import, Scanned
from pawl.telemetry.observation import event as request_event
from pawl.telemetry.pricing import PriceTable

STATE = "scan.msgpack"
VERSION = 1
COMMIT_EVERY = 20_000
"""Events between two commits of the spool."""


class Spool(Protocol):
    """Where events become durable."""

    def append(self, events: Sequence[Event]) -> None:
        """Take events; they are not durable yet."""

    def commit(self) -> None:
        """Make what was appended durable. Raises SpoolFull, and nothing was taken then."""


class ScanState(msgspec.Struct, frozen=True, array_like=True):
    """How far each file was imported."""

    version: int
    files: dict[str, FileState]


def import_transcripts(
    machine: Machine,
    spool: Spool,
    *,
    paths: Sequence[str] = (),
    depth: Depth = Depth(everything=True),  # noqa: B008 - a frozen value
    progress: Progress | None = None,
) -> Import:
    """Import the default places, or the paths given. Raises what the spool raises.

    What was committed before an error stays imported, and the next import goes on after it.
    """
    known = _state(machine.storage)
    survey = _survey(machine, paths, known, depth)
    work = _Work(machine, spool, known, survey.bytes, progress)
    try:
        for task in survey.tasks:
            work.read(task, depth, survey.reports[task.form.agent])
        work.settle()
    finally:
        if machine.keeping is not None:
            machine.keeping.texts.close()
    reports = tuple(
        report
        for agent, report in sorted(survey.reports.items())
        if report.files or report.warnings
    )
    warnings = [text for report in reports for text in report.remarks]
    if any(report.agent == "cost-log" and report.read for report in reports):
        warnings.append(
            "rows of a cost log carry no request ids: if the transcripts of the same runs are "
            "read too, their cost stands in the bill twice."
        )
    return Import(agents=reports, events=work.events, warnings=tuple(warnings))


def nothing_new(machine: Machine, depth: Depth) -> Import | None:
    """Return the empty report of an import that would read nothing, or None."""
    survey = _survey(machine, (), _state(machine.storage), depth)
    if survey.tasks:
        return None
    reports = tuple(report for _, report in sorted(survey.reports.items()))
    warnings = tuple(text for report in reports for text in report.warnings)
    return Import(agents=reports, events=0, warnings=warnings)


class _Work:
    """Reads files one after another, and commits every so often."""

    def __init__(
        self,
        machine: Machine,
        spool: Spool,
        known: dict[str, FileState],
        to_read: int,
        progress: Progress | None,
    ) -> None:
        self.events = 0
        self._machine = machine
        self._spool = spool
        self._attributor = Attributor(machine.disk, machine.name, machine.developer)
        self._prices = machine.prices.table()
        self._settled = known
        self._done: dict[str, FileState] = {}
        self._pending = 0
        self._bytes = 0
        self._to_read = to_read
        self._progress = progress
        keeping = machine.keeping
        self._gathered = None if keeping is None else Gathered(keeping.max_bytes)

    def read(self, task: Task, depth: Depth, report: Scanned) -> None:
        if task.known is not None and task.known.everything:
            depth = Depth(everything=True)  # What was read whole stays whole.
        requests: set[str] = set()

        def take(reader: TranscriptReader, chunk: bytes, found: Found) -> None:
            events = self._events(reader, chunk, found, depth)
            requests.update(
                event.request_id or event.message_id or event.id
                for event in events
                if event.kind is Kind.REQUEST
            )
            self._spool.append(events)
            self.events += len(events)
            self._pending += len(events)
            self._bytes += len(chunk)
            if self._pending >= COMMIT_EVERY:
                self._spool.commit()  # The file is not done: its state is not written yet.
                self._pending = 0
            if self._progress is not None:
                self._progress(self._bytes, self._to_read)

        machine = self._machine
        state = read_task(task, depth, machine.disk, machine.databases, report, take)
        report.requests += len(requests)
        if state is not None:
            self._done[task.found.path] = state

    def settle(self) -> None:
        """Make everything durable, then write down how far it was read."""
        self._spool.commit()
        if self._done:
            self._settled.update(self._done)
            state = msgspec.msgpack.encode(ScanState(VERSION, self._settled))
            self._machine.storage.replace(STATE, state)

    def _events(
        self, reader: TranscriptReader, chunk: bytes, found: Found, depth: Depth
    ) -> list[Event]:
        gather_from(reader, self._gathered)
        if depth.everything:
            told = reader.feed(chunk)
        else:
            told = [request_event(seen) for seen in reader.observe(chunk)]
        developer = self._attributor.developer_of(found)
        if self._gathered is not None and self._machine.keeping is not None:
            texts = self._gathered.take()
            whose = [msgspec.structs.replace(text, developer=developer) for text in texts]
            self._machine.keeping.texts.keep(whose)
        return [self._attributed(event, developer) for event in told]

    def _attributed(self, event: Event, developer: str) -> Event:
        changes: dict[str, object] = {"developer": developer, "machine": self._machine.name}
        directory = event.attributes.get("cwd")
        if directory is not None:
            place = self._attributor.place(directory)
            changes["project"], changes["repo"] = place.project, place.repo
            if event.kind is not Kind.SESSION:
                rest = {name: text for name, text in event.attributes.items() if name != "cwd"}
                changes["attributes"] = rest
        if event.kind is Kind.REQUEST:
            changes |= priced(event, self._prices)
        return msgspec.structs.replace(event, **changes)


def priced(event: Event, prices: PriceTable) -> Mapping[str, object]:
    """Return the cost fields of a request event: `priced`, `reported` or `unpriced`."""
    usage = event.usage
    if usage is None:
        basis = "unpriced" if event.reported_micros is None else "reported"
        return {"cost_micros": event.reported_micros, "cost_basis": basis}
    micros = None if event.model is None else prices.price(event.model, usage, event.time[:10])
    basis = "unpriced" if micros is None else "priced"
    return {"cost_micros": micros, "cost_basis": basis, "price_version": prices.version}


def _survey(
    machine: Machine, paths: Sequence[str], known: Mapping[str, FileState], depth: Depth
) -> Survey:
    if paths:
        return survey_paths(paths, machine.formats, machine.disk, known, depth)
    return survey_places(
        machine.formats, machine.disk, machine.environment, machine.home, known, depth
    )


def _state(storage: Storage) -> dict[str, FileState]:
    content = storage.read(STATE)
    if content is None:
        return {}
    try:
        state = typed.unpack(content, type=ScanState)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return {}  # Everything is read again; the same facts have the same ids.
    return state.files if state.version == VERSION else {}
