"""Exceptions as a page lists them: how each stands, and broken glass before all others."""

from collections.abc import Callable, Iterable

import msgspec

from pawl.base.times import parse_time, seconds_between
from pawl.governance.exceptions import (
    GateException,
    Ground,
    Limits,
    Standing,
    Status,
    standing,
    unratified,
)

_ORDER = (
    Status.ACTIVE,
    Status.REQUESTED,
    Status.USED,
    Status.REFUSED,
    Status.EXPIRED,
    Status.REVOKED,
)


class ExceptionLine(msgspec.Struct, frozen=True, kw_only=True):
    """One exception. `change` is whom it was given for, empty where no change has that content.

    `left_s` are the seconds until it ends, below zero afterwards; `ratify_s` until broken glass is
    to be ratified, None where nothing is to be. `blocks` is why it holds up releases.
    """

    exception: GateException
    standing: Standing
    change: str
    title: str
    left_s: float
    ratify_s: float | None = None
    blocks: str = ""

    @property
    def glass(self) -> bool:
        """Whether this is broken glass."""
        return bool(self.exception.incident)


class ExceptionsView(msgspec.Struct, frozen=True, kw_only=True):
    """All exceptions: broken glass that still matters, and the rest by how they stand."""

    lines: tuple[ExceptionLine, ...]
    limits: Limits

    @property
    def loud(self) -> tuple[ExceptionLine, ...]:
        """Broken glass that counts now, or that nobody has ratified."""
        return tuple(
            line
            for line in self.lines
            if line.glass
            and line.exception.approved_at
            and (line.standing.status is Status.ACTIVE or line.blocks or line.ratify_s is not None)
        )

    def count(self, status: str) -> int:
        """Return how many stand like that."""
        return sum(line.standing.status == status for line in self.lines)


def exceptions_view(
    exceptions: Iterable[GateException],
    ground_of: Callable[[GateException], Ground],
    about: Callable[[GateException], tuple[str, str]],
    limits: Limits,
    now: str,
) -> ExceptionsView:
    """Return the list; `about` gives id and title of the change of each exception's content."""
    lines = [_line(each, ground_of(each), about(each), limits, now) for each in exceptions]
    lines.sort(key=lambda line: line.exception.requested_at, reverse=True)
    lines.sort(key=lambda line: _ORDER.index(line.standing.status))
    return ExceptionsView(lines=tuple(lines), limits=limits)


def _line(
    exception: GateException, ground: Ground, about: tuple[str, str], limits: Limits, now: str
) -> ExceptionLine:
    blocked = dict((each.id, why) for each, why in unratified((exception,), ground))
    waits = exception.incident and exception.approved_at and not exception.ratified_at
    return ExceptionLine(
        exception=exception,
        standing=standing(exception, ground),
        change=about[0],
        title=about[1],
        left_s=_gap(now, exception.expires_at),
        ratify_s=limits.ratify_within_hours * 3600 - seconds_between(exception.approved_at, now)
        if waits
        else None,
        blocks=blocked.get(exception.id, ""),
    )


def _gap(start: str, end: str) -> float:
    return (parse_time(end) - parse_time(start)).total_seconds()
