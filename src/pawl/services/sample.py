"""The bundled sample: recorded agent sessions, replayed over the last thirty days.

What the agents wrote is as it was recorded, read by the same formats as this machine's own
transcripts: models, tokens, tools and texts. Made for the sample are the dates (each recording is
replayed several times, and a second of it lasts `STRETCH` seconds, because the recorded model
answered at once), the projects, branches, commits, workflows and people, and the limits of the
supervised runs.
Sessions that were recorded while a signal ended them are shown as stopped by a limit on time.
"""

import gzip
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta
from hashlib import blake2b
from pathlib import Path
from typing import Any

import msgspec

from pawl.alerts.budget_people import People
from pawl.base import typed
from pawl.base.times import format_time, parse_time
from pawl.runs.agent import Agent, World
from pawl.runs.failures import classify
from pawl.runs.record import Outcome, RunCost, RunRecord, Stop
from pawl.runs.spec import Limits, RunSpec
from pawl.services.sample_telemetry import telemetry_of
from pawl.telemetry.event import Attribution, Event, Kind, Source
from pawl.telemetry.format import Depth, Format
from pawl.telemetry.observation import observation
from pawl.telemetry.reconcile import reconcile
from pawl.telemetry.usage import ZERO, Usage

BUNDLE = Path(__file__).parent.parent / "sample" / "sessions.json.gz"
DAYS = 30
STRETCH = 40
A_DAY = (8, 7, 9, 6, 8, 2, 1)
"""Sessions on a Monday, a Tuesday …"""
PROJECTS = ("checkout", "search", "checkout", "mobile-app", "billing", "checkout", "search")
PEOPLE = ("ada", "grace", "edsger", "barbara", "katherine")
SAMPLE_TEAMS = People(
    teams={"everybody": PEOPLE, "pairing": PEOPLE[:2]}, shown=("everybody", "pairing")
)
"""One team that is large enough to be shown, and one that is not."""
BRANCHES = ("main", "fix/rounding", "feature/suggest", "main", "upgrade-deps")
WORKFLOWS = ("review", "fix-tests", "review", "upgrade")

HOUR_AGO = (
    (58, "claude/tools-stream"),
    (52, "claude/hooks"),
    (45, "claude/tools-json"),
    (38, "claude/tool-failure"),
    (33, "claude/hooks"),
    (28, "claude/mcp-config"),
    (24, "claude/tool-failure"),
    (17, "claude/sigterm-in-tool"),
    (13, "claude/tools-stream"),
    (8, "claude/permission-denied-json"),
)
"""Minutes before now, and which recording: the hour in which one project's tools began to fail."""
DAY_AGO = tuple((26 * 60 - 7 * turn, "gemini/tools-denied") for turn in range(8))
"""An hour of the day before, in another project: its agent was denied its tools, and then left."""
TROUBLES = (("mobile-app", DAY_AGO), ("checkout", HOUR_AGO))

Price = Callable[[str, Usage, str], int | None]


class Ended(msgspec.Struct, frozen=True, kw_only=True):
    """How a recorded process ended."""

    outcome: str
    version: str
    exit_code: int | None
    signal: int | None
    result: str | None
    turns: int | None
    reported_cost_usd: float | None
    error: str | None
    denials: tuple[dict[str, Any], ...]
    stderr: str
    command: tuple[str, ...]
    stream: str
    """What it printed, where that was a stream of JSON lines."""


class Recording(msgspec.Struct, frozen=True, kw_only=True):
    """One recorded session: files as `(path, text)`; `ended` None where several runs share it."""

    case: str
    format: str
    files: tuple[tuple[str, str], ...]
    ended: Ended | None = None


class Replay(msgspec.Struct, frozen=True, kw_only=True):
    """A recording at a place in time. `spec` and `record` are there when it was supervised."""

    started: str
    ended: str
    events: tuple[Event, ...]
    spec: RunSpec | None = None
    record: RunRecord | None = None


class _Bundle(msgspec.Struct, frozen=True):
    schema: str
    recordings: tuple[Recording, ...]


def recordings(packed: bytes) -> tuple[Recording, ...]:
    """Return the recordings in the bundle."""
    return typed.decode(gzip.decompress(packed), type=_Bundle).recordings


