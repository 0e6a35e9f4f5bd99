"""The timeline of an incident: what its ledger entries say, in words that people read."""

from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from pawl.base import typed
from pawl.governance.ledger import Actor, EntryType
from pawl.incidents.incident import Link
from pawl.services.incident_terms import TimelineEntry
from pawl.store.records.connection import Row

Words = Callable[[dict[str, Any], dict[str, Any]], str]
"""What an entry says, of what it sets and what it tells."""


def entry_of(row: Row) -> TimelineEntry:
    """Return a ledger entry as people read it."""
    actor = typed.decode(row["actor"], type=Actor)
    body = msgspec.json.decode(row["body"])
    sets, tells = _part(body, "sets"), _part(body, "tells")
    words = WORDS.get(row["type"])
    return TimelineEntry(
        seq=row["seq"],
        at=row["recorded_at"],
        claimed_at=row["claimed_at"],
        type=row["type"],
        subject=row["subject"],
        by=actor.person,
        source=actor.source,
        assurance=actor.assurance,
        text=words(sets, tells or body) if words else _plainly(row["type"]),
        said=_said(row["type"], sets, tells),
        doubts=tuple(map(str, tells.get("doubts", ()))),
        links=_links(row["type"], sets, tells),
        tells=tells,
        hash=row["hash"],
    )


def _part(body: Any, name: str) -> dict[str, Any]:
    found = body.get(name) if isinstance(body, dict) else None
    return found if isinstance(found, dict) else {}


def _plainly(kind: str) -> str:
    subject, _, what = kind.partition(".")
    return f"{subject} {what.replace('-', ' ')}".capitalize() + "."


def _links(kind: str, sets: dict[str, Any], tells: dict[str, Any]) -> tuple[Link, ...]:
    if kind == EntryType.INCIDENT_LINKED:
        return (typed.convert(tells, Link),)
    if kind in (EntryType.INCIDENT_DECLARED, EntryType.INCIDENT_SIGNALLED):
        return tuple(typed.convert(each, Link) for each in sets.get("links", ()))
    return ()


def _said(kind: str, sets: dict[str, Any], tells: dict[str, Any]) -> str:
    """Return what a person wrote in an entry."""
    if kind == EntryType.INCIDENT_UPDATED:
        return "\n".join(f"{each.capitalize()}: {tells[each]}" for each in _UPDATE)
    parts = [tells.get(each) for each in ("title", "text", "reason", "note")]
    parts.append(sets.get("why"))
    if kind == EntryType.ACTION_OPENED:
        parts.append(sets.get("title"))
    if kind == EntryType.INCIDENT_MERGED:
        return ""  # Ours, and in the text already.
    return "\n".join(str(each) for each in parts if each)


_UPDATE = ("facts", "impact", "status")


def _late(tells: dict[str, Any]) -> str:
    late = float(tells["late_s"])
    return f", {late:.0f} s late" if late >= 1 else ""


def _readable(time: object) -> str:
    """Return an instant as people read it, in UTC."""
    return f"{str(time)[:19].replace('T', ' ')} UTC"


def _declared(sets: dict[str, Any], tells: dict[str, Any]) -> str:
    promised = str(sets["promised_at"])[11:19]
    where = f" in {sets['scope']}" if sets.get("scope") else ""
    return (
        f"Declared: {sets['title']}. SEV{sets['severity']}, {sets['domain']}{where}. "
        f"A commander is promised by {promised} UTC."
    )


def _paged(sets: dict[str, Any], tells: dict[str, Any]) -> str:
    who = tells["person"] or "Nobody could be found, and nobody"
    return f"{who} was paged as {tells['role'] or 'whoever commands'}{_late(tells)}."


def _breached(sets: dict[str, Any], tells: dict[str, Any]) -> str:
    named = f" It falls to {tells['person']}." if tells["person"] else ""
    return f"The promise of a commander is broken{_late(tells)}.{named}"


def _offered(sets: dict[str, Any], tells: dict[str, Any]) -> str:
    if "reason" in tells:
        return f"{tells['to']} relieves {tells['from']}."
    return f"{tells['from']} offers command to {tells['to']}."


