"""The supervision loop carries out what the state machine says, in an order that loses nothing."""

import threading
from collections.abc import Iterable, Mapping, Sequence

import msgspec
import pytest

from pawl.base.errors import Unavailable
from pawl.base.times import time_from_ms
from pawl.runs import supervise
from pawl.runs.agent import Conclusion, Exit, Launch, Transcript
from pawl.runs.outside import Asked, Chunk, Closed, Grown, Happening, Signalled, Stream
from pawl.runs.record import Stop
from pawl.runs.spec import Limits, RunSpec, ToolPolicy
from pawl.runs.state import State
from pawl.services.run_around import Around, Shown
from pawl.services.run_loop import Attempt, Finished
from pawl.telemetry.event import Event, Kind, Source
from pawl.telemetry.observation import Observation

UNLIMITED, EVERY_TOOL = Limits(), ToolPolicy()
_EVENTS = msgspec.json.Decoder(Event)


class Stage:
    """A world in which what happens is written down beforehand, turn by turn.

    It is the process tree, the watch, the followed files and the spool in one, and `log` holds
    what was done to it, in order. After the last turn the agent exits with `status`. A turn in
    which nothing happens lasts until the disk has done its part.
    """

    stdout, stderr = 3, 4
    kept_bytes = 0

    def __init__(self, turns: Sequence[list[Happening]], *, status: int = 0) -> None:
        self.turns = list(turns)
        self.log: list[str] = []
        self.pending = bytearray()
        self.kept: list[Event] = []
        self.full = False
        self.lost = 0
        self.flying = False
        self.held_bytes = 0
        self.woken = threading.Event()
        self.clock = 1000.0
        self._end = status
        self.status: int | None = None
        self.reading = True

    # the process tree

    def spawn(self, argv: Sequence[str], *, environment: Mapping[str, str], folder: str) -> "Stage":
        return self

    def reap(self) -> int:
        if not self.turns:
            self.status = self._end
        return 0

    def members(self) -> list[int]:
        return []

    def terminate(self) -> int:
        self.log.append("terminate")
        self._end = -15
        return 1

    def kill(self) -> int:
        return 0

    # the watch

    def read_from(self, stdout: int, stderr: int) -> None:
        pass

    def listen(self, hooks: object) -> None:
        pass

    def stop_reading(self) -> None:
        self.reading = False

    def put(self, stream: Stream, data: bytes) -> None:
        self.log.append(f"{stream} {data!r}")

    def answer(self, ticket: int, body: bytes) -> None:
        self.log.append(f"answer {ticket} {msgspec.json.decode(body)['allow']}")

    @property
    def congested(self) -> bool:
        return self.held_bytes > 4 * 1024 * 1024

    def hold_back(self, size: int) -> None:
        self.held_bytes = size

    def wake(self) -> None:
        self.flying = False
        self.woken.set()

    def wait(self, timeout_s: float | None) -> list[Happening]:
        self.clock += 0.1
        happened = self.turns.pop(0) if self.turns else []
        if not happened and self.flying:
            self.until_woken()
        return happened

    def until_woken(self) -> None:
        assert self.woken.wait(20), "nobody said that the disk was done"
        self.woken.clear()

    # followed files

    def follow(self, root: str, pattern: str) -> None:
        self.log.append(f"follow {pattern}")

    def look(self, now: float) -> Iterable[tuple[str, str, Grown]]:
        return []

    # the spool

    @property
    def pending_bytes(self) -> int:
        return len(self.pending)

    def append(self, events: Iterable[Event]) -> None:
        for each in events:
            self.pending += msgspec.json.encode(each) + b"\n"

    def take(self) -> bytearray:
        batch, self.pending = self.pending, bytearray()
        self.flying = bool(batch)
        return batch

    def keep(self, batch: bytearray) -> None:
        if self.full:
            self.lost += len(batch)
            raise Unavailable("no space left")
        self.log.append("commit")
        self.kept += _EVENTS.decode_lines(bytes(batch))

    def commit(self) -> None:
        raise AssertionError("a commit waits for the disk")

    def discard(self) -> int:
        raise AssertionError("nothing is forgotten but what failed")

    def close(self) -> None:
        pass