def replays(
    recorded: tuple[Recording, ...],
    formats: Mapping[str, Format],
    agents: Mapping[str, Agent],
    price: Price,
    now: str,
) -> Iterator[Replay]:
    """Yield the sample, the same for the same arguments; all of it ends before `now`.

    It comes day after day, and then two hours of trouble.
    """
    read = [_read(recording, formats[recording.format], agents) for recording in recorded]
    for number, start in enumerate(_starts(parse_time(now))):
        # Seven is prime to the number of recordings, so each has its turn before any repeats.
        replay = _replay(read[number * 7 % len(read)], number, start, price)
        if replay.ended < now:
            yield replay
    yield from _troubles(read, price, now)


def _troubles(read: list["_Read"], price: Price, now: str) -> Iterator[Replay]:
    cases = {each.recording.case: each for each in read}
    told = [(project, *each) for project, hour in TROUBLES for each in hour]
    for number, (project, minutes, case) in enumerate(told):
        start = parse_time(now) - timedelta(minutes=minutes)
        # Supervised ones, with numbers far from those of the days: they name runs and sessions.
        replay = _replay(cases[case], 901 + number * 3, start, price, project)
        if replay.ended < now:
            yield replay


class _Read(msgspec.Struct, frozen=True):
    """A recording with the events of its transcripts, and of its stream where it has one."""

    recording: Recording
    transcript: list[Event]
    stream: list[Event]


def _read(recording: Recording, format: Format, agents: Mapping[str, Agent]) -> _Read:
    found: list[Event] = []
    for path, text in recording.files:
        found += format.open(path, Depth(), None).feed(text.encode())
    found.sort(key=lambda event: event.time)
    stream = []
    if recording.ended is not None and recording.ended.stream:
        stream = _stream(recording.ended, found, agents[recording.format])
    return _Read(recording, found, stream)


def _stream(how: Ended, transcript: list[Event], agent: Agent) -> list[Event]:
    """Return what the agent's own stream told a supervisor.

    Its lines carry no time: they are laid evenly over the time that the transcript took.
    """
    first, last = transcript[0], transcript[-1]
    spec = RunSpec(run_id="run_sample", command=how.command, agent=first.agent, cwd="/sample")
    world = World(
        environment={}, home="/sample", session_uuid="", hook_command=(), started=first.time
    )
    reader = agent.reader(spec, agent.prepare(spec, world))
    begin = parse_time(first.time)
    took = parse_time(last.time) - begin
    lines = how.stream.split("\n")
    told: list[Event] = []
    for number, line in enumerate(lines):
        told += reader.feed(line.encode(), format_time(begin + took * number / len(lines)))
    # Started by Pawl, the agent would have told the counts at the end of each response, too. As
    # recorded it told those at the beginning, which would look like a disagreement.
    return [event for event in told if event.kind is not Kind.REQUEST or event.final]


