"""Who is on call: rotations, what overrides them, and whom an incident pages in which order.

A file such as `.pawl/oncall.yaml`:

    schema: pawl.oncall/1
    time_zone: Europe/Berlin
    rotations:
      - {id: primary, members: [ann, leo], starts: 2026-01-05, hand_over: "09:00", days: 7}
    overrides:
      - {rotation: primary, person: lia, starts: 2026-02-02T08:00:00Z, ends: 2026-02-03T08:00:00Z}

Shifts change at a local time, so 09:00 stays 09:00 when the clocks change and such a shift is an
hour longer or shorter. A local time that is left out counts as the instant it would have been, one
that comes twice as the first of both. Zones are arguments: names of them are looked up outside.
"""

from collections.abc import Iterator, Mapping
from datetime import date, datetime, time, timedelta, tzinfo
from functools import cache
from importlib.resources import files
from typing import Literal

import msgspec

from pawl.base.canonical import digest
from pawl.base.errors import BadFile
from pawl.base.loading import load_yaml
from pawl.base.times import canonical_time, format_time, parse_time

MAX_ROWS = 10_000
"""Rotations, members and overrides of one schedule."""
COMMAND = "command"
"""The target of a page that is no rotation: whoever owns the incident's domain."""


class Rotation(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """People who take turns of some days, from a local date on. An empty zone is the schedule's."""

    id: str
    members: tuple[str, ...]
    starts: str
    hand_over: str = "09:00"
    days: int = 7
    time_zone: str = ""


class Override(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Somebody stands in for a rotation from one instant to another; the last written counts."""

    rotation: str
    person: str
    starts: str
    ends: str


class Escalation(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Whom to page some seconds after a declaration: a rotation, or `command`."""

    after_s: float
    page: str


class Schedule(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Everything about being on call. `breach_after_s` is the promise of a commander."""

    schema: Literal["pawl.oncall/1"] = "pawl.oncall/1"
    version: str = ""
    as_of: str = ""
    time_zone: str = "UTC"
    rotations: tuple[Rotation, ...] = ()
    overrides: tuple[Override, ...] = ()
    escalation: tuple[Escalation, ...] = ()
    breach_after_s: float = 0
    sources: dict[str, str] = {}

    @property
    def digest(self) -> str:
        """The digest of what the file says."""
        return digest(msgspec.to_builtins(self))


class Shift(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One turn of a rotation, without overrides; the end is the first instant after it."""

    rotation: str
    person: str
    starts: str
    ends: str


def load_schedule(text: str, *, place: str) -> Schedule:
    """Return a schedule from YAML; raises BadFile for one that does not say who is on call.

    Without an escalation of its own it has ours. A promise may only be shorter than ours.
    """
    ours = shipped_schedule()
    schedule = load_yaml(text, Schedule, place=place)
    schedule = msgspec.structs.replace(
        schedule,
        escalation=schedule.escalation or ours.escalation,
        breach_after_s=schedule.breach_after_s or ours.breach_after_s,
    )
    if schedule.breach_after_s > ours.breach_after_s:
        raise BadFile(
            f"breach_after_s is {schedule.breach_after_s:g}.",
            place=f"{place}: breach_after_s",
            hint=f"Take {ours.breach_after_s:g} or less.",
        )
    return _checked(schedule, place)


@cache
def shipped_schedule() -> Schedule:
    """Return the schedule that comes with Pawl: whom to page when, without any rotation."""
    text = files("pawl.incidents").joinpath("oncall.yaml").read_text(encoding="utf-8")
    return _checked(load_yaml(text, Schedule, place="oncall.yaml"), "oncall.yaml")


def zone_names(schedule: Schedule) -> tuple[str, ...]:
    """Return the names of the zones that must be looked up for a schedule."""
    names = (schedule.time_zone, *(each.time_zone for each in schedule.rotations))
    return tuple(sorted({each for each in names if each}))


def on_call(schedule: Schedule, rotation: str, zones: Mapping[str, tzinfo], at: str) -> str:
    """Return who is on call for a rotation at an instant; empty where nobody is."""
    for each in reversed(schedule.overrides):
        if each.rotation == rotation and each.starts <= at < each.ends:
            return each.person
    found = next((each for each in schedule.rotations if each.id == rotation), None)
    if found is None:
        return ""
    day = _day_of(found, _zone(schedule, found, zones), at)
    return _member(found, day) if day >= date.fromisoformat(found.starts) else ""


def shifts(
    schedule: Schedule, rotation: Rotation, zones: Mapping[str, tzinfo], since: str, until: str
) -> Iterator[Shift]:
    """Yield the turns of a rotation that touch a window, in order, without overrides."""
    zone = _zone(schedule, rotation, zones)
    first = date.fromisoformat(rotation.starts)
    past = max(0, (_day_of(rotation, zone, since) - first).days)
    day = first + timedelta(days=past // rotation.days * rotation.days)
    while (starts := _change(rotation, zone, day)) < until:
        following = day + timedelta(days=rotation.days)
        yield Shift(
            rotation=rotation.id,
            person=_member(rotation, day),
            starts=starts,
            ends=_change(rotation, zone, following),
        )
        day = following


def _member(rotation: Rotation, day: date) -> str:
    turn = (day - date.fromisoformat(rotation.starts)).days // rotation.days
    return rotation.members[turn % len(rotation.members)]


def _day_of(rotation: Rotation, zone: tzinfo, at: str) -> date:
    """Return the local day whose change of shift was the last before an instant."""
    day = parse_time(at).astimezone(zone).date()
    return day if _change(rotation, zone, day) <= at else day - timedelta(days=1)


def _change(rotation: Rotation, zone: tzinfo, day: date) -> str:
    clock = time.fromisoformat(rotation.hand_over)
    # With fold 0 a time that comes twice is the first, one that is left out is as before the gap.
    return format_time(datetime.combine(day, clock, tzinfo=zone))


def _zone(schedule: Schedule, rotation: Rotation, zones: Mapping[str, tzinfo]) -> tzinfo:
    return zones[rotation.time_zone or schedule.time_zone]


def _checked(schedule: Schedule, place: str) -> Schedule:
    count = sum(1 + len(each.members) for each in schedule.rotations) + len(schedule.overrides)
    if count > MAX_ROWS or len(schedule.escalation) > 100:
        raise BadFile(f"holds more than {MAX_ROWS:,} rows, or 100 escalations.", place=place)
    ids = [each.id for each in schedule.rotations]
    for each in schedule.rotations:
        _check_rotation(each, f"{place}: rotations.{each.id}", ids.count(each.id))
    previous = 0.0
    for step in schedule.escalation:
        if not previous <= step.after_s < schedule.breach_after_s or not step.page.strip():
            raise BadFile(
                f"{step.page!r} is paged after {step.after_s:g} seconds.",
                place=f"{place}: escalation",
                hint="Page in the order of time, all before the promise is broken.",
            )
        previous = step.after_s
    overrides = tuple(_override(each, ids, f"{place}: overrides") for each in schedule.overrides)
    return msgspec.structs.replace(schedule, overrides=overrides)


def _check_rotation(rotation: Rotation, where: str, times: int) -> None:
    if times > 1 or not rotation.id.strip() or rotation.id == COMMAND:
        raise BadFile("the id is empty, taken, or stands twice.", place=where)
    if not rotation.members or not all(each.strip() for each in rotation.members):
        raise BadFile("it has no members.", place=where, hint="Name people by their roster ids.")
    if not 1 <= rotation.days <= 366:
        raise BadFile(f"a turn of {rotation.days} days.", place=where, hint="Take 1 to 366.")
    try:
        clock = time.fromisoformat(rotation.hand_over)
        starts = date.fromisoformat(rotation.starts)
    except ValueError as error:
        raise BadFile(
            f"{error}.", place=where, hint="Write starts: 2026-01-05 and hand_over: 09:00."
        ) from error
    if clock.tzinfo is not None or not 1970 <= starts.year <= 9000:
        raise BadFile("hand_over has a zone, or starts is far off.", place=where)


def _override(override: Override, rotations: list[str], where: str) -> Override:
    if override.rotation not in rotations or not override.person.strip():
        raise BadFile(
            f"there is no rotation {override.rotation!r}, or nobody stands in.", place=where
        )
    try:
        starts, ends = canonical_time(override.starts), canonical_time(override.ends)
    except (ValueError, OverflowError) as error:
        raise BadFile(f"{error}.", place=where) from error
    if ends <= starts:
        raise BadFile("an override ends before it begins.", place=where)
    return msgspec.structs.replace(override, starts=starts, ends=ends)
