"""The numbers a routine opens with: parts, each a table, some figures, or why it cannot be told.

What a person is called stands under a column named as records name people (`owner`, `by`), so that
forgetting a person finds it here as well.
"""

from collections.abc import Iterable, Mapping

import msgspec

from pawl.base.canonical import digest
from pawl.changes.metrics import Rate

MOST_ROWS = 50
"""Rows of one table; it says how many more there are."""
UNKNOWN = "-"


class Figure(msgspec.Struct, frozen=True, kw_only=True):
    """One number in words. `note` says what it is of, or how sure it is."""

    name: str
    value: str
    note: str = ""


class Part(msgspec.Struct, frozen=True, kw_only=True):
    """One thing to look at. `columns` are keys with their headings; `more` rows are left out.

    `unknown` says why it cannot be told; then nothing else is there. `output` names the output of
    the routine that this list is.
    """

    title: str
    output: str = ""
    figures: tuple[Figure, ...] = ()
    columns: tuple[tuple[str, str], ...] = ()
    rows: tuple[dict[str, str], ...] = ()
    more: int = 0
    unknown: str = ""

    @property
    def empty(self) -> bool:
        """Whether it was looked, and nothing is there."""
        return not (self.unknown or self.rows or self.figures)


class Numbers(msgspec.Struct, frozen=True, kw_only=True):
    """All that a routine looks at, of what happened from `since` until `until`."""

    routine: str
    period: str
    since: str
    until: str
    parts: tuple[Part, ...]

    @property
    def digest(self) -> str:
        """The digest of what is shown."""
        return digest(msgspec.to_builtins(self))

    @property
    def seen(self) -> str:
        """What names exactly these numbers: the digest, and the time they are of."""
        return f"{self.digest}@{self.until}"


def part(
    title: str,
    columns: Mapping[str, str],
    rows: Iterable[dict[str, str]] | None,
    *,
    unknown: str = "",
    figures: tuple[Figure, ...] = (),
    output: str = "",
) -> Part:
    """Return a table with its first rows; rows that are None cannot be told, and `unknown` why."""
    if rows is None:
        return Part(title=title, unknown=unknown, output=output)
    told = tuple(rows)
    return Part(
        title=title,
        output=output,
        figures=figures,
        columns=tuple(columns.items()),
        rows=told[:MOST_ROWS],
        more=max(0, len(told) - MOST_ROWS),
    )


def share(name: str, rate: Rate) -> Figure:
    """Return a share with what it is a share of and its 95 % interval; of nothing a dash."""
    if rate.value is None or rate.low is None or rate.high is None:
        return Figure(name=name, value=UNKNOWN, note="of nothing")
    note = (
        f"{rate.numerator} of {rate.denominator}; 95 %: {_whole(rate.low)} to {_whole(rate.high)}"
    )
    return Figure(name=name, value=_whole(rate.value), note=note)


def number(name: str, count: int, note: str = "") -> Figure:
    """Return a count."""
    return Figure(name=name, value=f"{count:,}", note=note)


def short(time: str | None) -> str:
    """Return a time to the minute, in UTC; a dash where there is none."""
    return UNKNOWN if not time else f"{time[:10]} {time[11:16]}Z"


def _whole(share: float) -> str:
    """Return a share in whole per cent."""
    return f"{share * 100:.0f} %"
