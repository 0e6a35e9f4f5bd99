"""Look for stuck loops in sessions that are over, in the transcripts they left."""

from collections.abc import Sequence
from typing import Literal

import msgspec

from pawl.runs.loop import Loop, find_loops
from pawl.runs.spec import LoopPolicy
from pawl.services.machine import Machine
from pawl.services.scanning import read_task, survey_paths, survey_places
from pawl.telemetry.event import Event
from pawl.telemetry.format import Depth, TranscriptReader
from pawl.telemetry.imported import Found


class SessionLoop(msgspec.Struct, frozen=True, kw_only=True):
    """A loop in a session. `rung` is `warn` or `stop`: what a live run would have done."""

    session_id: str
    agent: str
    path: str
    time: str
    rung: str
    pattern: str
    tool: str
    count: int
    threshold: int
    text: str


class LoopReport(msgspec.Struct, frozen=True, kw_only=True):
    """The answer of `pawl runs loops`. `sessions` counts those that were looked at."""

    schema: Literal["pawl.loops/1"] = "pawl.loops/1"
    sessions: int
    loops: tuple[SessionLoop, ...]
    warnings: tuple[str, ...] = ()

    @property
    def stuck(self) -> bool:
        """Whether any session would have been stopped."""
        return any(loop.rung == "stop" for loop in self.loops)


def look_for_loops(machine: Machine, paths: Sequence[str], policy: LoopPolicy) -> LoopReport:
    """Read transcripts (the default places, or paths given) and find where sessions were stuck."""
    everything = Depth(everything=True)
    if paths:
        survey = survey_paths(paths, machine.formats, machine.disk, {}, everything)
    else:
        survey = survey_places(
            machine.formats, machine.disk, machine.environment, machine.home, {}, everything
        )
    sessions: set[str] = set()
    found: list[SessionLoop] = []
    for task in survey.tasks:
        told: dict[str, list[Event]] = {}

        def take(
            reader: TranscriptReader,
            chunk: bytes,
            file: Found,
            told: dict[str, list[Event]] = told,
        ) -> None:
            for event in reader.feed(chunk):
                told.setdefault(event.session_id or file.path, []).append(event)

        report = survey.reports[task.form.agent]
        read_task(task, everything, machine.disk, machine.databases, report, take)
        for session, events in told.items():
            sessions.add(session)
            loops = find_loops(events, policy)
            found += [_told(loop, session, task.form.agent, task.found.path) for loop in loops]
    warnings = tuple(text for report in survey.reports.values() for text in report.remarks)
    found.sort(key=lambda loop: (loop.time, loop.session_id))
    return LoopReport(sessions=len(sessions), loops=tuple(found), warnings=warnings)


def _told(loop: Loop, session: str, agent: str, path: str) -> SessionLoop:
    return SessionLoop(
        session_id=session,
        agent=agent,
        path=path,
        time=loop.time,
        rung=loop.rung.value,
        pattern=loop.pattern,
        tool=loop.tool,
        count=loop.count,
        threshold=loop.threshold,
        text=loop.text,
    )