def _starts(now: datetime) -> Iterator[datetime]:
    number = 0
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    for back in range(DAYS - 1, -1, -1):
        day = midnight - timedelta(days=back)
        count = A_DAY[day.weekday()]
        for turn in range(count):
            number += 1
            minute = 8 * 60 + turn * (600 // count) + number * 17 % 37
            start = day + timedelta(minutes=minute, seconds=number * 23 % 60)
            if start < now:
                yield start
    # Whatever hour it is, something happened of late.
    for minutes in (47, 12):
        if now - timedelta(minutes=minutes) > midnight:
            yield now - timedelta(minutes=minutes)


def _replay(
    read: _Read, number: int, start: datetime, price: Price, project: str | None = None
) -> Replay:
    recording, events = read.recording, read.transcript
    origin = parse_time(events[0].time)
    owner = Attribution(
        project=project or PROJECTS[number % len(PROJECTS)],
        branch=BRANCHES[number * 3 % len(BRANCHES)],
        commit=blake2b(f"commit {number}".encode(), digest_size=20).hexdigest(),
        developer=PEOPLE[number * 2 % len(PEOPLE)],
        machine="sample",
        workflow=WORKFLOWS[number // 3 % len(WORKFLOWS)],
    )

    def moved(time: str) -> str:
        return format_time(start + (parse_time(time) - origin) * STRETCH)

    mark = f"~{number:03d}"
    told = tuple(_moved(event, mark, moved(event.time), owner) for event in events)
    started, last = told[0].time, told[-1].time
    if recording.ended is None or number % 3 == 0:
        return Replay(started=started, ended=last, events=told)
    ended = format_time(parse_time(last) + timedelta(seconds=2))
    run_id = f"run_sample{number:03d}"
    record = _record(recording.ended, run_id, told, started, ended, owner, price)
    limits = Limits(wall_s=600, usd_micros=2_000_000, turns=30)
    if record.stop is not None:
        limits = msgspec.structs.replace(limits, wall_s=record.stop.threshold)
    spec = RunSpec(
        run_id=run_id,
        command=(record.agent,),
        agent=record.agent,
        cwd=f"/sample/{owner.project}",
        limits=limits,
        attribution=owner,
    )
    stream = tuple(
        msgspec.structs.replace(_moved(event, mark, moved(event.time), owner), run_id=run_id)
        for event in read.stream
    )
    events = [
        *told,
        *stream,
        *telemetry_of(told, mark),
        *_lines(record, spec, told[0], ended, mark),
    ]
    return Replay(started=started, ended=ended, events=tuple(events), spec=spec, record=record)


def _moved(event: Event, mark: str, time: str, owner: Attribution) -> Event:
    def marked(name: str | None) -> str | None:
        return None if name is None else name + mark

    return msgspec.structs.replace(
        event,
        id=event.id + mark,
        time=time,
        session_id=marked(event.session_id),
        parent_id=marked(event.parent_id),
        request_id=marked(event.request_id),
        message_id=marked(event.message_id),
        tool_call_id=marked(event.tool_call_id),
        project=owner.project,
        branch=owner.branch,
        commit=owner.commit,
        developer=owner.developer,
        machine=owner.machine,
        repo=None,
    )


def _record(
    how: Ended,
    run_id: str,
    told: tuple[Event, ...],
    started: str,
    ended: str,
    owner: Attribution,
    price: Price,
) -> RunRecord:
    requests = reconcile(observation(event) for event in told if event.kind is Kind.REQUEST)
    used = [(r.model or "", r.usage, r.time[:10]) for r in requests if r.usage is not None]
    costs = [price(model, usage, day) for model, usage, day in used]
    known = [cost for cost in costs if cost is not None]
    priced = len(known) == len(costs)
    took = (parse_time(ended) - parse_time(started)).total_seconds()
    stopped = how.outcome == Outcome.STOPPED
    calls = {e.tool_call_id: e.tool for e in told if e.kind is Kind.TOOL_CALL and e.tool}
    tools = list(calls.values())
    error = classify(how.error) if how.error else None
    return RunRecord(
        run_id=run_id,
        agent=told[0].agent,
        agent_version=how.version,
        outcome=Outcome(how.outcome),
        stop=Stop(limit="wall", value=took, threshold=float(int(took))) if stopped else None,
        result=how.result,
        exit_code=how.exit_code,
        signal=how.signal,
        error=error,
        session_id=told[0].session_id,
        models=tuple(sorted({model for model, _, _ in used})),
        turns=how.turns,
        started_at=started,
        ended_at=ended,
        duration_ms=round(took * 1000),
        usage=sum((usage for _, usage, _ in used), ZERO),
        cost=RunCost(
            usd=sum(known) / 1e6 if priced else None, basis="priced" if priced else "unpriced"
        ),
        reported_cost_usd=how.reported_cost_usd,
        tool_calls={tool: tools.count(tool) for tool in sorted(set(filter(None, tools)))},
        permission_denials=tuple(msgspec.Raw(msgspec.json.encode(d)) for d in how.denials),
        stderr_tail=how.stderr,
        project=owner.project,
        branch=owner.branch,
        commit=owner.commit,
    )


def _lines(
    record: RunRecord, spec: RunSpec, first: Event, ended: str, mark: str
) -> tuple[Event, Event]:
    """Return the two events that a supervisor writes around a session."""
    begin = Event(
        id=f"start{mark}",
        time=first.time,
        kind=Kind.RUN_STARTED,
        source=Source.RUN,
        agent=record.agent,
        run_id=record.run_id,
        session_id=first.session_id,
        project=first.project,
        branch=first.branch,
        commit=first.commit,
        developer=first.developer,
        machine=first.machine,
        workflow=spec.attribution.workflow,
        attributes={"limits": ",".join(spec.limits.names)},
    )
    attributes = {} if record.turns is None else {"turns": str(record.turns)}
    if record.stop is not None:
        attributes["stop_limit"] = record.stop.limit
    if record.error is not None:
        attributes["error_class"] = record.error.class_
    end = msgspec.structs.replace(
        begin,
        id=f"end{mark}",
        time=ended,
        kind=Kind.RUN_ENDED,
        outcome=record.outcome.value,
        duration_ms=record.duration_ms,
        attributes=attributes,
    )
    return begin, end
