"""The cadence: which routines a team keeps, when each is due, and how each stands.

`.pawl/cadence.yaml` has the form of the `cadence.yaml` that comes with Pawl, or is the plain list
of names by period, `{"cadence": {"daily": [...], "weekly": [...]}}`; a routine of ours that is
named there brings its role, checklist and outputs with it.

An occurrence is one routine in one local period, such as `policy-audit` in `2026-03`: one in each,
whatever the clocks do. Rules are evaluated in local time and turned into instants afterwards, so
09:00 stays 09:00 when the clocks change. A local time that a change of clocks leaves out is due at
the instant that it would have been, one that comes twice at the first of both.
"""

import re
from collections.abc import Iterator, Mapping
from datetime import date, datetime, time, timedelta, tzinfo
from enum import StrEnum
from functools import cache, lru_cache
from importlib.resources import files
from typing import Any, Literal

import msgspec
from dateutil.rrule import rrulestr

from pawl.base import typed
from pawl.base.errors import BadFile, BadValue
from pawl.base.loading import load_yaml
from pawl.base.times import format_time, parse_time

MAX_ROUTINES = 1_000
_KEYS = frozenset({"FREQ", "BYDAY", "BYMONTHDAY", "BYMONTH", "BYSETPOS", "WKST"})
_LAST_YEARS = datetime(9990, 1, 1)  # noqa: DTZ001 - local days have no zone
_FREQUENCIES = frozenset({"DAILY", "WEEKLY", "MONTHLY"})


class Every(StrEnum):
    """The period in which a routine comes once."""

    DAILY = "daily"
    WEEKLY = "weekly"
    MONTHLY = "monthly"
    QUARTERLY = "quarterly"


