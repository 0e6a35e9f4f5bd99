"""A cost log kept by hand or by a script: CSV with the columns `timestamp,project,cost`.

Each row is money somebody else worked out, in US dollars, without tokens: it is shown as
reported and cannot be checked or matched. A log that was kept of runs whose transcripts are
also read tells of the same money twice, which nothing in it allows to see; the import says so.
Identical rows that follow one another are separate; the same file read twice is not.
"""

import csv
import hashlib

import msgspec

from pawl.base import typed
from pawl.base.money import micros_from_reported
from pawl.base.times import canonical_time, time_from_ms
from pawl.telemetry.event import Event
from pawl.telemetry.format import Depth, Format, lines
from pawl.telemetry.observation import SOURCES, Observation
from pawl.telemetry.observation import event as request_event

AGENT = "cost-log"
COLUMNS = ("timestamp", "project", "cost")
_RANK = SOURCES.index("csv")


class _State(msgspec.Struct):
    columns: tuple[str, ...] = ()
    last: str = ""
    repeats: int = 0


class CostLogReader:
    """Reads one log; see `pawl.telemetry.format.TranscriptReader`."""

    def __init__(self, path: str, depth: Depth, state: bytes | None) -> None:
        self.skipped = 0
        self.refused = 0
        self._state = typed.unpack(state, type=_State) if state else _State()

    def state(self) -> bytes:
        return msgspec.msgpack.encode(self._state)

    def feed(self, chunk: bytes) -> list[Event]:
        return [request_event(seen) for seen in self.observe(chunk)]

    def observe(self, chunk: bytes) -> list[Observation]:
        found = []
        for line in lines(chunk):
            try:
                cells = next(csv.reader([line.decode("utf-8-sig", "replace").strip()]), [])
            except csv.Error:
                self.skipped += 1
                continue
            if not self._state.columns:
                self._state.columns = tuple(cell.strip().lower() for cell in cells)
                if set(COLUMNS) <= set(self._state.columns):
                    continue
                self._state.columns = COLUMNS  # A log without its heading.
            seen = self._row(dict(zip(self._state.columns, cells, strict=False)))
            if seen is not None:
                found.append(seen)
        return found

    def _row(self, row: dict[str, str]) -> Observation | None:
        try:
            when = _instant(row["timestamp"].strip())
            dollars = float(row["cost"].strip().removeprefix("$"))
        except (KeyError, ValueError, OverflowError, OSError):
            self.skipped += 1
            return None
        if not 0 <= dollars < 1e9:
            self.refused += 1
            return None
        project = row["project"].strip() or None
        same = hashlib.sha256(f"{when}\0{project}\0{dollars!r}".encode()).hexdigest()[:24]
        state = self._state
        state.repeats = state.repeats + 1 if same == state.last else 0
        state.last = same
        return Observation(
            f"csv.{same}.{state.repeats}",
            when,
            _RANK,
            AGENT,
            project=project,
            reported_micros=micros_from_reported(dollars),
        )


def _instant(value: str) -> str:
    try:
        return time_from_ms(float(value) * 1000)
    except ValueError:
        return canonical_time(value)


def _recognises(path: str, head: bytes) -> bool:
    first = head.partition(b"\n")[0].lower()
    return path.endswith(".csv") and all(name.encode() in first for name in COLUMNS)


FORMAT = Format(agent=AGENT, roots=(), pattern="*.csv", open=CostLogReader, recognises=_recognises)
