"""Figures of the changes that are on record, made again from the ledger, and as metrics.

A report is a function of what was recorded before the end of its window and of the definitions
that it names: made again a year later it is the same, byte for byte.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from datetime import timedelta
from typing import Literal, Protocol

import msgspec

from pawl.base import typed
from pawl.base.errors import BadFile
from pawl.base.times import canonical_time, format_time, parse_time, seconds_between
from pawl.changes.change import Happened
from pawl.changes.commit_times import COMMITS
from pawl.changes.evidence import Evidence
from pawl.changes.gate import Decision
from pawl.changes.metric_definitions import defined
from pawl.changes.metrics import Figures, Rate, Times, figures, report_bytes
from pawl.changes.releases import Window, past_of
from pawl.governance.exceptions import GateException
from pawl.services.metering import Family, Labels

WINDOW_DAYS = 30
"""Days that the metrics look back: most releases of a month, and not the quarter's average."""
FRESH_S = 60.0
"""Seconds for which one reading of the records serves every scrape."""
MAX_REPORT = 1024 * 1024


class ReleasesSource(Protocol):
    """What the records tell of changes."""

    def happened(self, until: str) -> Iterable[Happened]:
        """Return every event recorded before a time, in the ledger's order."""

    def decision_by(self, digest: str) -> Decision | None:
        """Return the decision with a digest, or None where it is not kept."""

    def given_exceptions(self) -> Iterable[GateException]:
        """Return every exception there ever was."""


class WindowSource(Protocol):
    """What the records tell of a window."""

    def window(self, since: str, until: str) -> Window:
        """Return all that the figures from one time to another are made of."""


class MadeAgain(msgspec.Struct, frozen=True, kw_only=True):
    """An old report beside what the records say today. `why` tells what is different."""

    identical: bool
    figures: Figures
    why: str = ""


def figures_of(source: WindowSource, since: str, until: str, *, scope: str = "") -> Figures:
    """Return the figures of a window, of all changes or of a scope's."""
    read = source.window(since, until)
    told = past_of(
        read.events,
        until,
        decision=read.decisions.get,
        first_commit=lambda digest: first_commit_in(read.commits.get(digest, ()), until),
        exceptions=sorted(read.exceptions, key=lambda each: each.id),
        since=since,
        scope=scope,
    )
    return figures(told.releases, told.recoveries, since, until, told.exceptions)


def first_commit_in(pieces: Iterable[Evidence], until: str) -> str | None:
    """Return when the first commit was made that evidence of the kind `commits` tells of.

    It is what git says, in `first_at` of the payload, and counts only if we knew it in time.
    """
    told = []
    for piece in pieces:
        if piece.kind == COMMITS and piece.recorded_at < until:
            with suppress(ValueError, OverflowError):
                told.append(canonical_time(str(piece.payload.get("first_at"))))
    return min(told, default=None)


def made_again(
    stored: bytes, figures_between: Callable[[str, str], Figures], *, place: str
) -> MadeAgain:
    """Make an old report again from the records and compare the bytes; raises BadFile."""
    if len(stored) > MAX_REPORT:
        raise BadFile("larger than any report is.", place=place)
    try:
        old = typed.decode(stored, type=Figures)
    except (msgspec.DecodeError, RecursionError) as error:
        raise BadFile(
            f"not a report: {error}.",
            place=place,
            hint="It is what `pawl change figures --json` wrote.",
        ) from error
    new = figures_between(old.since, old.until)
    if report_bytes(new) == report_bytes(old):
        return MadeAgain(identical=True, figures=new)
    if old.definitions != defined():
        was = old.definitions
        why = f"It counts by the definitions {was.version} ({was.digest[:12]}), not by today's."
        return MadeAgain(identical=False, figures=new, why=why)
    differ = [
        name for name in Figures.__struct_fields__ if getattr(old, name) != getattr(new, name)
    ]
    return MadeAgain(
        identical=False, figures=new, why=f"The records say otherwise of {', '.join(differ)}."
    )


class ChangeMeter:
    """Reads the records at most once a minute; safe in threads. `now` is the clock."""

    def __init__(
        self, figures_between: Callable[[str, str], Figures], now: Callable[[], str]
    ) -> None:
        self._figures = figures_between
        self._now = now
        self._lock = threading.Lock()
        self._read_at: str | None = None
        self._families: tuple[Family, ...] = ()

    def families(self) -> tuple[Family, ...]:
        """Return the metrics of the days before now; raises PawlError without the records."""
        with self._lock:
            now = self._now()
            if self._read_at is None or not 0 <= seconds_between(self._read_at, now) < FRESH_S:
                since = format_time(parse_time(now) - timedelta(days=WINDOW_DAYS))
                self._families = tuple(families(self._figures(since, now)))
                self._read_at = now
            return self._families


SHARES = (
    "gate_coverage", "missing_approvals", "excepted_approvals", "ratified_late", "policy_audit",
    "change_failures",
)  # fmt: skip
TIMES = ("lead_time", "lead_time_to_live", "commit_lead_time", "rollback_time")


def families(found: Figures) -> Iterator[Family]:
    """Yield figures as gauges. A share of nothing and a quantile not reached have no sample."""
    managed: Labels = (("managed", "yes"),)
    around: Labels = (("managed", "no"),)
    counted = [(managed, found.releases - found.unmanaged), (around, found.unmanaged)]
    yield _gauge("pawl_change_releases", "Releases of 30 days.", counted)
    shares: list[tuple[str, Rate]] = [(name, getattr(found, name)) for name in SHARES]
    yield _gauge(
        "pawl_change_share_ratio",
        "Shares of the releases of 30 days, as the reference defines each figure.",
        [((("figure", name),), each.value) for name, each in shares if each.value is not None],
        "ratio",
    )
    yield _gauge(
        "pawl_change_share_of",
        "Of how many each share is: small counts mislead.",
        [((("figure", name),), each.denominator) for name, each in shares],
    )
    spans: list[tuple[str, Times]] = [(name, getattr(found, name)) for name in TIMES]
    yield _gauge(
        "pawl_change_time_seconds",
        "Times of 30 days; what still runs counts with what it has lasted.",
        [
            ((("figure", name), ("quantile", quantile)), value)
            for name, each in spans
            for quantile, value in (("0.5", each.median_s), ("0.9", each.p90_s))
            if value is not None
        ],
        "seconds",
    )
    yield _gauge(
        "pawl_change_times_running",
        "Of those times how many have not ended.",
        [((("figure", name),), each.running) for name, each in spans],
    )
    excepted = found.exceptions
    yield _gauge(
        "pawl_change_exceptions",
        "Exceptions that were given in 30 days.",
        [
            ((("state", "given"),), excepted.given),
            ((("state", "used"),), excepted.used.numerator),
            ((("state", "expired"),), excepted.expired.numerator),
            ((("state", "broken-glass"),), excepted.broken_glass),
            ((("state", "ratified-late"),), excepted.ratified_late.numerator),
            ((("state", "unratified"),), excepted.unratified.numerator),
        ],
    )


def _gauge(
    name: str,
    help: str,
    samples: Iterable[tuple[Labels, float]],
    unit: Literal["", "ratio", "seconds"] = "",
) -> Family:
    return Family(name=name, kind="gauge", help=help, unit=unit, samples=tuple(samples))