class Routine(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One recurring duty. `on` finds its day in each period, the first one where it is empty.

    `outputs` are what must exist afterwards for it to be done.
    """

    id: str
    title: str
    every: Every
    on: str = ""
    at: str = "09:00"
    role: str = ""
    checklist: tuple[str, ...] = ()
    outputs: tuple[str, ...] = ()


class Cadence(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """All routines of a team. `time_zone` is a name of the IANA database."""

    schema: Literal["pawl.cadence/1"] = "pawl.cadence/1"
    version: str = ""
    as_of: str = ""
    time_zone: str = "UTC"
    routines: tuple[Routine, ...] = ()
    sources: dict[str, str] = {}


class Occurrence(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One routine in one period. The three instants never go back: opens, due, closes."""

    routine: str
    period: str
    opens_at: str
    due_at: str
    closes_at: str

    @property
    def id(self) -> str:
        """What tells it from every other one."""
        return f"{self.routine}/{self.period}"


class Kept(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What was recorded of an occurrence: its outputs by name, or why it was excused."""

    occurrence: str
    at: str
    by: str
    outputs: dict[str, str] = {}
    excused: str = ""


class State(StrEnum):
    """How an occurrence stands."""

    UPCOMING = "upcoming"
    DUE = "due"
    OVERDUE = "overdue"
    DONE = "done"
    MISSED = "missed"
    EXCUSED = "excused"


def state_of(occurrence: Occurrence, routine: Routine, kept: Kept | None, now: str) -> State:
    """Return how an occurrence stands now; without every output that is asked for it is not done.

    What is recorded after its period has ended does not make it done: it was missed.
    """
    if kept is not None and kept.at <= now and kept.at < occurrence.closes_at:
        if kept.excused.strip():
            return State.EXCUSED
        if all(kept.outputs.get(name, "").strip() for name in routine.outputs):
            return State.DONE
    if now < occurrence.opens_at:
        return State.UPCOMING
    if now < occurrence.due_at:
        return State.DUE
    return State.OVERDUE if now < occurrence.closes_at else State.MISSED


def occurrences(routine: Routine, zone: tzinfo, since: str, until: str) -> Iterator[Occurrence]:
    """Yield a routine's occurrences that are due in [since, until), in their order.

    A period in which its rule has no day has no occurrence: a daily routine of working days has
    none on a Sunday.
    """
    first, end = parse_time(since), parse_time(until)
    if end <= first:
        return
    # A day earlier, because a period may begin before the day it is due on in another zone.
    start = _start_of(routine.every, (first - timedelta(days=1)).astimezone(zone).date())
    while True:
        following = _next(routine.every, start)
        if _instant(start, time(), zone) >= end:
            return
        day = _day(routine.on, start, following)
        if day is not None:
            due = _instant(day, _clock(routine), zone)
            if first <= due < end:
                yield Occurrence(
                    routine=routine.id,
                    period=period_of(routine.every, start),
                    opens_at=format_time(_instant(start, time(), zone)),
                    due_at=format_time(due),
                    closes_at=format_time(_instant(following, time(), zone)),
                )
        start = following


def period_of(every: Every, day: date) -> str:
    """Return the name of the local period a day is in: 2026-03-29, 2026-W13, 2026-03, 2026-Q1."""
    if every is Every.DAILY:
        return day.isoformat()
    if every is Every.WEEKLY:
        year, week, _ = day.isocalendar()
        return f"{year:04}-W{week:02}"
    if every is Every.MONTHLY:
        return f"{day.year:04}-{day.month:02}"
    return f"{day.year:04}-Q{(day.month + 2) // 3}"


def load_cadence(text: str, *, place: str) -> Cadence:
    """Return a cadence from YAML or JSON, in either form; raises BadFile."""
    plain = load_yaml(text, dict[str, Any], place=place)
    if set(plain) == {"cadence"}:
        return check_cadence(_named(plain["cadence"], place), place=place)
    try:
        cadence = typed.convert(plain, Cadence)
    except msgspec.ValidationError as error:
        raise BadFile(
            f"{error}.", place=place, hint="Write it as the cadence that comes with Pawl."
        ) from error
    return check_cadence(cadence, place=place)


def check_cadence(cadence: Cadence, *, place: str) -> Cadence:
    """Return the cadence; raises BadFile for a routine that nobody could keep."""
    if len(cadence.routines) > MAX_ROUTINES:
        raise BadFile(f"more than {MAX_ROUTINES:,} routines.", place=place)
    seen: set[str] = set()
    for routine in cadence.routines:
        where = f"{place}: routines.{routine.id}"
        if not re.fullmatch(r"[a-z0-9][a-z0-9-]{0,99}", routine.id):
            raise BadFile(
                f"{routine.id[:80]!r} is no id.",
                place=where,
                hint="Write one such as policy-audit.",
            )
        if routine.id in seen:
            raise BadFile("it stands twice.", place=where, hint="Leave one of both.")
        seen.add(routine.id)
        try:
            _clock(routine)
            _rule(routine.on)
        except BadValue as error:
            raise BadFile(error.message, place=where, hint=error.hint) from error
    return cadence


@cache
def shipped_cadence() -> Cadence:
    """Return the eleven routines that come with Pawl."""
    text = files("pawl.governance").joinpath("cadence.yaml").read_text(encoding="utf-8")
    return load_cadence(text, place="cadence.yaml")


def _named(periods: Any, place: str) -> Cadence:
    """Return the cadence that a plain list of names by period gives."""
    if not isinstance(periods, Mapping):
        raise BadFile("cadence lists nothing.", place=place, hint="Name routines by period.")
    ours = {routine.id: routine for routine in shipped_cadence().routines}
    routines = []
    for period, names in periods.items():
        if period not in tuple(Every) or not isinstance(names, list):
            raise BadFile(
                f"{period!r} is no list of a period's routines.",
                place=place,
                hint=f"Periods are {', '.join(Every)}.",
            )
        for name in names:
            identity = re.sub(r"[^a-z0-9]+", "-", str(name).casefold()).strip("-")
            known = ours.get(identity)
            if known is not None and known.every == period:
                routines.append(known)
            else:
                routines.append(Routine(id=identity, title=str(name), every=Every(period)))
    return Cadence(routines=tuple(routines))


def _start_of(every: Every, day: date) -> date:
    if every is Every.DAILY:
        return day
    if every is Every.WEEKLY:
        return day - timedelta(days=day.weekday())
    if every is Every.MONTHLY:
        return day.replace(day=1)
    return date(day.year, (day.month - 1) // 3 * 3 + 1, 1)


def _next(every: Every, start: date) -> date:
    if every is Every.DAILY:
        return start + timedelta(days=1)
    if every is Every.WEEKLY:
        return start + timedelta(days=7)
    months = 1 if every is Every.MONTHLY else 3
    year, month = divmod(start.month - 1 + months, 12)
    return date(start.year + year, month + 1, 1)


@lru_cache(maxsize=4096)
def _day(on: str, start: date, following: date) -> date | None:
    """Return the first day of a period that a rule names; kept, because reading a rule is slow."""
    if not on:
        return start
    begin = datetime.combine(start, time())
    last = datetime.combine(following, time()) - timedelta(days=1)
    days = rrulestr(on, dtstart=begin).between(begin, last, inc=True)
    return days[0].date() if days else None


def _clock(routine: Routine) -> time:
    if re.fullmatch(r"([01][0-9]|2[0-3]):[0-5][0-9]", routine.at) is None:
        raise BadValue(f"{routine.at!r} is no time of day.", hint="Write one such as 09:00.")
    return time.fromisoformat(routine.at)


def _rule(text: str) -> None:
    """Refuse a rule that is more than a choice of days; what is left ends by itself."""
    if not text:
        return
    pairs = dict(part.partition("=")[::2] for part in text.split(";"))
    unknown = sorted(pairs.keys() - _KEYS)
    if unknown or pairs.get("FREQ") not in _FREQUENCIES or len(text) > 300:
        what = f"{unknown[0]!r} is not taken" if unknown else "it has no such frequency"
        raise BadValue(
            f"the rule {text[:80]!r} does not choose a day: {what}.",
            hint="Write one such as FREQ=WEEKLY;BYDAY=MO, without times, counts and intervals.",
        )
    try:
        # The last ten years that there are: a rule without any day ends its search there.
        found = next(iter(rrulestr(text, dtstart=_LAST_YEARS)), None)
    except (ValueError, TypeError, KeyError, IndexError) as error:
        raise BadValue(
            f"the rule {text[:80]!r} does not read: {error}.",
            hint="Write the rule part of an iCalendar event.",
        ) from error
    if found is None:
        raise BadValue(
            f"the rule {text[:80]!r} names no day in ten years.",
            hint="Of a month that may be short, write -1 for its last day.",
        )


def _instant(day: date, clock: time, zone: tzinfo) -> datetime:
    # With fold 0 a time that comes twice is the first, one that is left out is as before the gap.
    return datetime.combine(day, clock, tzinfo=zone)