class Reader:
    """Each line is one message; a line that starts with `-` is one the user did not ask for."""

    hidden = False

    def feed(self, line: bytes, time: str) -> list[Event]:
        self.hidden = line.startswith(b"-")
        session = line.decode().partition(" ")[2] or None
        return [event(line.decode(), time, session=session)]

    def conclude(self, exit: Exit) -> Conclusion:
        return Conclusion(outcome="succeeded")


class TranscriptLines:
    """Each line is the time of a request."""

    skipped = refused = 0

    def feed(self, chunk: bytes) -> list[Event]:
        return [event(line, line, source=Source.TRANSCRIPT) for line in chunk.decode().split()]

    def observe(self, chunk: bytes) -> list[Observation]:
        return []

    def state(self) -> bytes:
        return b""


def event(
    name: str, time: str, *, session: str | None = None, source: Source = Source.RUN
) -> Event:
    return Event(
        id=name,
        time=time,
        kind=Kind.MESSAGE if source is Source.RUN else Kind.REQUEST,
        source=source,
        agent="fake",
        session_id=session,
        agent_version="7.0" if source is Source.TRANSCRIPT else None,
    )


def run(
    stage: Stage,
    *,
    shown: Shown = Shown.STREAM,
    on_disk_full: str = "stop",
    limits: Limits = UNLIMITED,
    tools: ToolPolicy = EVERY_TOOL,
    hides: tuple[str, ...] = (),
    verbatim: bool = True,
    pattern: str = "{session}.jsonl",
) -> tuple[State, Finished]:
    spec = RunSpec(
        run_id="run_a", command=("fake",), agent="fake", cwd="/", limits=limits, tools=tools
    )
    launch = Launch(
        argv=("fake",),
        streaming=True,
        verbatim=verbatim,
        hides=hides,
        refuses_tools=True,
        transcripts=(Transcript(format="fake", root="/t", pattern=pattern),),
    )
    around = Around(
        tree=stage,
        watch=stage,
        following=stage,
        spool=stage,
        monotonic=lambda: stage.clock,
        now=lambda: time_from_ms(stage.clock * 1000),
        open_transcript=lambda name, path: TranscriptLines(),
        on_disk_full=on_disk_full,
    )
    state = supervise.begin(
        spec, launch, lambda *_: 0, started=time_from_ms(stage.clock * 1000), now=stage.clock
    )
    attempt = Attempt(state, launch, Reader(), around, shown)
    attempt.start({}, "/")
    return state, attempt.supervise()


def test_events_are_durable_before_their_lines_are_passed_on() -> None:
    """Whoever sees a line can rely on its events having been kept."""
    stage = Stage([[Chunk("stdout", b"one\ntwo\n")], [Chunk("stdout", b"three\n")]])
    run(stage)
    assert stage.log == ["commit", r"stdout b'one\ntwo\n'", "commit", r"stdout b'three\n'"]
    assert [kept.id for kept in stage.kept] == ["one", "two", "three"]


def test_a_hook_is_answered_after_the_refusal_is_kept() -> None:
    """A denial that was told to the agent is never lost; an unreadable question is a no."""
    question = b'{"tool_name": "Bash", "tool_input": {}, "tool_use_id": "t1"}'
    stage = Stage([[Asked(1, question)], [Asked(2, b"{")]])
    run(stage, tools=ToolPolicy(deny=("Bash",)))
    assert stage.log == ["commit", "answer 1 False", "answer 2 False"]
    assert [kept.kind for kept in stage.kept] == [Kind.TOOL_DENIED]


