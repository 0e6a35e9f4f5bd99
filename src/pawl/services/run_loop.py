"""Supervise one start of an agent: from the spawn to the last byte and the last process.

The loop decides nothing. It turns what happens into inputs of the state machine
`pawl.runs.supervise` and carries out the actions that come back. What is seen is made durable
before any of it is passed on to the user or answered to a hook, but nothing else waits for the
disk: an agent that reached a limit is ended while the disk still works (see `run_durable`).
"""

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from pawl.base import typed
from pawl.base.redaction import redact
from pawl.runs import outside, signals, supervise
from pawl.runs.agent import Conclusion, Exit, Launch, Reader, Transcript
from pawl.runs.bounded import Head, Lines, Tail
from pawl.runs.outside import Happening, Stream
from pawl.runs.record import ProcessesLeft
from pawl.runs.state import Phase, State
from pawl.services.run_around import Around, Child, Shown
from pawl.services.run_durable import Durable, Lost
from pawl.telemetry.event import Event
from pawl.telemetry.format import TranscriptReader

LOOK_EVERY_S = 0.1
"""How often followed transcripts are looked at when nothing else happens."""
LAST_WORDS_S = 2.0
"""How long processes that outlive the agent have between TERM and KILL, the grace at most."""
STDERR_TAIL_BYTES = 16 * 1024
STDOUT_TEXT_BYTES = 4 * 1024 * 1024
PASSED_OVER = "Lines too long to be read were passed over"
"""How a warning begins after which something may be missing of what was seen."""
_MAX_SESSIONS = 100
_LAST_LOOKS = 1000
_BROKEN_PIPE = 13  # SIGPIPE: what a program gets that writes where nobody reads.


class Finished(msgspec.Struct, frozen=True, kw_only=True):
    """What is left of an attempt once nothing of it lives."""

    conclusion: Conclusion
    exit: Exit
    processes: ProcessesLeft
    warnings: tuple[str, ...]


