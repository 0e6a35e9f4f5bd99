"""Which timers should have run and did not: judged from deadlines and the ledger alone.

It shares no code with what fires them, so that a mistake there does not hide itself here.
"""

from collections.abc import Iterable, Sequence
from datetime import timedelta
from enum import StrEnum

import msgspec

from pawl.base import typed
from pawl.base.times import format_time, parse_time
from pawl.incidents.event import Happened
from pawl.incidents.incident import Deadline, Happening

_ENDS = frozenset({Happening.ACCEPTED, Happening.RESOLVED, Happening.DECLINED, Happening.MERGED})
_FIRES = frozenset({Happening.PAGED, Happening.BREACHED})


class Wrong(StrEnum):
    """What may be wrong with a timer."""

    MISSING = "missing"
    LATE = "late"
    TWICE = "twice"
    NEEDLESS = "needless"
    """It fired although somebody commanded before it was due, or before its time."""


class TimerFinding(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One timer that did not do as it should."""

    incident: str
    deadline: str
    wrong: Wrong
    due_at: str
    fired_at: str | None = None


def audit_timers(events: Iterable[Happened], now: str, grace_s: float) -> tuple[TimerFinding, ...]:
    """Return every timer of the incidents in a ledger that did not do as it should by now.

    `events` are all of each incident, in the order of the ledger; deadlines are read out of the
    declarations and reopenings themselves. `grace_s` is how late a timer may be, in seconds.
    """
    by_incident: dict[str, list[Happened]] = {}
    for each in events:
        by_incident.setdefault(each.subject, []).append(each)
    found: list[TimerFinding] = []
    for own in by_incident.values():
        for spell in _spells(own):
            found += _of_spell(spell, now, grace_s)
    return tuple(found)


def ticker_is_dead(last_tick: str | None, now: str, grace_s: float) -> bool:
    """Say whether the ticker has been silent for longer than it may; one that never ticked has.

    A tick that is yet to come proves nothing: a clock was wrong, and has gone back since.
    """
    if last_tick is None:
        return True
    return now > _later(last_tick, grace_s) or last_tick > _later(now, grace_s)


def _spells(events: Sequence[Happened]) -> list[list[Happened]]:
    found: list[list[Happened]] = []
    for each in events:
        if each.type in (Happening.DECLARED, Happening.REOPENED):
            found.append([])
        if found:
            found[-1].append(each)
    return found


def _of_spell(events: Sequence[Happened], now: str, grace_s: float) -> list[TimerFinding]:
    first = events[0]
    found = []
    ended_at = next((each.at for each in events if each.type in _ENDS), None)
    for raw in first.sets["paging"]["deadlines"]:
        deadline = typed.convert(raw, Deadline)
        fired = [
            each.at
            for each in events
            if each.type in _FIRES and each.tells.get("deadline") == deadline.id
        ]
        wrong = _judged(deadline, fired, ended_at, now, grace_s)
        if wrong:
            found.append(
                TimerFinding(
                    incident=first.subject,
                    deadline=deadline.id,
                    wrong=wrong,
                    due_at=deadline.due_at,
                    fired_at=fired[0] if fired else None,
                )
            )
    return found


def _judged(
    deadline: Deadline, fired: Sequence[str], ended_at: str | None, now: str, grace_s: float
) -> Wrong | None:
    latest = _later(deadline.due_at, grace_s)
    if len(fired) > 1:
        return Wrong.TWICE
    if fired:
        early = fired[0] < deadline.due_at
        if early or (ended_at is not None and ended_at < deadline.due_at):
            return Wrong.NEEDLESS
        return Wrong.LATE if fired[0] > latest else None
    # What ended within the grace may have come before the timer did; a breach has no such excuse.
    by = deadline.due_at if deadline.breach else latest
    over = ended_at is not None and ended_at <= by
    return None if over or now <= latest else Wrong.MISSING


def _later(start: str, seconds: float) -> str:
    return format_time(parse_time(start) + timedelta(seconds=seconds))