def test_lines_that_only_pawl_asked_for_are_left_out() -> None:
    """What the user did not ask for does not come back, unless the stream was asked for as is."""
    lines = [Chunk("stdout", b"one\n-two\nthr"), Chunk("stdout", b"ee")]
    stage = Stage([[*lines]])
    run(stage, shown=Shown.HANDBACK, hides=("two",))
    shown = [line for line in stage.log if line.startswith("stdout")]
    assert shown == [r"stdout b'one\n'", "stdout b'three'"]
    stage = Stage([[*lines]])
    run(stage, shown=Shown.STREAM, hides=("two",))
    shown = [line for line in stage.log if line.startswith("stdout")]
    assert shown == [r"stdout b'one\n-two\nthr'", "stdout b'ee'"]


@pytest.mark.parametrize("shown", [Shown.JSON, Shown.HANDBACK])
def test_an_answer_that_comes_at_the_end_is_not_streamed(shown: Shown) -> None:
    """With --json, and where the adapter renders the answer, nothing passes while it runs."""
    stage = Stage([[Chunk("stdout", b"one\n"), Chunk("stderr", b"noise\n")]])
    run(stage, shown=shown, verbatim=False)
    assert stage.log == ["commit", r"stderr b'noise\n'"]


def test_a_limit_ends_the_tree_and_is_kept() -> None:
    """The output limit: TERM goes out at once, the reason is an event of the run."""
    stage = Stage([[Chunk("stdout", b"x" * 50 + b"\n")], [Chunk("stdout", b"more\n")], []])
    state, finished = run(stage, limits=Limits(output_bytes=20))
    assert state.stop == Stop(limit="output_bytes", value=51, threshold=20)
    assert stage.log.count("terminate") == 1
    assert Kind.LIMIT in [kept.kind for kept in stage.kept]
    assert (finished.exit.signal, finished.processes.terminated) == (15, 1)
    assert not any("more" in line for line in stage.log)


def test_a_full_disk_stops_by_policy() -> None:
    """Either the run ends, or it goes on and the loss is told; a line passes in both cases."""
    stage = Stage([[Chunk("stdout", b"one\n")], []])
    stage.full = True
    state, finished = run(stage)
    assert state.stop is not None
    assert state.stop.limit == "spool"
    told = r"stderr b'pawl: no space left\n'"
    assert stage.log == ["terminate", r"stdout b'one\n'", told]
    assert any(f" {stage.lost} bytes" in warning for warning in finished.warnings)
    stage = Stage([[Chunk("stdout", b"one\n")], []])
    stage.full = True
    state, finished = run(stage, on_disk_full="continue")
    assert state.stop is None
    assert finished.exit.code == 0
    assert stage.log == [r"stdout b'one\n'", told]
    assert any(f" {stage.lost} bytes" in warning for warning in finished.warnings)


def test_a_signal_ends_the_agent() -> None:
    """TERM to Pawl becomes TERM to the tree."""
    stage = Stage([[Signalled(15)], []])
    state, _ = run(stage)
    assert stage.log == ["terminate"]
    assert state.interrupted == 15


def test_only_what_a_transcript_tells_of_this_run_counts() -> None:
    """A resumed session's file holds earlier runs; their lines are read past."""
    before, during = time_from_ms(999_000), time_from_ms(1_000_200)
    stage = Stage([[Chunk("stdout", b"hello session-1\n")], []])
    piece = Grown("/t/session-1.jsonl", f"{before}\n{during}\n".encode())

    def look(now: float) -> Iterable[tuple[str, str, Grown]]:
        found = [("/t", "session-1.jsonl", piece)] if "commit" in stage.log else []
        if found:
            stage.log.append("told")
        return found if stage.log.count("told") == 1 else []

    stage.look = look  # type: ignore[method-assign]
    _, finished = run(stage)
    assert "follow session-1.jsonl" in stage.log
    assert [e.time for e in stage.kept if e.kind is Kind.REQUEST] == [during]
    assert finished.conclusion.agent_version == "7.0"


