"""Exceptions: a rule set aside for one change, by somebody who may, until a date.

`standing` is the only place that says whether an exception counts, and everything that asks, asks
it: an expiry that one path forgets is no expiry. An exception names its owner, its reason and the
control that stands in meanwhile; it binds to the digest of one change and is used up by it.

Whoever answers for the rule's domain, or for one above it, may approve; never whoever asked, and
never an author of the change. Breaking glass is the exception of an emergency: the commander of an
open incident of the worst two severities may, for hours, and whoever is accountable ratifies it
within a day. Where nobody does, `unratified` makes it a blocker.
"""

from collections.abc import Iterable, Sequence
from datetime import timedelta
from enum import StrEnum
from functools import cache
from importlib.resources import files
from typing import Literal

import msgspec

from pawl.base.canonical import digest
from pawl.base.errors import BadFile
from pawl.base.loading import load_yaml
from pawl.base.times import format_time, parse_time
from pawl.governance.priority import Domain
from pawl.governance.raci import Raci, Work, accountable, excepting_roles
from pawl.governance.roster import Kind, Roster, covers, holds, is_active


class Limits(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How far an exception may go; `.pawl/exceptions.yaml` may only be narrower than ours."""

    schema: Literal["pawl.exception-limits/1"]
    version: str
    as_of: str
    hours_max: float
    hours_max_high_risk: float
    uses_max: int
    break_glass_hours_max: float
    break_glass_severity_max: int
    ratify_within_hours: float
    sources: dict[str, str]

    @property
    def digest(self) -> str:
        """The digest of what the file says."""
        return digest(msgspec.to_builtins(self))


class GateException(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A rule set aside for the change with a digest. Times are canonical, people are roster ids.

    `rule` is the id of a gate, `scope` and `works` are the change's. `uses` are the starts that it
    was used for. `incident` makes it a broken glass.
    """

    id: str
    rule: str
    digest: str
    scope: str
    works: tuple[Work, ...]
    reason: str
    owner: str
    compensating_control: str
    requested_by: str
    requested_at: str
    expires_at: str
    approved_by: str = ""
    approved_at: str = ""
    follow_up: str = ""
    max_uses: int = 1
    uses: tuple[str, ...] = ()
    revoked_at: str | None = None
    incident: str = ""
    ratified_by: str = ""
    ratified_at: str = ""


class Command(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Who commanded an incident from when to when; `until` is None while they do."""

    person: str
    since: str
    until: str | None = None


class Emergency(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An incident as far as breaking glass asks. `severity` counts from 1, the worst."""

    id: str
    severity: int
    declared_at: str
    closed_at: str | None = None
    commanders: tuple[Command, ...] = ()


class Declared(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An emergency as somebody declared it: for a change, in its scope, and why."""

    emergency: Emergency
    change: str
    scope: str
    why: str


class Status(StrEnum):
    """Whether an exception counts."""

    ACTIVE = "active"
    REQUESTED = "requested"
    USED = "used"
    EXPIRED = "expired"
    REVOKED = "revoked"
    REFUSED = "refused"


class Standing(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How one exception stands, and why."""

    exception: str
    status: Status
    reason: str


class Ground(msgspec.Struct, frozen=True, kw_only=True):
    """What an exception is judged on. `domain` is the rule's own, never what somebody claims."""

    roster: Roster
    raci: Raci
    limits: Limits
    domain: Domain
    now: str
    high_risk: bool
    authors: frozenset[str] = frozenset()
    emergencies: tuple[Emergency, ...] = ()


def declared(
    id: str,
    person: str,
    severity: int,
    now: str,
    limits: Limits,
    *,
    change: str,
    scope: str,
    why: str,
) -> Declared:
    """Return an emergency that a person declares and commands, from now.

    It ends by itself when glass broken at its beginning would: one that is forgotten open must not
    become a standing leave to ship.
    """
    return Declared(
        emergency=Emergency(
            id=id,
            severity=severity,
            declared_at=now,
            closed_at=_later(now, limits.break_glass_hours_max),
            commanders=(Command(person=person, since=now),),
        ),
        change=change,
        scope=scope,
        why=why,
    )


def over(told: Declared, at: str | None) -> Declared:
    """Return an emergency as it is when somebody said at a time that it is over, if they did."""
    closes = told.emergency.closed_at
    if at is None or (closes is not None and closes <= at):
        return told
    emergency = msgspec.structs.replace(told.emergency, closed_at=at)
    return msgspec.structs.replace(told, emergency=emergency)


def standing(exception: GateException, ground: Ground) -> Standing:
    """Say whether an exception counts now, and why (not)."""
    status, reason = _in_form(exception, ground) or _in_time(exception, ground)
    return Standing(exception=exception.id, status=status, reason=reason)


def may_be_used(exception: GateException, rule: str, digest_of_change: str, scope: str) -> bool:
    """Say whether an exception is about this rule and this very change."""
    return (
        exception.rule == rule
        and exception.digest == digest_of_change
        and covers(exception.scope, scope)
    )


def used(
    exception: GateException, start: str, digest_of_change: str, ground: Ground
) -> GateException | Standing:
    """Return the exception with one use more, or why it cannot be used.

    `start` names one start of the change. Told twice of the same one, after a crash say, it is the
    same exception; a second start of the same content is a second use.
    """
    if start in exception.uses:
        return exception
    found = standing(exception, ground)
    if found.status is not Status.ACTIVE:
        return found
    if digest_of_change != exception.digest:
        reason = "It was given for another content."
        return msgspec.structs.replace(found, status=Status.REFUSED, reason=reason)
    return msgspec.structs.replace(exception, uses=(*exception.uses, start))


def unratified(
    exceptions: Iterable[GateException], ground: Ground
) -> tuple[tuple[GateException, str], ...]:
    """Return broken glass that was not ratified in time, each with why that blocks.

    Used or not: the glass was broken. A late ratification ends the block; that it was late stays.
    What could never have covered anything, by somebody who did not command, breaks no glass; where
    the incident is not known it counts as broken.
    """
    found = []
    for each in sorted(exceptions, key=lambda one: one.id):
        if not each.incident or not each.approved_at or _is_feigned(each, ground):
            continue
        due = _later(each.approved_at, ground.limits.ratify_within_hours)
        if each.ratified_at and each.ratified_at <= ground.now:
            why = _why_not_ratified(each, ground)
        else:
            why = "nobody did"
        if why and ground.now >= due:
            found.append((each, f"{each.id} was to be ratified by {due[:16]}Z: {why}."))
    return tuple(found)


def load_limits(text: str, *, place: str) -> Limits:
    """Return limits from YAML; raises BadFile for those without a source, or wider than ours."""
    return _checked(load_yaml(text, Limits, place=place), shipped_limits(), place)


@cache
def shipped_limits() -> Limits:
    """Return the limits that come with Pawl."""
    text = files("pawl.governance").joinpath("exceptions.yaml").read_text(encoding="utf-8")
    limits = load_yaml(text, Limits, place="exceptions.yaml")
    return _checked(limits, limits, "exceptions.yaml")


_NUMBERS = (
    *("hours_max", "hours_max_high_risk", "uses_max", "break_glass_hours_max"),
    *("break_glass_severity_max", "ratify_within_hours"),
)


def _checked(limits: Limits, widest: Limits, place: str) -> Limits:
    for name in _NUMBERS:
        value, most = getattr(limits, name), getattr(widest, name)
        if not 0 <= value <= most:
            raise BadFile(
                f"{name} is {value}.",
                place=f"{place}: {name}",
                hint=f"Take a number from 0 to {most}: limits may only be narrower than ours.",
            )
        if not limits.sources.get(name, "").strip():
            raise BadFile(f"{name} has no source.", place=f"{place}: sources", hint="Say why.")
    return limits


_Said = tuple[Status, str]


def _in_form(exception: GateException, ground: Ground) -> _Said | None:
    """Return what is wrong with an exception whatever the time, if anything."""
    for name in ("reason", "owner", "compensating_control", "digest", "requested_by"):
        if not getattr(exception, name).strip():
            return Status.REFUSED, f"Its {name.replace('_', ' ')} is empty."
    if not exception.approved_by or not exception.approved_at:
        return Status.REQUESTED, "Nobody has approved it."
    if exception.max_uses > ground.limits.uses_max:
        most = ground.limits.uses_max
        return Status.REFUSED, f"It asks for {exception.max_uses} uses; {most} is the most."
    why = _too_long(exception, ground) or _why_not_approved(exception, ground)
    return (Status.REFUSED, why) if why else None


def _in_time(exception: GateException, ground: Ground) -> _Said:
    if exception.revoked_at is not None and exception.revoked_at <= ground.now:
        return Status.REVOKED, f"It was revoked on {exception.revoked_at[:16]}Z."
    if ground.now >= exception.expires_at:
        return Status.EXPIRED, f"It ended on {exception.expires_at[:16]}Z."
    if ground.now < exception.approved_at:
        return Status.REQUESTED, f"It begins on {exception.approved_at[:16]}Z."
    if len(exception.uses) >= exception.max_uses:
        return Status.USED, "It was used up."
    return Status.ACTIVE, f"{exception.reason} Meanwhile: {exception.compensating_control}"


def _too_long(exception: GateException, ground: Ground) -> str:
    limits = ground.limits
    hours = limits.hours_max_high_risk if ground.high_risk else limits.hours_max
    if exception.incident:
        hours = min(hours, limits.break_glass_hours_max)
    if exception.expires_at <= exception.approved_at:
        return "It ends before it begins."
    if exception.expires_at > _later(exception.approved_at, hours):
        return f"It lasts longer than {hours:g} hours, the most it may."
    return ""


def _why_not_approved(exception: GateException, ground: Ground) -> str:
    person = _human(exception.approved_by, ground, (exception.approved_at, ground.now))
    if isinstance(person, str):
        return person
    if exception.incident:
        return _why_not_broken(exception, ground)
    if exception.approved_by == exception.requested_by:
        return "Whoever asked for it approved it."
    if exception.approved_by in ground.authors:
        return "An author of the change approved it."
    roles = excepting_roles(ground.raci, ground.domain)
    # The role must be held then and now: whoever lost it no longer answers for what they gave.
    if not _holds_one(exception, exception.approved_by, roles, exception.approved_at, ground):
        return (
            f"{exception.approved_by} held none of {', '.join(roles)}, which may except a rule of "
            f"{ground.domain}."
        )
    if not _holds_one(exception, exception.approved_by, roles, ground.now, ground):
        return f"{exception.approved_by} no longer holds a role that may except it."
    return ""


def _why_not_broken(exception: GateException, ground: Ground) -> str:
    at = exception.approved_at
    incident = next((each for each in ground.emergencies if each.id == exception.incident), None)
    if incident is None:
        return f"There is no incident {exception.incident}."
    if not 1 <= incident.severity <= ground.limits.break_glass_severity_max:
        return f"{incident.id} is of severity {incident.severity}."
    if at < incident.declared_at or (incident.closed_at is not None and at >= incident.closed_at):
        return f"{incident.id} was not open then."
    commands = (
        each.since <= at and (each.until is None or at < each.until)
        for each in incident.commanders
        if each.person == exception.approved_by
    )
    return "" if any(commands) else f"{exception.approved_by} did not command {incident.id} then."


def _is_feigned(exception: GateException, ground: Ground) -> bool:
    known = any(each.id == exception.incident for each in ground.emergencies)
    return known and not exception.uses and bool(_why_not_broken(exception, ground))


def _why_not_ratified(exception: GateException, ground: Ground) -> str:
    person = _human(exception.ratified_by, ground, (exception.ratified_at,))
    if isinstance(person, str):
        return person
    if exception.ratified_by in (exception.approved_by, exception.requested_by):
        return "whoever broke the glass ratified it"
    roles = tuple(
        role
        for work in exception.works
        if (role := accountable(ground.raci, work, exception.scope))
    )
    if _holds_one(exception, exception.ratified_by, roles, exception.ratified_at, ground):
        return ""
    return f"{exception.ratified_by} is accountable for none of it"


def _human(person: str, ground: Ground, times: Sequence[str]) -> str | None:
    found = next((each for each in ground.roster.people if each.id == person), None)
    if found is None:
        return f"{person} is not in the roster."
    if found.kind is not Kind.HUMAN:
        return f"{person} is no human."
    if not all(is_active(found, each) for each in times):
        return f"{person} has left, or had not come."
    return None


def _holds_one(
    exception: GateException, person: str, roles: Iterable[str], at: str, ground: Ground
) -> bool:
    return any(holds(ground.roster, person, role, exception.scope, at) for role in roles)


def _later(start: str, hours: float) -> str:
    return format_time(parse_time(start) + timedelta(hours=hours))
