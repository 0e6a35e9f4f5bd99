"""Gather evidence side by side, each source within its time, and investigate it.

A source that fails, hangs or finds too much is reported and never the end: whoever investigates an
incident needs what there is.
"""

import threading
import time
from collections.abc import Callable, Mapping, Sequence

import msgspec

from pawl.base.errors import PawlError
from pawl.base.redaction import redact
from pawl.investigation.facts import Facts, Gathered, Look, Outcome, Window
from pawl.investigation.investigate import Known, investigate
from pawl.investigation.investigation import Investigation

_MAX_WHY = 300


class Looker(msgspec.Struct, frozen=True, kw_only=True):
    """A source, ready to look. `missing` says why it cannot, empty where it can."""

    title: str
    answers: tuple[str, ...]
    missing: Callable[[], str]
    look: Callable[[], Facts]


def investigated(
    incident: str,
    window: Window,
    lookers: Mapping[str, Looker],
    known: Known,
    *,
    made_at: str,
    timeout_s: float,
) -> Investigation:
    """Return the investigation of a window by all sources."""
    found = gather(lookers, timeout_s=timeout_s)
    return investigate(incident, window, found, known, made_at)


def gather(lookers: Mapping[str, Looker], *, timeout_s: float) -> Sequence[Gathered]:
    """Return what each source found, in the order of their names, whatever happened to others."""
    tasks = [_Task(name, looker) for name, looker in sorted(lookers.items())]
    for task in tasks:
        task.start()
    ends = time.monotonic() + timeout_s
    for task in tasks:
        task.join(max(0.0, ends - time.monotonic()))
    return [task.told(timeout_s) for task in tasks]


class _Task(threading.Thread):
    """One source at work. One that hangs is left behind: it is a daemon and holds no lock."""

    def __init__(self, name: str, looker: Looker) -> None:
        super().__init__(name=f"source-{name}", daemon=True)
        self._source, self._looker = name, looker
        self._found: Facts | None = None
        self._absent, self._failed = "", ""
        self._took_s = 0.0
        self._done = threading.Event()

    def run(self) -> None:
        """Look, and keep what came of it; nothing that a source does ends more than its look."""
        began = time.monotonic()
        try:
            self._absent = self._looker.missing()
            if not self._absent:
                self._found = self._looker.look()
        except PawlError as error:
            self._failed = str(error)
        except Exception as error:
            self._failed = f"it failed ({type(error).__name__}); this is a defect of the source."
        self._took_s = time.monotonic() - began
        self._done.set()

    def told(self, timeout_s: float) -> Gathered:
        """Return what it found so far; nothing where it has not ended."""
        if not self._done.is_set():
            return Gathered(look=self._look("failed", f"not done within {timeout_s:g} s."))
        if self._absent:
            return Gathered(look=self._look("absent", self._absent))
        if self._found is None:
            return Gathered(look=self._look("failed", self._failed))
        facts = self._found
        items = len(facts.changes) + len(facts.lines) + len(facts.series) + len(facts.alarms)
        outcome: Outcome = "partial" if facts.left else "looked"
        return Gathered(look=self._look(outcome, " ".join(facts.left), items), facts=facts)

    def _look(self, outcome: Outcome, why: str, items: int = 0) -> Look:
        return Look(
            source=self._source,
            title=self._looker.title,
            outcome=outcome,
            answers=self._looker.answers,
            why=redact(why)[:_MAX_WHY],
            items=items,
            took_ms=round(self._took_s * 1000),
        )