def test_a_session_may_be_followed_by_its_first_eight_characters() -> None:
    """Some agents name their files after the beginning of the session's id."""
    stage = Stage([[Chunk("stdout", b"hello 0123456789abcdef\n")], [Closed("stdout")]])
    run(stage, pattern="session-{session8}-*.jsonl")
    assert "follow session-01234567-*.jsonl" in stage.log


def test_a_session_that_is_no_plain_name_is_not_followed() -> None:
    """A hostile session id cannot become a glob or a way out of the folder."""
    for name in ("*", "../../etc", "a/b", "x" * 300):
        stage = Stage([[Chunk("stdout", f"hello {name}\n".encode())], [Closed("stdout")]])
        run(stage)
        assert not any(line.startswith("follow") for line in stage.log)


class Stalled(Stage):
    """A stage whose disk does nothing before everything else that was to happen has happened."""

    def __init__(self, turns: Sequence[list[Happening]]) -> None:
        super().__init__(turns)
        self.disk = threading.Event()

    def keep(self, batch: bytearray) -> None:
        assert self.disk.wait(20), "the agent's next bytes wait for the disk"
        super().keep(batch)

    def wait(self, timeout_s: float | None) -> list[Happening]:
        if not any(self.turns[:1]) and not self.disk.is_set():
            self.log.append("released")
            self.disk.set()
        return super().wait(timeout_s)


def test_a_limit_does_not_wait_for_the_disk() -> None:
    """TERM goes out while the disk stalls; what the user sees waits for it, in order."""
    stage = Stalled([[Chunk("stdout", b"one\n")], [Chunk("stdout", b"two\n")], []])
    state, _ = run(stage, limits=Limits(output_bytes=6))
    assert state.stop == Stop(limit="output_bytes", value=8, threshold=6)
    assert stage.log == ["terminate", "released", "commit", r"stdout b'one\n'", "commit"]
    assert [kept.id for kept in stage.kept] == ["one", "run_a:limit:1", "two"]


def test_a_hook_is_answered_in_its_turn_when_the_disk_stalls() -> None:
    """Neither a refusal nor a yes overtakes what was seen before it and is not durable yet."""
    yes = b'{"tool_name": "Read", "tool_input": {}, "tool_use_id": "t2"}'
    no = b'{"tool_name": "Bash", "tool_input": {}, "tool_use_id": "t1"}'
    turns: list[list[Happening]] = [[Chunk("stdout", b"one\n")], [Asked(1, no)], [Asked(2, yes)]]
    stage = Stalled([*turns, [Chunk("stderr", b"noise")]])
    run(stage, tools=ToolPolicy(deny=("Bash",)))
    assert stage.log[:4] == ["released", "commit", r"stdout b'one\n'", "commit"]
    assert stage.log[4:] == ["stderr b'noise'", "answer 1 False", "answer 2 True"]


def test_nothing_is_lost_or_early_when_the_disk_comes_back_after_the_agent_ended() -> None:
    """The end waits for the last commit: all that was said is kept, then passed on."""
    lines = [Chunk("stdout", f"{number}\n".encode()) for number in range(5)]
    stage = Stalled([[line] for line in lines])
    before = threading.active_count()
    run(stage)
    assert [kept.id for kept in stage.kept] == ["0", "1", "2", "3", "4"]
    assert stage.log[:3] == ["released", "commit", r"stdout b'0\n'"]
    assert stage.log[3:] == ["commit", *(f"stdout {line.data!r}" for line in lines[1:])]
    assert (stage.held_bytes, threading.active_count()) == (0, before)


def test_the_agent_waits_when_too_much_waits_for_the_disk() -> None:
    """While the disk stalls for long, memory is bounded and a signal is still heard."""
    flood: list[list[Happening]] = [[Chunk("stderr", b"x" * 1024 * 1024)] for _ in range(5)]
    stage = Stalled([[Chunk("stdout", b"one\n")], *flood, [Signalled(15)]])
    congested = []
    stage.terminate = lambda: congested.append(stage.congested) or 0  # type: ignore[method-assign,func-returns-value]
    run(stage)
    assert congested == [True]
    assert not stage.congested
