"""What the handlers of an incident's commands share: events, refusals and claims of time."""

from collections.abc import Mapping
from typing import Any

import msgspec

from pawl.base.times import canonical_time
from pawl.governance.exceptions import Command as Spell
from pawl.incidents.event import Happened, Refusal, plain, refused
from pawl.incidents.incident import (
    MAX_TEXT,
    Happening,
    Incident,
    Milestone,
    Stamp,
    stamped,
)


def stamps_of(
    incident: Incident, claims: Mapping[Milestone, str], now: str
) -> dict[Milestone, Stamp] | Refusal:
    """Return milestones with claims, an empty one being now, or why they cannot be."""
    try:
        times = {each: canonical_time(at) if at else now for each, at in claims.items()}
    except (ValueError, OverflowError) as error:
        return refused("bad-time", f"{error}.", hint="Write a time such as 2026-11-21T03:00:00Z.")
    found = stamped(incident.milestones, times, now)
    return refused("bad-time", found) if isinstance(found, str) else found


def no_reason(text: str) -> Refusal | None:
    """Return a refusal of a text that says nothing, or too much."""
    if text.strip() and len(text) <= MAX_TEXT:
        return None
    return refused("no-reason", "Say it, in a few sentences.")


def one(
    incident: Incident,
    type: Happening,
    now: str,
    by: str,
    tells: dict[str, Any] | None = None,
    **sets: Any,
) -> tuple[Happened, ...]:
    """Return the one event of a command."""
    return (
        Happened(
            type=type, subject=incident.id, at=now, by=by, sets=plain(sets), tells=tells or {}
        ),
    )


def ended(incident: Incident, now: str) -> tuple[Spell, ...]:
    """Return the spells of command, the last of which ends now."""
    return tuple(
        msgspec.structs.replace(each, until=now) if each.until is None else each
        for each in incident.commanders
    )
