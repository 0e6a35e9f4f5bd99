"""Changes that declare an incident: a rollback that failed, and what went out past all gates.

Looked for in the records and not told by whoever noticed, so that a crash between the two loses
none. The declaration has a key of the change and its version: it is made once, whoever looks.
"""

from collections.abc import Callable
from datetime import timedelta
from typing import Protocol

from pawl.base.times import format_time, parse_time
from pawl.changes.change import Change, State
from pawl.changes.concern import ConcernKind, of_change
from pawl.changes.manifest import changed
from pawl.governance.priority import Domain
from pawl.incidents.declaring import Said
from pawl.incidents.event import Refusal
from pawl.incidents.incident import Link, LinkKind
from pawl.incidents.terms import Severity
from pawl.services.change_terms import PAWL_ITSELF, By
from pawl.services.incident_terms import Declared
from pawl.store.records.changes import ChangeRecords, command_key

LOOKS_BACK = timedelta(hours=24)
"""What is older was told when it happened; records of an earlier Pawl declare nothing."""
_SAID: dict[ConcernKind, tuple[str, Severity, Domain]] = {
    ConcernKind.ROLLBACK_FAILED: ("could not be rolled back", 2, Domain.SAFETY),
    ConcernKind.UNMANAGED: ("is live without having been a change here", 3, Domain.SECURITY),
}


class Declaring(Protocol):
    """What declares."""

    def declare(self, said: Said, by: By, *, key: str = "") -> Declared | Refusal:
        """Declare an incident."""


class ChangeIncidents:
    """Declares what changes give reason to, each once."""

    def __init__(self, changes: ChangeRecords, desk: Declaring, *, now: Callable[[], str]) -> None:
        self._changes, self._desk, self._now = changes, desk, now

    def look(self) -> tuple[Declared, ...]:
        """Declare what nobody has declared yet; return these declarations."""
        since = format_time(parse_time(self._now()) - LOOKS_BACK)
        with self._changes.reading() as book:
            found = [
                (change, kind, key)
                for change in book.board((State.ROLLBACK_FAILED, State.UNMANAGED), None, 200, "")
                if change.changed_at >= since
                for kind, key in _reasons(change)
                if book.told(command_key("incident.declare", "", key)) is None
            ]
        done = (self._desk.declare(_said(*each[:2]), PAWL_ITSELF, key=each[2]) for each in found)
        return tuple(each for each in done if isinstance(each, Declared))


def _reasons(change: Change) -> tuple[tuple[ConcernKind, str], ...]:
    return tuple(
        (each.kind, f"change|{change.id}|{each.kind}|{each.key}") for each in of_change(change)
    )


def _said(change: Change, kind: ConcernKind) -> Said:
    words, severity, domain = _SAID[kind]
    return Said(
        title=f"{change.manifest.title[:200]} {words}",
        severity=severity,
        domains=(domain,),
        scope=change.manifest.scope,
        components=tuple(sorted(changed(change.manifest))),
        key=f"change:{change.id}",
        text=change.why,
        detected_at=change.changed_at,
        links=(Link(kind=LinkKind.CHANGE, id=change.id, suspected=True),),
    )
