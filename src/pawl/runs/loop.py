"""See when an agent is stuck: the same calls again and again with nothing new coming back.

Deterministic: what counts is (tool, arguments digest, result digest), see
`pawl.telemetry.digests`. Four patterns, each over calls that follow one another in one stream
(the main loop, or one sub-agent):

- `identical-errors`: one call, failing in the same way each time;
- `identical-results`: one call, answered with the same each time;
- `identical-calls`: one call, with no answer that this repetition had not seen before;
- `alternation`: two calls in turn, each answered with the same each time.

A result not seen before in the repetition is progress, and counting starts again at it. A call
of an exempt tool (one that polls by design) breaks any repetition. A call whose result is still
to come counts only once its stream has moved on to another model response, or when the stream
never shows results: parallel calls are answered in any order and after one another.

The ladder: with the action `stop` the detector warns one repetition before it stops; with
`warn` it warns at the threshold and never stops. Each rung is told once a repetition.
"""

from collections import deque
from collections.abc import Iterable
from enum import StrEnum
from fnmatch import fnmatchcase

import msgspec

from pawl.runs.spec import LoopPolicy
from pawl.telemetry.event import Event, Kind
from pawl.telemetry.likeness import answer_of

_WINDOW = 64
"""Calls of a stream that are looked at; a cycle of more distinct results is not seen."""
_STREAMS = 256
"""Streams followed at a time; the one silent longest is forgotten first."""


class Rung(StrEnum):
    """How serious it is."""

    WARN = "warn"
    STOP = "stop"


class Loop(msgspec.Struct, frozen=True, kw_only=True):
    """A repetition that reached a rung of the ladder."""

    rung: Rung
    pattern: str
    tool: str
    count: int
    threshold: int
    parent_id: str | None
    time: str
    event_id: str

    @property
    def text(self) -> str:
        """One sentence for people."""
        what = {
            "identical-errors": "failed in the same way",
            "identical-results": "was called with the same arguments and result",
            "identical-calls": "was called with the same arguments and nothing new came back",
            "alternation": "took turns with another call and nothing new came back",
        }[self.pattern]
        return f"{self.tool} {what}, {self.count} times in a row (limit {self.threshold})"


class _Call:
    __slots__ = ("answered", "digest", "failed", "id", "key", "message", "tool")

    def __init__(self, event: Event) -> None:
        self.id = event.tool_call_id
        self.tool = event.tool or ""
        self.key = (self.tool, event.attributes.get("arguments_digest", ""))
        self.message = answer_of(event)
        self.answered = False
        self.digest: str | None = None
        self.failed = False


class _Stream:
    __slots__ = ("answers", "calls", "named", "told")

    def __init__(self) -> None:
        self.calls: deque[_Call] = deque(maxlen=_WINDOW)
        self.named: dict[str, _Call] = {}
        self.answers = False
        self.told: set[Rung] = set()

    def put(self, call: _Call) -> None:
        """Put a call behind the others; of too many the oldest is forgotten."""
        if len(self.calls) == _WINDOW and self.calls[0].id:
            del self.named[self.calls[0].id]
        self.calls.append(call)
        if call.id:
            self.named[call.id] = call

    def clear(self) -> None:
        """Forget all calls and what was told of them."""
        self.calls.clear()
        self.named.clear()
        self.told.clear()