def _updated(sets: dict[str, Any], tells: dict[str, Any]) -> str:
    following = tells.get("next_update_at")
    return f"Update; the next one by {following[11:16]} UTC." if following else "Update."


def _linked(sets: dict[str, Any], tells: dict[str, Any]) -> str:
    suspected = ", which may be the cause" if tells.get("suspected") else ""
    return f"Linked with {tells['kind']} {tells['id']}{suspected}."


def _reclassified(sets: dict[str, Any], tells: dict[str, Any]) -> str:
    return (
        f"SEV{sets['severity']}, {sets['domain']}; it was SEV{tells['severity']}, "
        f"{tells['domain']}."
    )


def _since(milestone: str, words: str) -> Words:
    def said(sets: dict[str, Any], tells: dict[str, Any]) -> str:
        return f"{words} {_readable(sets['milestones'][milestone]['at'])}."

    return said


WORDS: Mapping[str, Words] = {
    EntryType.INCIDENT_DECLARED: _declared,
    EntryType.INCIDENT_SIGNALLED: lambda sets, tells: "Declared once more; it is open already.",
    EntryType.INCIDENT_PAGED: _paged,
    EntryType.INCIDENT_COMMAND_BREACHED: _breached,
    EntryType.INCIDENT_COMMAND_OFFERED: _offered,
    EntryType.INCIDENT_COMMAND_TAKEN: lambda sets, tells: (
        f"{tells['person']} commands, by a name that nobody has proved: people are still paged."
    ),
    EntryType.INCIDENT_COMMAND_ACCEPTED: lambda sets, tells: f"{tells['person']} commands.",
    EntryType.INCIDENT_RESPONDER_JOINED: lambda sets, tells: (
        f"{(sets['responders'] or ['Somebody'])[-1]} fixes it."
    ),
    EntryType.INCIDENT_RESPONDER_LEFT: lambda sets, tells: "One fewer fixes it.",
    EntryType.INCIDENT_NOTED: lambda sets, tells: "Noted.",
    EntryType.INCIDENT_UPDATED: _updated,
    EntryType.INCIDENT_LINKED: _linked,
    EntryType.INCIDENT_RECLASSIFIED: _reclassified,
    EntryType.INCIDENT_MILESTONE_CLAIMED: lambda sets, tells: (
        f"It was {tells['milestone']} at {_readable(tells['at'])}, as somebody says."
    ),
    EntryType.INCIDENT_MITIGATED: _since("mitigated", "It no longer hurts since"),
    EntryType.INCIDENT_RESOLVED: _since("resolved", "It is mended since"),
    EntryType.INCIDENT_POSTMORTEM_BEGUN: lambda sets, tells: "Its postmortem is begun.",
    EntryType.INCIDENT_POSTMORTEM_PUBLISHED: lambda sets, tells: "Its postmortem is published.",
    EntryType.INCIDENT_CLOSED: lambda sets, tells: "Closed.",
    EntryType.INCIDENT_REOPENED: lambda sets, tells: "It is back: opened again.",
    EntryType.INCIDENT_DECLINED: lambda sets, tells: "It is no incident.",
    EntryType.INCIDENT_MERGED: lambda sets, tells: f"It is the same event as {tells['into']}.",
    EntryType.INCIDENT_REPEAT_CONFIRMED: lambda sets, tells: f"It repeats {tells['of']}.",
    EntryType.INCIDENT_REPEAT_DISMISSED: lambda sets, tells: f"It does not repeat {tells['of']}.",
    EntryType.ACTION_OPENED: lambda sets, tells: (
        f"An action for {sets['owner']}, due {str(sets['due_at'])[:10]}."
    ),
    EntryType.ACTION_CLAIMED: lambda sets, tells: "An action is said to be done.",
    EntryType.ACTION_VERIFIED: lambda sets, tells: f"{sets['verified_by']} verified an action.",
    EntryType.ACTION_WONT_DO: lambda sets, tells: "An action will not be done.",
    EntryType.ACTION_MOVED: lambda sets, tells: (
        f"An action is now for {sets['owner']}, due {str(sets['due_at'])[:10]}."
    ),
    EntryType.LEARNING_STEP_DONE: lambda sets, tells: (
        f"Learnt: {tells['kind']} ({tells['result']})."
    ),
}
"""What entries say; one that is not here says its type."""
