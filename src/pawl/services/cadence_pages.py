"""What the pages of the cadence show and do, over its desk."""

import re
from collections.abc import Mapping
from datetime import date, timedelta

from pawl.base.errors import BadValue
from pawl.base.times import format_time, parse_time
from pawl.governance.cadence import State
from pawl.services.cadence import CadenceDesk
from pawl.services.cadence_reading import OPEN
from pawl.services.cadence_terms import Told
from pawl.services.cadence_view import (
    ADHERENCE_DAYS,
    MonthView,
    RoutineView,
    entry_of,
    month_bounds,
    month_days,
    routine_view,
)
from pawl.services.change_terms import By

_MONTH = re.compile(r"2\d\d\d-(?:0[1-9]|1[0-2])")


class CadencePages:
    """The use cases behind the pages."""

    def __init__(self, desk: CadenceDesk) -> None:
        self.desk = desk

    def month(self, month: str = "") -> MonthView:
        """Return a month, this one without a name; raises BadValue for what is none."""
        if month and _MONTH.fullmatch(month) is None:
            raise BadValue(f"{month[:20]!r} is no month.", place="month", hint="Such as 2026-03.")
        zone = self.desk.zone(self.desk.cadence())
        waiting = self.desk.due()
        this = parse_time(waiting.at).astimezone(zone).strftime("%Y-%m")
        month = month or this
        _, _, since, until = month_bounds(month, zone)
        found = self.desk.calendar(since, until)
        back = format_time(parse_time(found.at) - timedelta(days=ADHERENCE_DAYS))
        first = date(int(month[:4]), int(month[5:]), 1)
        return MonthView(
            month=month,
            title=f"{first:%B %Y}",
            before=f"{first - timedelta(days=1):%Y-%m}",
            after=f"{first + timedelta(days=32):%Y-%m}",
            this=this,
            time_zone=found.time_zone,
            days=month_days(month, found.lines, zone, found.at),
            waiting=tuple(
                entry_of(line, zone)
                for line in waiting.lines
                if line.state is State.OVERDUE
                or (line.state in OPEN and line.occurrence.due_at[:10] <= waiting.at[:10])
            ),
            people=waiting.people,
            adherence=self.desk.adherence(back, found.at).whole,
            routines=len(self.desk.cadence().routines),
        )

    def routine(self, routine: str, period: str) -> RoutineView:
        """Return one occurrence; raises NoSuchRoutine."""
        shown = self.desk.show(routine, period)
        return routine_view(shown, self.desk.zone(self.desk.cadence()))

    def done(
        self, routine: str, period: str, outputs: Mapping[str, str], note: str, by: By
    ) -> Told:
        """Call an occurrence done."""
        return self.desk.done(routine, outputs, by, period=period, note=note)

    def excuse(self, routine: str, period: str, reason: str, by: By) -> Told:
        """Excuse an occurrence."""
        return self.desk.excuse(routine, reason, by, period=period)
