"""The days of a recurrence, as RFC 5545 writes them, for those rules that people are on call by.

Walked day by day within a budget, because a rule may match nothing until the year 9999 and a
library that looks for its next match gives nobody a chance to stop it. Whatever repeats within a
day, and parts that no calendar of shifts uses, are refused rather than guessed.
"""

from calendar import monthrange
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta

import msgspec

from pawl.base.errors import BadFile

DAYS_WALKED_MAX = 400_000
"""Days of all rules of one calendar that are looked at; a second's work."""
_WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_READ = frozenset({"FREQ", "INTERVAL", "COUNT", "UNTIL", "BYDAY", "BYMONTHDAY", "BYMONTH", "WKST"})


class Rule(msgspec.Struct, frozen=True, kw_only=True):
    """A recurrence but for its end in time. Weekdays: an ordinal (0: any) and 0 for Monday."""

    freq: str
    interval: int = 1
    count: int | None = None
    weekdays: tuple[tuple[int, int], ...] = ()
    month_days: tuple[int, ...] = ()
    months: tuple[int, ...] = ()
    week_starts: int = 0


class Budget:
    """How many days may still be looked at."""

    def __init__(self, days: int = DAYS_WALKED_MAX) -> None:
        self._days = days

    def take(self) -> None:
        """Take one day; raises BadFile where there is none left."""
        self._days -= 1
        if self._days < 0:
            raise BadFile(
                "its events repeat more often than is read.",
                place="RRULE",
                hint="Export a shorter time, or events that begin later.",
            )


def rule_of(parts: Mapping[str, Sequence[object]], start: date) -> Rule:
    """Return the rule of an event that begins on a day; raises BadFile for one that is not read."""
    said = {name.upper(): [str(each) for each in values] for name, values in parts.items()}
    strange = sorted(set(said) - _READ)
    freq = said.get("FREQ", [""])[0].upper()
    if strange or freq not in ("DAILY", "WEEKLY", "MONTHLY", "YEARLY"):
        raise _unread(", ".join(strange) or f"FREQ={freq[:20]}")
    try:
        rule = Rule(
            freq=freq,
            interval=int(said.get("INTERVAL", ["1"])[0]),
            count=int(said["COUNT"][0]) if "COUNT" in said else None,
            weekdays=tuple(_weekday(each) for each in said.get("BYDAY", [])),
            month_days=tuple(int(each) for each in said.get("BYMONTHDAY", [])),
            months=tuple(int(each) for each in said.get("BYMONTH", [])),
            week_starts=_WEEKDAYS.index(said.get("WKST", ["MO"])[0].upper()),
        )
    except ValueError as error:
        raise _unread("a part that means nothing") from error
    ordinal = any(number for number, _ in rule.weekdays)
    if rule.interval < 1 or (ordinal and freq in ("DAILY", "WEEKLY")):
        raise _unread("INTERVAL or BYDAY")
    if freq == "WEEKLY" and rule.month_days:
        raise _unread("BYMONTHDAY of a week")
    return _with_defaults(rule, start)


def days_of(rule: Rule, start: date, since: date, until: date, budget: Budget) -> Iterator[date]:
    """Yield the days of a rule that begins on `start`, from `since` to `until`, both included.

    What comes before `since` is only counted, and skipped where nothing has to be counted.
    """
    day = start if rule.count is not None else max(start, since)
    found = 0
    while day <= until and (rule.count is None or found < rule.count):
        budget.take()
        if _matches(rule, start, day):
            found += 1
            if day >= since:
                yield day
        day += timedelta(days=1)


def _with_defaults(rule: Rule, start: date) -> Rule:
    if rule.weekdays or rule.month_days:
        return rule
    if rule.freq == "WEEKLY":
        return msgspec.structs.replace(rule, weekdays=((0, start.weekday()),))
    if rule.freq == "DAILY":
        return rule
    months = rule.months or ((start.month,) if rule.freq == "YEARLY" else ())
    return msgspec.structs.replace(rule, months=months, month_days=(start.day,))


def _matches(rule: Rule, start: date, day: date) -> bool:
    if rule.months and day.month not in rule.months:
        return False
    if rule.month_days:
        last = monthrange(day.year, day.month)[1]
        if not any(each in (day.day, day.day - last - 1) for each in rule.month_days):
            return False
    if rule.weekdays and not any(_is_weekday(rule, each, day) for each in rule.weekdays):
        return False
    return _steps(rule, start, day) % rule.interval == 0


def _steps(rule: Rule, start: date, day: date) -> int:
    """Return how many days, weeks, months or years a day is after the first."""
    if rule.freq == "DAILY":
        return (day - start).days
    if rule.freq == "WEEKLY":
        first = start.toordinal() - (start.weekday() - rule.week_starts) % 7
        own = day.toordinal() - (day.weekday() - rule.week_starts) % 7
        return (own - first) // 7
    if rule.freq == "MONTHLY":
        return (day.year - start.year) * 12 + day.month - start.month
    return day.year - start.year


def _is_weekday(rule: Rule, wanted: tuple[int, int], day: date) -> bool:
    number, weekday = wanted
    if day.weekday() != weekday:
        return False
    if number == 0:
        return True
    within_year = rule.freq == "YEARLY" and not rule.months
    place = day.timetuple().tm_yday if within_year else day.day
    whole = (
        date(day.year, 12, 31).timetuple().tm_yday
        if within_year
        else monthrange(day.year, day.month)[1]
    )
    return number in ((place - 1) // 7 + 1, -((whole - place) // 7 + 1))


def _weekday(text: str) -> tuple[int, int]:
    number = text[:-2]
    return (int(number) if number else 0, _WEEKDAYS.index(text[-2:].upper()))


def _unread(what: str) -> BadFile:
    return BadFile(f"it repeats by {what}, which is not read.", place="RRULE")
