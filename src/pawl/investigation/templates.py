"""Lines of logs as templates: what is said over and over, since when, and how it swells.

Two lines are of one template when they are equal but for numbers, ids, hosts, times and quoted
text; what decides that is what decides fingerprints of incidents.
"""

import re
from collections import Counter
from collections.abc import Iterable

import msgspec

from pawl.base.times import time_from_ms
from pawl.incidents.similarity import normalised
from pawl.investigation.facts import Line
from pawl.investigation.terms import Terms

LONGEST = 400
"""Characters of a message by which it is told from others."""
MAX_TEMPLATES = 5_000
"""Templates that are told apart; whatever else comes is counted as one more."""
MAX_ATTRIBUTES = 200
OTHER = "(other lines)"
_BAD = frozenset({"error", "err", "critical", "crit", "fatal", "alert", "emerg", "panic", "severe"})
_WARN = frozenset({"warn", "warning"})
_CHANGING = re.compile(r"[0-9a-f]*\d[0-9a-f]*", re.ASCII)


class Template(msgspec.Struct, frozen=True, kw_only=True):
    """One template. `minutes` counts its lines by epoch minute; `sample` is its first line.

    `onset` is when it began to swell, in epoch seconds: its first line where there was none before.
    None where it never did.
    """

    text: str
    level: str
    count: int
    first: float
    last: float
    sample: str
    place: str
    components: dict[str, int]
    attributes: dict[str, dict[str, int]]
    minutes: dict[int, int]
    is_new: bool = False
    onset: float | None = None
    end: float | None = None

    @property
    def is_bad(self) -> bool:
        """Whether the lines say of themselves that something is wrong."""
        return self.level == "error"

    @property
    def began_at(self) -> str:
        """When it began to swell, else its first line, as a canonical time."""
        return time_from_ms((self.onset if self.onset is not None else self.first) * 1000)


class _Growing:
    """A template while lines are read; plain, because there are many lines."""

    __slots__ = ("attributes", "components", "count", "first", "last", "level", "minutes", "sample")

    def __init__(self, line: Line, level: str) -> None:
        self.level, self.sample = level, line
        self.count, self.first, self.last = 0, line.at, line.at
        self.minutes: Counter[int] = Counter()
        self.components: Counter[str] = Counter()
        self.attributes: dict[str, Counter[str]] = {}


def templates(
    lines: Iterable[Line], since: float, until: float, terms: Terms
) -> tuple[Template, ...]:
    """Return the templates of the lines in a window, those with the most lines first."""
    keys: dict[str, str] = {}
    growing: dict[tuple[str, str], _Growing] = {}
    for line in lines:
        if not since <= line.at <= until:
            continue
        level = level_of(line)
        message = line.message[:LONGEST]
        short = _CHANGING.sub("#", message)
        text = keys.get(short)
        if text is None:
            text = normalised(message) if len(keys) < MAX_TEMPLATES * 4 else OTHER
            keys[short] = text
        key = (level, text)
        if key not in growing and len(growing) >= MAX_TEMPLATES:
            key = (level, OTHER)
        _take(growing, key, line)
    found = [_told(text, each, since, until, terms) for (_, text), each in growing.items()]
    found.sort(key=lambda each: (-each.count, each.text, each.level))
    return tuple(found)


def level_of(line: Line) -> str:
    """Return `error`, `warn` or `info`."""
    level = line.level.lower()
    return "error" if level in _BAD else "warn" if level in _WARN else "info"


def _take(growing: dict[tuple[str, str], _Growing], key: tuple[str, str], line: Line) -> None:
    found = growing.get(key)
    if found is None:
        found = growing[key] = _Growing(line, key[0])
    found.count += 1
    found.minutes[int(line.at // 60)] += 1
    found.components[line.component] += 1
    if line.at < found.first or (line.at == found.first and line < found.sample):
        # Of lines at one instant which one is shown must not depend on who read first.
        found.first, found.sample = line.at, line
    found.last = max(found.last, line.at)
    for name, value in line.of:
        counted = found.attributes.setdefault(name, Counter())
        if value in counted or len(counted) < MAX_ATTRIBUTES:
            counted[value] += 1


def _told(text: str, each: _Growing, since: float, until: float, terms: Terms) -> Template:
    lead_end = since + (until - since) * terms.lead_share
    onset, end = _swelling(each.minutes, each.first, since, until, terms)
    return Template(
        text=text,
        level=each.level,
        count=each.count,
        first=each.first,
        last=each.last,
        sample=each.sample.message[:LONGEST],
        place=each.sample.place,
        components=dict(each.components),
        attributes={name: dict(values) for name, values in each.attributes.items()},
        minutes=dict(each.minutes),
        is_new=each.first >= lead_end,
        onset=onset,
        end=end,
    )


def _swelling(
    minutes: Counter[int], first: float, since: float, until: float, terms: Terms
) -> tuple[float | None, float | None]:
    """Return from when to when there were many more lines a minute than in the lead."""
    begin, last = int(since // 60), int(until // 60)
    lead = max(1, int((last - begin + 1) * terms.lead_share))
    usual = sum(minutes.get(begin + at, 0) for at in range(lead)) / lead
    wall = max(usual * terms.burst_times, terms.burst_lines)
    high = [at for at in sorted(minutes) if at >= begin + lead and minutes[at] >= wall]
    if not high:
        return None, None
    onset = max(first, high[0] * 60.0) if usual == 0 else high[0] * 60.0
    end = (high[-1] + 1) * 60.0
    return onset, None if end >= until - terms.lasting_s else end
