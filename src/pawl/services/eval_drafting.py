"""Turn a recorded run into an eval case that fails on it."""

from collections.abc import Callable
from typing import Any, Protocol

import msgspec

from pawl.base.errors import BadValue, Unavailable
from pawl.evals.drafting import Drafted, Wish, draft
from pawl.evals.of_run import Seen, prompt_of, trial_of_run
from pawl.evals.record import Trial
from pawl.evals.sealing import seal
from pawl.runs.record import RunRecord
from pawl.services.machine import Machine
from pawl.services.pages import TIMELINE_EVENTS
from pawl.services.run_history import Past, Timeline, UnknownRun
from pawl.services.scanning import Task, read_task, survey_places
from pawl.telemetry.content import Content, Gathered, gather_from
from pawl.telemetry.event import Event, Kind, Source
from pawl.telemetry.format import Depth, TranscriptReader
from pawl.telemetry.imported import Found

TEXT_BYTES = 256 * 1024
"""Bytes of one text that are read from a transcript; longer ones are cut, and so tell less."""
SHOWN_EVENTS = TIMELINE_EVENTS
"""Events of a run that are read: as many as a server that owns them tells."""
LAST = "last"
"""In the place of a run's id: the newest one."""
_OWN = (Kind.LOOP, Kind.LIMIT, Kind.TOOL_DENIED)
"""What Pawl itself tells of a run, and no transcript has."""


class StoredTexts(Protocol):
    """Texts that were kept, in the form they were gathered in."""

    def of_run(self, run_id: str, session_id: str | None) -> tuple[Content, ...]:
        """Return what was kept of a run; empty where nothing was."""


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """What a person says of the draft; empty and None are found out."""

    run_id: str
    owner: str
    case_id: str = ""
    prompt: str = ""
    incident: str | None = None
    covers: tuple[str, ...] = ()
    asserts: tuple[dict[str, Any], ...] = ()


def draft_from_run(
    asked: Asked,
    past: Past,
    timeline: Timeline,
    machine: Machine,
    kept: StoredTexts,
    now: Callable[[], str],
) -> Drafted:
    """Return a case drafted from a run, proved to fail on it.

    What the run said and did is read from the transcript of its session, else from what Pawl
    kept. Raises UnknownRun, BadValue for a run that has not ended, and CannotTell where nothing
    fails on it.
    """
    record = _record(asked.run_id, past)
    seen, read_from, warnings = _seen(record, timeline, machine, kept)
    moment = now()
    trial = trial_of_run(record, seen, recorded_at=moment)
    wish = Wish(
        case_id=asked.case_id or _name(record.run_id),
        owner=asked.owner,
        added=moment[:10],
        source=f"run {record.run_id}",
        prompt=asked.prompt or prompt_of(seen.contents),
        incident=asked.incident,
        covers=asked.covers,
        asserts=asked.asserts,
    )
    made = draft(wish, trial, record.stop.threshold if record.stop else None)
    return Drafted(
        draft=made, sealed=seal(made.trial, {}), read_from=read_from, warnings=tuple(warnings)
    )


def recorded_trial(
    run_id: str,
    past: Past,
    timeline: Timeline,
    machine: Machine,
    kept: StoredTexts,
    now: Callable[[], str],
) -> Trial:
    """Return what is recorded of a run, as a trial of no case yet; raises as `draft_from_run`."""
    record = _record(run_id, past)
    seen, _, _ = _seen(record, timeline, machine, kept)
    return trial_of_run(record, seen, recorded_at=now())


def _record(run_id: str, past: Past) -> RunRecord:
    newest = past.recent(1) if run_id == LAST else ()
    state = newest[0] if newest else past.get(run_id)
    if state is None:
        raise UnknownRun(
            f"no run has the id {run_id!r}.", place="--from-run", hint="See `pawl runs list`."
        )
    if state.record is None:
        raise BadValue(
            f"{state.run_id} has no record: {state.outcome or 'it is still running'}.",
            place="--from-run",
            hint="A case is drafted from a run that has ended.",
        )
    return state.record


def _seen(
    record: RunRecord, timeline: Timeline, machine: Machine, kept: StoredTexts
) -> tuple[Seen, str, list[str]]:
    warnings: list[str] = []
    own: tuple[Event, ...] = ()
    total = 0
    try:
        own, total = timeline(record.run_id, SHOWN_EVENTS)
    except Unavailable as error:
        warnings.append(f"Pawl's own events cannot be read now: {error}")
    events, contents = _transcript(record, machine)
    if events:
        calls = {event.tool_call_id for event in events if event.tool_call_id}
        ours = [
            event
            for event in own
            if event.kind in _OWN
            and event.source is Source.RUN
            and (event.kind is not Kind.TOOL_DENIED or event.tool_call_id in calls)
        ]
        events = sorted([*events, *ours], key=lambda event: event.time)
        return Seen(events=tuple(events), contents=tuple(contents)), "its transcript", warnings
    if not own:
        warnings.append("Neither a transcript nor events of this run are left.")
    texts = kept.of_run(record.run_id, record.session_id)
    told = tuple(event for event in own if event.source is Source.RUN) or own
    whole = bool(own) and total <= len(own)
    where = "what Pawl kept" if texts else "Pawl's events, without texts"
    return Seen(events=told, contents=texts, tools=whole), where, warnings


def _transcript(record: RunRecord, machine: Machine) -> tuple[list[Event], list[Content]]:
    """Return what the agent's own files on this machine say of the run's session."""
    if record.session_id is None:
        return [], []
    forms = [form for form in machine.formats if form.agent == record.agent]
    depth = Depth(everything=True)
    survey = survey_places(forms, machine.disk, machine.environment, machine.home, {}, depth)
    # A session's file is named after it, but for products that keep all in one database.
    named = [task for task in survey.tasks if record.session_id in task.found.path]
    events: dict[str, Event] = {}
    contents: list[Content] = []

    def take(reader: TranscriptReader, chunk: bytes, file: Found) -> None:
        gathered = Gathered(TEXT_BYTES)
        gather_from(reader, gathered)
        for event in reader.feed(chunk):
            if event.session_id == record.session_id:
                events.setdefault(event.id, event)
        contents.extend(each for each in gathered.take() if each.session_id == record.session_id)

    def read(task: Task) -> None:
        report = survey.reports[task.form.agent]
        read_task(task, depth, machine.disk, machine.databases, report, take)

    for task in named or survey.tasks:
        read(task)
    return list(events.values()), contents


def _name(run_id: str) -> str:
    return run_id.lower().replace("_", "-")