class Attempt:
    """One start of the agent. `start` it, then `supervise` it to its end."""

    def __init__(
        self, state: State, launch: Launch, reader: Reader, around: Around, shown: Shown
    ) -> None:
        self._state = state
        self._launch = launch
        self._reader = reader
        self._around = around
        self._live = shown is Shown.STREAM or (shown is Shown.HANDBACK and launch.verbatim)
        self._by_line = shown is Shown.HANDBACK and launch.streaming and bool(launch.hides)
        self._lines = Lines()
        self._head = Head(STDOUT_TEXT_BYTES)
        self._tail = Tail(STDERR_TAIL_BYTES)
        self._durable = Durable(around.spool, around.watch)
        self._waiting: dict[str, list[int]] = {}
        self._sessions: set[str] = set()
        self._patterns: dict[tuple[str, str], Transcript] = {}
        self._transcripts: dict[str, TranscriptReader] = {}
        self._terminated = self._killed = self._lost_bytes = 0
        self._hurried = False
        self._version: str | None = None
        self._began = around.now()[:23]  # To the millisecond, as transcripts tell the time.
        self._child: Child | None = None
        if launch.session_id:
            self._follow_session(launch.session_id)

    def start(self, environment: Mapping[str, str], folder: str) -> None:
        """Start the agent; raises Refused when it cannot be. No thread may run."""
        tree = self._around.tree
        self._child = tree.spawn(self._launch.argv, environment=environment, folder=folder)

    def supervise(self) -> Finished:
        """Supervise the started agent to its end, and end whatever it leaves."""
        tree, watch, child = self._around.tree, self._around.watch, self._child
        assert child is not None
        try:
            watch.read_from(child.stdout, child.stderr)
            self._tell(signals.Started(self._around.monotonic()))
            while self._state.phase is not Phase.ENDED:
                self._turn(self._patience())
            self._sweep()
            self._drain()
            return self._finished()
        finally:
            tree.kill()  # Nothing is left but after a defect of ours.
            watch.stop_reading()
            child.close()
            self._durable.close()  # Another attempt forks again.

    # -- one turn ---------------------------------------------------------------------------

    def _turn(self, timeout_s: float) -> None:
        happened = self._around.watch.wait(timeout_s)
        self._settle()  # First, for the user waits; what follows may wait or goes on beside.
        for happening in happened:
            self._take(happening)
        self._settle()
        if not self._durable.full:
            self._look_at_transcripts()
        self._around.tree.reap()
        self._notice_exit()
        self._tell(signals.Tick(self._around.monotonic()))
        self._settle()

    def _patience(self) -> float:
        longest = LOOK_EVERY_S if self._patterns or self._launch.transcripts else 1.0
        deadline = supervise.next_deadline(self._state)
        if deadline is None:
            return longest
        return min(longest, max(0.0, deadline - self._around.monotonic()))

    def _take(self, happening: Happening) -> None:
        match happening:
            case outside.Chunk("stdout", data):
                self._take_stdout(data)
            case outside.Chunk(_, data):
                self._tail.feed(data)
                self._show("stderr", data)
                self._tell(signals.StderrOutput(len(data), self._around.monotonic()))
            case outside.Signalled(number):
                self._interrupt(number)
            case outside.Asked(ticket, body):
                self._ask(ticket, body)
            case outside.ReaderGone("stdout") if self._live:
                self._interrupt(_BROKEN_PIPE)
            case _:
                pass  # Children are reaped every turn; closed pipes are no news.

    def _interrupt(self, number: int) -> None:
        self._hurried = self._hurried or self._state.phase is not Phase.RUNNING
        self._tell(signals.Interrupted(number, self._around.monotonic()))

    def _take_stdout(self, data: bytes) -> None:
        self._tell(signals.Output(len(data), self._around.monotonic()))
        stop = self._state.stop
        flooded = stop is not None and stop.limit == "output_bytes"
        if self._live and not self._by_line and not flooded:
            self._show("stdout", data)
        if not self._launch.streaming:
            self._head.feed(data)
            return
        for line in self._lines.feed(data):
            self._take_line(line, b"\n")

    def _take_line(self, line: bytes, ending: bytes) -> None:
        for event in self._reader.feed(line, self._around.now()):
            self._hear(event)
        if self._live and self._by_line and not self._reader.hidden:
            self._show("stdout", line + ending)

    def _hear(self, event: Event) -> None:
        if event.session_id and event.session_id not in self._sessions:
            self._follow_session(event.session_id)
        self._version = self._version or event.agent_version
        self._tell(signals.Heard(event, self._around.monotonic()))

    def _ask(self, ticket: int, body: bytes) -> None:
        question = _question(body)
        if question is None:
            reply = {"allow": False, "reason": "The hook's question could not be read."}
            self._durable.held.answer(ticket, msgspec.json.encode(reply))
            return
        call_id = question.tool_use_id or f"hook-{ticket}"
        self._waiting.setdefault(call_id, []).append(ticket)
        self._tell(
            signals.ToolAsked(
                question.tool_name, bytes(question.tool_input), call_id, self._around.monotonic()
            )
        )

    def _notice_exit(self) -> None:
        status = self._child.status if self._child else None
        if status is not None and self._state.phase is not Phase.ENDED:
            self._tell(signals.ChildExited(_exit(status), self._around.monotonic()))

    # -- transcripts ------------------------------------------------------------------------

    def _follow_session(self, session: str) -> None:
        if len(self._sessions) >= _MAX_SESSIONS or not _plain_name(session):
            return
        self._sessions.add(session)
        for transcript in self._launch.transcripts:
            root, pattern = _named(transcript.root, session), _named(transcript.pattern, session)
            self._patterns[root, pattern] = transcript
            self._around.following.follow(root, pattern)

    def _look_at_transcripts(self) -> bool:
        grew = False
        for root, pattern, piece in self._around.following.look(self._around.monotonic()):
            grew = True
            transcript = self._patterns[root, pattern]
            reader = self._transcripts.get(piece.path)
            if reader is None:
                reader = self._around.open_transcript(transcript.format, piece.path)
                self._transcripts[piece.path] = reader
            for event in reader.feed(piece.data):
                # A resumed session's file tells of earlier runs too: they are not this one.
                if event.time[:23] >= self._began:
                    self._hear(event)
        return grew

    # -- carrying out -----------------------------------------------------------------------

    def _tell(self, heard: signals.Input) -> None:
        for action in supervise.step(self._state, heard):
            match action:
                case signals.Terminate():
                    self._terminated += self._around.tree.terminate()
                case signals.Kill():
                    self._killed += self._around.tree.kill()
                case signals.Warn(text):
                    self._show("stderr", f"pawl: warning: {text}\n".encode(errors="replace"))
                case signals.Record(event):
                    self._durable.keep(event)
                case signals.Answer(call_id, allow, reason):
                    body = msgspec.json.encode({"allow": allow, "reason": reason})
                    for ticket in self._waiting.pop(call_id, []):
                        self._durable.held.answer(ticket, body)

    def _show(self, stream: Stream, data: bytes) -> None:
        self._durable.held.show(stream, data)

    def _settle(self) -> None:
        """Pass on what has become durable, and have what was seen since made durable."""
        lost = self._durable.landed()
        if lost is not None:
            self._lose(lost)
        self._durable.go_on()

    def _lose(self, lost: Lost) -> None:
        if self._lost_bytes == 0:
            lost.held.show("stderr", f"pawl: {lost.error}\n".encode(errors="replace"))
        self._lost_bytes += lost.size
        if self._around.on_disk_full == "stop":
            self._tell(signals.SpoolFailed(str(lost.error), self._around.monotonic()))

    def _catch_up(self) -> None:
        """Wait until all that was seen is durable and passed on, and hear signals meanwhile."""
        self._settle()
        while self._durable.waiting_bytes:
            for happening in self._around.watch.wait(1.0):
                self._take(happening)
            self._settle()

    # -- the end ----------------------------------------------------------------------------

    def _sweep(self) -> None:
        """End what the agent left running, and read on meanwhile so that nobody is stuck."""
        tree, monotonic = self._around.tree, self._around.monotonic
        if not tree.members():
            return
        grace = 0.0 if self._hurried else min(self._state.spec.limits.grace_s, LAST_WORDS_S)
        self._terminated += tree.terminate()
        until = monotonic() + grace
        while tree.members() and monotonic() < until and not self._hurried:
            self._turn(0.02)
        if tree.members():
            self._killed += tree.kill()

    def _drain(self) -> None:
        """Read what is left in pipes and transcripts. A stranger may hold a pipe open for ever,
        so reading ends when nothing more comes."""
        watch = self._around.watch
        while watch.reading:
            # Then the pipes were perhaps not looked at, or the disk ended the wait.
            waiting = watch.congested or self._durable.waiting_bytes > 0
            happened = watch.wait(0.05)
            for happening in happened:
                self._take(happening)
            self._settle()
            told = any(isinstance(each, outside.Chunk | outside.Closed) for each in happened)
            if self._hurried or not (told or waiting):
                break
        watch.stop_reading()
        for line in self._lines.finish():
            self._take_line(line, b"")
        for _ in range(_LAST_LOOKS):
            self._catch_up()
            if not self._look_at_transcripts():
                break
        self._catch_up()

    def _finished(self) -> Finished:
        assert self._child is not None
        tail = redact(self._tail.text())
        ended = _exit(
            self._child.status,
            stderr_tail=tail,
            stdout_text=self._head.text(),
            stdout_truncated=self._head.truncated,
        )
        conclusion = self._reader.conclude(ended)
        if conclusion.agent_version is None:  # Its transcript may have told what its stream hid.
            conclusion = msgspec.structs.replace(conclusion, agent_version=self._version)
        return Finished(
            conclusion=conclusion,
            exit=ended,
            processes=ProcessesLeft(terminated=self._terminated, killed=self._killed),
            warnings=tuple(self._warnings()),
        )

    def _warnings(self) -> Iterable[str]:
        if self._lines.too_long:
            yield f"{PASSED_OVER}: {self._lines.too_long}."
        if self._lost_bytes:
            yield f"Events could not be kept, the disk refused them: {self._lost_bytes} bytes."
        if self._around.tree.members():
            yield "Processes of the agent could not be ended; see the machine's process list."


class _Question(msgspec.Struct):
    tool_name: str
    tool_input: msgspec.Raw = msgspec.Raw(b"{}")
    tool_use_id: str | None = None


def _question(body: bytes) -> _Question | None:
    try:
        return typed.decode(body, type=_Question)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None


def _exit(status: int | None, **told: Any) -> Exit:
    if status is None:  # It could not be killed; nothing is known of its end.
        return Exit(code=None, signal=None, **told)
    if status < 0:
        return Exit(code=None, signal=-status, **told)
    return Exit(code=status, signal=None, **told)


def _named(text: str, session: str) -> str:
    """Put a session's id, or its first eight characters, where a place or a glob asks for it."""
    return text.replace("{session8}", session[:8]).replace("{session}", session)


def _plain_name(session: str) -> bool:
    """Whether an agent's session id can stand in a glob: no wildcards, no way out of a folder."""
    return (
        len(session) <= 200
        and all(c.isalnum() or c in "-_." for c in session)
        and (".." not in session)
    )
