"""What is live, who approved it, on what evidence, and what to go back to: a fold over events.

Each event of each change, in the ledger's order, with the change as it was after it, gives the
registry; nothing else is known to it, so replaying the ledger gives the same one. What a component
was before stands in its history, newest last.
"""

from collections.abc import Iterable, Mapping

import msgspec

from pawl.changes.change import Change, Happened, Happening, after
from pawl.changes.manifest import changed, part_digest
from pawl.changes.quarantine import quarantine_keys

HISTORY = 1_000
"""What is kept of one component; older ones are in the ledger."""


class Live(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a component is since a time. `part` is its digest, `goes_back_to` that of before.

    Without a `change` nothing here ever set it; where it is not `managed` it was found like that.
    """

    component: str
    part: str
    goes_back_to: str
    since: str
    change: str = ""
    digest: str = ""
    title: str = ""
    why: str = ""
    approved_by: tuple[str, ...] = ()
    decision: str = ""
    evidence: tuple[str, ...] = ()
    managed: bool = True


class Registry(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """All components that ever were changed here, by name.

    `rolling` says which changes move a component now. One at most goes out, but rollbacks are never
    held up, so several may go back at once, and it is free when the last has ended. `quarantine`
    is when a part, written `component@digest`, was last rolled back.
    """

    history: dict[str, tuple[Live, ...]] = {}
    rolling: dict[str, tuple[str, ...]] = {}
    quarantine: dict[str, str] = {}

    def live(self, component: str) -> Live | None:
        """Return what a component is now, or None where nothing is known of it."""
        known = self.history.get(component)
        return known[-1] if known else None

    def at(self, component: str, time: str) -> Live | None:
        """Return what a component was at a time."""
        known = [each for each in self.history.get(component, ()) if each.since <= time]
        return known[-1] if known else None


def registry_of(events: Iterable[Happened]) -> Registry:
    """Return the registry that a ledger's events give, in their order."""
    changes: dict[str, Change] = {}
    registry = Registry()
    for happened in events:
        before = changes.get(happened.change)
        changes[happened.change] = after(before, happened)
        registry = folded(registry, changes[happened.change], happened)
    return registry


def folded(registry: Registry, change: Change, happened: Happened) -> Registry:
    """Return the registry after one event; `change` is the change as it is after it."""
    if happened.type not in MOVES:
        return registry
    components = changed(change.manifest)
    match happened.type:
        case Happening.STARTED | Happening.ROLLBACK_STARTED:
            rolling = dict(registry.rolling)
            for name in components:
                rolling[name] = tuple(sorted({*rolling.get(name, ()), change.id}))
            return msgspec.structs.replace(registry, rolling=rolling)
        case Happening.LIVE | Happening.FOUND:
            found = {name: _live(name, change, happened) for name in components}
            return _with(registry, change, found)
        case Happening.ROLLED_BACK:
            found = {
                name: back
                for name in components
                if (back := _back(registry, name, change, happened)) is not None
            }
            since = dict.fromkeys(quarantine_keys(change.manifest), happened.at)
            kept = _with(registry, change, found)
            # An experiment that has run its time went back as planned: nothing was wrong with it.
            if change.ended_as_planned:
                return kept
            return msgspec.structs.replace(kept, quarantine={**kept.quarantine, **since})
    return registry


MOVES = frozenset(
    {
        Happening.STARTED,
        Happening.ROLLBACK_STARTED,
        Happening.LIVE,
        Happening.FOUND,
        Happening.ROLLED_BACK,
    }
)
"""The events that move anything."""


def _with(registry: Registry, change: Change, found: Mapping[str, Live]) -> Registry:
    history = dict(registry.history)
    for name, live in found.items():
        history[name] = (*history.get(name, ()), live)[-HISTORY:]
    left = {
        name: tuple(each for each in moving if each != change.id)
        for name, moving in registry.rolling.items()
    }
    rolling = {name: moving for name, moving in left.items() if moving}
    return msgspec.structs.replace(registry, history=history, rolling=rolling)


def _live(name: str, change: Change, happened: Happened) -> Live:
    managed = happened.type is Happening.LIVE
    return Live(
        component=name,
        part=part_digest(change.manifest.parts[name]),
        goes_back_to=part_digest(change.manifest.base.get(name)),
        since=happened.at,
        change=change.id,
        digest=change.digest,
        title=change.manifest.title,
        why=change.manifest.why,
        approved_by=change.approved_by if managed else (),
        decision=change.decision if managed else "",
        evidence=change.evidence if managed else (),
        managed=managed,
    )


def _back(registry: Registry, name: str, change: Change, happened: Happened) -> Live | None:
    """Return what a component is after a rollback: what stood before, with who approved that."""
    wanted = part_digest(change.manifest.base.get(name))
    now = registry.live(name)
    if now is not None and now.part == wanted:
        return None  # It never got as far as being live, and what stood before stands.
    for known in reversed(registry.history.get(name, ())):
        if known.part == wanted:
            return msgspec.structs.replace(known, since=happened.at)
    # It stood before Pawl knew of it.
    return Live(component=name, part=wanted, goes_back_to="", since=happened.at, managed=False)
