"""What a team recorded of its cadence: occurrences kept, since when routines count, adherence.

A routine counts from when it was first seen in the team's cadence: nobody is late with what they
had not taken on. When a routine is given another time it counts anew from there; what was recorded
under the old one stays as it was.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import timedelta, tzinfo
from typing import Literal

import msgspec

from pawl.base.canonical import digest
from pawl.base.intervals import wilson
from pawl.base.times import format_time, parse_time
from pawl.governance.cadence import (
    Cadence,
    Every,
    Kept,
    Occurrence,
    Routine,
    State,
    occurrences,
    state_of,
)
from pawl.governance.raci import Raci

Outcome = Literal["done", "excused", "missed"]
Z_95 = 1.959963984540054
"""The 0.975 quantile of the normal distribution: a 95 % interval."""
_LOOK_AROUND = timedelta(days=100)
"""Longer than any period: an occurrence that is open is due at most so far from now."""


class Output(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One thing that an occurrence left behind.

    `value` is what was handed in: a text, or the id of what was found. `digest` is of what was
    looked at, `evidence` are ids of records that prove it.
    """

    name: str
    value: str
    digest: str
    evidence: tuple[str, ...] = ()


class Record(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One occurrence as it was recorded, with the instants that held then.

    `person` is who did or excused it, by the roster's id, `identity` how they were known and
    `held` whether they hold the routine's role; all are empty for one that was missed. `seen` is
    the digest of the figures that were shown.
    """

    routine: str
    period: str
    title: str
    every: str
    role: str
    opens_at: str
    due_at: str
    closes_at: str
    outcome: Outcome
    at: str
    person: str = ""
    identity: str = ""
    assurance: str = ""
    held: bool = False
    outputs: tuple[Output, ...] = ()
    note: str = ""
    reason: str = ""
    seen: str = ""

    @property
    def id(self) -> str:
        """The occurrence it is about."""
        return f"{self.routine}/{self.period}"

    @property
    def occurrence(self) -> Occurrence:
        """The occurrence as it was."""
        return Occurrence(
            routine=self.routine,
            period=self.period,
            opens_at=self.opens_at,
            due_at=self.due_at,
            closes_at=self.closes_at,
        )

    @property
    def late(self) -> bool:
        """Whether it was done after it was due."""
        return self.outcome == "done" and self.at > self.due_at

    @property
    def digest(self) -> str:
        """The digest of all that is recorded: what tells one record from another."""
        return digest(msgspec.to_builtins(self))


class Adopted(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A routine that a team keeps, and since when its present times count."""

    routine: Routine
    time_zone: str
    since: str


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """One occurrence with its routine, how it stands, and what was recorded of it."""

    occurrence: Occurrence
    routine: Routine
    state: State
    record: Record | None = None


class Adherence(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How much of what was due was done, with every output that was asked for.

    Due is what came due in `since <= due < until` and was not excused. `late` are done, after they
    were due. `low` and `high` are the 95 % interval; nothing due is no value.
    """

    since: str
    until: str
    due: int
    done: int
    late: int
    missed: int
    overdue: int
    excused: int
    value: float | None
    low: float | None
    high: float | None


def adopted(known: Mapping[str, Adopted], cadence: Cadence, now: str) -> dict[str, Adopted]:
    """Return what a team keeps once its cadence is seen; what it left out it keeps no more."""
    found = {}
    for routine in cadence.routines:
        before = known.get(routine.id)
        same = before is not None and _times(before) == (
            *(routine.every, routine.on, routine.at),
            cadence.time_zone,
        )
        since = before.since if before is not None and same else now
        found[routine.id] = Adopted(routine=routine, time_zone=cadence.time_zone, since=since)
    return found


def kept_of(record: Record | None) -> Kept | None:
    """Return a record as the rule that judges occurrences takes it; None of one that was missed."""
    if record is None or record.outcome == "missed":
        return None
    return Kept(
        occurrence=record.id,
        at=record.at,
        by=record.person,
        outputs={each.name: each.value for each in record.outputs},
        excused=record.reason if record.outcome == "excused" else "",
    )


def standing(record: Record | None, occurrence: Occurrence, routine: Routine, now: str) -> State:
    """Return how an occurrence stands now; what was recorded of one stands as it was recorded.

    A routine that asks for another output today was nonetheless done before. That one was missed
    does not stand before its period is over: whoever recorded it had a clock that ran ahead.
    """
    if record is None or premature(record, now):
        return state_of(occurrence, routine, None, now)
    return State(record.outcome)


def premature(record: Record, now: str) -> bool:
    """Say whether an occurrence was recorded as missed whose period is not over."""
    return record.outcome == "missed" and now < record.closes_at


def window(
    kept: Iterable[Adopted],
    zones: Mapping[str, tzinfo],
    records: Mapping[str, Record],
    since: str,
    until: str,
    now: str,
) -> tuple[Line, ...]:
    """Return the occurrences due in [since, until) that count, as they stand, by when they are due.

    `records` are by occurrence, and hold at least those due in the window. One that was recorded
    before its routine got other times, or was left out, is there as it was.
    """
    found: dict[str, Line] = {}
    for each in kept:
        begin = max(since, each.since)
        for one in occurrences(each.routine, zones[each.time_zone], begin, until):
            record = records.get(one.id)
            as_it_was = one if record is None else record.occurrence
            state = standing(record, one, each.routine, now)
            found[one.id] = Line(
                occurrence=as_it_was, routine=each.routine, state=state, record=record
            )
    routines = {each.routine.id: each.routine for each in kept}
    for identity, record in records.items():
        if identity not in found and since <= record.due_at < until:
            routine = routines.get(record.routine) or _routine_of(record)
            state = standing(record, record.occurrence, routine, now)
            found[identity] = Line(
                occurrence=record.occurrence, routine=routine, state=state, record=record
            )
    return tuple(sorted(found.values(), key=lambda line: (line.occurrence.due_at, line.routine.id)))


def around(now: str) -> tuple[str, str]:
    """Return the times between which everything is due whose period is not over now."""
    moment = parse_time(now)
    return format_time(moment - _LOOK_AROUND), format_time(moment + _LOOK_AROUND)


def missed(lines: Iterable[Line], now: str) -> Iterator[Record]:
    """Yield a record for each occurrence whose period ended without one."""
    for line in lines:
        if line.state is State.MISSED and line.record is None:
            yield record_of(line, "missed", now)


def let_go(
    known: Mapping[str, Adopted], later: Mapping[str, Adopted], lines: Iterable[Line], now: str
) -> Iterator[Record]:
    """Yield a record for each overdue occurrence that another cadence would no longer know of.

    Of a routine that is left out, or gets other times, what was due already stays due: until its
    period ends it can be done, and afterwards it was missed.
    """
    gone = {
        name
        for name, before in known.items()
        if name not in later or later[name].since != before.since
    }
    for line in lines:
        if line.state is State.OVERDUE and line.record is None and line.occurrence.routine in gone:
            yield record_of(line, "missed", now)


def record_of(line: Line, outcome: Outcome, now: str) -> Record:
    """Return the record of an occurrence, without who did it and what it left."""
    one, routine = line.occurrence, line.routine
    return Record(
        routine=one.routine,
        period=one.period,
        title=routine.title,
        every=routine.every.value,
        role=routine.role,
        opens_at=one.opens_at,
        due_at=one.due_at,
        closes_at=one.closes_at,
        outcome=outcome,
        at=now,
    )


def adherence(lines: Iterable[Line], since: str, until: str, now: str) -> Adherence:
    """Return how much of what came due in a window, and before now, was done."""
    told = [
        line
        for line in lines
        if since <= line.occurrence.due_at < until and line.occurrence.due_at <= now
    ]
    counts = {state: sum(line.state is state for line in told) for state in State}
    done = counts[State.DONE]
    due = len(told) - counts[State.EXCUSED]
    low, high = wilson(done, due, Z_95) if due else (None, None)
    return Adherence(
        since=since,
        until=until,
        due=due,
        done=done,
        late=sum(line.record is not None and line.record.late for line in told),
        missed=counts[State.MISSED],
        overdue=counts[State.OVERDUE],
        excused=counts[State.EXCUSED],
        value=done / due if due else None,
        low=low,
        high=high,
    )


def answerable(raci: Raci, role: str) -> tuple[str, ...]:
    """Return the roles that answer for what a role does, by the table of responsibilities.

    Of a role that the table does not know as doing or answering, any that answers for something.
    """
    mine = [row for row in raci.rows if role in (row.responsible, row.accountable)]
    return tuple(sorted({row.accountable for row in mine or raci.rows}))


def _times(kept: Adopted) -> tuple[str, str, str, str]:
    return (kept.routine.every, kept.routine.on, kept.routine.at, kept.time_zone)


def _routine_of(record: Record) -> Routine:
    """Return a routine that is not kept any more, as far as a record of it tells."""
    return Routine(
        id=record.routine, title=record.title, every=Every(record.every), role=record.role
    )
