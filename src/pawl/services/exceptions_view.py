"""Exceptions as a page lists them: how each stands, and broken glass before all others."""

from collections.abc import Callable, Iterable

import msgspec

from pawl.base.times import parse_time, seconds_between
from pawl.governance.exceptions import GateException, Limits, Standing, Status
from pawl.services.change_terms import Excepted

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
    to be ratified, None where nothing is to be.
    """

    exception: GateException
    standing: Standing | None
    change: str
    title: str
    left_s: float
    ratify_s: float | None = None

    @property
    def status(self) -> Status:
        """How it stands; of a gate that is no more it counts for nothing."""
        return self.standing.status if self.standing else Status.REFUSED

    @property
    def overdue(self) -> bool:
        """Whether glass was broken and nobody ratified it in its time: that holds up releases."""
        return self.ratify_s is not None and self.ratify_s <= 0

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
            if line.glass and (line.status is Status.ACTIVE or line.ratify_s is not None)
        )

    def count(self, status: str) -> int:
        """Return how many stand like that."""
        return sum(line.status == status for line in self.lines)


def exceptions_view(
    exceptions: Iterable[Excepted],
    about: Callable[[GateException], tuple[str, str]],
    limits: Limits,
    now: str,
) -> ExceptionsView:
    """Return the list; `about` gives id and title of the change of each exception's content."""
    lines = [_line(each, about(each.exception), limits, now) for each in exceptions]
    lines.sort(key=lambda line: line.exception.requested_at, reverse=True)
    lines.sort(key=lambda line: _ORDER.index(line.status))
    return ExceptionsView(lines=tuple(lines), limits=limits)


def _line(given: Excepted, about: tuple[str, str], limits: Limits, now: str) -> ExceptionLine:
    exception = given.exception
    ratify = None
    if exception.incident and exception.approved_at and not exception.ratified_at:
        ratify = limits.ratify_within_hours * 3600 - seconds_between(exception.approved_at, now)
    return ExceptionLine(
        exception=exception,
        standing=given.standing,
        change=about[0],
        title=about[1],
        left_s=_gap(now, exception.expires_at),
        ratify_s=ratify,
    )


def _gap(start: str, end: str) -> float:
    return (parse_time(end) - parse_time(start)).total_seconds()
