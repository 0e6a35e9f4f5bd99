"""Look for what was changed outside: what executors read back, and what the protected branch has.

What an executor reads back is what is live. The branch is asked besides for components that are
files of it: what somebody pushed there, and no change here ever was, goes live with the next
deployment, or is live already where agents read the files themselves.
"""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Protocol

from pawl.base.canonical import digest
from pawl.changes.change import Change, State
from pawl.changes.drift import (
    BRANCH,
    FOUND,
    drifted,
    explained,
    found_on_branch,
    manifest_of_drift,
    parts_there,
)
from pawl.changes.executing import looking
from pawl.changes.manifest import Manifest, part_digest
from pawl.changes.parts import Part
from pawl.changes.registry import Registry
from pawl.services.carrying_out import Executors
from pawl.services.change_terms import PAWL_ITSELF, By, Told
from pawl.services.rollout_turn import Turn

_MANY = 100_000
_GOING = (State.APPROVED, State.ROLLING_OUT, State.ROLLING_BACK)

Branch = Callable[[tuple[str, ...]], Mapping[str, Part | None]]
"""Returns what components are on the protected branch: those that are files of it, and are there.

Raises CannotTell where the branch cannot be read.
"""


class Desk(Protocol):
    """What a look for drift asks of the desk of changes."""

    def get(self, id: str) -> Change:
        """Return a change."""

    def list(
        self,
        states: tuple[State, ...] = (),
        *,
        scope: str | None = None,
        limit: int = 200,
        before: str = "",
    ) -> tuple[Change, ...]:
        """Return changes, last changed first."""

    def registry(self) -> Registry:
        """Return what every component is, was, and what moves it."""

    def roll_back(
        self,
        id: str,
        reason: str,
        by: By,
        trigger_at: str | None = None,
        automatic: bool = False,
        ended: bool = False,
        *,
        key: str = "",
    ) -> Told:
        """Begin to go back."""

    def found_unmanaged(self, manifest: Manifest, by: By, *, key: str = "") -> Told:
        """Record that something is live that was never a change here."""


class DriftLook:
    """Looks for drift. Without a `branch` only executors are asked."""

    def __init__(
        self,
        desk: Desk,
        executors: Executors,
        *,
        now: Callable[[], str],
        branch: Branch | None = None,
    ) -> None:
        self._desk, self._executors, self._now = desk, executors, now
        self._branch = branch

    def look(self, turn: Turn) -> None:
        """Read back what is live and put on record what was changed outside."""
        for change, names in self._live():
            if not found_on_branch(change.manifest):
                turn.each(f"drift of {change.id}", partial(self._of_executor, change, names))
        if self._branch is not None:
            turn.each("drift on the branch", self._of_branch)

    def _live(self) -> list[tuple[Change, list[str]]]:
        """Return the changes of which something is live, with the components."""
        registry = self._desk.registry()
        by_change: dict[str, list[str]] = {}
        for name in registry.history:
            live = registry.live(name)
            if live is not None and live.change and name not in registry.rolling:
                by_change.setdefault(live.change, []).append(name)
        return [(self._desk.get(each), names) for each, names in sorted(by_change.items())]

    def _of_executor(self, change: Change, names: list[str], turn: Turn) -> None:
        known = _known(change, names, self._desk.registry())
        if not known:
            return
        order = looking(known, f"look.{change.id}.{self._now()}")
        seen = self._executors(change.manifest.rollout.executor).read_back(order)
        going = self._desk.list(_GOING, limit=_MANY)
        # Read again: what began to move while the executor was asked is no drift.
        registry = self._desk.registry()
        if self._is_restored(change, seen.components, turn):
            return
        found = drifted(registry, seen.components, going)
        found = tuple(each for each in found if not _is_back(change, each, seen.components))
        if not found:
            return
        there = seen.parts
        if there is None:
            there = parts_there(seen.components, change.manifest)
        self._found(change, {name: there[name] for name in found}, known, registry, turn)

    def _of_branch(self, turn: Turn) -> None:
        assert self._branch is not None
        live = self._live()
        names = tuple(sorted(name for _, mine in live for name in mine))
        on_branch = self._branch(names) if names else {}
        going = self._desk.list(_GOING, limit=_MANY)
        registry = self._desk.registry()
        there = {name: part_digest(part) for name, part in on_branch.items()}
        odd = [
            name
            for name in drifted(registry, there, going)
            if not explained(registry, name, there[name])
        ]
        for change, mine in live:
            if found_on_branch(change.manifest) and self._is_restored(change, there, turn):
                continue
            known = _known(change, mine, registry)
            found = {name: on_branch[name] for name in odd if name in known}
            if found:
                self._found(change, found, known, registry, turn, where=BRANCH)

    def _is_restored(self, change: Change, there: Mapping[str, str], turn: Turn) -> bool:
        """Take back what was found, where somebody has put it back already; say whether it was."""
        names = change.manifest.parts
        if change.state is not State.UNMANAGED or not names.keys() <= there.keys():
            return False
        if not all(_is_back(change, name, there) for name in names):
            return False
        why = "Somebody put back what stood before."
        done = self._desk.roll_back(change.id, why, PAWL_ITSELF, automatic=True)
        turn.said(change, "roll-back", why, done)
        return True

    def _found(
        self,
        change: Change,
        there: Mapping[str, Part | None],
        known: Mapping[str, Part | None],
        registry: Registry,
        turn: Turn,
        *,
        where: str = FOUND,
    ) -> None:
        # What nobody approved is nothing to go back to: before it stands what was before.
        before = change.manifest.base if change.state is State.UNMANAGED else known
        manifest = manifest_of_drift(before, there, change.manifest, where=where)
        names = tuple(sorted(there))
        said = digest({name: part_digest(part) for name, part in there.items()})
        key = f"drift|{change.id}|{said}|{_since(registry, names)}"
        done = self._desk.found_unmanaged(manifest, PAWL_ITSELF, key=key)
        turn.said(change, "found-unmanaged", manifest.title, done)


def _is_back(change: Change, name: str, there: Mapping[str, str]) -> bool:
    """Say whether a component of what was found unmanaged is what stood before again."""
    base = change.manifest.base
    unmanaged = change.state is State.UNMANAGED
    return unmanaged and name in base and there[name] == part_digest(base[name])


def _since(registry: Registry, names: tuple[str, ...]) -> str:
    """Return what tells one drift of components from a later one to the same content."""
    found = [live.since for name in names if (live := registry.live(name)) is not None]
    return max(found, default="")


def _known(change: Change, names: list[str], registry: Registry) -> dict[str, Part | None]:
    """Return what components are known to be, those of which that can be told."""
    known: dict[str, Part | None] = {}
    for name in names:
        live = registry.live(name)
        for parts in (change.manifest.base, change.manifest.parts):
            if live is not None and name in parts and part_digest(parts[name]) == live.part:
                known[name] = parts[name]
    return known