class Detector:
    """A fold over events; `see` returns what the event made sure of. Memory is bounded."""

    def __init__(self, policy: LoopPolicy) -> None:
        self._policy = policy
        self._streams: dict[str, _Stream] = {}
        # Fewer calls in a row than these reach no rung: never one, whatever the policy says.
        ladder = policy.action == "stop"
        least = min(policy.identical_errors, policy.identical_results, policy.identical_calls)
        self._least_identical = max(2, least - ladder)
        self._least_alternating = max(2, policy.alternations - ladder)

    def see(self, event: Event) -> Loop | None:
        """Take one event; return the loop it completed, at most one."""
        if self._policy.action == "off":
            return None
        if event.kind is Kind.TOOL_CALL:
            return self._called(event)
        if event.kind is Kind.TOOL_RESULT:
            return self._answered(event)
        return None

    @property
    def repeating(self) -> bool:
        """Whether a repetition that was told of still goes on in any stream."""
        for stream in self._streams.values():  # noqa: SIM110 - asked at every event
            if stream.told:
                return True
        return False

    def _called(self, event: Event) -> Loop | None:
        identity = event.tool_call_id
        if identity:
            for each in self._streams.values():
                if identity in each.named:
                    return None  # The same call, told by another source.
        stream = self._stream(event.parent_id or "")
        tool = event.tool or ""
        exempt = self._policy.exempt
        if exempt and any(fnmatchcase(tool, glob) for glob in exempt):
            stream.clear()
            return None
        stream.put(_Call(event))
        return self._judge(stream, event)

    def _answered(self, event: Event) -> Loop | None:
        identity = event.tool_call_id
        own = self._streams.get(event.parent_id or "")
        found = None if own is None else _find(own, identity)
        streams = self._streams.values() if own is None or found is None else (own,)
        for stream in streams:
            call = found or _find(stream, identity)
            if call is None:
                continue
            if call.answered:
                return None
            stream.answers = True
            call.answered = True
            call.digest = event.attributes.get("result_digest")
            call.failed = event.outcome == "error"
            return self._judge(stream, event)
        return None

    def _stream(self, name: str) -> _Stream:
        streams = self._streams
        if len(streams) == 1 and name in streams:
            return streams[name]
        stream = streams.pop(name, None) or _Stream()
        streams[name] = stream
        if len(streams) > _STREAMS:
            del streams[next(iter(streams))]
        return stream

    def _judge(self, stream: _Stream, event: Event) -> Loop | None:
        policy = self._policy
        streak = _streak(stream.calls)
        alternating = _alternating(stream, self._least_alternating)
        if len(streak) < self._least_identical and alternating < self._least_alternating:
            stream.told.clear()
            return None
        recent = _since_progress(streak, stream)
        counted = (
            ("identical-errors", _run(recent, failed=True), policy.identical_errors),
            ("identical-results", _run(recent, failed=False), policy.identical_results),
            ("identical-calls", len(recent), policy.identical_calls),
            ("alternation", alternating, policy.alternations),
        )
        ladder = policy.action == "stop"
        reached = [
            (pattern, count, threshold)
            for pattern, count, threshold in counted
            if count >= max(2, threshold - ladder)
        ]
        if not reached:
            stream.told.clear()  # The repetition is over.
        reached.sort(key=lambda found: found[1] < found[2])  # Stops before warnings.
        for pattern, count, threshold in reached:
            rung = Rung.STOP if ladder and count >= threshold else Rung.WARN
            if rung in stream.told or Rung.STOP in stream.told:
                continue
            stream.told.add(rung)
            return Loop(
                rung=rung,
                pattern=pattern,
                tool=stream.calls[-1].tool,
                count=count,
                threshold=threshold,
                parent_id=event.parent_id,
                time=event.time,
                event_id=event.id,
            )
        return None


def find_loops(events: Iterable[Event], policy: LoopPolicy) -> list[Loop]:
    """Return every rung that a recorded session reached, in order."""
    detector = Detector(policy)
    return [loop for event in events if (loop := detector.see(event)) is not None]


def _find(stream: _Stream, call_id: str | None) -> _Call | None:
    """Return the call with an id; without one, the oldest call that has none and no answer."""
    if call_id:
        return stream.named.get(call_id)
    for call in stream.calls:
        if call.id == call_id and (call_id is not None or not call.answered):
            return call
    return None


def _streak(calls: deque[_Call]) -> list[_Call]:
    """Return the calls at the end that are all the same call, oldest first."""
    key = calls[-1].key
    if len(calls) < 2 or calls[-2].key != key:
        return [calls[-1]]
    streak: list[_Call] = []
    for call in reversed(calls):
        if call.key != key:
            break
        streak.append(call)
    return streak[::-1]


def _counts(call: _Call, newest: _Call, stream: _Stream) -> bool:
    """Whether a call says something already; see the module's words on parallel calls."""
    if call.answered:
        return True
    if call.message is None or newest.message is None:
        return not stream.answers
    return call.message != newest.message


def _since_progress(streak: list[_Call], stream: _Stream) -> list[_Call]:
    """Return the calls from the last one that brought something new, those that count."""
    seen: set[str] = set()
    start = 0
    for index, call in enumerate(streak):
        if call.digest is not None and call.digest not in seen:
            seen.add(call.digest)
            start = index
    return [call for call in streak[start:] if _counts(call, streak[-1], stream)]


def _run(recent: list[_Call], *, failed: bool) -> int:
    """Return the longest row of calls with one and the same result; only failures if asked."""
    longest = length = 0
    previous: str | None = None
    for call in recent:
        usable = call.digest is not None and (call.failed or not failed)
        length = (length + 1 if call.digest == previous else 1) if usable else 0
        previous = call.digest if usable else None
        longest = max(longest, length)
    return longest


def _alternating(stream: _Stream, least: int) -> int:
    """Return how many calls at the end take turns (A B A B ...), nothing new coming back.

    A result that its own side had not shown one turn before is progress and ends the count.
    Below `least` the answer may be too small.
    """
    calls = stream.calls
    if len(calls) < 3:
        return 0
    key = calls[-1].key
    if key == calls[-2].key or (least > 2 and key != calls[-3].key):
        return 0
    count = 0
    results: list[str | None] = [None, None]
    for index in range(len(calls)):
        call = calls[-1 - index]
        if call.key != calls[-1 - index % 2].key:
            break
        if not _counts(call, calls[-1], stream) and index > 0:
            break
        side = index % 2
        if call.digest is not None:
            if results[side] not in (None, call.digest):
                break
            results[side] = call.digest
        count += call.answered or index > 0 or not stream.answers
    return count
